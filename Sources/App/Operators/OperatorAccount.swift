import JSON
import Storage

/// One of those who run the server: an admin, with permissions, or support staff, with a level.
struct OperatorAccount: JSONOutput {
    let id: String
    let username: String
    let name: String
    let email: String?
    let role: OperatorRole
    /// Of staff: from 1, which may least, to 3.
    let level: Int?
    /// Those that an admin is limited to; null where there is no limit.
    let permissions: [Permission]?
    let disabled: Bool
    let createdAt: Timestamp
    let updatedAt: Timestamp

    /// What an operator may do, as it lies in the database.
    struct Rights: Sendable, Equatable {
        let role: OperatorRole
        let level: Int?
        let permissions: [Permission]?

        var granted: Set<Permission> { Permission.granted(role: role, level: level, listed: permissions) }
        var isAll: Bool { role == .admin && permissions == nil }
    }
}

extension OperatorAccount.Rights {
    /// A permission that a later version has taken away counts for nothing.
    init(_ row: Row) throws {
        role = OperatorRole(rawValue: try row.string("role")) ?? .staff
        level = try row.intIfPresent("level")
        permissions = try row.stringIfPresent("permissions").map { text in
            var text = text
            let names = try text.withUTF8 { try JSONValue(parsing: UnsafeRawBufferPointer($0)) }
            return (names.array ?? []).compactMap { $0.string.flatMap(Permission.init) }
        }
    }

    /// As the database keeps the list.
    var listed: String? {
        permissions.map { names in
            String(
                decoding: JSONValue.array(names.map { .string($0.rawValue) }).serialized(), as: UTF8.self)
        }
    }
}
