/// Why a model did not answer, in the terms that a caller can act on.
package struct ProviderError: Error, Sendable, Equatable {
    package enum Kind: String, Sendable {
        case timeout, rateLimited, unavailable, refused, emptyReply, contextTooLong, loading, misconfigured
    }

    package var kind: Kind
    /// Whether the same call may succeed later, or elsewhere.
    package var retryable: Bool
    package var retryAfter: Duration?
    /// For the log alone: never a key, a prompt or a reply.
    package var detail: String

    package init(_ kind: Kind, retryable: Bool? = nil, retryAfter: Duration? = nil, detail: String) {
        self.kind = kind
        self.retryable = retryable ?? kind.usuallyRetryable
        self.retryAfter = retryAfter
        self.detail = detail
    }
}

extension ProviderError.Kind {
    fileprivate var usuallyRetryable: Bool {
        switch self {
        case .timeout, .rateLimited, .unavailable, .emptyReply, .loading: true
        case .refused, .contextTooLong, .misconfigured: false
        }
    }
}
