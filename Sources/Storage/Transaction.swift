/// Who a transaction acts for. SQLite has no use for it; an engine with row-level security hands it to the server.
package enum Scope: Sendable, Hashable {
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
    /// How many rows of a page are fetched at a time, if the engine fetches all rows of a statement at once. Nil if rows
    /// are read one by one.
    var rowsAtOnce: Int? { get }
}

extension Connection {
    var rowsAtOnce: Int? { nil }
}

/// Statements that are committed together. If one fails, the transaction fails, even if the error is caught: this is
/// how PostgreSQL behaves, and both engines must behave alike.
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

    /// The rows of a page: at most `limit`, and beyond the first row no more than fit into `bytes`. Reads one row more, to
    /// tell whether there is another page. The statement is given without LIMIT, and sees one state of the database only
    /// in a `read`.
    package func page<T>(
        _ sql: String, _ args: [any SQLBindable] = [], limit: Int, bytes: Int = RowPage<T>.bytes,
        _ map: (Row) throws -> T
    ) throws -> RowPage<T> {
        var page = RowPage<T>([])
        var left = bytes
        var seen = 0
        while seen <= limit, !page.hasMore {
            var count = limit + 1 - seen
            // The last step may be twice as long, so that a usual page takes one statement.
            if let step = connection.rowsAtOnce, count > 2 * step { count = step }
            let end = seen + count
            try connection.forEachRow("\(sql) LIMIT ? OFFSET ?", args + [count, seen]) { row in
                seen += 1
                left -= row.byteCount
                guard page.items.count < limit, page.items.isEmpty || left >= 0 else {
                    page.hasMore = true
                    return false
                }
                page.items.append(try map(row))
                return true
            }
            if seen < end { break }
        }
        return page
    }

    /// The number of rows changed, cascades not counted.
    @discardableResult
    package func run(_ sql: String, _ args: [any SQLBindable] = []) throws -> Int {
        try connection.run(sql, args)
    }

    /// Runs a statement without waiting for its result. PostgreSQL gets it together with the next statement or the
    /// COMMIT; an error in it is thrown there, or by `write`.
    package func send(_ sql: String, _ args: [any SQLBindable] = []) throws {
        try connection.send(sql, args)
    }

    /// Several statements without arguments, for migrations.
    package func script(_ sql: String) throws {
        try connection.script(sql)
    }
}

/// Some rows of a longer list.
package struct RowPage<Item> {
    /// What one page holds at most, in bytes of the database's rows, unless its first row is longer.
    package static var bytes: Int { 1 << 20 }

    package var items: [Item]
    package var hasMore = false

    package init(_ items: [Item]) { self.items = items }

    package func map<Other>(_ transform: (Item) throws -> Other) rethrows -> RowPage<Other> {
        var page = RowPage<Other>(try items.map(transform))
        page.hasMore = hasMore
        return page
    }
}

extension RowPage: Sendable where Item: Sendable {}
