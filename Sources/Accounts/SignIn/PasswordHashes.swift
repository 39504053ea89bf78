import CArgon2
import CCrypt
import Crypto
import Foundation
import HTTPKit

/// The library could not do its work, as for want of memory.
package struct HashingFailure: Error {}

/// Argon2id (RFC 9106) in the PHC string format.
package struct Argon2id: Sendable, Equatable {
    package static let prefix = "$argon2id$"

    package let kibibytes: UInt32
    package let passes: UInt32
    package let lanes: UInt32

    /// OWASP's first choice that leaves room for several at a time.
    package static let standard = Argon2id(kibibytes: 19 * 1024, passes: 2, lanes: 1)

    package init(kibibytes: UInt32, passes: UInt32, lanes: UInt32) {
        self.kibibytes = kibibytes
        self.passes = passes
        self.lanes = lanes
    }

    /// The parameters of a hash; nil if it is malformed or would cost more than any that are in use.
    package init?(of hash: String) {
        let parts = hash.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[1] == "argon2id", parts[2] == "v=19" else { return nil }
        let costs = parts[3].split(separator: ",", omittingEmptySubsequences: false)
        guard costs.count == 3,
            let memory = Self.number(costs[0], "m="), let passes = Self.number(costs[1], "t="),
            let lanes = Self.number(costs[2], "p="),
            (8...256 * 1024).contains(memory), (1...16).contains(passes), (1...16).contains(lanes)
        else { return nil }
        self.init(kibibytes: memory, passes: passes, lanes: lanes)
    }

    private static func number(_ text: Substring, _ name: String) -> UInt32? {
        text.hasPrefix(name) ? UInt32(text.dropFirst(name.count)) : nil
    }

    package func hash(_ password: [UInt8]) throws(HashingFailure) -> String {
        var random = SystemRandomNumberGenerator()
        let salt = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let size = argon2_encodedlen(passes, kibibytes, lanes, UInt32(salt.count), 32, Argon2_id)
        var encoded = [CChar](repeating: 0, count: size)
        let status = argon2id_hash_encoded(
            passes, kibibytes, lanes, password, password.count, salt, salt.count, 32, &encoded, size)
        guard status == ARGON2_OK.rawValue else { throw HashingFailure() }
        return encoded.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    /// Returns nil if the hash is malformed.
    package static func verify(_ password: [UInt8], against hash: String) throws(HashingFailure) -> Bool? {
        switch argon2id_verify(hash, password, password.count) {
        case ARGON2_OK.rawValue: return true
        case ARGON2_VERIFY_MISMATCH.rawValue: return false
        case ARGON2_MEMORY_ALLOCATION_ERROR.rawValue, ARGON2_THREAD_FAIL.rawValue: throw HashingFailure()
        default: return nil
        }
    }
}

/// bcrypt, which reads no further than 72 bytes or the first NUL. A password beyond that is first made into an
/// HMAC-SHA256, keyed with the salt so that leaked plain SHA-256 hashes of passwords are no use, and the hash is marked.
package struct Bcrypt: Sendable, Equatable {
    private static let mark = "$sha256"
    private static let longest = 72
    private static let settingSize = 29

    package let version: Character
    package let rounds: Int

    package init(rounds: Int) {
        version = "b"
        self.rounds = rounds
    }

    /// The parameters of a hash; nil if it is malformed or would cost more than any that are in use.
    package init?(of hash: String) {
        let bytes = Array(Self.unmarked(hash).utf8)
        guard bytes.count == 60, bytes.starts(with: "$2".utf8), bytes[3] == UInt8(ascii: "$"),
            bytes[6] == UInt8(ascii: "$"),
            "aby".utf8.contains(bytes[2]), let rounds = Int(String(decoding: bytes[4..<6], as: UTF8.self)),
            (4...17).contains(rounds), bytes[7...].allSatisfy(Self.isBase64)
        else { return nil }
        version = Character(Unicode.Scalar(bytes[2]))
        self.rounds = rounds
    }

    package func hash(_ password: [UInt8]) throws(HashingFailure) -> String {
        var buffer = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
        // Without bytes of ours it takes the system's randomness.
        guard let made = crypt_gensalt_rn("$2b$", UInt(rounds), nil, 0, &buffer, Int32(buffer.count)) else {
            throw HashingFailure()
        }
        let setting = String(cString: made)
        return try Self.isTooLong(password)
            ? Self.mark + Self.crypt(Self.shortened(password, setting), setting) : Self.crypt(password, setting)
    }

    /// `hash` must be one that `init(of:)` accepts.
    package static func verify(_ password: [UInt8], against hash: String) throws(HashingFailure) -> Bool {
        let bare = unmarked(hash)
        let setting = String(bare.prefix(settingSize))
        let isMarked = hash.hasPrefix(mark)
        let phrase = isMarked || isTooLong(password) ? shortened(password, setting) : password
        let isEqual = isSame(Array(try crypt(phrase, setting).utf8), Array(bare.utf8))
        // A hash without the mark is never of such a password, whatever made it may have cut off.
        return isEqual && isMarked == isTooLong(password)
    }

    private static func unmarked(_ hash: String) -> Substring {
        hash.hasPrefix(mark) ? hash.dropFirst(mark.count) : hash[...]
    }

    private static func isTooLong(_ password: [UInt8]) -> Bool { password.count > longest || password.contains(0) }

    private static func shortened(_ password: [UInt8], _ setting: String) -> [UInt8] {
        let salt = SymmetricKey(data: Array(setting.utf8.suffix(22)))
        return Array(Base64URL.encode(HMAC<SHA256>.authenticationCode(for: password, using: salt)).utf8)
    }

    private static func crypt(_ phrase: [UInt8], _ setting: String) throws(HashingFailure) -> String {
        let data = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
        // All zero is how the library wants it first, and how no trace of the password stays behind.
        func clear() { explicit_bzero(data, MemoryLayout<crypt_data>.size) }
        clear()
        defer {
            clear()
            data.deallocate()
        }
        let result = (phrase + [0]).withUnsafeBytes { phrase in
            crypt_rn(phrase.baseAddress, setting, data, Int32(MemoryLayout<crypt_data>.size)).map {
                String(cString: $0)
            }
        }
        guard let result else { throw HashingFailure() }
        return result
    }

    private static func isSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
