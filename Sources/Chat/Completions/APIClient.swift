import HTTPKit
import Storage

/// A program that speaks OpenAI's or Anthropic's API: a user's, or an application's with a chatbot's key. A browser's
/// cookie opens nothing here.
struct APIClient: Context {
    static var access: Access { .client }
    let who: UserOrKey

    init(_ call: Call) async throws { who = try await UserOrKey(call, acceptsCookie: false) }

    var call: Call { who.call }
    var principal: String? { who.principal }
    var scope: Scope { who.scope }

    /// `endUserID`: of the one that an application's call is for, where the chatbot knows it.
    func speaker(endUserID: String? = nil) -> Speaker {
        switch who {
        case .user(let who): .user(who)
        case .key(let who): .application(who, endUserID: endUserID)
        }
    }
}
