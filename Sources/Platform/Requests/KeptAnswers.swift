package import Storage

/// The totals of what is kept for repetitions, which the database itself keeps.
package enum KeptAnswers {
    package static let table = "idempotency_keys"
    /// Counted for a row beside its texts.
    private static let rowBytes = 200

    /// What a row counts for.
    package static func bytes(of row: String, _ dialect: Dialect) -> String {
        let texts = ["principal", "key", "answer"].map { dialect.bytes(of: "\(row).\($0)") }
        return "\(texts.joined(separator: " + ")) + \(rowBytes)"
    }
}
