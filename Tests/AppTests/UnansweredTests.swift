import HTTPTypes
import JSON
import LLM
import LLMTesting
import Testing

@testable import App
@testable import HTTPKit
@testable import Knowledge
@testable import Platform

/// What a chatbot says if its files do not answer a question, and what its editors see of that.
@Suite struct UnansweredTests {
    private static let refusal = "দুঃখিত, এ বিষয়ে কিছু জানি না। لا أعرف 不知道 🤷"

    /// Cites the source that has a word of the question, or answers without one.
    private static var provider: ScriptedProvider {
        ScriptedProvider.answering { given in
            guard let number = given.number(of: given.message) else { return .text("I think ", "so. [9]") }
            return .text("It is said [", "\(number)] ", "there.")
        }
    }

    private func strict(_ app: TestApp, _ texts: [String], as user: TestUser) async throws -> String {
        let bot = try await app.chatbot(
            ["name": "Strict", "fallback_messages": ["no_source": .string(Self.refusal)]], as: user)
        try await app.knowledge(texts, in: bot, as: user)
        return bot
    }

    @Test("If its owner wishes, a chatbot says so instead of any reply that cites nothing, also in streams")
    func refuses() async throws {
        try await TestApp.runKnowledge(provider: Self.provider) { app in
            let user = try await app.user("alice")
            let bot = try await strict(app, ["টিয়া", "المتحف", "图书馆"], as: user)
            for question in ["টিয়া", "المتحف", "图书馆"] {
                let told = try await app.call(
                    .post, "/chat", ["chatbot_id": .string(bot), "message": .string(question)], as: user)
                #expect(told["message"]?["citations"]?.array?.count == 1, "\(told.text)")
                #expect(told["message"]?["content"]?.string?.hasPrefix("It is said [") == true)
            }
            for question in ["আবহাওয়া?", "weather 天气", "طقس"] {
                let stream = try await app.call(
                    .post, "/chat", ["chatbot_id": .string(bot), "message": .string(question), "stream": true],
                    as: user)
                let text = stream.events.filter { $0.name == "delta" }.compactMap { $0.data["content"]?.string }
                    .joined()
                #expect(text == Self.refusal, "\(stream.text)")
                let message = stream.events.last?.data["message"]
                #expect(message?["content"]?.string == Self.refusal && message?["status"] == "complete")
                #expect(message?["citations"] == [])
            }
            // Without the wish the model's own words are shown.
            let changed = try await app.call(.patch, "/chatbots/\(bot)", ["fallback_messages": .null], as: user)
            #expect(changed.status == 200, "\(changed.text)")
            let told = try await app.call(
                .post, "/chat", ["chatbot_id": .string(bot), "message": "weather"], as: user)
            #expect(told["message"]?["content"] == "I think so.")
        }
    }

    @Test("Where nothing is found no model is asked, and nothing is charged")
    func nothingFound() async throws {
        let isDown = Switch()
        var provider = Self.provider
        let embeds = provider.embeds
        provider.embeds = { request, number in
            if isDown.isOn { throw ProviderError(.unavailable, detail: "down") }
            return try await embeds(request, number)
        }
        try await TestApp.runKnowledge(provider: provider) { app in
            let user = try await app.user("alice")
            let bot = try await strict(app, (0..<12).map { "规则 \($0)" }, as: user)
            isDown.set(true)
            try await app.setPlan(user, "free")
            try await app.setPrice(input: 1, output: 1)
            try await app.setCredits(user, 100_000)
            let told = try await app.call(
                .post, "/chat", ["chatbot_id": .string(bot), "message": "আবহাওয়া"], as: user)
            #expect(told["message"]?["content"]?.string == Self.refusal, "\(told.text)")
            #expect(app.provider.calls.requests.isEmpty)
            let credits = try await app.credits(user)
            #expect(credits.balance == 100_000 && credits.reserved == 0)
        }
    }

    @Test("Questions that no file answered are listed for editors, and private ones for their writers only")
    func listed() async throws {
        try await TestApp.runKnowledge(provider: Self.provider) { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: alice).string("id")
            let editor = try await app.user("editor")
            let viewer = try await app.user("viewer")
            try await app.add(editor, to: team, as: "editor", by: alice)
            try await app.add(viewer, to: team, as: "viewer", by: alice)
            let bot = try await app.chatbot(["name": "Open"], as: alice, headers: [.workspaceID: team])
            let other = try await app.chatbot(["name": "Other"], as: alice, headers: [.workspaceID: team])
            for id in [bot, other] { try await app.knowledge(["টিয়া"], in: id, as: alice) }
            func ask(_ question: String, _ bot: String, as user: TestUser) async throws {
                let told = try await app.call(
                    .post, "/chat", ["chatbot_id": .string(bot), "message": .string(question)], as: user)
                #expect(told.status == 200, "\(told.text)")
            }
            try await ask("টিয়া", bot, as: alice)
            try await ask("আবহাওয়া?", bot, as: alice)
            try await ask("طقس؟", bot, as: editor)
            try await ask("other", other, as: alice)
            let key = try await TestApplication.make(app, chatbotID: bot, as: alice)
            let query = try await key.call(.post, "/chatbot/\(bot)/query", ["message": "天气？"])
            #expect(query.status == 200, "\(query.text)")
            func questions(as user: TestUser) async throws -> [String?] {
                try await app.all("/chatbots/\(bot)/unanswered", limit: 1, as: user).map { $0["question"]?.string }
            }
            #expect(try await questions(as: alice) == ["天气？", "আবহাওয়া?"])
            #expect(try await questions(as: editor) == ["天气？", "طقس؟"])
            #expect(try await app.call(.get, "/chatbots/\(bot)/unanswered", as: viewer).errorCode == "forbidden")
            #expect(try await app.call(.get, "/chatbots/\(bot)/unanswered", as: bob).status == 404)
            let shown = try #require(try await app.all("/chatbots/\(bot)/unanswered", as: alice).first)
            #expect(shown["answer"] == "I think so." && shown["conversation_id"]?.string != nil)
        }
    }
}
