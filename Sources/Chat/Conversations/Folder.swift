import Accounts
import Foundation
package import HTTPKit
import HTTPTypes
package import Platform
import Storage

/// A folder of conversations, which is there as long as one of them names it.
package struct Folder: JSONOutput {
    package let name: String
    /// How many conversations it has, without those in the archive.
    package let conversations: Int

    /// Maximum length of a name, in Unicode scalars of the composed form.
    static let maxLength = 60
    /// Maximum number of folders of one user in one workspace.
    static let most = 100

    static let rule = Rule.name(
        1...maxLength, note: "The folder that it is kept in, which is there from then on; null takes it out."
    ).trimmed

    /// The form in which a name is stored and looked up: letters are composed alike however they were typed.
    static func composed(_ name: String) -> String { name.trimmingBlanks.precomposedStringWithCanonicalMapping }

    /// Throws `invalid_value` for a name whose composed form is too long, since that is what callers get and send again.
    static func check(_ name: String) throws(APIError) {
        let length = composed(name).unicodeScalars.count
        guard length <= maxLength else {
            throw .invalid("folder", "'folder' must have 1 to \(maxLength) characters when composed; it has \(length).")
        }
    }
}

extension Folder {
    /// Those with conversations that are not in the archive, by name.
    static func list(_ tx: Transaction, in tenant: Tenant) throws -> [Folder] {
        let found = try tx.rows(
            """
            SELECT c.folder, COUNT(*) AS conversations FROM conversations c
            WHERE c.user_id = ? AND c.workspace_id = ? AND c.folder IS NOT NULL AND c.archived = 0
            AND \(Conversation.isThere)
            GROUP BY c.folder
            """,
            [tenant.userID, tenant.workspaceID]
        ) { Folder(name: try $0.string("folder"), conversations: try $0.int("conversations")) }
        // The engines know different orders.
        return found.sorted { $0.name < $1.name }
    }

    /// Throws `plan_limit_reached` if it would be one folder too many. The membership's row is locked before they are
    /// counted, so that parallel calls are counted one after another.
    static func requireRoom(_ tx: Transaction, in tenant: Tenant, for name: String) throws {
        if try exists(tx, in: tenant, name) { return }
        try tenant.held(tx)
        let count = try tx.row(
            """
            SELECT COUNT(DISTINCT c.folder) AS count FROM conversations c
            WHERE c.user_id = ? AND c.workspace_id = ? AND c.folder IS NOT NULL AND c.folder <> ?
            AND \(Conversation.isThere)
            """,
            [tenant.userID, tenant.workspaceID, name]
        ) { try $0.int("count") }
        guard let count, count < most else {
            throw APIError(
                .planLimitReached,
                "There can be at most \(most) folders, those of the archive included. Use one of them.",
                bengali: "সর্বোচ্চ \(most)টি ফোল্ডার থাকতে পারে, আর্কাইভেরগুলো সহ। এগুলোর একটি ব্যবহার করুন।",
                param: "folder")
        }
    }

    private static func exists(_ tx: Transaction, in tenant: Tenant, _ name: String) throws -> Bool {
        try tx.row(
            """
            SELECT 1 AS one FROM conversations c WHERE c.user_id = ? AND c.workspace_id = ? AND c.folder = ?
            AND \(Conversation.isThere) LIMIT 1
            """,
            [tenant.userID, tenant.workspaceID, name]
        ) { _ in true } ?? false
    }
}

extension ConversationRoutes {
    package func folders(_ who: UserCaller) async throws -> List<Folder> {
        let folders = try await database.read(who.scope) { tx in
            try Folder.list(tx, in: who.tenant(tx, .read))
        }
        return List(data: folders, next: nil)
    }

    var folderTable: [Route] {
        [
            Route(
                .get, "/conversations/folders", .readChat, id: "list_folders", "List my folders",
                about: "By name, with the number of conversations that are not in the archive. At most \(Folder.most).",
                folders)
        ].tagged(.conversations)
    }
}
