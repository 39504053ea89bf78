import Accounts
package import HTTPKit
import HTTPTypes
package import Platform
package import Storage

/// Curated answers, for those who may change the chatbot.
package struct CuratedAnswerRoutes: Sendable {
    package let database: Database

    package init(database: Database) {
        self.database = database
    }

    package func list(_ who: UserCaller, _ paging: Paging) async throws -> List<CuratedAnswer> {
        let after = try paging.cursor(or: .newest)
        let page = try await database.read(who.scope) { tx in
            let (chatbot, tenant) = try Chatbot.find(tx, id: who["chatbot_id"], for: who.caller)
            try tenant.require(.edit)
            return try CuratedAnswer.list(tx, in: tenant, chatbotID: chatbot.id, after: after, limit: paging.count)
        }
        return List(page) { Cursor(id: $0.id) }
    }

    package func create(_ who: UserCaller, _ input: CuratedAnswer.Create) async throws -> CuratedAnswer {
        try await database.write(who.scope) { tx in
            let (chatbot, tenant) = try Chatbot.findEditable(tx, id: who["chatbot_id"], for: who.caller)
            try Chatbot.lock(tx, in: tenant, id: chatbot.id)
            try WorkspaceLimits.require(.bytes, tx, in: tenant)
            return try CuratedAnswer.create(tx, in: tenant, chatbotID: chatbot.id, input, now: .now)
        }
    }

    package func update(_ who: UserCaller, _ input: CuratedAnswer.Update) async throws -> CuratedAnswer {
        try await database.write(who.scope) { tx in
            let (chatbot, tenant) = try Chatbot.findEditable(tx, id: who["chatbot_id"], for: who.caller)
            try WorkspaceLimits.require(.bytes, tx, in: tenant)
            return try CuratedAnswer.update(
                tx, in: tenant, chatbotID: chatbot.id, id: who["answer_id"], input, now: .now)
        }
    }

    package func delete(_ who: UserCaller) async throws -> NoContent {
        try await database.write(who.scope) { tx in
            let (chatbot, tenant) = try Chatbot.findEditable(tx, id: who["chatbot_id"], for: who.caller)
            try CuratedAnswer.delete(tx, in: tenant, chatbotID: chatbot.id, id: who["answer_id"])
        }
        return NoContent()
    }
}

extension CuratedAnswerRoutes {
    package var table: [Route] {
        let (answers, answer) = ("/chatbots/{chatbot_id}/answers", "/chatbots/{chatbot_id}/answers/{answer_id}")
        return [
            Route(
                .get, answers, .read, id: "list_curated_answers", "List a chatbot's curated answers",
                about: "Newest first.",
                list,
                errors: [.forbidden]),
            Route(
                .post, answers, .write, id: "create_curated_answer", "Add a curated answer",
                about: "The chatbot gives it to this question without asking a model.",
                create, .created,
                errors: [.forbidden, .conflict, .planLimitReached]),
            Route(
                .patch, answer, .write, id: "update_curated_answer", "Change a curated answer",
                about: "Changes the fields that are sent.",
                update,
                errors: [.forbidden, .conflict, .planLimitReached]),
            Route(
                .delete, answer, .write, id: "delete_curated_answer", "Delete a curated answer",
                about: "A model answers the question from then on.",
                delete, .noContent,
                errors: [.forbidden]),
        ].tagged(.chatbots)
    }
}
