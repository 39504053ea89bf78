package import Hummingbird
import Logging

/// Hummingbird's own context: made for each request before anything is known of the caller.
package struct AppContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    package let remoteAddress: String
    package var requestID: String

    package init(source: Source) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress?.ipAddress ?? "unknown"
        requestID = ""
    }
}

/// Who may call a route.
enum Access: String, Sendable {
    case anyone
    case user
}

/// The proof of who is calling: a handler gets one of these and nothing else, so a route whose handler needs a user
/// cannot be reached without one.
protocol Context: Sendable {
    static var access: Access { get }
    var call: Call { get }
    /// Who owns what this request leaves behind, such as an idempotency key; nil for a stranger.
    var principal: String? { get }
    init(_ call: Call) async throws
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
    var principal: String? { "user:\(caller.userID)" }

    init(_ call: Call) async throws {
        self.call = call
        caller = try await call.authenticator.caller(of: call)
    }

    /// The path's parameter, such as a chatbot's id. What no id can look like comes as the empty one, which nothing has.
    subscript(_ parameter: String) -> String {
        let id = call.parameter(parameter)
        return Identifier.isPlausible(id) ? id : ""
    }
}
