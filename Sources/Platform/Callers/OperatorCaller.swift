import HTTPKit

/// An operator who is calling, once checked.
struct OperatorCaller: Sendable, Equatable {
    let id: String
    let username: String
    let name: String
    let role: OperatorRole
    let permissions: Set<Permission>
    let sessionID: String
    let signedInAt: Timestamp

    func may(_ permission: Permission) -> Bool { permissions.contains(permission) }
}
