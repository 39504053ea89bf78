import CArgon2
import Crypto
import Foundation

/// The format of an encrypted archive: a header of 72 bytes and chunks, each AES-256-GCM with the header as associated
/// data. Numbers are big-endian.
///
///     0   8  MYNAHBK1
///     8  16  memory in KiB, passes and lanes of Argon2id, and the size of a chunk in bytes, 4 bytes each
///    24  16  salt
///    40  32  HMAC-SHA256 of the 40 bytes before
///
/// Argon2id makes 64 bytes of the passphrase, in Unicode's form NFC, and the salt: the key of the chunks, then the key of
/// the HMAC. A chunk has 16 bytes more than its text. Its nonce is its number, from 0, in 11 bytes, and a byte that is 1
/// for the last chunk and 0 for others, so that a missing end is noticed. Each archive has a key of its own by its salt.
struct SealedFormat {
    static let magic = Array("MYNAHBK1".utf8)
    static let headerSize = 72
    static let tagSize = 16
    static let standardChunk = 1 << 20

    let header: [UInt8]
    let chunk: Int
    private let key: SymmetricKey

    /// Makes the header of a new archive.
    init(passphrase: String, kibibytes: UInt32, passes: UInt32) throws {
        var random = SystemRandomNumberGenerator()
        var header = Self.magic
        for number in [kibibytes, passes, 1, UInt32(Self.standardChunk)] {
            withUnsafeBytes(of: number.bigEndian) { header += $0 }
        }
        header += (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let keys = try Self.keys(of: passphrase, header)
        header += HMAC<SHA256>.authenticationCode(for: header, using: keys.header)
        (self.header, chunk, key) = (header, Self.standardChunk, keys.chunks)
    }

    /// Reads the header of an archive.
    init(header: [UInt8], passphrase: String) throws {
        guard header.count == Self.headerSize, header.starts(with: Self.magic) else {
            throw ArchiveError.cutOff(in: "its header")
        }
        let chunk = Self.number(header, at: 20)
        guard (8 << 10...1 << 20).contains(Self.number(header, at: 8)),
            (1...16).contains(Self.number(header, at: 12)), (1...16).contains(Self.number(header, at: 16)),
            (1 << 10...16 << 20).contains(chunk)
        else { throw ArchiveError(.damaged, "the header of its encryption is not as it was written") }
        let keys = try Self.keys(of: passphrase, header)
        guard
            HMAC<SHA256>.isValidAuthenticationCode(header[40...], authenticating: header[..<40], using: keys.header)
        else { throw ArchiveError(.wrongPassphrase, "it was encrypted with another passphrase") }
        (self.header, self.chunk, key) = (header, Int(chunk), keys.chunks)
    }

    func seal(_ text: [UInt8], number: UInt64, isLast: Bool) throws -> [UInt8] {
        let box = try AES.GCM.seal(
            text, using: key, nonce: AES.GCM.Nonce(data: Self.nonce(number, isLast)), authenticating: header)
        return Array(box.ciphertext) + Array(box.tag)
    }

    /// Returns nil if the chunk is not as it was sealed.
    func open(_ sealed: ArraySlice<UInt8>, number: UInt64, isLast: Bool) throws -> [UInt8]? {
        let nonce = try AES.GCM.Nonce(data: Self.nonce(number, isLast))
        let box = try AES.GCM.SealedBox(
            nonce: nonce, ciphertext: sealed.dropLast(Self.tagSize), tag: sealed.suffix(Self.tagSize))
        return (try? AES.GCM.open(box, using: key, authenticating: header)).map { Array($0) }
    }

    private static func nonce(_ number: UInt64, _ isLast: Bool) -> [UInt8] {
        [0, 0, 0] + withUnsafeBytes(of: number.bigEndian) { Array($0) } + [isLast ? 1 : 0]
    }

    private static func number(_ header: [UInt8], at start: Int) -> UInt32 {
        header[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func keys(
        of passphrase: String, _ header: [UInt8]
    ) throws(ArchiveError) -> (chunks: SymmetricKey, header: SymmetricKey) {
        let phrase = Array(passphrase.precomposedStringWithCanonicalMapping.utf8)
        let salt = Array(header[24..<40])
        var made = [UInt8](repeating: 0, count: 64)
        defer { explicit_bzero(&made, made.count) }
        let status = argon2id_hash_raw(
            number(header, at: 12), number(header, at: 8), number(header, at: 16), phrase, phrase.count, salt,
            salt.count, &made, made.count)
        guard status == ARGON2_OK.rawValue else {
            throw ArchiveError(.memory, "there is no memory to make its key with")
        }
        return (SymmetricKey(data: made[..<32]), SymmetricKey(data: made[32...]))
    }
}

/// Encrypts a stream.
final class Sealer {
    private let format: SealedFormat
    private var pending: [UInt8] = []
    private var number: UInt64 = 0

    init(passphrase: String, kibibytes: UInt32 = 64 << 10, passes: UInt32 = 3) throws {
        format = try SealedFormat(passphrase: passphrase, kibibytes: kibibytes, passes: passes)
    }

    var header: [UInt8] { format.header }

    /// Returns the chunks that are complete and not the last one; after the last bytes, all of them.
    func seal(_ bytes: [UInt8], isLast: Bool) throws -> [UInt8] {
        pending += bytes
        var sealed: [UInt8] = []
        var start = 0
        while pending.count - start > format.chunk {
            sealed += try format.seal(
                Array(pending[start..<start + format.chunk]), number: number, isLast: false)
            number += 1
            start += format.chunk
        }
        pending.removeFirst(start)
        if isLast { sealed += try format.seal(pending, number: number, isLast: true) }
        return sealed
    }
}

/// Decrypts a stream.
final class Opener: ArchiveSource {
    private let source: any ArchiveSource
    private let format: SealedFormat
    private var pending: [UInt8]
    private var number: UInt64 = 0
    private var isAtEnd = false

    /// - Parameter beginning: the bytes after the header that were read with it.
    init(_ source: any ArchiveSource, header: [UInt8], beginning: [UInt8], passphrase: String) throws {
        self.source = source
        pending = beginning
        format = try SealedFormat(header: header, passphrase: passphrase)
    }

    func next() async throws -> [UInt8]? {
        while !isAtEnd {
            let size = format.chunk + SealedFormat.tagSize
            while pending.count <= size, let more = try await source.next() { pending += more }
            let isLast = pending.count <= size
            let sealed = pending.prefix(size)
            guard sealed.count >= SealedFormat.tagSize else { throw ArchiveError.cutOff(in: "its encrypted data") }
            guard let text = try format.open(sealed, number: number, isLast: isLast) else {
                if isLast, try sealed.count < size || format.open(sealed, number: number, isLast: false) != nil {
                    throw ArchiveError(.cutOff, "it is cut off, or damaged at its end")
                }
                throw ArchiveError(.damaged, "its encrypted data is not as it was written")
            }
            pending.removeFirst(sealed.count)
            number += 1
            isAtEnd = isLast
            if !text.isEmpty { return text }
        }
        return nil
    }
}
