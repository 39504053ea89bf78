import Foundation

/// Keys that nobody set: made once and kept beside the database, readable by their owner only.
enum KeyFiles {
    static func secrets(_ configuration: ServerConfiguration) throws -> Secrets {
        let folder = try folder(of: configuration.databaseURL)
        return try Secrets(
            encryptionKeys: try configuration.encryptionKeys ?? [
                keep(Fernet.makeKey(), in: folder + "/encryption.key")
            ],
            secretKey: try configuration.secretKey ?? keep(RandomText.make(bytes: 48), in: folder + "/secret.key"))
    }

    private static func folder(of databaseURL: String) throws -> String {
        let parts = databaseURL.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[0].hasPrefix("sqlite") else {
            throw StartError("SECRET_KEY and ENCRYPTION_KEY must be set where the database is not a file.")
        }
        let path = parts[1].hasPrefix("///") ? String(parts[1].dropFirst(2)) : String(parts[1])
        return (path as NSString).deletingLastPathComponent.isEmpty ? "." : (path as NSString).deletingLastPathComponent
    }

    /// The content of the file, which is created with `fresh` if it is not there. Two that start at once agree: only one
    /// creates it, and both read it.
    private static func keep(_ fresh: String, in path: String) throws -> String {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        if descriptor >= 0 {
            let bytes = Array(fresh.utf8)
            let written = write(descriptor, bytes, bytes.count)
            let isSynced = fsync(descriptor) == 0
            close(descriptor)
            guard written == bytes.count, isSynced else {
                unlink(path)
                throw StartError("\(path) cannot be written: \(String(cString: strerror(errno))).")
            }
        } else if errno != EEXIST {
            throw StartError("\(path) cannot be made: \(String(cString: strerror(errno))).")
        }
        for _ in 0..<50 {
            guard let data = FileManager.default.contents(atPath: path) else { break }
            let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            if !text.isEmpty { return text }
            usleep(20_000)
        }
        throw StartError("\(path) cannot be read, or is empty. Restore it: without it, what it encrypted is lost.")
    }
}
