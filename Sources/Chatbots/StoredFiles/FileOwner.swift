import Accounts
package import Platform
package import Storage

/// Who stores files: a user, a key, or a visitor.
package struct FileOwner: Sendable {
    let principal: String
    /// Nil for an application or a visitor.
    let userID: String?
    package let scope: Scope

    private init(principal: String, userID: String?, scope: Scope) {
        self.principal = principal
        self.userID = userID
        self.scope = scope
    }

    package init(_ who: UserOrKey) {
        switch who {
        case .user(let who):
            self.init(principal: "user:\(who.caller.userID)", userID: who.caller.userID, scope: who.scope)
        case .key(let who): self.init(principal: "key:\(who.holder.key.id)", userID: nil, scope: who.scope)
        }
    }

    /// A user, in the user's own scope.
    package init(userID: String) {
        self.init(principal: "user:\(userID)", userID: userID, scope: .user(userID))
    }

    /// - Parameter endUserID: the end user that the visitor is.
    package init(_ visitor: Visitor, endUserID: String) {
        self.init(principal: "visitor:\(endUserID)", userID: nil, scope: visitor.scope)
    }
}

extension UserOrKey {
    /// The workspace of a call that names no chatbot: the one that `X-Workspace-Id` names, or the key's.
    package func tenant(_ tx: Transaction, _ action: Role.Action) throws -> Tenant {
        switch self {
        case .user(let who): try who.tenant(tx, action)
        case .key(let who): Tenant(who.holder)
        }
    }
}
