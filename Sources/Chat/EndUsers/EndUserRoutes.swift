import Chatbots
import Foundation
package import HTTPKit
import HTTPTypes
package import Platform
package import Storage

/// A chatbot's end users and what applications said with it on their behalf: for the workspace's editors.
package struct EndUserRoutes: Sendable {
    package let database: Database
    package let secrets: Secrets
    package let deletions: Deletions

    package init(database: Database, secrets: Secrets, deletions: Deletions) {
        self.database = database
        self.secrets = secrets
        self.deletions = deletions
    }

    package func list(_ who: UserCaller, _ filter: EndUser.Filter) async throws -> List<EndUser.Shown> {
        let after = try filter.paging.cursor(or: .newest)
        let limit = filter.paging.count
        let (chatbotID, found) = try await database.read(who.scope) { tx in
            let (chatbot, tenant) = try find(tx, who)
            guard let externalID = filter.q else {
                let page = try EndUser.list(tx, in: tenant, chatbotID: chatbot.id, after: after, limit: limit)
                return (chatbot.id, page)
            }
            let one = try EndUser.find(tx, in: tenant, chatbotID: chatbot.id, externalID: externalID)
            return (chatbot.id, RowPage(one.map { [$0] } ?? []))
        }
        // Pages go by the row's own id, of which an application's id says nothing.
        return try List(found, cursor: { Cursor(id: $0.id) }, shown: { try shown($0, chatbotID) })
    }

    package func delete(_ who: UserCaller) async throws -> NoContent {
        let externalID = who.externalID("end_user_id")
        let root = try await database.write(who.scope) { tx in
            let (chatbot, tenant) = try find(tx, who)
            return try EndUser.delete(tx, in: tenant, chatbotID: chatbot.id, externalID: externalID, now: .now)
        }
        await deletions.begin(root)
        return NoContent()
    }

    package func conversations(
        _ who: UserCaller, _ filter: EndUser.ConversationFilter
    ) async throws -> List<ApplicationConversation> {
        let after = try filter.paging.cursor(or: .newest)
        let limit = filter.paging.count
        let found = try await database.read(who.scope) { tx -> [ApplicationConversation] in
            let (chatbot, tenant) = try find(tx, who)
            var people = ApplicationConversation.Of.anyone
            if let externalID = filter.user {
                guard let one = try EndUser.find(tx, in: tenant, chatbotID: chatbot.id, externalID: externalID) else {
                    return []
                }
                people = .endUser(id: one.id)
            }
            return try ApplicationConversation.list(
                tx, in: tenant, chatbotID: chatbot.id, of: people, after: after, limit: limit + 1)
        }
        return List(found, limit: limit) {
            Cursor(key: $0.conversation.updatedAt.milliseconds, id: $0.conversation.id)
        }
    }

    private func find(_ tx: Transaction, _ who: UserCaller) throws -> (chatbot: Chatbot, tenant: Tenant) {
        let found = try Chatbot.find(tx, id: who["chatbot_id"], for: who.caller)
        try found.tenant.require(.edit)
        return found
    }

    private func shown(_ user: EndUser, _ chatbotID: String) throws -> EndUser.Shown {
        EndUser.Shown(
            id: user.externalID, chatbotID: chatbotID,
            profile: .init(try UserDetails(encrypted: user.encryptedDetails, secrets), email: nil),
            createdAt: user.createdAt, updatedAt: user.updatedAt)
    }
}

extension Context {
    /// Reads an application's own id from the path, which may contain any character. Returns "" if it is not a valid
    /// id, so that no row matches.
    package func externalID(_ parameter: String) -> String {
        guard let id = call.parameter(parameter).removingPercentEncoding, !id.utf8.contains(0),
            EndUser.idRule.length.contains(id.unicodeScalars.count)
        else { return "" }
        return id
    }
}

extension EndUserRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/chatbots/{chatbot_id}/users", .read, id: "list_end_users",
                "List the end users of a chatbot's applications",
                about: "Newest first; `q` searches ids, names and addresses.",
                list,
                errors: [.forbidden]),
            Route(
                .delete, "/chatbots/{chatbot_id}/users/{end_user_id}", .write, id: "delete_end_user",
                "Erase an end user",
                about: "With the profile and all conversations.",
                delete, .noContent,
                errors: [.forbidden]),
            Route(
                .get, "/chatbots/{chatbot_id}/conversations", .read, id: "list_end_user_conversations",
                "List the conversations of a chatbot's end users",
                about: "Newest first. For editors and owners of the workspace.",
                conversations,
                errors: [.forbidden]),
        ].tagged(.chatbots)
    }
}
