import HTTPKit
import Storage

/// The tenant: every chatbot and all that hangs from it belongs to one workspace.
struct Workspace: JSONOutput {
    let id: String
    let name: String
    let isPersonal: Bool
    /// The caller's own role here.
    let role: Role
    /// When the caller accepted it.
    let acceptedAt: Timestamp?
    let createdAt: Timestamp
    let updatedAt: Timestamp

    struct Write: Input, Ruled {
        let name: String
        static var rules: [String: Rule] { ["name": .name(1...200)] }
    }
}

/// What a member may do, from most to least.
enum Role: String, Choice, Comparable {
    case owner, editor, viewer

    static func < (a: Role, b: Role) -> Bool { allCases.firstIndex(of: a)! > allCases.firstIndex(of: b)! }

    enum Action: Sendable {
        /// See chatbots and members, and hold conversations of one's own.
        case read
        /// Change chatbots and their prompts.
        case edit
        /// Change members and the workspace itself.
        case manage
    }

    func may(_ action: Action) -> Bool {
        switch (self, action) {
        case (_, .read), (.editor, .edit), (.owner, _): true
        case (.viewer, .edit), (.viewer, .manage), (.editor, .manage): false
        }
    }
}

/// The right to act in one workspace. Only a look-up of the caller's membership makes one, and every query on a tenant's
/// rows takes one: what belongs to others cannot be asked for.
struct Tenant: Sendable, Equatable {
    let workspaceID: String
    let userID: String
    let role: Role

    fileprivate init(workspaceID: String, userID: String, role: Role) {
        self.workspaceID = workspaceID
        self.userID = userID
        self.role = role
    }

    func require(_ action: Role.Action) throws(APIError) {
        guard role.may(action) else {
            let hint = action == .manage ? " An owner is an editor here until the role is accepted." : ""
            throw APIError(.forbidden, "Your role in this workspace, \(role.rawValue), does not allow this.\(hint)")
        }
    }
}

/// A user's membership, as the workspace's members see it.
struct Member: JSONOutput {
    let userID: String
    let username: String?
    /// Null to others while a role as owner waits to be accepted.
    let email: String?
    let role: Role
    /// Null while a member who was made an owner has not accepted that. Only an owner who has may manage the workspace,
    /// pays for it, and is needed there.
    let acceptedAt: Timestamp?
    let createdAt: Timestamp

    struct Add: Input, Ruled {
        let userID: String?
        let username: String?
        let email: String?
        let role: Role

        static var rules: [String: Rule] {
            ["user_id": .note("Or the user's name or e-mail address."), "username": .text(1...64), "email": .email]
        }

        func validate() throws(APIError) {
            guard [userID, username, email].compactMap({ $0 }).count == 1 else {
                throw APIError(
                    .missingField, "Name the user by one of 'user_id', 'username' and 'email'.", param: "user_id")
            }
        }
    }

    struct Update: Input {
        let role: Role
    }

    /// Names the role, so that a role that was changed meanwhile is not accepted.
    struct Accept: Input {
        let role: Role
    }
}

extension Tenant {
    init(_ row: Row, userID: String) throws {
        self.init(
            workspaceID: try row.string("workspace_id"), userID: userID,
            role: Role(rawValue: try row.string("role")) ?? .viewer)
    }

    /// A chatbot's key stands for its workspace's owner, but changes nothing there.
    init(_ holder: KeyHolder) {
        self.init(workspaceID: holder.workspaceID, userID: holder.ownerID, role: .viewer)
    }

    /// For an operator who was given the right to read one of the user's conversations.
    init(openedTo userID: String, workspaceID: String) {
        self.init(workspaceID: workspaceID, userID: userID, role: .viewer)
    }

    init(creatorOf workspaceID: String, userID: String) {
        self.init(workspaceID: workspaceID, userID: userID, role: .owner)
    }

    /// A member whose row has just been written.
    init(member userID: String, of workspaceID: String, role: Role) {
        self.init(workspaceID: workspaceID, userID: userID, role: role)
    }
}
