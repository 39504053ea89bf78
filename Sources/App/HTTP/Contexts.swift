package import Hummingbird
import Logging
package import NIOCore
import Storage

/// Hummingbird's own context: made for each request before anything is known of the caller.
package struct AppContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    package let channel: any Channel
    /// The client's, as far as trusted proxies tell it.
    package var remoteAddress: String
    package var requestID: String

    package init(source: Source) {
        coreContext = .init(source: source)
        channel = source.channel
        remoteAddress = source.channel.remoteAddress?.ipAddress ?? "unknown"
        requestID = ""
    }
}

/// Who may call a route.
enum Access: String, Sendable {
    case anyone
    /// A user, by a session or by a key of the user's own.
    case user
    /// A user who has signed in, and no key.
    case session
    /// An application, by a chatbot's secret key.
    case key
    /// A page of a website, by a chatbot's publishable key.
    case visitor
    /// A user or an application.
    case userOrKey
    /// The same without the console's cookie.
    case client
    /// Whoever brings a token or a key, whatever the key may do.
    case bearer
    /// An operator with the route's permission.
    case `operator`
    /// An admin, or one of the staff, in matters of its own.
    case admin, staff
    /// A user, an application or an operator with the route's permission.
    case userKeyOrOperator
}

/// The proof of who is calling: a handler gets one of these and nothing else, so a route whose handler needs a user
/// cannot be reached without one.
protocol Context: Sendable {
    static var access: Access { get }
    /// What an operator needs to call the route; nil where no operator is asked for one.
    static var permission: Permission? { get }
    var call: Call { get }
    /// Who owns what this request leaves behind, such as an idempotency key; nil for a stranger.
    var principal: String? { get }
    /// Whether the caller can be told from all others, so that an `Idempotency-Key` is the caller's own. Strangers of one
    /// address share theirs, which is safe where the body proves who they are.
    var ownsIdempotencyKeys: Bool { get }
    init(_ call: Call) async throws
}

extension Context {
    static var permission: Permission? { nil }
    var ownsIdempotencyKeys: Bool { true }
    /// The path's parameter, such as a chatbot's id. What no id can look like comes as the empty one, which nothing has.
    subscript(_ parameter: String) -> String {
        let id = call.parameter(parameter)
        return Identifier.isPlausible(id) ? id : ""
    }
}

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

/// A user who has signed in: for what no key may do, such as making another key.
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

    var isFresh: Bool { SignIn.isFresh(since: signedInAt) }
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
