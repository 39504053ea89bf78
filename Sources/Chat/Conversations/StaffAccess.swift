import HTTPKit
import JSON

/// One operator's right to read one conversation for a while, for a stated reason. Whom it concerns sees it for good.
struct StaffAccess: JSONOutput {
    let accessID: String
    let conversationID: String
    let reason: String
    let expiresAt: Timestamp

    static let lifetime = Duration.seconds(30 * 60)

    struct Request: Input, Ruled {
        let reason: String
        static var rules: [String: Rule] {
            ["reason": .text(10...500, note: "Why the conversation has to be read; its owner sees this.")]
        }
    }
}
