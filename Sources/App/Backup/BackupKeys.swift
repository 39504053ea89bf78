import Platform

/// An entry with the names of objects that were missing or damaged in the store, one a line.
enum UnreadableObjects {
    static let name = "unreadable"
}

/// An entry with both keys, as lines of an environment file. Only encrypted backups have it.
struct BackupKeys {
    static let name = "keys.env"

    let secret: String
    let encryption: [String]

    init(_ configuration: ServerConfiguration) throws {
        let (encryption, secret) = KeyFiles.existing(configuration)
        guard let secret, !encryption.isEmpty else { throw StartError("There are no keys to put into the backup.") }
        (self.secret, self.encryption) = (secret, encryption)
    }

    /// Returns nil if the lines are not those of both keys.
    init?(_ bytes: [UInt8]) {
        var values: [String: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
        }
        guard let secret = values["SECRET_KEY"], let keys = values["ENCRYPTION_KEY"] else { return nil }
        (self.secret, encryption) = (secret, keys.split(separator: ",").map(String.init))
    }

    var text: [UInt8] {
        Array("SECRET_KEY=\(secret)\nENCRYPTION_KEY=\(encryption.joined(separator: ","))\n".utf8)
    }
}
