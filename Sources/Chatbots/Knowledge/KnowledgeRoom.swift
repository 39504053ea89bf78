import Accounts
import HTTPKit
package import Platform
import Storage

/// What a chatbot's workspace stores, and what its owner's plan allows.
package struct KnowledgeRoom: JSONOutput, Equatable {
    /// Files of the workspace's chatbots and API clients.
    package let files: Int
    /// Null if the plan does not bound them.
    package let maxFiles: Int?
    /// Everything that the workspace stores.
    package let storedBytes: Int
    /// Null if the plan does not bound them.
    package let maxStoredBytes: Int?
    /// The largest file.
    package let maxFileBytes: Int

    init(_ tx: Transaction, in tenant: Tenant, maxFileBytes: Int) throws {
        let limits = try Subscriber.payer(tx, workspaceID: tenant.workspaceID)?.limits
        let counts = try tx.row(
            """
            SELECT (SELECT COUNT(*) FROM files WHERE workspace_id = ? AND kind <> 'attachment') AS files,
                \(WorkspaceLimits.storedBytes(in: "?")) AS bytes
            """,
            [tenant.workspaceID, tenant.workspaceID]
        ) { (files: try $0.int("files"), bytes: try $0.int("bytes")) }
        (files, maxFiles) = (counts?.files ?? 0, limits?.files)
        (storedBytes, maxStoredBytes) = (counts?.bytes ?? 0, limits?.storedBytes)
        self.maxFileBytes = maxFileBytes
    }
}

extension KnowledgeRoutes {
    package func room(_ who: UserOrKey) async throws -> KnowledgeRoom {
        try await database.read(who.scope) { [maxFileBytes = uploads.maxBytes] tx in
            let (_, tenant) = try chatbot(tx, who, forChange: false)
            return try KnowledgeRoom(tx, in: tenant, maxFileBytes: maxFileBytes)
        }
    }
}
