import Chat
package import HTTPKit
package import Platform
package import Storage

/// A client of the OpenAI or Anthropic API: a user's, or an application with a chatbot's key. Cookies are not accepted.
package struct APIClient: Context {
    package static var access: Access { .client }
    package let who: UserOrKey

    package init(_ call: Call) async throws { who = try await UserOrKey(call, acceptsCookie: false) }

    package var call: Call { who.call }
    package var principal: String? { who.principal }
    package var scope: Scope { who.scope }
    var isKey: Bool { if case .key = who { true } else { false } }

    /// - Parameter endUserID: the end user of an application's call, if the chatbot knows it.
    package func requester(endUserID: String? = nil) -> TurnRequester {
        switch who {
        case .user(let who): .user(who)
        case .key(let who): .application(who, endUserID: endUserID)
        }
    }
}
