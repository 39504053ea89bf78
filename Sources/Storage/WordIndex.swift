/// An index by which rows are found by their words. Words consist of lower-case letters a–z, digits and whatever is not
/// ASCII, so both engines read them alike: SQLite has an FTS5 table beside the table, PostgreSQL a `tsvector` in it.
extension Dialect {
    /// The type of a whole number by which the index knows a row: the table's primary key.
    package var rowNumberType: String { self == .sqlite ? "INTEGER" : "BIGINT" }
    package var wordsType: String { self == .sqlite ? "TEXT" : "TSVECTOR" }
    /// Stands for a value of that type in a statement, given as words with spaces between them.
    package var wordsValue: String { self == .sqlite ? "?" : "CAST(? AS TSVECTOR)" }

    /// Statements for a table whose rows are never changed, only added and removed.
    package func wordIndex(on table: String, _ column: String, key: String) -> [String] {
        guard self == .sqlite else {
            return ["CREATE INDEX \(table)_by_word ON \(table) USING GIN (\(column))"]
        }
        let index = "\(table)_index"
        return [
            """
            CREATE VIRTUAL TABLE \(index) USING fts5(
                \(column), content = '\(table)', content_rowid = '\(key)', tokenize = 'ascii', detail = 'none',
                columnsize = 0)
            """
        ]
            + trigger(
                "\(table)_indexed", after: "INSERT", on: table,
                ["INSERT INTO \(index) (rowid, \(column)) VALUES (NEW.\(key), NEW.\(column))"])
            + trigger(
                "\(table)_unindexed", after: "DELETE", on: table,
                ["INSERT INTO \(index) (\(index), rowid, \(column)) VALUES ('delete', OLD.\(key), OLD.\(column))"])
    }

    /// Run before the table itself is dropped.
    package func dropWordIndex(on table: String) -> [String] {
        self == .sqlite ? ["DROP TABLE \(table)_index"] : []
    }

    /// SQL for the keys of rows with a word. Takes the word and the most rows to find.
    package func keys(of table: String, withWordIn column: String, key: String) -> String {
        self == .sqlite
            ? "SELECT rowid AS \(key) FROM \(table)_index WHERE \(table)_index MATCH ? LIMIT ?"
            : "SELECT \(key) FROM \(table) WHERE \(column) @@ CAST(? AS TSQUERY) LIMIT ?"
    }

    /// Asks for the rows that have, for each of the beginnings, a word that begins with it.
    package func condition(beginnings: [String]) -> String {
        self == .sqlite
            ? beginnings.map { "\"\($0)\"*" }.joined(separator: " ")
            : beginnings.map { "'\($0)':*" }.joined(separator: " & ")
    }

    /// SQL for the keys of rows that fulfil a condition, largest first. Takes the condition, a key above all of them, the
    /// least key, and the most rows to find. PostgreSQL gets its rows from the index and sorts them: it must not go through
    /// all rows by their keys instead.
    package func largestKeys(of table: String, withWordsIn column: String, key: String) -> String {
        self == .sqlite
            ? """
            SELECT rowid AS \(key) FROM \(table)_index WHERE \(table)_index MATCH ? AND rowid < ? AND rowid >= ?
            ORDER BY rowid DESC LIMIT ?
            """
            : """
            SELECT \(key) FROM (SELECT \(key) FROM \(table) WHERE \(column) @@ CAST(? AS TSQUERY) AND \(key) < ?
                AND \(key) >= ? OFFSET 0) AS found ORDER BY \(key) DESC LIMIT ?
            """
    }
}
