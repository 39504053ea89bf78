package import HTTPKit
package import Storage

// Conformances that connect HTTPKit with Storage, which do not know each other.

extension Timestamp: SQLBindable {
    package var sqlValue: SQLValue { .integer(milliseconds) }
}

extension StorageError: APIErrorConvertible {
    package var apiError: APIError {
        switch kind {
        case .unique: APIError(.conflict, cause: self)
        case .busy: APIError(.databaseBusy, retryAfter: 1, cause: self)
        case .full: APIError(.databaseFull, retryAfter: 30, cause: self)
        case .io, .unavailable: APIError(.databaseUnavailable, retryAfter: 5, cause: self)
        default: APIError(.internalError, cause: self)
        }
    }
}

extension List {
    package init(_ page: RowPage<Item>, cursor: (Item) -> Cursor) {
        self.init(page, cursor: cursor, shown: { $0 })
    }

    package init<Row>(_ page: RowPage<Row>, cursor: (Row) -> Cursor, shown: (Row) throws -> Item) rethrows {
        self.init(
            data: try page.items.map(shown), next: page.hasMore ? page.items.last.map { cursor($0).text } : nil)
    }
}
