import HTTPKit
package import Platform
import Storage

extension StoredFile {
    /// Has a knowledge file read again, and all that is known of it made anew. A file whose text is stored and that failed
    /// later goes on at the first passage that is not indexed. Throws `conflict` if the file is being read, or was to be
    /// removed.
    static func retry(_ tx: Transaction, in tenant: Tenant, chatbotID: String, id: String) throws -> StoredFile {
        let changed = try tx.run(
            """
            UPDATE files SET state = CASE WHEN state = 'failed' AND chunks > 0 THEN 'embedding' ELSE 'queued' END,
                chunks = CASE WHEN state = 'failed' THEN chunks ELSE 0 END,
                indexed_chunks = CASE WHEN state = 'failed' THEN indexed_chunks ELSE 0 END,
                error_code = NULL, reads = 0, index_due = NULL, index_attempts = 0, vectors_model = NULL, indexed_at = NULL
            WHERE workspace_id = ? AND chatbot_id = ? AND id = ? AND kind = 'knowledge'
                AND (state = 'ready' OR state = 'failed' AND COALESCE(error_code, '') <> ?)
            """,
            [tenant.workspaceID, chatbotID, id, notRemoved])
        let file = try find(tx, in: tenant, .chatbot(chatbotID), id: id)
        guard changed == 1 else { throw file.state == .failed ? removalIsUnfinished : isBeingRead }
        return file
    }

    private static var isBeingRead: APIError {
        APIError(
            .conflict, "This file is being read. Wait until that is done.",
            bengali: "এই ফাইলটি পড়া হচ্ছে। শেষ হওয়া পর্যন্ত অপেক্ষা করুন।")
    }

    private static var removalIsUnfinished: APIError {
        APIError(
            .conflict, "The removal of this file is unfinished. Remove it again.",
            bengali: "এই ফাইলটি সরানোর কাজ শেষ হয়নি। এটি আবার সরান।")
    }
}

extension KnowledgeRoutes {
    package func retry(_ who: UserOrKey) async throws -> KnowledgeFile {
        let file = try await database.write(who.scope) { tx in
            let (chatbot, tenant) = try chatbot(tx, who)
            let file = try StoredFile.retry(tx, in: tenant, chatbotID: chatbot.id, id: who["file_id"])
            if file.state == .embedding {
                try JobQueue.hasten(tx, recurring: KnowledgeTexts.indexing, now: .now)
            }
            return KnowledgeFile(file)
        }
        await reading.hasten()
        return file
    }
}
