package import HTTPKit
import JSON

/// What an application, a chatbot's own endpoint and a prompt's variables are told of a person and a conversation.
package struct UserContext: JSONOutput {
    package let userID: String
    package let userProfile: Profile
    package let sessionData: JSONObject
    /// The last turns as text.
    package let conversationContext: String
    package let timestamp: Timestamp

    package init(
        userID: String, userProfile: Profile, sessionData: JSONObject, conversationContext: String, timestamp: Timestamp
    ) {
        self.userID = userID
        self.userProfile = userProfile
        self.sessionData = sessionData
        self.conversationContext = conversationContext
        self.timestamp = timestamp
    }

    package struct Profile: JSONOutput {
        package let email: String?
        package let firstName: String?
        package let lastName: String?
        package let company: String?
        package let role: String?
        package let preferences: JSONObject
        package let profileData: String

        package init(_ details: UserDetails, email: String?) {
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
