import Storage

/// Who begins a turn, and whose conversation it is.
enum Speaker: Sendable {
    /// A user, in a conversation of the user's own.
    case user(SignedIn)
    /// An application by a chatbot's key: for one of the chatbot's end users, or for nobody that it names.
    case application(ByKey, endUserID: String?)

    var call: Call {
        switch self {
        case .user(let who): who.call
        case .application(let who, _): who.call
        }
    }

    var scope: Scope {
        switch self {
        case .user(let who): who.scope
        case .application(let who, _): who.scope
        }
    }

    var key: APIKey? {
        switch self {
        case .user(let who): if case .key(let key) = who.caller.credential { key } else { nil }
        case .application(let who, _): who.holder.key
        }
    }

    /// Whose a conversation becomes that this speaker begins.
    var owner: Conversation.Owner {
        switch self {
        case .user(let who): .user(who.caller.userID)
        case .application(_, let endUserID): .application(endUserID: endUserID)
        }
    }
}
