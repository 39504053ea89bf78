import Files
import Foundation
package import Platform

/// What the settings `BACKUP_…` say.
package struct BackupSettings: Sendable {
    /// Minimum length of a passphrase, in Unicode scalars.
    package static let shortestPassphrase = 12

    /// Nil: backups are made by the command only.
    package var schedule: CronSchedule?
    package var destination: BackupPlace?
    /// How many scheduled backups are kept.
    package var kept = 7
    package var passphrase: String?

    package init() {}
}

/// The place of one backup or of several.
package enum BackupPlace: Sendable, Equatable, CustomStringConvertible {
    /// A file or a folder, as an absolute path.
    case path(String)
    /// - Parameter prefix: without slashes around it; may be empty.
    case bucket(name: String, prefix: String)

    /// Reads a path, relative to the working folder, or `s3://bucket/prefix`; returns nil for anything else.
    package init?(_ text: String) {
        if let location = FilesLocation(text) {
            switch location {
            case .bucket(let name, let prefix): self = .bucket(name: name, prefix: prefix)
            case .folder(let path): self = .path(URL(filePath: path).standardizedFileURL.path(percentEncoded: false))
            }
            return
        }
        guard !text.isEmpty, !text.contains("://"), !text.utf8.contains(0) else { return nil }
        self = .path(URL(filePath: text).standardizedFileURL.path(percentEncoded: false))
    }

    package var description: String {
        switch self {
        case .path(let path): path
        case .bucket(let name, let prefix): prefix.isEmpty ? "s3://\(name)" : "s3://\(name)/\(prefix)"
        }
    }

    /// Something within it.
    func appending(_ name: String) -> BackupPlace {
        switch self {
        case .path(let path): .path(path.hasSuffix("/") ? path + name : "\(path)/\(name)")
        case .bucket(let bucket, let prefix):
            .bucket(name: bucket, prefix: prefix.isEmpty ? name : "\(prefix)/\(name)")
        }
    }
}
