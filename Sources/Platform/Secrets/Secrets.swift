import Crypto
import Foundation
import HTTPKit
import JSON

/// The two keys of an installation: one encrypts what the database must not show, the other makes fingerprints of what
/// it must not even hold. They live apart from the database, in the environment or in files only their owner can read.
package struct Secrets: Sendable {
    private let fernet: Fernet
    private let hmacKey: SymmetricKey

    package init(encryptionKeys: [String], secretKey: String) throws {
        fernet = try Fernet(keys: encryptionKeys)
        hmacKey = SymmetricKey(data: SHA256.hash(data: Array("mynah secret key ".utf8) + Array(secretKey.utf8)))
    }

    package func encrypt(_ bytes: [UInt8]) throws -> String { try fernet.encrypt(bytes) }
    package func decrypt(_ token: String) throws -> [UInt8] { try fernet.decrypt(token) }

    /// A JSON document that lies encrypted in the database.
    package func decryptJSON<Value: Decodable>(_ type: Value.Type, _ token: String) throws -> Value {
        let value = try decrypt(token).withUnsafeBytes { bytes in try JSONValue(parsing: bytes) }
        return try JSONTreeDecoder().decode(type, from: value)
    }

    /// A keyed hash: a reader of the database cannot test guesses against it.
    package func fingerprint(_ bytes: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: bytes, using: hmacKey))
    }

    /// The keyed hash of a text followed by bytes.
    package func fingerprint(_ head: String, _ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var code = HMAC<SHA256>(key: hmacKey)
        code.update(data: Array(head.utf8))
        code.update(data: bytes)
        return Array(code.finalize())
    }

    /// The token that follows `token`: the same each time, so that a repeated rotation gives the same answer.
    package func successor(of token: String) -> String {
        Base64URL.encode(fingerprint(Array("refresh ".utf8) + Array(token.utf8)))
    }

    package static func hash(_ token: String) -> [UInt8] { Array(SHA256.hash(data: Array(token.utf8))) }
}
