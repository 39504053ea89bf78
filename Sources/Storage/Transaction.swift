/// Who a transaction acts for. SQLite has no use for it; an engine with row-level security hands it to the server.
package enum Scope: Sendable, Equatable {
    case system
    case user(String)
    case workspace(String)
}

/// What an engine's connection does for the transaction it is in.
protocol Connection: AnyObject {
    /// Steps through the rows until `body` returns false; a statement that writes is completed all the same.
    func forEachRow(_ sql: String, _ args: [any SQLBindable], _ body: (Row) throws -> Bool) throws
    /// The number of rows changed.
    func run(_ sql: String, _ args: [any SQLBindable]) throws -> Int
    /// Need not wait for the answer.
    func send(_ sql: String, _ args: [any SQLBindable]) throws
    func script(_ sql: String) throws
}

/// Statements that are committed together. One that fails dooms the transaction, even where the error is caught:
/// PostgreSQL works so, and what runs on one engine has to run on the other.
package struct Transaction {
    let connection: any Connection

    /// The first row, or nil.
    package func row<T>(_ sql: String, _ args: [any SQLBindable] = [], _ map: (Row) throws -> T) throws -> T? {
        var result: T?
        try connection.forEachRow(sql, args) { row in
            result = try map(row)
            return false
        }
        return result
    }

    package func rows<T>(_ sql: String, _ args: [any SQLBindable] = [], _ map: (Row) throws -> T) throws -> [T] {
        var result: [T] = []
        try connection.forEachRow(sql, args) { row in
            result.append(try map(row))
            return true
        }
        return result
    }

    /// The number of rows changed, cascades not counted.
    @discardableResult
    package func run(_ sql: String, _ args: [any SQLBindable] = []) throws -> Int {
        try connection.run(sql, args)
    }

    /// A `run` that nobody waits for: PostgreSQL gets it together with the next statement or the COMMIT, and what is wrong
    /// with it is thrown there, or by `write`.
    package func send(_ sql: String, _ args: [any SQLBindable] = []) throws {
        try connection.send(sql, args)
    }

    /// Several statements without arguments, for migrations.
    package func script(_ sql: String) throws {
        try connection.script(sql)
    }
}
