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
    /// What is left of the limit that this call counts against.
    var allowance: Allowance? { get }
    init(_ call: Call) async throws
}

extension Context {
    static var permission: Permission? { nil }
    var allowance: Allowance? { nil }

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
    init(_ call: Call) { self.call = call }
}

struct SignedIn: Context {
    static var access: Access { .user }
    let call: Call
    let caller: Caller
    let allowance: Allowance?
    var principal: String? { "user:\(caller.userID)" }

    init(_ call: Call) async throws {
        guard case .user(let caller) = try await call.authenticator.identity(of: call) else {
            throw APIError(.keyNotAllowed)
        }
        try self.init(call, caller)
    }

    init(_ call: Call, _ caller: Caller) throws {
        self.call = call
        self.caller = caller
        allowance = if case .key(let key) = caller.credential { try call.admit(key) } else { nil }
    }
}

/// A user who has signed in: for what no key may do, such as making another key.
struct InPerson: Context {
    static var access: Access { .session }
    /// For so long after the sign-in, the most delicate things need no password.
    private static let freshness = Duration.seconds(3600)

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

    var isFresh: Bool { signedInAt.adding(Self.freshness) > .now }
    var signedIn: SignedIn { get throws { try SignedIn(call, caller) } }
}

/// An application that calls with a chatbot's secret key.
struct ByKey: Context {
    static var access: Access { .key }
    let call: Call
    let holder: KeyHolder
    let allowance: Allowance?
    var principal: String? { "key:\(holder.key.id)" }
    var scope: Scope { holder.scope }

    init(_ call: Call) async throws {
        guard case .key(let holder) = try await call.authenticator.identity(of: call, acceptsCookie: false) else {
            throw APIError(.keyNotAllowed, "This needs a chatbot's API key: send it as 'X-API-Key'.")
        }
        try self.init(call, holder)
    }

    init(_ call: Call, _ holder: KeyHolder) throws {
        guard holder.key.kind == .secret else { throw APIError(.keyNotAllowed) }
        self.call = call
        self.holder = holder
        allowance = try call.admit(holder.key)
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
            case .user(let caller): .user(try SignedIn(call, caller))
            case .key(let holder): .key(try ByKey(call, holder))
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
    var allowance: Allowance? { context.allowance }
    var scope: Scope {
        switch self {
        case .user(let who): who.scope
        case .key(let who): who.scope
        }
    }
}

extension Call {
    /// Whether a key may call this route now; counts the call against the key's own limit.
    func admit(_ key: APIKey) throws(APIError) -> Allowance? {
        guard !scopes.isDisjoint(with: key.scopes) else {
            throw APIError(
                .keyNotAllowed,
                "This API key lacks the scope '\(scopes.map(\.rawValue).sorted().joined(separator: "' or '"))'.")
        }
        if let origin = header(.origin), !key.origins.isEmpty, !key.origins.contains(origin) {
            throw APIError(.originRefused, "This API key may not be used from this website.")
        }
        guard let limit = key.rateLimit.flatMap(RateLimit.init) else { return nil }
        return try take("key \(key.id)", limit)
    }

    @discardableResult
    func take(
        _ name: String, _ limit: RateLimit, from limiter: RateLimiter? = nil
    ) throws(APIError) -> Allowance {
        let allowance = (limiter ?? authenticator.limiter).take(name, limit)
        guard allowance.isAllowed else {
            var error = APIError(.rateLimited, retryAfter: allowance.retrySeconds)
            error.allowance = allowance
            throw error
        }
        return allowance
    }
}
