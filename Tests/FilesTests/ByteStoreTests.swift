import Foundation
import NIOCore
import Testing
import Texts

@testable import Files

/// What every store does.
@Suite struct ByteStoreTests {
    static func random(_ count: Int) -> ByteBuffer {
        var generator = SystemRandomNumberGenerator()
        return ByteBuffer(bytes: (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    @Test(arguments: TestStore.all) func readsWhatWasWritten(_ kind: TestStore) async throws {
        try await kind.run { store in
            for bytes in [
                ByteBuffer(), ByteBuffer(string: "বাংলা العربية 中文 🦜"), ByteBuffer(bytes: [0, 13, 10, 255]),
                Self.random(100_000), Self.random(ObjectLimits.maxObject),
            ] {
                let name = ObjectName()
                #expect(try await store.get(name) == nil)
                try await store.put(bytes, as: name)
                #expect(try await store.get(name) == bytes)
                try await store.remove(name)
                #expect(try await store.get(name) == nil)
                try await store.remove(name)
            }
            try await store.check()
        }
    }

    @Test(arguments: TestStore.all) func readsRanges(_ kind: TestStore) async throws {
        try await kind.run { store in
            let (name, bytes) = (ObjectName(), Self.random(1000))
            try await store.put(bytes, as: name)
            for range in [0..<1, 0..<1000, 5..<17, 999..<1000, 990..<5000, 0..<0] {
                let wanted = range.clamped(to: 0..<1000)
                #expect(try await store.get(name, range) == bytes.getSlice(at: wanted.lowerBound, length: wanted.count))
            }
            #expect(try await store.get(name, 1000..<1001)?.readableBytes == 0)
        }
    }

    @Test(arguments: TestStore.all) func listsInOrder(_ kind: TestStore) async throws {
        try await kind.run { store in
            #expect(try await store.list(after: nil, limit: 10) == [])
            let names = (0..<25).map { _ in ObjectName() }.sorted()
            for (at, name) in names.enumerated() { try await store.put(Self.random(at), as: name) }
            let all = try await store.list(after: nil, limit: 100)
            #expect(all.map(\.name) == names)
            #expect(all.map(\.bytes) == Array(0..<25))
            #expect(all.allSatisfy { abs($0.modifiedAt.timeIntervalSinceNow) < 600 })
            var paged: [ObjectName] = []
            while true {
                let page = try await store.list(after: paged.last, limit: 7)
                paged += page.map(\.name)
                if page.count < 7 { break }
            }
            #expect(paged == names)
        }
    }

    @Test(arguments: TestStore.all) func takesManyAtOnce(_ kind: TestStore) async throws {
        try await kind.run { store in
            let objects = (0..<40).map { (ObjectName(), Self.random(20_000 + $0)) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (name, bytes) in objects { group.addTask { try await store.put(bytes, as: name) } }
                try await group.waitForAll()
            }
            for (name, bytes) in objects { #expect(try await store.get(name) == bytes) }
        }
    }

    @Test func refusesLargeObjects() async throws {
        for kind in TestStore.all {
            try await kind.run { store in
                let bytes = ByteBuffer(repeating: 1, count: ObjectLimits.maxObject + 1)
                #expect(await storeError { try await store.put(bytes, as: ObjectName()) } == .damaged)
            }
        }
    }

    @Test(arguments: [
        "", "0", "../../etc/passwd", "0123456789ABCDEF0123456789ABCDEF", "0123456789abcdef0123456789abcde/",
        "0123456789abcdef0123456789abcdef0", "বাংলা", "0123456789abcdef0123456789abcd\u{0}",
    ])
    func takesNoOtherNames(_ text: String) { #expect(ObjectName(text) == nil) }

    @Test func makesNames() {
        let names = (0..<1000).map { _ in ObjectName() }
        #expect(Set(names).count == 1000)
        #expect(names.allSatisfy { ObjectName($0.text) == $0 && $0.text.hasPrefix($0.folder) })
    }

    @Test func readsLocations() {
        #expect(FilesLocation("file:data/files") == .folder("data/files"))
        #expect(FilesLocation("file:///var/lib/mynah/files/") == .folder("/var/lib/mynah/files"))
        #expect(FilesLocation("s3://my-bucket") == .bucket(name: "my-bucket", prefix: ""))
        #expect(FilesLocation("s3://my-bucket/") == .bucket(name: "my-bucket", prefix: ""))
        #expect(FilesLocation("s3://my.bucket/a/b_c/") == .bucket(name: "my.bucket", prefix: "a/b_c"))
        for wrong in [
            "", "data/files", "file:", "file://host/path", "s3://", "s3://ab", "s3://Bucket", "s3://a..b",
            "s3://bucket/../x", "s3://bucket/a//b", "s3://bucket/a b", "s3://bucket/বাংলা", "http://bucket/x",
            "s3://user:password@bucket",
        ] {
            #expect(FilesLocation(wrong) == nil, "\(wrong)")
        }
    }
}
