package import HTTPKit
package import LLM
package import Storage

// Conformances that connect HTTPKit with Storage and LLM, which do not know each other.

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

extension ProviderError: APIErrorConvertible {
    package var apiError: APIError {
        let code: APIError.Code =
            switch kind {
            case .timeout: .providerTimeout
            case .rateLimited: .providerRateLimited
            case .refused: .providerRefused
            case .emptyReply: .emptyReply
            case .contextTooLong: .messageTooLong
            case .loading: .modelLoading
            case .unavailable, .misconfigured: .providerUnavailable
            }
        return APIError(code, retryAfter: retryAfter.map { max(1, Int($0.components.seconds)) }, cause: self)
    }
}

extension List {
    init(_ page: RowPage<Item>, cursor: (Item) -> Cursor) {
        self.init(page, cursor: cursor, shown: { $0 })
    }

    init<Row>(_ page: RowPage<Row>, cursor: (Row) -> Cursor, shown: (Row) throws -> Item) rethrows {
        self.init(
            data: try page.items.map(shown), next: page.hasMore ? page.items.last.map { cursor($0).text } : nil)
    }
}
