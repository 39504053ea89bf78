package import HTTPKit

/// What a reader is told in place of a reply that failed: the chatbot's text for the reason, its text for all, or ours.
package enum FailureMessages {
    package static func text(
        for code: APIError.Code, of chatbot: Chatbot, in language: UserLanguage = .english
    ) -> String {
        chatbot.fallbackMessages?.text(for: code) ?? chatbot.fallbackMessage ?? text(for: code, in: language)
    }

    package static func text(for code: APIError.Code) -> String { text(for: code, in: .english) }

    package static func text(for code: APIError.Code, in language: UserLanguage) -> String {
        switch language {
        case .english: english(code)
        case .bengali: bengali(code)
        }
    }

    private static func english(_ code: APIError.Code) -> String {
        switch code {
        case .providerTimeout: "Sorry, that took too long to answer. Please try again."
        case .providerRateLimited: "Sorry, there are too many questions at the moment. Please try again in a minute."
        case .providerRefused: "Sorry, this request cannot be answered. Please put it differently."
        case .messageTooLong: "Sorry, that message is too long to answer. Please shorten it."
        case .emptyReply: "Sorry, there was no answer this time. Please try again."
        case .replyLimitReached:
            "Sorry, thinking about this took all the room for the answer. Please ask for less at once."
        case .modelLoading: "The model is still getting ready. Please try again in a few seconds."
        default: "Sorry, the answer is not available right now. Please try again later."
        }
    }

    private static func bengali(_ code: APIError.Code) -> String {
        switch code {
        case .providerTimeout: "দুঃখিত, উত্তর দিতে অনেক সময় লেগে যাচ্ছিল। অনুগ্রহ করে আবার চেষ্টা করুন।"
        case .providerRateLimited:
            "দুঃখিত, এই মুহূর্তে অনেক বেশি প্রশ্ন আসছে। অনুগ্রহ করে এক মিনিট পরে আবার চেষ্টা করুন।"
        case .providerRefused: "দুঃখিত, এই অনুরোধের উত্তর দেওয়া সম্ভব নয়। অনুগ্রহ করে অন্যভাবে লিখুন।"
        case .messageTooLong: "দুঃখিত, বার্তাটি উত্তর দেওয়ার পক্ষে অনেক বড়। অনুগ্রহ করে ছোট করুন।"
        case .emptyReply: "দুঃখিত, এবার কোনো উত্তর পাওয়া যায়নি। অনুগ্রহ করে আবার চেষ্টা করুন।"
        case .replyLimitReached:
            "দুঃখিত, ভাবতেই উত্তরের সব জায়গা শেষ হয়ে গেছে। অনুগ্রহ করে একবারে কম কিছু জিজ্ঞাসা করুন।"
        case .modelLoading: "মডেলটি এখনো তৈরি হচ্ছে। অনুগ্রহ করে কয়েক সেকেন্ড পরে আবার চেষ্টা করুন।"
        default: "দুঃখিত, এই মুহূর্তে উত্তর দেওয়া যাচ্ছে না। অনুগ্রহ করে পরে আবার চেষ্টা করুন।"
        }
    }
}

/// A chatbot's own texts, by the `error_code` of the reply that failed, and for replies that no file supports.
package struct FallbackMessages: JSONOutput, Ruled, Equatable {
    package let providerTimeout: String?
    package let providerRateLimited: String?
    package let providerUnavailable: String?
    package let providerRefused: String?
    package let emptyReply: String?
    package let noSource: String?

    package static var rules: [String: Rule] {
        let failures = [
            "provider_timeout", "provider_rate_limited", "provider_unavailable", "provider_refused", "empty_reply",
        ]
        let rules = failures.map { ($0, Rule.text(1...2000)) }
        return Dictionary(uniqueKeysWithValues: rules).merging([
            "no_source": .text(
                1...2000,
                note:
                    "In place of every reply that cites none of the chatbot's files. The model answers alone if it is null."
            )
        ]) { $1 }
    }

    package func text(for code: APIError.Code) -> String? {
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
