/// What a reader is told in place of a reply that failed: the chatbot's text for the reason, its text for all, or ours.
enum Fallback {
    static func text(for code: APIError.Code, of chatbot: Chatbot) -> String {
        chatbot.fallbackMessages?.text(for: code) ?? chatbot.fallbackMessage ?? text(for: code)
    }

    static func text(for code: APIError.Code) -> String {
        switch code {
        case .providerTimeout: "Sorry, that took too long to answer. Please try again."
        case .providerRateLimited: "Sorry, there are too many questions at the moment. Please try again in a minute."
        case .providerRefused: "Sorry, this request cannot be answered. Please put it differently."
        case .messageTooLong: "Sorry, that message is too long to answer. Please shorten it."
        case .emptyReply: "Sorry, there was no answer this time. Please try again."
        case .modelLoading: "The model is still getting ready. Please try again in a few seconds."
        default: "Sorry, the answer is not available right now. Please try again later."
        }
    }
}

/// A chatbot's own texts, by the `error_code` of the reply that failed.
struct FallbackMessages: JSONOutput, Ruled, Equatable {
    let providerTimeout: String?
    let providerRateLimited: String?
    let providerUnavailable: String?
    let providerRefused: String?
    let emptyReply: String?

    static var rules: [String: Rule] {
        Dictionary(
            uniqueKeysWithValues: [
                "provider_timeout", "provider_rate_limited", "provider_unavailable", "provider_refused", "empty_reply",
            ].map { ($0, .text(1...2000)) })
    }

    func text(for code: APIError.Code) -> String? {
        switch code {
        case .providerTimeout: providerTimeout
        case .providerRateLimited: providerRateLimited
        case .providerUnavailable: providerUnavailable
        case .providerRefused: providerRefused
        case .emptyReply: emptyReply
        default: nil
        }
    }
}
