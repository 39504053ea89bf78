package import HTTPKit
package import LLM
package import Storage

// Conformances that connect HTTPKit with Storage and LLM, which do not know each other.

extension Timestamp: SQLBindable {
    package var sqlValue: SQLValue { .integer(milliseconds) }
}

extension StorageError: APIErrorConvertible {
    package var apiError: APIError { APIError(storage: self) }
}

extension ProviderError: APIErrorConvertible {
    package var apiError: APIError { APIError(provider: self) }
}

extension APIError {
    init(storage error: StorageError) {
        switch error.kind {
        case .unique: self.init(.conflict, cause: error)
        case .busy: self.init(.databaseBusy, retryAfter: 1, cause: error)
        case .full: self.init(.databaseFull, retryAfter: 30, cause: error)
        case .io, .unavailable: self.init(.databaseUnavailable, retryAfter: 5, cause: error)
        default: self.init(.internalError, cause: error)
        }
    }

    init(provider error: ProviderError) {
        let code: Code =
            switch error.kind {
            case .timeout: .providerTimeout
            case .rateLimited: .providerRateLimited
            case .refused: .providerRefused
            case .emptyReply: .emptyReply
            case .contextTooLong: .messageTooLong
            case .loading: .modelLoading
            case .unavailable, .misconfigured: .providerUnavailable
            }
        self.init(
            code, retryAfter: error.retryAfter.map { max(1, Int($0.components.seconds)) }, cause: error)
    }
}

extension List {
    init(_ page: RowPage<Item>, cursor: (Item) -> Cursor) {
        self.init(data: page.items, next: page.hasMore ? page.items.last.map { cursor($0).text } : nil)
    }

    init<Row>(_ page: RowPage<Row>, cursor: (Row) -> Cursor, shown: (Row) throws -> Item) rethrows {
        self.init(
            data: try page.items.map(shown), next: page.hasMore ? page.items.last.map { cursor($0).text } : nil)
    }
}
