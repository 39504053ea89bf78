package import HTTPKit
import JSON
package import Storage

/// One of those who run the server: an admin, with permissions, or support staff, with a level.
package struct OperatorAccount: JSONOutput, Equatable {
    package let id: String
    package let username: String
    package let name: String
    package let email: String?
    package let role: OperatorRole
    /// The level of support staff: from 1 (fewest rights) to 3; nil for admins.
    package let level: Int?
    /// The permissions that an admin is limited to; null if there is no limit.
    package let permissions: [Permission]?
    package let secondFactor: Bool
    package let disabled: Bool
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    package init(
        id: String, username: String, name: String, email: String?, role: OperatorRole, level: Int?,
        permissions: [Permission]?, secondFactor: Bool, disabled: Bool, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.username = username
        self.name = name
        self.email = email
        self.role = role
        self.level = level
        self.permissions = permissions
        self.secondFactor = secondFactor
        self.disabled = disabled
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// What the audit trail tells of it.
    package static let audited = ["username", "role", "level", "permissions", "disabled"]

    package var rights: Rights { Rights(role: role, level: level, permissions: permissions) }

    /// What an operator may do, as the database keeps it.
    package struct Rights: Sendable, Equatable {
        package let role: OperatorRole
        package let level: Int?
        package let permissions: [Permission]?

        package static let all = Rights(role: .admin, level: nil, permissions: nil)

        package var granted: Set<Permission> { Permission.granted(role: role, level: level, listed: permissions) }

        /// Staff have a level and no list; admins may have a list and have no level.
        package func validate() throws(APIError) {
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

    package struct Create: Input, Ruled {
        package let username: String
        package let name: String
        package let email: String?
        package let password: String
        package let role: OperatorRole
        package let level: Int?
        package let permissions: [Permission]?

        package static var rules: [String: Rule] {
            OperatorAccount.rules.merging([
                "permissions": .note("Of an admin: all of them if omitted.")
            ]) { $1 }
        }

        package var rights: Rights { Rights(role: role, level: level, permissions: permissions) }

        package func validate() throws(APIError) {
            try User.check(username: username)
            try rights.validate()
        }
    }

    package struct Update: Input, Ruled {
        package let username: String?
        package let name: String?
        package let email: Change<String>
        package let password: String?
        package let role: OperatorRole?
        package let level: Int?
        package let permissions: Change<[Permission]>
        package let disabled: Bool?

        package static var rules: [String: Rule] {
            OperatorAccount.rules.merging([
                "permissions": .note("Of an admin: null for all of them.")
            ]) { $1 }
        }

        package func validate() throws(APIError) { try User.check(username: username) }

        /// A change of role drops the level and permissions of the old role.
        package func rights(after old: Rights) throws(APIError) -> Rights {
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

extension OperatorAccount.Rights {
    /// A permission that a later version has taken away counts for nothing.
    package init(_ row: Row) throws {
        role = OperatorRole(rawValue: try row.string("role")) ?? .staff
        level = try row.intIfPresent("level")
        permissions = try row.stringIfPresent("permissions").map { text in
            (try JSONText.value(text).array ?? []).compactMap { $0.string.flatMap(Permission.init) }
        }
    }
}
