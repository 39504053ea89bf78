import Foundation
package import Upstream

/// The location of stored files, from `FILES_URL`.
package enum FilesLocation: Sendable, Equatable {
    /// A path, relative to the working folder if it does not begin with a slash.
    case folder(String)
    case bucket(name: String, prefix: String)

    /// Reads `file:relative/path`, `file:///absolute/path`, `s3://bucket` or `s3://bucket/prefix`; returns nil for
    /// anything else.
    package init?(_ url: String) {
        if let rest = Self.rest(of: url, after: "file:") {
            let path = rest.hasPrefix("///") ? rest.dropFirst(2) : rest
            guard !path.isEmpty, !path.hasPrefix("//"), !path.utf8.contains(0) else { return nil }
            let trimmed = path.count > 1 && path.hasSuffix("/") ? path.dropLast() : path
            self = .folder(String(trimmed))
        } else if let rest = Self.rest(of: url, after: "s3://") {
            let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let prefix = parts.count > 1 ? parts[1].trimmingCharacters(in: ["/"]) : ""
            guard Self.isBucket(parts[0]), prefix.utf8.count <= 500,
                prefix.isEmpty
                    || prefix.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(Self.isSegment)
            else { return nil }
            self = .bucket(name: String(parts[0]), prefix: prefix)
        } else {
            return nil
        }
    }

    private static func rest(of url: String, after scheme: String) -> Substring? {
        url.lowercased().hasPrefix(scheme) ? url.dropFirst(scheme.count) : nil
    }

    /// As S3 allows it: 3–63 lower-case letters, digits, dots and hyphens.
    private static func isBucket(_ name: Substring) -> Bool {
        (3...63).contains(name.utf8.count) && !name.contains("..")
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                default: byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
                }
            }
    }

    /// Plain ASCII that no program reads in another way.
    private static func isSegment(_ text: Substring) -> Bool {
        !text.isEmpty && text != "." && text != ".."
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                default: "._-".utf8.contains(byte)
                }
            }
    }
}

/// How to reach S3.
package struct S3Access: Sendable, Equatable {
    /// Nil: Amazon's own of the region.
    package var endpoint: String?
    package var region: String
    package var accessKey: String
    package var secretKey: String

    package init(endpoint: String? = nil, region: String = "us-east-1", accessKey: String, secretKey: String) {
        self.endpoint = endpoint
        self.region = region
        self.accessKey = accessKey
        self.secretKey = secretKey
    }
}

extension FilesLocation {
    /// - Parameter s3: needed for a bucket.
    /// - Returns: nil for a bucket without `s3`.
    package func store(s3: S3Access?, http: UpstreamClient) -> (any ByteStore)? {
        switch self {
        case .folder(let path): return FolderStore(path: path)
        case .bucket(let name, let prefix):
            guard let s3 else { return nil }
            return S3Store(
                S3Store.Location(
                    endpoint: s3.endpoint ?? "https://s3.\(s3.region).amazonaws.com", region: s3.region, bucket: name,
                    prefix: prefix),
                accessKey: s3.accessKey, secretKey: s3.secretKey, http: http)
        }
    }
}
