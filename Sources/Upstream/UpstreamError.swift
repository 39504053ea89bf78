import NIOCore

/// Why a request got no complete answer.
package struct UpstreamError: Error, Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// The request cannot be sent: its URL, one of its headers or the address of its host is not allowed.
        case notAllowed
        /// A deadline passed; `detail` names it.
        case timeout
        /// The server could not be reached, closed the connection, or sent something that is not HTTP.
        case unavailable
        /// The answer is compressed or larger than allowed, as it would be again.
        case unreadable
    }

    package var kind: Kind
    /// Whether the name, the connection or TLS failed, before anything was sent.
    package var isConnecting: Bool
    /// For logs. It holds no header and no body.
    package var detail: String

    package init(_ kind: Kind, isConnecting: Bool = false, detail: String) {
        self.kind = kind
        self.isConnecting = isConnecting
        self.detail = detail
    }

    /// Whether the same request may succeed later.
    package var isRetryable: Bool {
        switch kind {
        case .timeout, .unavailable: true
        case .notAllowed, .unreadable: false
        }
    }
}

extension UpstreamError {
    /// Converts what a channel or a resolver has thrown.
    init(_ error: any Error) {
        switch error {
        case let error as UpstreamError: self = error
        case UpstreamConnection.Failure.connectTimeout, ChannelError.connectTimeout:
            self.init(.timeout, detail: "connect")
        case UpstreamConnection.Failure.encoded:
            self.init(.unreadable, detail: "the answer is compressed, which was not asked for")
        case UpstreamConnection.Failure.closed:
            self.init(.unavailable, detail: "the connection was closed")
        default:
            self.init(.unavailable, detail: String(String(describing: error).prefix(200)))
        }
    }
}
