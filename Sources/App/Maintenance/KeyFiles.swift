import Foundation
import HTTPKit
import Platform

/// Keys that are not configured: generated once, stored next to the database and readable by their owner only.
enum KeyFiles {
    static func secrets(_ configuration: ServerConfiguration) throws -> Secrets {
        if let keys = configuration.encryptionKeys, let key = configuration.secretKey {
            return try Secrets(encryptionKeys: keys, secretKey: key)
        }
        let folder = try folder(of: configuration)
        return try Secrets(
            encryptionKeys: try configuration.encryptionKeys ?? encryptionKeys(in: encryptionKeys(of: configuration)),
            secretKey: try configuration.secretKey ?? keep(RandomText.make(bytes: 48), in: folder + "/secret.key"))
    }

    /// The keys that are configured or lie in files; nothing is made.
    static func existing(_ configuration: ServerConfiguration) -> (encryption: [String], secret: String?) {
        func text(_ name: String) -> String? {
            guard let folder = try? folder(of: configuration),
                let bytes = FileManager.default.contents(
                    atPath: "\(folder)/\(name)")
            else { return nil }
            return String(decoding: bytes, as: UTF8.self)
        }
        let kept = text("encryption.key")?.split(whereSeparator: \.isWhitespace).map(String.init)
        return (
            configuration.encryptionKeys ?? kept ?? [],
            configuration.secretKey ?? text("secret.key")?.trimmingCharacters(in: .whitespacesAndNewlines)
        )
    }

    /// Puts keys beside the database, where none are.
    static func restore(encryption: [String], secret: String, _ configuration: ServerConfiguration) throws {
        let folder = try folder(of: configuration)
        if configuration.encryptionKeys == nil {
            _ = try keep(encryption.joined(separator: "\n"), in: folder + "/encryption.key")
        }
        if configuration.secretKey == nil { _ = try keep(secret, in: folder + "/secret.key") }
    }

    /// The path of the file that holds the encryption keys if none are configured.
    static func encryptionKeys(of configuration: ServerConfiguration) throws -> String {
        try folder(of: configuration) + "/encryption.key"
    }

    /// One a line, the newest first.
    static func encryptionKeys(in path: String) throws -> [String] {
        try keep(Fernet.makeKey(), in: path).split(whereSeparator: \.isWhitespace).map(String.init)
    }

    /// Puts these keys into the place of those in the file: all of them or, if that fails, none.
    static func replace(encryptionKeys: [String], in path: String) throws {
        let draft = try draft(of: encryptionKeys.joined(separator: "\n"), for: path)
        defer { unlink(draft) }
        // The user who runs this may differ from the user who runs the server.
        let old = try? FileManager.default.attributesOfItem(atPath: path)
        guard let owner = old?[.ownerAccountID] as? Int, let group = old?[.groupOwnerAccountID] as? Int,
            chown(draft, UInt32(owner), UInt32(group)) == 0, rename(draft, path) == 0
        else { throw failure(path) }
        remember(folderOf: path)
    }

    /// The folder that holds the database file.
    static func folder(of configuration: ServerConfiguration) throws -> String {
        guard let path = file(of: configuration.databaseURL) else {
            throw StartError("SECRET_KEY and ENCRYPTION_KEY must be set if the database is not a file.")
        }
        let folder = (path as NSString).deletingLastPathComponent
        return folder.isEmpty ? "." : folder
    }

    /// The path of the database file; nil for a database that is none.
    static func file(of databaseURL: String) -> String? {
        let parts = databaseURL.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[0].hasPrefix("sqlite") else { return nil }
        return parts[1].hasPrefix("///") ? String(parts[1].dropFirst(2)) : String(parts[1])
    }

    /// The content of the file, which is made with `fresh` if it is not there: whole or not at all, and by one of those
    /// that start at once.
    private static func keep(_ fresh: String, in path: String) throws -> String {
        if !FileManager.default.fileExists(atPath: path) {
            let draft = try draft(of: fresh, for: path)
            defer { unlink(draft) }
            guard link(draft, path) == 0 || errno == EEXIST else { throw failure(path) }
            remember(folderOf: path)
        }
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard case let key = text.trimmingCharacters(in: .whitespacesAndNewlines), !key.isEmpty else {
            throw StartError("\(path) cannot be read, or is empty. Restore it: without it, what it encrypted is lost.")
        }
        return key
    }

    /// A file beside the one at `path` that is on the disk, whole, and its owner's alone.
    private static func draft(of text: String, for path: String) throws -> String {
        let draft = "\(path).\(Identifier.make())"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        let bytes = Array(text.utf8)
        guard descriptor >= 0, write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0,
            close(descriptor) == 0
        else {
            let failure = failure(path)
            unlink(draft)
            throw failure
        }
        return draft
    }

    /// The folder, too, must remember a file: what its key encrypts will be on the disk soon.
    private static func remember(folderOf path: String) {
        let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    private static func failure(_ path: String) -> StartError {
        StartError("\(path) cannot be made: \(String(cString: strerror(errno))).")
    }
}
