import HTTPKit
import Storage

struct Anonymous: Context {
    static var access: Access { .anyone }
    let call: Call
    var principal: String? { nil }

    init(_ call: Call) async throws {
        try await call.countAnonymous()
        self.call = call
    }
}

struct SignedIn: Context {
    static var access: Access { .user }
    let call: Call
    private(set) var caller: Caller
    var principal: String? { "user:\(caller.userID)" }

    init(_ call: Call) async throws {
        guard case .user(let caller) = try await call.authenticator.identity(of: call) else {
            throw APIError(.keyNotAllowed)
        }
        try await self.init(call, caller)
    }

    init(_ call: Call, _ caller: Caller) async throws {
        if case .key(let key) = caller.credential { try await call.admit(key) }
        self.call = call
        self.caller = caller
    }

    /// For a connection that lives on when the caller's plan has changed.
    func with(_ limits: EffectiveLimits) -> SignedIn {
        var copy = self
        copy.caller.limits = limits
        return copy
    }
}

/// A user with a session: required for what no key may do, such as making another key.
struct InPerson: Context {
    static var access: Access { .session }
    let call: Call
    let caller: Caller
    let sessionID: String
    private let signedInAt: Timestamp
    var principal: String? { "user:\(caller.userID)" }

    init(_ call: Call) async throws {
        guard case .user(let caller) = try await call.authenticator.identity(of: call),
            case .session(let id, _, let signedInAt) = caller.credential
        else { throw APIError(.keyNotAllowed) }
        self.call = call
        self.caller = caller
        sessionID = id
        self.signedInAt = signedInAt
    }

    var isFresh: Bool { Session.isFresh(since: signedInAt) }
}

/// An application that calls with a chatbot's secret key.
struct ByKey: Context {
    static var access: Access { .key }
    let call: Call
    let holder: KeyHolder
    var principal: String? { "key:\(holder.key.id)" }
    var scope: Scope { holder.scope }

    init(_ call: Call) async throws {
        guard case .key(let holder) = try await call.authenticator.identity(of: call, acceptsCookie: false) else {
            throw APIError(.keyNotAllowed, "This needs a chatbot's API key: send it as 'X-API-Key'.")
        }
        try await self.init(call, holder)
    }

    init(_ call: Call, _ holder: KeyHolder) async throws {
        guard holder.key.kind == .secret else { throw APIError(.keyNotAllowed) }
        try await call.admit(holder.key)
        self.call = call
        self.holder = holder
    }

    /// A key opens its own chatbot, and tells nothing of any other.
    func require(chatbotID: String) throws(APIError) {
        guard chatbotID == holder.chatbotID else { throw APIError(.keyNotForChatbot) }
    }
}

/// A user, or an application with a chatbot's key.
enum UserOrKey: Context {
    case user(SignedIn)
    case key(ByKey)

    static var access: Access { .userOrKey }

    init(_ call: Call) async throws { try await self.init(call, acceptsCookie: true) }

    init(_ call: Call, acceptsCookie: Bool) async throws {
        self =
            switch try await call.authenticator.identity(of: call, acceptsCookie: acceptsCookie) {
            case .user(let caller): .user(try await SignedIn(call, caller))
            case .key(let holder): .key(try await ByKey(call, holder))
            case .operator: throw APIError(.invalidToken)
            }
    }

    private var context: any Context {
        switch self {
        case .user(let who): who
        case .key(let who): who
        }
    }
    var call: Call { context.call }
    var principal: String? { context.principal }
    var scope: Scope {
        switch self {
        case .user(let who): who.scope
        case .key(let who): who.scope
        }
    }
}
