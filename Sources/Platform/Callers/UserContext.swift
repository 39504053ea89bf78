import HTTPKit
import JSON

/// What an application, a chatbot's own endpoint and a prompt's variables are told of a person and a conversation.
struct UserContext: JSONOutput {
    let userID: String
    let userProfile: Profile
    let sessionData: JSONObject
    /// The last turns as text.
    let conversationContext: String
    let timestamp: Timestamp

    struct Profile: JSONOutput {
        let email: String?
        let firstName: String?
        let lastName: String?
        let company: String?
        let role: String?
        let preferences: JSONObject
        let profileData: String

        init(_ details: UserDetails, email: String?) {
            self.email = email ?? details.email
            firstName = details.firstName
            lastName = details.lastName
            company = details.company
            role = details.role
            preferences = details.preferences ?? JSONObject()
            profileData = details.profileData ?? ""
        }
    }
}
