package import HTTPKit
package import Platform

/// An offer of a role in a workspace, as its owners see it. It changes nothing until the invited person accepts it.
package struct Invitation: JSONOutput {
    package let id: String
    package let role: Role
    /// The invited person, as the owner named them; `email`, `username` and `userID` are all null for a link.
    package let email: String?
    package let username: String?
    package let userID: String?
    /// The id of the owner who made it.
    package let invitedBy: String
    package let createdAt: Timestamp
    package let expiresAt: Timestamp

    package static let lifetime = Duration.seconds(7 * 86_400)
    /// Invitations of one user, and of one workspace, in a day.
    package static let mostInADay = 100
    /// Mails to one address in a day, from all workspaces.
    package static let mostMailsInADay = 3

    /// The same whether or not the person has an account, or is a member already.
    package struct Made: JSONOutput {
        package let id: String
        package let role: Role
        package let expiresAt: Timestamp
    }

    package struct Offered: JSONOutput {
        package let id: String
        package let role: Role
        package let expiresAt: Timestamp
        /// Shown once: for a link without an e-mail address, or if this server sends no mail.
        package let url: String?
    }

    /// As the invited person sees it.
    package struct Received: JSONOutput {
        package let id: String
        package let workspaceID: String
        package let workspaceName: String
        package let role: Role
        /// The name of the owner who made it.
        package let invitedBy: String
        package let expiresAt: Timestamp
    }

    package struct Create: Input, Ruled {
        package let email: String?
        package let role: Role
        package static var rules: [String: Rule] {
            ["email": Rule.email.noting("If omitted, the answer has a link to hand on.")]
        }
    }

    package struct Reading: Input, Ruled {
        package let token: String
        package static var rules: [String: Rule] { ["token": .text(1...256)] }
    }

    package struct Acceptance: Input, Ruled {
        package let token: String?
        package let id: String?
        package static var rules: [String: Rule] {
            ["token": .text(1...256, note: "From the link."), "id": .note("Of one that is listed as mine.")]
        }

        package func validate() throws(APIError) {
            guard (token == nil) != (id == nil) else {
                throw APIError(.missingField, "Name the invitation by one of 'token' and 'id'.", param: "token")
            }
        }
    }

    /// The person that an invitation is for.
    package enum Addressee: Sendable {
        case userID(String)
        case username(String)
        case email(String)
        /// Any holder of the token.
        case link
    }
}

extension Member.Add {
    /// `validate` makes sure that one of the three is there.
    package var addressee: Invitation.Addressee {
        if let userID { .userID(userID) } else if let username { .username(username) } else { .email(email ?? "") }
    }
}
