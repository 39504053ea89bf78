import HTTPKit
import Storage

/// A user who is calling, once checked.
struct Caller: Sendable, Equatable {
    let userID: String
    /// The personal workspace, used if the call names no other.
    let personalWorkspaceID: String
    var limits: EffectiveLimits
    let credential: Credential

    enum Credential: Sendable, Equatable {
        case session(id: String, kind: Session.Kind, signedInAt: Timestamp)
        /// A key of the user's own.
        case key(APIKey)
    }

    var sessionID: String? {
        if case .session(let id, _, _) = credential { id } else { nil }
    }
}

/// An application that calls with a chatbot's key, once checked.
struct KeyHolder: Sendable, Equatable {
    let key: APIKey
    let workspaceID: String
    let chatbotID: String
    /// The owner of the workspace, who pays, and for whom a key speaks that names no end user.
    let ownerID: String
    /// The owner's.
    let limits: EffectiveLimits
    /// The user who made the key; nil if that user is gone.
    let creatorID: String?

    var scope: Scope { .workspace(workspaceID) }
}

extension Caller {
    var subscriber: Subscriber { Subscriber(userID: userID, limits: limits) }
}

extension KeyHolder {
    var subscriber: Subscriber { Subscriber(userID: ownerID, limits: limits) }
}
