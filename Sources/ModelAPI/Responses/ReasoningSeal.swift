import Chat
import HTTPKit
import JSON
import LLM
import Platform

/// Thoughts as a client keeps them for the next request, encrypted: only the workspace of the key, or the user, that they
/// were made for can use them.
struct ReasoningSeal: Sendable {
    private let secrets: Secrets
    private let holder: String

    init(_ client: APIClient, _ secrets: Secrets) {
        self.secrets = secrets
        switch client.who {
        case .key(let who): holder = "workspace:\(who.holder.workspaceID)"
        case .user(let who): holder = "user:\(who.caller.userID)"
        }
    }

    private struct Sealed: Codable {
        let reasoningOf: String
        let text: String
        let details: [JSONValue]
    }

    func seal(_ thoughts: Thoughts) throws -> String {
        let sealed = Sealed(reasoningOf: holder, text: thoughts.text, details: thoughts.details)
        return try secrets.encrypt(JSONWriter.encode(sealed))
    }

    /// Throws `invalid_value` if it was not made here, or in another workspace.
    func open(_ text: String, _ place: String) throws(APIError) -> Thoughts {
        guard let sealed = try? secrets.decryptJSON(Sealed.self, text), sealed.reasoningOf == holder else {
            throw .invalid(place, "'\(place)' was not made by this server for this caller.")
        }
        return Thoughts(text: sealed.text, details: sealed.details)
    }
}
