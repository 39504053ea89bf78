package import HTTPKit
package import LLM

extension ProviderError: APIErrorConvertible {
    package var apiError: APIError {
        let code: APIError.Code =
            switch kind {
            case .timeout: .providerTimeout
            case .rateLimited: .providerRateLimited
            case .refused: .providerRefused
            case .emptyReply: .emptyReply
            case .invalidReply: .invalidReply
            case .contextTooLong: .messageTooLong
            case .loading: .modelLoading
            case .unavailable, .misconfigured, .notFound: .providerUnavailable
            }
        return APIError(code, retryAfter: retryAfter.map { max(1, Int($0.components.seconds)) }, cause: self)
    }
}
