import Fairness
package import HTTPKit
package import Storage

/// Who begins a turn, and whose conversation it is.
package enum TurnRequester: Sendable {
    /// A user, in a conversation of the user's own.
    case user(UserCaller)
    /// An application with a chatbot's key, on behalf of one of the chatbot's end users or without naming one.
    case application(KeyCaller, endUserID: String?)
    /// A visitor of a website, with the website's publishable key.
    case visitor(Visitor, endUserID: String)

    package var call: Call {
        switch self {
        case .user(let who): who.call
        case .application(let who, _): who.call
        case .visitor(let who, _): who.call
        }
    }

    package var scope: Scope {
        switch self {
        case .user(let who): who.scope
        case .application(let who, _): who.scope
        case .visitor(let who, _): who.scope
        }
    }

    package var key: APIKey? {
        switch self {
        case .user(let who): if case .key(let key) = who.caller.credential { key } else { nil }
        case .application(let who, _): who.holder.key
        case .visitor(let who, _): who.holder.key
        }
    }

    /// The chatbot's key of an application; nil for visitors and for users, including users with a key of their own.
    package var applicationKey: APIKey? {
        if case .application(let who, _) = self { who.holder.key } else { nil }
    }

    /// The end user on whose behalf the request is made; nil if it names none.
    package var endUserID: String? {
        switch self {
        case .user: nil
        case .application(_, let id): id
        case .visitor(_, let id): id
        }
    }
}

extension TurnRequester {
    package var subscriber: Subscriber {
        switch self {
        case .user(let who): who.caller.subscriber
        case .application(let who, _): who.holder.subscriber
        case .visitor(let who, _): who.holder.subscriber
        }
    }

    package var isVisitor: Bool { if case .visitor = self { true } else { false } }

    /// Tells the caller what is left of the day, but no visitor what is left of the website's.
    package func setDailyUsage(_ used: DailyUsage) {
        if isVisitor { return }
        call.daily.set(DailyAllowance(used, subscriber.limits, now: .now))
    }
}
