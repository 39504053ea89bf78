import HTTPKit

/// An offer of a role in a workspace, as its owners see it. It changes nothing until the invited person accepts it.
struct Invitation: JSONOutput {
    let id: String
    let role: Role
    /// Whom it is for, as the owner named that person; all null for a link.
    let email: String?
    let username: String?
    let userID: String?
    /// The id of the owner who made it.
    let invitedBy: String
    let createdAt: Timestamp
    let expiresAt: Timestamp

    static let lifetime = Duration.seconds(7 * 86_400)
    /// Invitations of one user, and of one workspace, in a day.
    static let mostInADay = 100
    /// Mails to one address in a day, from all workspaces.
    static let mostMailsInADay = 3

    /// The same whether or not the person has an account, or is a member already.
    struct Made: JSONOutput {
        let id: String
        let role: Role
        let expiresAt: Timestamp
    }

    struct Offered: JSONOutput {
        let id: String
        let role: Role
        let expiresAt: Timestamp
        /// Shown once: for a link without an e-mail address, or if this server sends no mail.
        let url: String?
    }

    /// As the invited person sees it.
    struct Received: JSONOutput {
        let id: String
        let workspaceID: String
        let workspaceName: String
        let role: Role
        /// The name of the owner who made it.
        let invitedBy: String
        let expiresAt: Timestamp
    }

    struct Create: Input, Ruled {
        let email: String?
        let role: Role
        static var rules: [String: Rule] {
            ["email": Rule.email.noting("Where it is left out, the answer has a link to hand on.")]
        }
    }

    struct Reading: Input, Ruled {
        let token: String
        static var rules: [String: Rule] { ["token": .text(1...256)] }
    }

    struct Acceptance: Input, Ruled {
        let token: String?
        let id: String?
        static var rules: [String: Rule] {
            ["token": .text(1...256, note: "From the link."), "id": .note("Of one that is listed as mine.")]
        }

        func validate() throws(APIError) {
            guard (token == nil) != (id == nil) else {
                throw APIError(.missingField, "Name the invitation by one of 'token' and 'id'.", param: "token")
            }
        }
    }

    /// The person that an invitation is for.
    enum Addressee: Sendable {
        case userID(String)
        case username(String)
        case email(String)
        /// Any holder of the token.
        case link
    }
}

extension Member.Add {
    /// `validate` makes sure that one of the three is there.
    var addressee: Invitation.Addressee {
        if let userID { .userID(userID) } else if let username { .username(username) } else { .email(email ?? "") }
    }
}
