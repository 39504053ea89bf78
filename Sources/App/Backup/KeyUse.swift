import Crypto
import Files
import HTTPKit
import Platform
import Storage

/// Which encryption keys the rows need.
struct KeyUse: Sendable, Equatable {
    private static let page = 200

    /// Ids of keys.
    var keys: Set<String> = []
    /// Values that no key decrypts.
    var unreadable: Int64 = 0

    /// Looks at every encrypted value of the newest schema.
    static func read(_ tx: Transaction, keys: [String]) throws -> KeyUse {
        let fernet = keys.isEmpty ? nil : try Fernet(keys: keys)
        let ids = keys.map(id)
        var use = KeyUse()
        for column in KeyRotation.columns {
            var after = column.key.map { _ in "" }
            while true {
                let values = try column.page(tx, after: after, limit: page)
                for value in values {
                    if let index = try? fernet?.keyIndex(of: value.token) {
                        use.keys.insert(ids[index])
                    } else {
                        use.unreadable += 1
                    }
                }
                guard values.count == page, let last = values.last else { break }
                after = last.key
            }
        }
        return use
    }

    /// The id of an `ENCRYPTION_KEY`, which does not reveal the key.
    static func id(_ key: String) -> String { short(SHA256.hash(data: Array("mynah encryption key \(key)".utf8))) }

    /// The id of a `SECRET_KEY`. It is short and no plain hash, because a person may have chosen the key.
    static func id(of secrets: Secrets) -> String { short(secrets.fingerprint(Array("key id".utf8))) }

    private static func short(_ bytes: some Sequence<UInt8>) -> String {
        Array(bytes.prefix(6)).hexadecimal
    }
}
