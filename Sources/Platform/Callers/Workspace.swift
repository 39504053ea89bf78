package import HTTPKit
package import Storage

/// The tenant: every chatbot and all that hangs from it belongs to one workspace.
package struct Workspace: JSONOutput {
    package let id: String
    package let name: String
    package let isPersonal: Bool
    /// Whether members may make links to their conversations here, for anyone who has them.
    package let allowsSharing: Bool
    /// The caller's own role here.
    package let role: Role
    /// When the caller accepted it.
    package let acceptedAt: Timestamp?
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    package init(
        id: String, name: String, isPersonal: Bool, allowsSharing: Bool, role: Role, acceptedAt: Timestamp?,
        createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.isPersonal = isPersonal
        self.allowsSharing = allowsSharing
        self.role = role
        self.acceptedAt = acceptedAt
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    private static let rules = ["name": Rule.name(1...200)]

    package struct Create: Input, Ruled {
        package let name: String
        package static var rules: [String: Rule] { Workspace.rules }
    }

    package struct Update: Input, Ruled {
        package let name: String?
        package let allowsSharing: Bool?
        package static var rules: [String: Rule] { Workspace.rules }
    }
}

/// What a member may do, from most to least.
package enum Role: String, Choice, Comparable {
    case owner, editor, viewer

    package static func < (a: Role, b: Role) -> Bool { allCases.firstIndex(of: a)! > allCases.firstIndex(of: b)! }

    package enum Action: Sendable {
        /// See chatbots and members, and hold conversations of one's own.
        case read
        /// Change chatbots and their prompts.
        case edit
        /// Change members and the workspace itself.
        case manage
    }

    package func may(_ action: Action) -> Bool {
        switch (self, action) {
        case (_, .read), (.editor, .edit), (.owner, _): true
        case (.viewer, .edit), (.viewer, .manage), (.editor, .manage): false
        }
    }
}

/// The right to act in one workspace. Only a look-up of the caller's membership makes one, and every query on a tenant's
/// rows takes one: what belongs to others cannot be asked for.
package struct Tenant: Sendable, Equatable {
    package let workspaceID: String
    package let userID: String
    package let role: Role

    fileprivate init(workspaceID: String, userID: String, role: Role) {
        self.workspaceID = workspaceID
        self.userID = userID
        self.role = role
    }

    package func require(_ action: Role.Action) throws(APIError) {
        guard role.may(action) else {
            let hint = action == .manage ? " An owner is an editor here until the role is accepted." : ""
            throw APIError(.forbidden, "Your role in this workspace, \(role.rawValue), does not allow this.\(hint)")
        }
    }
}

/// A user's membership, as the workspace's members see it.
package struct Member: JSONOutput {
    package let userID: String
    package let username: String?
    /// Null to others while a role as owner waits to be accepted.
    package let email: String?
    package let role: Role
    /// Null while a member who was made an owner has not accepted that. Only an owner who has may manage the workspace,
    /// pays for it, and is needed there.
    package let acceptedAt: Timestamp?
    package let createdAt: Timestamp

    package init(
        userID: String, username: String?, email: String?, role: Role, acceptedAt: Timestamp?, createdAt: Timestamp
    ) {
        self.userID = userID
        self.username = username
        self.email = email
        self.role = role
        self.acceptedAt = acceptedAt
        self.createdAt = createdAt
    }

    package struct Add: Input, Ruled {
        package let userID: String?
        package let username: String?
        package let email: String?
        package let role: Role

        package static var rules: [String: Rule] {
            ["user_id": .note("Or the user's name or e-mail address."), "username": .text(1...64), "email": .email]
        }

        package func validate() throws(APIError) {
            guard [userID, username, email].compactMap({ $0 }).count == 1 else {
                throw APIError(
                    .missingField, "Name the user by one of 'user_id', 'username' and 'email'.", param: "user_id")
            }
        }
    }

    package struct Update: Input {
        package let role: Role
    }

    /// Names the role, so that a role that was changed meanwhile is not accepted.
    package struct Accept: Input {
        package let role: Role
    }
}

extension Tenant {
    package init(_ row: Row, userID: String) throws {
        self.init(
            workspaceID: try row.string("workspace_id"), userID: userID,
            role: Role(rawValue: try row.string("role")) ?? .viewer)
    }

    /// A chatbot's key stands for its workspace's owner, but changes nothing there.
    package init(_ holder: KeyHolder) {
        self.init(workspaceID: holder.workspaceID, userID: holder.ownerID, role: .viewer)
    }

    /// For an operator who was given the right to read one of the user's conversations.
    package init(openedTo userID: String, workspaceID: String) {
        self.init(workspaceID: workspaceID, userID: userID, role: .viewer)
    }

    /// For a job of the workspace, at its owner's expense.
    package init(jobOf workspaceID: String, payerID: String) {
        self.init(workspaceID: workspaceID, userID: payerID, role: .viewer)
    }

    package init(creatorOf workspaceID: String, userID: String) {
        self.init(workspaceID: workspaceID, userID: userID, role: .owner)
    }

    /// A member whose row has just been written.
    package init(member userID: String, of workspaceID: String, role: Role) {
        self.init(workspaceID: workspaceID, userID: userID, role: role)
    }
}
