import Foundation
import HTTPKit
package import Platform
package import Storage

/// Recomputes the whole chain, a page at a time, and stops at the first that is not as it was sealed.
package struct AuditVerification: Sendable {
    private static let page = 1000
    /// A sealer that works is never this late.
    private static let latest = Duration.seconds(60)

    package struct Outcome: Sendable {
        /// How many entries are as they were sealed.
        package let sealed: Int64
        package let head: AuditHead?
        /// Entries that should have a seal and have none.
        package let unsealed: Int
    }

    /// What is wrong, in one line.
    package struct Broken: Error, CustomStringConvertible {
        package let description: String
    }

    private let database: Database
    private let chain: AuditChain

    package init(_ configuration: ServerConfiguration, database: Database) throws {
        self.init(try KeyFiles.secrets(configuration), database: database)
    }

    init(_ secrets: Secrets, database: Database) {
        self.database = database
        chain = AuditChain(secrets)
    }

    /// `heads` and those in the file, one a line, were published once: the chain must still go through each of them.
    package func run(heads: [AuditHead], file: String?) async throws -> Outcome {
        let head = try await verifyChain()
        try await verify(heads)
        if let file { try await verify(file: file) }
        return Outcome(
            sealed: head.sequence, head: head == AuditChain.start ? nil : head, unsealed: try await countUnsealed())
    }

    private struct Sealed: Sendable {
        let seal: AuditHead
        let entryID: String
        /// Nil if the entry is missing or cannot be read.
        let entry: AuditChain.Entry?
        let isThere: Bool
    }

    private func verifyChain() async throws -> AuditHead {
        var head = AuditChain.start
        while true {
            let after = head.sequence
            let page = try await database.read(.system) { tx in
                try tx.rows(
                    """
                    SELECT \(AuditChain.Entry.columns), s.sequence, s.entry_id, s.mac FROM audit_seals s
                    LEFT JOIN audit_entries e ON e.id = s.entry_id
                    WHERE s.sequence > ? ORDER BY s.sequence LIMIT ?
                    """,
                    [after, Self.page]
                ) { row in
                    Sealed(
                        seal: AuditHead(sequence: try row.int64("sequence"), mac: (try? row.bytes("mac")) ?? []),
                        entryID: try row.string("entry_id"), entry: try? AuditChain.Entry(row),
                        isThere: (try? row.stringIfPresent("id")) != .some(nil))
                }
            }
            for sealed in page { head = try verify(sealed, after: head) }
            if page.count < Self.page { return head }
        }
    }

    private func verify(_ sealed: Sealed, after head: AuditHead) throws(Broken) -> AuditHead {
        let expected = head.sequence + 1
        guard sealed.seal.sequence == expected else {
            throw Broken(description: "seal \(expected) is missing: the next one is \(sealed.seal.sequence)")
        }
        guard sealed.isThere else {
            throw Broken(description: "the entry of seal \(expected), \(sealed.entryID), is missing")
        }
        guard let entry = sealed.entry, chain.seal(entry, after: head) == sealed.seal else {
            throw Broken(
                description:
                    "seal \(expected) does not fit: entry \(sealed.entryID), the seal or their order was changed, or "
                    + "SECRET_KEY is another")
        }
        return sealed.seal
    }

    private func verify(_ heads: [AuditHead]) async throws {
        guard let lowest = heads.map(\.sequence).min() else { return }
        let (end, found) = try await database.read(.system) { tx in
            (
                try AuditChain.head(tx)?.sequence ?? 0,
                try tx.rows(
                    "SELECT sequence, mac FROM audit_seals WHERE sequence >= ? AND sequence IN (\(heads.placeholders))",
                    [lowest] + heads.map(\.sequence)
                ) { AuditHead(sequence: try $0.int64("sequence"), mac: try $0.bytes("mac")) }
            )
        }
        let known = Dictionary(found.map { ($0.sequence, $0.mac) }) { $1 }
        for head in heads.sorted(by: { $0.sequence < $1.sequence }) {
            guard let mac = known[head.sequence] else {
                throw Broken(description: "the end is cut off: seal \(head.sequence) was published, the last is \(end)")
            }
            guard mac == head.mac else {
                throw Broken(description: "seal \(head.sequence) is not the one that was published")
            }
        }
    }

    private func verify(file: String) async throws {
        guard let handle = FileHandle(forReadingAtPath: file) else {
            throw StartError("\(file) cannot be read.")
        }
        defer { try? handle.close() }
        var heads: [AuditHead] = []
        var number = 0
        for try await line in Lines(handle: handle) {
            number += 1
            guard let first = line.split(separator: " ").first else { continue }
            guard let head = AuditHead(first) else {
                throw StartError("Line \(number) of \(file) is not a published head, such as 12:5f…")
            }
            heads.append(head)
            if heads.count == 500 {
                try await verify(heads)
                heads = []
            }
        }
        try await verify(heads)
    }

    private func countUnsealed() async throws -> Int {
        let bound = Identifier.lowest(at: Timestamp.now.adding(.zero - Self.latest))
        var after = ""
        var count = 0
        while true {
            let page = try await database.read(.system) { [after] tx in
                try tx.rows(
                    """
                    SELECT e.id, s.sequence FROM audit_entries e LEFT JOIN audit_seals s ON s.entry_id = e.id
                    WHERE e.id > ? AND e.id < ? ORDER BY e.id LIMIT ?
                    """,
                    [after, bound, Self.page]
                ) { (id: try $0.string("id"), isSealed: try $0.int64IfPresent("sequence") != nil) }
            }
            count += page.count { !$0.isSealed }
            guard page.count == Self.page, let last = page.last else { return count }
            after = last.id
        }
    }
}

/// The lines of a file of any length.
private struct Lines: AsyncSequence, AsyncIteratorProtocol {
    private static let longest = 4096

    let handle: FileHandle
    private var rest: [UInt8] = []

    init(handle: FileHandle) { self.handle = handle }

    func makeAsyncIterator() -> Lines { self }

    mutating func next() async throws -> String? {
        while true {
            if let end = rest.firstIndex(of: 10) {
                defer { rest.removeSubrange(...end) }
                return String(decoding: rest[..<end], as: UTF8.self)
            }
            guard rest.count < Self.longest, let more = try handle.read(upToCount: Self.longest), !more.isEmpty else {
                defer { rest = [] }
                return rest.isEmpty ? nil : String(decoding: rest, as: UTF8.self)
            }
            rest += more
        }
    }
}
