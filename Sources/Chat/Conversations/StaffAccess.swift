package import HTTPKit
import JSON

/// One operator's temporary access to one conversation, for a stated reason. The user concerned sees it permanently.
package struct StaffAccess: JSONOutput {
    package let accessID: String
    package let conversationID: String
    package let reason: String
    package let expiresAt: Timestamp

    package static let lifetime = Duration.seconds(30 * 60)

    package struct Request: Input, Ruled {
        package let reason: String
        package static var rules: [String: Rule] {
            ["reason": .text(10...500, note: "Why the conversation has to be read; its owner sees this.")]
        }
    }
}
