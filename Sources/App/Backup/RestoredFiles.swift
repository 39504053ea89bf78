import Files
import Foundation
import HTTPKit
import NIOCore
import Platform
import Upstream

/// Puts the objects of a backup into an empty store. A mark is there meanwhile, so that the next restore knows what a
/// killed one has left.
final class RestoredFiles {
    private static let mark = ObjectName(String(repeating: "f", count: 32))!
    private static let page = 1000

    private let store: any ByteStore
    private let location: FilesLocation
    private let content = ByteBuffer(string: Identifier.make())
    private var hadFolder = true
    private var hasBegun = false

    init(_ configuration: ServerConfiguration, http: UpstreamClient) throws {
        store = try configuration.fileStore(http: http)
        location = configuration.filesLocation
    }

    /// Throws `StartError` unless the store is empty, or holds what a restore that was killed has left.
    func check() async throws {
        guard try await store.get(Self.mark) == nil, let found = try await store.list(after: nil, limit: 1).first else {
            return
        }
        throw StartError(
            "The store of files, \(name), is not empty (\(found.name) is there), and nothing is ever replaced. Name another "
                + "one by FILES_URL.")
    }

    private var name: String {
        switch location {
        case .folder(let path): path
        case .bucket(let name, let prefix): prefix.isEmpty ? "s3://\(name)" : "s3://\(name)/\(prefix)"
        }
    }

    /// Removes what a restore that was killed has left, half-written files included, and sets the mark.
    func begin() async throws {
        if case .folder(let path) = location { hadFolder = FileManager.default.fileExists(atPath: path) }
        hasBegun = true
        if try await store.get(Self.mark) != nil { try await empty() }
        try await store.removeUnfinished(before: .distantFuture)
        try await store.put(content, as: Self.mark)
    }

    func put(_ bytes: ByteBuffer, as name: ObjectName) async throws { try await store.put(bytes, as: name) }

    /// Throws if another restore has begun in the same store.
    func finishIsOurs() async throws {
        guard try await store.get(Self.mark) == content else {
            hasBegun = false
            throw StartError("Another restore has begun in \(name).")
        }
    }

    /// Removes the mark. If that fails, the mark is one object more, and nothing else.
    func finish() async { try? await store.remove(Self.mark) }

    func discard() async {
        guard hasBegun else { return }
        try? await empty()
        try? await store.removeUnfinished(before: .distantFuture)
        guard case .folder(let path) = location else { return }
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        // Only what is empty goes.
        for folder in folders { rmdir("\(path)/\(folder)") }
        if !hadFolder { rmdir(path) }
    }

    /// Removes all objects; the mark, whose name is the last one, at the end.
    private func empty() async throws {
        while case let page = try await store.list(after: nil, limit: Self.page), !page.isEmpty {
            for object in page { try await store.remove(object.name) }
        }
    }
}
