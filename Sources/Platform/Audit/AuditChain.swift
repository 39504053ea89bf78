import Crypto
import Foundation
package import HTTPKit
package import Storage

/// The last seal: with it, published elsewhere, a trail that was cut off or written anew is found out.
package struct AuditHead: Sendable, Equatable {
    package let sequence: Int64
    package let mac: [UInt8]

    /// `12:5f…`, as `mynah audit verify --head` takes it.
    package var text: String { "\(sequence):\(macText)" }
    package var macText: String { mac.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

    package init(sequence: Int64, mac: [UInt8]) {
        self.sequence = sequence
        self.mac = mac
    }

    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = Int64(parts[0]), sequence > 0, parts[1].utf8.count == 64 else {
            return nil
        }
        var mac: [UInt8] = []
        var rest = parts[1][...]
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            mac.append(byte)
            rest = rest.dropFirst(2)
        }
        self.init(sequence: sequence, mac: mac)
    }
}

/// Chains entries: each seal is a MAC over the one before it and over its entry, with a key that the database does not
/// hold. An attacker who changes, removes or moves an entry cannot compute matching seals.
package struct AuditChain: Sendable {
    package static let start = AuditHead(sequence: 0, mac: [UInt8](repeating: 0, count: 32))

    private let key: SymmetricKey

    package init(_ secrets: Secrets) { key = SymmetricKey(data: secrets.fingerprint(Array("audit seals".utf8))) }

    /// An entry exactly as the database holds it.
    package struct Entry: Sendable {
        package let id: String
        package let texts: [String?]
        package let createdAt: Int64

        package static let columns = "id, actor, action, target, outcome, detail, address, request_id, created_at"
            .split(separator: ", ").map { "e.\($0)" }.joined(separator: ", ")

        package init(_ row: Row) throws {
            id = try row.string("id")
            texts = try ["actor", "action", "target", "outcome", "detail", "address", "request_id"].map {
                try row.stringIfPresent($0)
            }
            createdAt = try row.int64("created_at")
        }
    }

    package func seal(_ entry: Entry, after head: AuditHead) -> AuditHead {
        var hmac = HMAC<SHA256>(key: key)
        let sequence = head.sequence + 1
        hmac.update(data: head.mac)
        hmac.update(data: Self.bytes(sequence))
        for text in [entry.id] + entry.texts {
            // With its length, so that nothing can be moved from one field to the next.
            let utf8 = text.map { Array($0.utf8) }
            hmac.update(data: Self.bytes(utf8.map { Int64($0.count) } ?? -1))
            if let utf8 { hmac.update(data: utf8) }
        }
        hmac.update(data: Self.bytes(entry.createdAt))
        return AuditHead(sequence: sequence, mac: Array(hmac.finalize()))
    }

    private static func bytes(_ number: Int64) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
}

extension AuditChain {
    package static func head(_ tx: Transaction) throws -> AuditHead? { try last(tx)?.head }

    private static func last(_ tx: Transaction) throws -> (head: AuditHead, entryID: String)? {
        try tx.row("SELECT sequence, entry_id, mac FROM audit_seals ORDER BY sequence DESC LIMIT 1") { row in
            (AuditHead(sequence: try row.int64("sequence"), mac: try row.bytes("mac")), try row.string("entry_id"))
        }
    }

    private static let unsealed = """
        audit_entries e LEFT JOIN audit_seals s ON s.entry_id = e.id WHERE e.id >= ? AND s.entry_id IS NULL
        """
    /// A transaction that began before a seal was made may commit after it; none takes this long.
    private static let latest = Duration.seconds(600)

    /// The lowest id that an entry without a seal may have.
    package static func horizon(_ tx: Transaction, now: Timestamp) throws -> String {
        let sealed = try last(tx).flatMap { Identifier.time(of: $0.entryID) }
        return Identifier.lowest(at: min(sealed ?? Timestamp(milliseconds: 0), now).adding(.zero - latest))
    }

    package static func firstUnsealed(_ tx: Transaction, from id: String) throws -> String? {
        try tx.row("SELECT e.id FROM \(unsealed) ORDER BY e.id LIMIT 1", [id]) { try $0.string("id") }
    }

    /// Seals what has been committed, at most `limit`; says how many there were. Of two that seal at once one fails, for
    /// there is one seal of each number.
    package func seal(_ tx: Transaction, from id: String, limit: Int) throws -> Int {
        var head = try Self.head(tx) ?? Self.start
        let entries = try tx.rows(
            "SELECT \(Entry.columns) FROM \(Self.unsealed) ORDER BY e.id LIMIT ?", [id, limit], Entry.init)
        for entry in entries {
            head = seal(entry, after: head)
            try tx.send(
                "INSERT INTO audit_seals (sequence, entry_id, mac) VALUES (?, ?, ?)",
                [head.sequence, entry.id, head.mac])
        }
        return entries.count
    }
}

extension Identifier {
    /// No id that is made at this time or later is less.
    package static func lowest(at time: Timestamp) -> String {
        let digits = String(max(0, time.milliseconds), radix: 16)
        let padded = String(repeating: "0", count: max(0, 12 - digits.count)) + digits
        return "\(padded.prefix(8))-\(padded.dropFirst(8))"
    }

    /// When it was made; nil for one that was not made here.
    package static func time(of id: String) -> Timestamp? {
        Int64(id.replacing("-", with: "").prefix(12), radix: 16).map(Timestamp.init)
    }
}
