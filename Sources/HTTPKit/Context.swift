package import Hummingbird
package import NIOCore

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
package enum Access: String, Sendable {
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
    /// Any caller with a token or a key, regardless of the key's scope.
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
package protocol Context: Sendable {
    static var access: Access { get }
    /// What an operator needs to call the route; nil if the route asks operators for no permission.
    static var permission: Permission? { get }
    var call: Call { get }
    /// Who owns what this request leaves behind, such as an idempotency key; nil for a stranger.
    var principal: String? { get }
    /// Whether the caller can be told from all others, so that an `Idempotency-Key` is the caller's own. Strangers of one
    /// address share theirs, which is safe if the body proves who they are.
    var ownsIdempotencyKeys: Bool { get }
    init(_ call: Call) async throws
}

extension Context {
    package static var permission: Permission? { nil }
    package var ownsIdempotencyKeys: Bool { true }
    /// The path's parameter, such as a chatbot's id. Returns "" if it is not a valid id.
    package subscript(_ parameter: String) -> String {
        let id = call.parameter(parameter)
        return Identifier.isPlausible(id) ? id : ""
    }
}
