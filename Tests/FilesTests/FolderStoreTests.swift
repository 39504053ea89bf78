import Foundation
import NIOCore
import Testing
import Texts

@testable import Files

@Suite struct FolderStoreTests {
    private static func run(_ test: (_ store: FolderStore, _ path: String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "files-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await test(FolderStore(path: path), path)
    }

    @Test func isForItsOwnerOnly() async throws {
        try await Self.run { store, path in
            let name = ObjectName()
            try await store.put(ByteBuffer(string: "secret"), as: name)
            func mode(_ path: String) throws -> Int? {
                try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            }
            #expect(try mode(path) == 0o700 && mode("\(path)/\(name.folder)") == 0o700)
            #expect(try mode("\(path)/\(name.folder)/\(name)") == 0o600)
        }
    }

    @Test func neverWritesAnObjectTwice() async throws {
        try await Self.run { store, path in
            let unfinished = "\(path)/unfinished"
            try FileManager.default.createDirectory(atPath: unfinished, withIntermediateDirectories: true)
            let name = ObjectName()
            try "half".write(toFile: "\(unfinished)/\(name)", atomically: false, encoding: .utf8)
            #expect(await storeError { try await store.put(ByteBuffer(string: "whole"), as: name) } == .unavailable)
            #expect(try await store.get(name) == nil)
        }
    }

    @Test func removesWhatWasNotFinished() async throws {
        try await Self.run { store, path in
            try await store.put(ByteBuffer(string: "kept"), as: ObjectName())
            let (old, new) = (ObjectName(), ObjectName())
            for name in [old, new] {
                try "half".write(toFile: "\(path)/unfinished/\(name)", atomically: false, encoding: .utf8)
            }
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -7200)], ofItemAtPath: "\(path)/unfinished/\(old)")
            #expect(try await store.list(after: nil, limit: 10).count == 1)
            try await store.removeUnfinished(before: Date(timeIntervalSinceNow: -3600))
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(path)/unfinished") == [new.text])
            #expect(try await store.list(after: nil, limit: 10).count == 1)
        }
    }

    @Test func ignoresWhatOthersPutThere() async throws {
        try await Self.run { store, path in
            let (kept, other) = (ObjectName(), ObjectName())
            try await store.put(ByteBuffer(string: "kept"), as: kept)
            try "x".write(toFile: "\(path)/\(kept.folder)/notes.txt", atomically: false, encoding: .utf8)
            try FileManager.default.createDirectory(
                atPath: "\(path)/\(other.folder)/\(other)", withIntermediateDirectories: true)
            #expect(try await store.list(after: nil, limit: 10).map(\.name) == [kept])
            let link = ObjectName()
            try FileManager.default.createDirectory(
                atPath: "\(path)/\(link.folder)", withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: "\(path)/\(link.folder)/\(link)", withDestinationPath: "/etc/passwd")
            #expect(await storeError { _ = try await store.get(link) } == .misconfigured)
        }
    }

    @Test func tellsWhatIsWrong() async throws {
        let name = ObjectName()
        #expect(
            await storeError { try await FolderStore(path: "/proc/nowhere").put(ByteBuffer(), as: name) }
                == .misconfigured)
        let file = FolderStore(path: "/dev/null")
        #expect(await storeError { _ = try await file.list(after: nil, limit: 1) } == .misconfigured)
        #expect(await storeError { try await file.put(ByteBuffer(), as: name) } == .misconfigured)
    }

    @Test func saysThatTheDiskIsFull() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "full-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let mount = Process()
        mount.executableURL = URL(filePath: try neededProgram("/usr/bin/mount"))
        mount.arguments = ["-t", "tmpfs", "-o", "size=1m", "tmpfs", path]
        mount.standardError = FileHandle.nullDevice
        try mount.run()
        mount.waitUntilExit()
        _ = try needed(mount.terminationStatus == 0 ? true : nil, "this test mounts a small disk")
        defer {
            let unmount = Process()
            unmount.executableURL = URL(filePath: "/usr/bin/umount")
            unmount.arguments = ["-l", path]
            try? unmount.run()
            unmount.waitUntilExit()
        }
        let store = FolderStore(path: "\(path)/files")
        let small = ObjectName()
        try await store.put(ByteBuffer(repeating: 7, count: 1000), as: small)
        let large = ByteBuffer(repeating: 7, count: 2 << 20)
        #expect(await storeError { try await store.put(large, as: ObjectName()) } == .full)
        #expect(try await store.get(small)?.readableBytes == 1000)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(path)/files/unfinished") == [])
        try await store.put(ByteBuffer(repeating: 7, count: 1000), as: ObjectName())
    }
}
