import Chat
import HTTPKit
import Platform
import Storage

/// Who made a response, and alone can read it: a key or a signed-in user, on behalf of one end user or of none.
struct ResponseOwner: Sendable {
    /// The key, or the user who called without one.
    let principal: String
    /// Nil for an application.
    let userID: String?
    let keyID: String?
    /// The application's own name for its user.
    let externalID: String?
    let scope: Scope

    init(_ client: APIClient, externalID: String?) {
        keyID = client.requester().key?.id
        switch client.who {
        case .user(let who): userID = who.caller.userID
        case .key: userID = nil
        }
        principal = keyID.map { "key:\($0)" } ?? "user:\(userID ?? "")"
        self.externalID = externalID
        scope = client.scope
    }
}
