package import Crypto
package import CryptoExtras
import Foundation
import HTTPKit

/// Encryption by the Fernet specification, version 0x80: AES-128-CBC with HMAC-SHA256, as in Python's `cryptography`.
/// The first key encrypts; every key decrypts, so that keys can be replaced one after another.
package struct Fernet: Sendable {
    /// Says no more than which of the two was unfit.
    package enum Refusal: Error {
        case invalidKey, invalidToken
    }

    private struct Key {
        let signing: SymmetricKey
        let encryption: SymmetricKey
    }

    private static let version: UInt8 = 0x80
    private static let headerSize = 1 + 8 + 16
    private static let macSize = 32

    private let keys: [Key]

    /// - Parameter keys: 32 bytes each in padded URL-safe Base64, the newest first.
    package init(keys: [String]) throws {
        guard !keys.isEmpty else { throw Refusal.invalidKey }
        self.keys = try keys.map { text in
            guard let bytes = Self.decode(text), bytes.count == 32 else { throw Refusal.invalidKey }
            return Key(signing: SymmetricKey(data: bytes[..<16]), encryption: SymmetricKey(data: bytes[16...]))
        }
    }

    package static func makeKey() -> String {
        SymmetricKey(size: .bits256).withUnsafeBytes { encode($0) }
    }

    package func encrypt(_ bytes: [UInt8]) throws -> String {
        try encrypt(bytes, iv: .init(), seconds: UInt64(max(0, Date().timeIntervalSince1970)))
    }

    package func encrypt(_ bytes: [UInt8], iv: AES._CBC.IV, seconds: UInt64) throws -> String {
        var token = [Self.version]
        withUnsafeBytes(of: seconds.bigEndian) { token += $0 }
        token += iv
        token += try AES._CBC.encrypt(bytes, using: keys[0].encryption, iv: iv)
        token += HMAC<SHA256>.authenticationCode(for: token, using: keys[0].signing)
        return Self.encode(token)
    }

    package func decrypt(_ token: String) throws -> [UInt8] {
        let bytes = try Self.bytes(of: token)
        guard let key = keys.first(where: { Self.isSigned(bytes, by: $0) }) else { throw Refusal.invalidToken }
        do {
            let iv = try AES._CBC.IV(ivBytes: bytes[9..<Self.headerSize])
            return Array(
                try AES._CBC.decrypt(
                    bytes[Self.headerSize..<bytes.count - Self.macSize], using: key.encryption, iv: iv))
        } catch {
            throw Refusal.invalidToken
        }
    }

    /// Whether the token was not made with the newest key and should be encrypted again. Throws if it is not a token.
    package func needsRotation(_ token: String) throws -> Bool {
        try !Self.isSigned(Self.bytes(of: token), by: keys[0])
    }

    /// The position of the key that the token is by; nil if it is by none of them. Throws if it is no token at all.
    package func keyIndex(of token: String) throws -> Int? {
        let bytes = try Self.bytes(of: token)
        return keys.firstIndex { Self.isSigned(bytes, by: $0) }
    }

    private static func bytes(of token: String) throws -> [UInt8] {
        guard let bytes = decode(token), bytes.first == version, bytes.count >= headerSize + 16 + macSize else {
            throw Refusal.invalidToken
        }
        return bytes
    }

    private static func isSigned(_ token: [UInt8], by key: Key) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(
            token.suffix(macSize), authenticating: token.dropLast(macSize), using: key.signing)
    }

    private static func encode(_ bytes: some Sequence<UInt8>) -> String {
        let text = Base64URL.encode(bytes)
        return text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    }

    /// Returns nil if the text is not exactly what `encode` makes: no token may be written in two ways.
    private static func decode(_ text: String) -> [UInt8]? {
        let unpadded = String(text.prefix { $0 != "=" })
        guard let bytes = Base64URL.decode(unpadded), encode(bytes) == text else { return nil }
        return bytes
    }
}

extension Fernet: CustomStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
