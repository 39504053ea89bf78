package import Foundation
package import NIOCore

/// Keeps the bytes of files, in objects of at most `maxObject` bytes. A large file is a sequence of objects, so that
/// storing or sending one never takes more memory than one object.
///
/// An object appears whole or not at all, and is durable when `put` returns. Names are made here and hold nothing that a
/// user wrote.
package protocol ByteStore: Sendable {
    /// Stores an object under a new name. Throws `StoreError`.
    func put(_ bytes: ByteBuffer, as name: ObjectName) async throws

    /// Reads an object, or a part of it. Returns nil if there is no such object, and fewer bytes if it is shorter.
    /// - Parameter range: in bytes; nil for the whole object.
    func get(_ name: ObjectName, _ range: Range<Int>?) async throws -> ByteBuffer?

    /// Removes an object. One that is not there is no error, so that a removal can be repeated.
    func remove(_ name: ObjectName) async throws

    /// Lists objects in the order of their names.
    /// - Parameter after: the last name of the page before; nil for the first page.
    /// - Returns: at most `limit` objects; fewer at the end only.
    func list(after: ObjectName?, limit: Int) async throws -> [StoredObject]

    /// Removes what writes that never ended have left since before this time.
    func removeUnfinished(before: Date) async throws
}

extension ByteStore {
    package func get(_ name: ObjectName) async throws -> ByteBuffer? { try await get(name, nil) }

    /// Stores, reads and removes a small object. Throws `StoreError` if any of that fails.
    package func check() async throws {
        let (name, bytes) = (ObjectName(), ByteBuffer(string: "mynah"))
        try await put(bytes, as: name)
        let read = try await get(name)
        try await remove(name)
        guard read == bytes else { throw StoreError(.damaged, detail: "an object is not read as it was written") }
    }
}

/// Limits of every byte store.
package enum ObjectLimits {
    /// The maximum size of an object, in bytes.
    package static let maxObject = 4 << 20

    static func check(_ bytes: ByteBuffer) throws(StoreError) {
        guard bytes.readableBytes <= maxObject else {
            throw StoreError(.damaged, detail: "an object is too large")
        }
    }
}

/// What an object is called: 128 random bits in hexadecimal.
package struct ObjectName: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let text: String

    package init() {
        text = (0..<16).map { _ in UInt8.random(in: .min ... .max) }.hexadecimal
    }

    /// Returns nil if the text is not a name of this kind.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 32,
            text.utf8.allSatisfy({
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            })
        else { return nil }
        self.text = String(text)
    }

    /// The folder that the object is in: one of 256.
    package var folder: String { String(text.prefix(2)) }
    package var description: String { text }
    package static func < (a: ObjectName, b: ObjectName) -> Bool { a.text < b.text }
}

/// An object as a list shows it.
package struct StoredObject: Sendable, Equatable {
    package let name: ObjectName
    package let bytes: Int
    package let modifiedAt: Date

    package init(name: ObjectName, bytes: Int, modifiedAt: Date) {
        self.name = name
        self.bytes = bytes
        self.modifiedAt = modifiedAt
    }
}

/// Why bytes could not be stored or read.
package struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        /// No room is left.
        case full
        /// The store cannot be reached, or failed; a later attempt may succeed.
        case unavailable
        /// The store refuses this server: a wrong key, a bucket that does not exist, a folder that cannot be written.
        case misconfigured
        /// The bytes are not those that were stored.
        case damaged
    }

    package let kind: Kind
    /// For logs. It holds no secret and no bytes of a file.
    package let detail: String
    /// What the operator can do about it, if the store says enough.
    package let advice: String?

    package init(_ kind: Kind, detail: String, advice: String? = nil) {
        self.kind = kind
        self.detail = detail
        self.advice = advice
    }

    package var description: String { "\(kind.rawValue): \(detail)" }
}
