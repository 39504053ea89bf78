import HTTPKit

/// One of those who run the server: an admin, with permissions, or support staff, with a level.
struct OperatorAccount: JSONOutput, Equatable {
    let id: String
    let username: String
    let name: String
    let email: String?
    let role: OperatorRole
    /// The level of support staff: from 1 (fewest rights) to 3; nil for admins.
    let level: Int?
    /// Those that an admin is limited to; null where there is no limit.
    let permissions: [Permission]?
    let secondFactor: Bool
    let disabled: Bool
    let createdAt: Timestamp
    let updatedAt: Timestamp

    /// What the audit trail tells of it.
    static let audited = ["username", "role", "level", "permissions", "disabled"]

    var rights: Rights { Rights(role: role, level: level, permissions: permissions) }

    /// What an operator may do, as the database keeps it.
    struct Rights: Sendable, Equatable {
        let role: OperatorRole
        let level: Int?
        let permissions: [Permission]?

        static let all = Rights(role: .admin, level: nil, permissions: nil)

        var granted: Set<Permission> { Permission.granted(role: role, level: level, listed: permissions) }

        /// Staff have a level and no list; admins may have a list and have no level.
        func validate() throws(APIError) {
            switch role {
            case .staff:
                guard level != nil else { throw APIError(.missingField, "Staff need a 'level'.", param: "level") }
                guard permissions == nil else {
                    throw .invalid("permissions", "Staff have what their 'level' gives, and no 'permissions'.")
                }
            case .admin:
                guard level == nil else { throw .invalid("level", "An admin has 'permissions', and no 'level'.") }
            }
        }
    }

    struct Create: Input, Ruled {
        let username: String
        let name: String
        let email: String?
        let password: String
        let role: OperatorRole
        let level: Int?
        let permissions: [Permission]?

        static var rules: [String: Rule] {
            OperatorAccount.rules.merging([
                "permissions": .note("Of an admin: all of them where it is left out.")
            ]) { $1 }
        }

        var rights: Rights { Rights(role: role, level: level, permissions: permissions) }

        func validate() throws(APIError) {
            try User.check(username: username)
            try rights.validate()
        }
    }

    struct Update: Input, Ruled {
        let username: String?
        let name: String?
        let email: Change<String>
        let password: String?
        let role: OperatorRole?
        let level: Int?
        let permissions: Change<[Permission]>
        let disabled: Bool?

        static var rules: [String: Rule] {
            OperatorAccount.rules.merging([
                "permissions": .note("Of an admin: null for all of them.")
            ]) { $1 }
        }

        func validate() throws(APIError) { try User.check(username: username) }

        /// Whoever changes sides leaves behind what the other side had.
        func rights(after old: Rights) throws(APIError) -> Rights {
            let role = role ?? old.role
            let kept = role == old.role ? old : nil
            let rights = Rights(
                role: role, level: level ?? kept?.level, permissions: permissions.applied(to: kept?.permissions))
            try rights.validate()
            return rights
        }
    }

    private static var rules: [String: Rule] {
        [
            "username": User.usernameRule, "name": .name(1...100), "email": .email, "password": .text(8...256),
            "level": .number(1...3, note: "Of staff: 1 may least."),
        ]
    }
}
