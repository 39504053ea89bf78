package import HTTPKit
package import Storage

extension IPRule {
    private static let columns = "id, cidr, action, note, created_by, created_at"

    private init(_ row: Row) throws {
        self.init(
            id: try row.string("id"), cidr: try row.string("cidr"),
            action: Action(rawValue: try row.string("action")) ?? .deny, note: try row.stringIfPresent("note"),
            createdBy: try row.string("created_by"), createdAt: Timestamp(milliseconds: try row.int64("created_at")))
    }

    package static func all(_ tx: Transaction) throws -> [IPRule] {
        try tx.rows("SELECT \(columns) FROM ip_rules ORDER BY id", [], IPRule.init)
    }

    package static func list(_ tx: Transaction, after: Cursor, limit: Int) throws -> [IPRule] {
        try tx.rows(
            "SELECT \(columns) FROM ip_rules WHERE id < ? ORDER BY id DESC LIMIT ?", [after.id, limit + 1], IPRule.init)
    }

    package static func create(_ tx: Transaction, _ input: Create, by operatorID: String, now: Timestamp) throws
        -> IPRule
    {
        let rule = IPRule(
            id: Identifier.make(), cidr: AddressRange(input.cidr)!.text, action: input.action, note: input.note,
            createdBy: operatorID, createdAt: now)
        try tx.run(
            "INSERT INTO ip_rules (\(columns)) VALUES (?, ?, ?, ?, ?, ?)",
            [rule.id, rule.cidr, rule.action.rawValue, rule.note, operatorID, now])
        return rule
    }

    package static func delete(_ tx: Transaction, id: String) throws -> IPRule {
        let rule = try tx.row("DELETE FROM ip_rules WHERE id = ? RETURNING \(columns)", [id], IPRule.init)
        guard let rule else { throw APIError(.notFound) }
        return rule
    }
}
