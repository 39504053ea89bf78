/// Values by column, each beside its name.
package typealias ColumnValues = KeyValuePairs<String, any SQLBindable>

/// Statements that write whole records, so that a column and its value are stated together. The texts are made for each
/// call; a statement that runs for every message has its own text.
extension Transaction {
    package func insert(into table: String, _ values: ColumnValues) throws {
        let names = values.map(\.key).joined(separator: ", ")
        try run("INSERT INTO \(table) (\(names)) VALUES (\(values.placeholders))", values.map(\.value))
    }

    /// - Parameter condition: a condition in SQL, and its arguments.
    /// - Returns: the number of rows changed.
    @discardableResult
    package func update(
        _ table: String, _ values: ColumnValues, where condition: String, _ args: [any SQLBindable]
    ) throws -> Int {
        let changes = values.map { "\($0.key) = ?" }.joined(separator: ", ")
        return try run("UPDATE \(table) SET \(changes) WHERE \(condition)", values.map(\.value) + args)
    }
}

extension Collection {
    /// A `?` for each element, as in `IN (?, ?)`.
    package var placeholders: String { repeatElement("?", count: count).joined(separator: ", ") }
}
