package import HTTPKit
package import Platform
package import Storage

/// What a new workspace begins with, created in the transaction that creates the workspace. Stated by a module
/// above this one.
package struct WorkspaceContents: Sendable {
    package let create: @Sendable (Transaction, Tenant, Timestamp) throws -> Void

    package init(create: @escaping @Sendable (Transaction, Tenant, Timestamp) throws -> Void) {
        self.create = create
    }
}
