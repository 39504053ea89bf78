import Foundation

/// Keys that nobody set: made once and kept beside the database, readable by their owner only.
enum KeyFiles {
    static func secrets(_ configuration: ServerConfiguration) throws -> Secrets {
        if let keys = configuration.encryptionKeys, let key = configuration.secretKey {
            return try Secrets(encryptionKeys: keys, secretKey: key)
        }
        let folder = try folder(of: configuration)
        return try Secrets(
            encryptionKeys: try configuration.encryptionKeys ?? [
                keep(Fernet.makeKey(), in: folder + "/encryption.key")
            ],
            secretKey: try configuration.secretKey ?? keep(RandomText.make(bytes: 48), in: folder + "/secret.key"))
    }

    /// Where the database file lies.
    static func folder(of configuration: ServerConfiguration) throws -> String {
        guard let path = file(of: configuration.databaseURL) else {
            throw StartError("SECRET_KEY and ENCRYPTION_KEY must be set where the database is not a file.")
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
            let draft = "\(path).\(Identifier.make())"
            defer { unlink(draft) }
            let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL, 0o600)
            let bytes = Array(fresh.utf8)
            guard descriptor >= 0, write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0,
                close(descriptor) == 0, link(draft, path) == 0 || errno == EEXIST
            else { throw StartError("\(path) cannot be made: \(String(cString: strerror(errno))).") }
            // The folder, too, must remember it: what the key encrypts will be on the disk soon.
            let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY)
            if folder >= 0 {
                fsync(folder)
                close(folder)
            }
        }
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard case let key = text.trimmingCharacters(in: .whitespacesAndNewlines), !key.isEmpty else {
            throw StartError("\(path) cannot be read, or is empty. Restore it: without it, what it encrypted is lost.")
        }
        return key
    }
}
