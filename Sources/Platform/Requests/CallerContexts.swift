package import HTTPKit
package import Storage

package struct AnonymousCaller: Context {
    package static var access: Access { .anyone }
    package let call: Call
    package var principal: String? { nil }

    package init(_ call: Call) async throws {
        try await call.countAnonymous()
        self.call = call
    }
}

package struct UserCaller: Context {
    package static var access: Access { .user }
    package let call: Call
    package private(set) var caller: Caller
    package var principal: String? { "user:\(caller.userID)" }

    package init(_ call: Call) async throws {
        guard case .user(let caller) = try await call.authenticator.identity(of: call) else {
            throw APIError(.keyNotAllowed)
        }
        try await self.init(call, caller)
    }

    package init(_ call: Call, _ caller: Caller) async throws {
        if case .key(let key) = caller.credential { try await call.admit(key) }
        self.call = call
        self.caller = caller
    }

    /// For a connection that lives on when the caller's plan has changed.
    package func with(_ limits: EffectiveLimits) -> UserCaller {
        var copy = self
        copy.caller.limits = limits
        return copy
    }
}

/// A user with a session: required for what no key may do, such as making another key.
package struct SessionCaller: Context {
    package static var access: Access { .session }
    package let call: Call
    package let caller: Caller
    package let sessionID: String
    private let signedInAt: Timestamp
    package var principal: String? { "user:\(caller.userID)" }

    package init(_ call: Call) async throws {
        guard case .user(let caller) = try await call.authenticator.identity(of: call),
            case .session(let id, _, let signedInAt) = caller.credential
        else { throw APIError(.keyNotAllowed) }
        self.call = call
        self.caller = caller
        sessionID = id
        self.signedInAt = signedInAt
    }

    package var isFresh: Bool { Session.isFresh(since: signedInAt) }
}

/// An application that calls with a chatbot's secret key.
package struct KeyCaller: Context {
    package static var access: Access { .key }
    package let call: Call
    package let holder: KeyHolder
    package var principal: String? { "key:\(holder.key.id)" }
    package var scope: Scope { holder.scope }

    package init(_ call: Call) async throws {
        guard case .key(let holder) = try await call.authenticator.identity(of: call, acceptsCookie: false) else {
            throw APIError(.keyNotAllowed, "This needs a chatbot's API key: send it as 'X-API-Key'.")
        }
        try await self.init(call, holder)
    }

    package init(_ call: Call, _ holder: KeyHolder) async throws {
        guard holder.key.kind == .secret else { throw APIError(.keyNotAllowed) }
        try await call.admit(holder.key)
        self.call = call
        self.holder = holder
    }

    /// A key opens its own chatbot, and tells nothing of any other.
    package func require(chatbotID: String) throws(APIError) {
        guard chatbotID == holder.chatbotID else { throw APIError(.keyNotForChatbot) }
    }
}

/// A user, or an application with a chatbot's key.
package enum UserOrKey: Context {
    case user(UserCaller)
    case key(KeyCaller)

    package static var access: Access { .userOrKey }

    package init(_ call: Call) async throws { try await self.init(call, acceptsCookie: true) }

    package init(_ call: Call, acceptsCookie: Bool) async throws {
        self =
            switch try await call.authenticator.identity(of: call, acceptsCookie: acceptsCookie) {
            case .user(let caller): .user(try await UserCaller(call, caller))
            case .key(let holder): .key(try await KeyCaller(call, holder))
            case .operator: throw APIError(.invalidToken)
            }
    }

    private var context: any Context {
        switch self {
        case .user(let who): who
        case .key(let who): who
        }
    }
    package var call: Call { context.call }
    package var principal: String? { context.principal }
    package var scope: Scope {
        switch self {
        case .user(let who): who.scope
        case .key(let who): who.scope
        }
    }
}

extension SessionCaller {
    /// The scope of database access: the user's own rows.
    package var scope: Scope { .user(caller.userID) }
}

extension UserCaller {
    /// The scope of database access: the user's own rows.
    package var scope: Scope { .user(caller.userID) }
}
