package import HTTPKit
package import Platform
package import Storage

extension CuratedAnswer {
    private static let columns = "id, chatbot_id, question, answer, created_at, updated_at"

    private init(_ row: Row) throws {
        self.init(
            id: try row.string("id"), chatbotID: try row.string("chatbot_id"), question: try row.string("question"),
            answer: try row.string("answer"), createdAt: Timestamp(milliseconds: try row.int64("created_at")),
            updatedAt: Timestamp(milliseconds: try row.int64("updated_at")))
    }

    /// A column: the answer to the question of a key, which is the argument.
    package static func answer(workspaceID: String, chatbotID: String) -> String {
        """
        (SELECT a.answer FROM curated_answers a WHERE a.workspace_id = \(workspaceID) AND a.chatbot_id = \(chatbotID)
            AND a.question_key = CAST(? AS TEXT))
        """
    }

    package static func list(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, after: Cursor, limit: Int
    ) throws -> RowPage<CuratedAnswer> {
        try tx.page(
            """
            SELECT \(columns) FROM curated_answers WHERE workspace_id = ? AND chatbot_id = ? AND id < ? ORDER BY id DESC
            """,
            [tenant.workspaceID, chatbotID, after.id], limit: limit, CuratedAnswer.init)
    }

    /// The answers that questions have, by the questions.
    package static func ids(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, for questions: [String]
    ) throws -> [String: String] {
        let keys = questions.compactMap { question in key(of: question).map { (question, $0) } }
        if keys.isEmpty { return [:] }
        let known = try tx.rows(
            """
            SELECT id, question_key FROM curated_answers
            WHERE workspace_id = ? AND chatbot_id = ? AND question_key IN (\(keys.placeholders))
            """,
            [tenant.workspaceID, chatbotID] + keys.map(\.1)
        ) { (try $0.string("question_key"), try $0.string("id")) }
        let ids = Dictionary(known) { first, _ in first }
        return Dictionary(keys.compactMap { question, key in ids[key].map { (question, $0) } }) { first, _ in first }
    }

    /// The caller holds the chatbot's row, so that parallel calls are counted one after another.
    static func create(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, _ input: Create, now: Timestamp
    ) throws -> CuratedAnswer {
        let count =
            try tx.row(
                "SELECT COUNT(*) AS count FROM curated_answers WHERE workspace_id = ? AND chatbot_id = ?",
                [tenant.workspaceID, chatbotID]
            ) { try $0.int("count") } ?? 0
        guard count < most else {
            throw APIError(
                .planLimitReached, "A chatbot has at most \(most) curated answers. Delete what is not needed.",
                bengali: "একটি চ্যাটবটের সর্বোচ্চ \(most)টি নির্ধারিত উত্তর থাকতে পারে। যা লাগে না তা মুছুন।")
        }
        let id = Identifier.make()
        try reportingKnownQuestion {
            try tx.run(
                """
                INSERT INTO curated_answers (id, workspace_id, chatbot_id, question_key, question, answer, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    id, tenant.workspaceID, chatbotID, key(of: input.question), input.question, input.answer, now, now,
                ])
        }
        return CuratedAnswer(
            id: id, chatbotID: chatbotID, question: input.question, answer: input.answer, createdAt: now, updatedAt: now
        )
    }

    static func update(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, id: String, _ change: Update, now: Timestamp
    ) throws -> CuratedAnswer {
        let changed = try reportingKnownQuestion {
            try tx.row(
                """
                UPDATE curated_answers SET question = COALESCE(?, question), question_key = COALESCE(?, question_key),
                    answer = COALESCE(?, answer), updated_at = ?
                WHERE workspace_id = ? AND chatbot_id = ? AND id = ? RETURNING \(columns)
                """,
                [
                    change.question, change.question.flatMap(key), change.answer, now, tenant.workspaceID, chatbotID,
                    id,
                ], CuratedAnswer.init)
        }
        guard let changed else { throw APIError(.notFound) }
        return changed
    }

    static func delete(_ tx: Transaction, in tenant: Tenant, chatbotID: String, id: String) throws {
        let deleted = try tx.run(
            "DELETE FROM curated_answers WHERE workspace_id = ? AND chatbot_id = ? AND id = ?",
            [tenant.workspaceID, chatbotID, id])
        guard deleted == 1 else { throw APIError(.notFound) }
    }

    @discardableResult
    private static func reportingKnownQuestion<Result>(_ work: () throws -> Result) throws -> Result {
        do {
            return try work()
        } catch let error as StorageError {
            guard case .unique(let columns) = error.kind, columns.contains("question_key") else { throw error }
            throw APIError(
                .conflict, "This question has an answer already. Change that one.",
                bengali: "এই প্রশ্নের একটি উত্তর আগে থেকেই আছে। সেটি বদলান।", param: "question")
        }
    }
}
