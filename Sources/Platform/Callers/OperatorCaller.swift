package import HTTPKit

/// An operator who is calling, once checked.
package struct OperatorCaller: Sendable, Equatable {
    package let id: String
    package let username: String
    package let name: String
    package let role: OperatorRole
    package let permissions: Set<Permission>
    package let sessionID: String
    package let signedInAt: Timestamp

    package func may(_ permission: Permission) -> Bool { permissions.contains(permission) }
}
