/// Why an archive cannot be written or read.
package struct ArchiveError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// The archive ends before its end.
        case cutOff
        /// The bytes are not those that were written.
        case damaged
        /// The bytes are not an archive of this kind.
        case foreign
        /// The passphrase is not the one that the archive was encrypted with.
        case wrongPassphrase
        /// An entry's name or type could do harm when it is unpacked.
        case unsafe
        /// The library has no memory left.
        case memory
        /// An entry is encrypted.
        case encrypted
        /// An entry is compressed by a method that is not read.
        case unsupported
        /// It has more entries, or expands to more, than is read.
        case tooLarge
    }

    package let kind: Kind
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    static func cutOff(in what: String) -> ArchiveError { ArchiveError(.cutOff, "it is cut off in \(what)") }
}

/// Takes an archive's bytes in order.
package protocol ArchiveSink: AnyObject {
    func write(_ bytes: [UInt8]) async throws
}

/// Gives an archive's bytes in order.
package protocol ArchiveSource: AnyObject {
    /// Returns the next bytes, at least one and not more than fit into memory; nil at the end.
    func next() async throws -> [UInt8]?
}
