/// Why a model did not answer, in the terms that a caller can act on.
package struct ProviderError: Error, Sendable, Equatable {
    package enum Kind: String, Sendable {
        case timeout, rateLimited, unavailable, refused, emptyReply, contextTooLong, loading, misconfigured
        /// The vendor has no model of this name.
        case notFound
        /// The answer is not what was asked for.
        case invalidReply
    }

    /// What failed, which says whose other calls are likely to fail too.
    package enum Origin: Sendable {
        /// The call itself: another call may succeed.
        case call
        /// No connection was made: the name, the connection or TLS failed, whatever was asked.
        case connection
        /// The provider refuses the key (401), whatever was asked.
        case credentials
        /// The provider refuses the call (403). Some providers do so for one model or one prompt only.
        case permission
    }

    package var kind: Kind
    /// Whether the same call may succeed later, or elsewhere.
    package var retryable: Bool
    package var retryAfter: Duration?
    package var origin: Origin
    /// The field of the request that the vendor finds wrong, in the vendor's spelling.
    package var param: String?
    /// The vendor's own name for the error.
    package var vendorCode: String?
    /// For the log alone: never a key, a prompt or a reply.
    package var detail: String

    package init(
        _ kind: Kind, retryable: Bool? = nil, retryAfter: Duration? = nil, origin: Origin = .call, detail: String
    ) {
        self.kind = kind
        self.retryable = retryable ?? kind.usuallyRetryable
        self.retryAfter = retryAfter
        self.origin = origin
        self.detail = detail
    }
}

extension ProviderError.Kind {
    fileprivate var usuallyRetryable: Bool {
        switch self {
        case .timeout, .rateLimited, .unavailable, .emptyReply, .loading: true
        case .refused, .contextTooLong, .misconfigured, .notFound, .invalidReply: false
        }
    }
}
