import HTTPKit
import Storage

/// What a new workspace begins with, created in the transaction that creates the workspace. What that is, a module above
/// this one says.
struct WorkspaceContents: Sendable {
    let create: @Sendable (Transaction, Tenant, Timestamp) throws -> Void
}
