package import NIOCore
import NIOHTTP1
package import Upstream

/// Files under names of the caller's choice, in the same bucket, below the store's prefix.
extension S3Store {
    /// Maximum size of such a file, in bytes. One request, which has a minute, sends it over a line of 2 Mbit/s.
    package static let maxFile = 8 << 20

    package func put(_ bytes: ByteBuffer, file name: String) async throws {
        guard bytes.readableBytes <= Self.maxFile else { throw StoreError(.damaged, detail: "a file is too large") }
        try await send(.PUT, folder + name, body: bytes, takes: [200])
    }

    /// Returns nil if there is no such file.
    package func get(file name: String) async throws -> ByteBuffer? {
        let answer = try await send(.GET, folder + name, takes: [200, 404], most: Self.maxFile)
        return answer.status == 404 ? nil : answer.body
    }

    package func remove(file name: String) async throws {
        try await send(.DELETE, folder + name, takes: [200, 202, 204, 404])
    }

    /// The names of all files that begin so.
    package func files(beginning prefix: String) async throws -> [String] {
        var found: [String] = []
        var token: String?
        repeat {
            var query = [(name: "list-type", value: "2"), (name: "prefix", value: folder + prefix)]
            if let token { query.append((name: "continuation-token", value: token)) }
            let answer = try await send(.GET, "", query: query, takes: [200], most: 8 << 20)
            guard let page = S3List(String(buffer: answer.body)) else {
                throw StoreError(.unavailable, detail: "the list of files cannot be read")
            }
            found += page.entries.compactMap { entry in
                entry.key.hasPrefix(folder) ? String(entry.key.dropFirst(folder.count)) : nil
            }
            token = page.next
        } while token != nil
        return found
    }
}

extension FilesLocation {
    /// The bucket's store; nil for a folder, or without `s3`.
    package func bucket(s3: S3Access?, http: UpstreamClient) -> S3Store? {
        guard case .bucket = self else { return nil }
        return store(s3: s3, http: http) as? S3Store
    }
}
