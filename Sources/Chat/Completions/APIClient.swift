package import HTTPKit
package import Platform
package import Storage

/// A program that speaks OpenAI's or Anthropic's API: a user's, or an application's with a chatbot's key. A browser's
/// cookie opens nothing here.
package struct APIClient: Context {
    package static var access: Access { .client }
    package let who: UserOrKey

    package init(_ call: Call) async throws { who = try await UserOrKey(call, acceptsCookie: false) }

    package var call: Call { who.call }
    package var principal: String? { who.principal }
    package var scope: Scope { who.scope }

    /// `endUserID`: of the one that an application's call is for, where the chatbot knows it.
    package func speaker(endUserID: String? = nil) -> Speaker {
        switch who {
        case .user(let who): .user(who)
        case .key(let who): .application(who, endUserID: endUserID)
        }
    }
}
