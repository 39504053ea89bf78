package import HTTPKit
package import Storage

/// A user who is calling, once checked.
package struct Caller: Sendable, Equatable {
    package let userID: String
    /// The personal workspace, used if the call names no other.
    package let personalWorkspaceID: String
    package var limits: EffectiveLimits
    package let credential: Credential

    package enum Credential: Sendable, Equatable {
        case session(id: String, kind: Session.Kind, signedInAt: Timestamp)
        /// A key of the user's own.
        case key(APIKey)
    }

    package var sessionID: String? {
        if case .session(let id, _, _) = credential { id } else { nil }
    }
}

/// An application that calls with a chatbot's key, once checked.
package struct KeyHolder: Sendable, Equatable {
    package let key: APIKey
    package let workspaceID: String
    package let chatbotID: String
    /// The owner of the workspace, who pays. A request that names no end user is made on the owner's behalf.
    package let ownerID: String
    /// The limits of the owner.
    package let limits: EffectiveLimits
    /// The user who made the key; nil if that user is gone.
    package let creatorID: String?

    package var scope: Scope { .workspace(workspaceID) }
}

extension Caller {
    package var subscriber: Subscriber { Subscriber(userID: userID, limits: limits) }
}

extension KeyHolder {
    package var subscriber: Subscriber { Subscriber(userID: ownerID, limits: limits) }
}
