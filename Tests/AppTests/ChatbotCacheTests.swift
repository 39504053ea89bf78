import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App
@testable import Chatbots
@testable import Platform

@Suite struct ChatbotCacheTests {
    @Test("What changes of a chatbot holds for the very next call by key")
    func changes() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let chatbotID = try await app.chatbot(["name": "Shop", "temperature": 0.5], prompt: "One.", as: user)
            let key = try await app.secretKey("/chatbots/\(chatbotID)/api-keys", as: user).text
            func ask() async throws -> TestApp.Answer {
                try await app.call(
                    .post, "/v1/chat/completions", ["messages": [["role": "user", "content": "Hi"]]],
                    headers: [.apiKey: key])
            }
            for _ in 0..<2 { #expect(try await ask().status == 200) }
            #expect(app.provider.calls.requests.last?.messages.first?.content == "One.")

            let second = try await app.call(.post, "/chatbots/\(chatbotID)/prompts", ["content": "Two."], as: user)
            #expect(try await ask().status == 200)
            #expect(app.provider.calls.requests.last?.messages.first?.content == "Two.")

            let prompts = try await app.all("/chatbots/\(chatbotID)/prompts", as: user)
            let first = try #require(prompts.first { $0["id"] != second["id"] }?["id"]?.string)
            try await app.call(.post, "/chatbots/\(chatbotID)/prompts/\(first)/activate", as: user)
            try await app.call(.patch, "/chatbots/\(chatbotID)", ["temperature": 1.5], as: user)
            #expect(try await ask().status == 200)
            #expect(app.provider.calls.requests.last?.messages.first?.content == "One.")
            #expect(app.provider.calls.requests.last?.temperature == 1.5)

            try await app.call(.delete, "/chatbots/\(chatbotID)", as: user)
            #expect([401, 404].contains(try await ask().status))
            #expect(app.provider.calls.requests.count == 4)
        }
    }

    @Test("What was read before a change is not remembered after it")
    func races() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let id = try await app.chatbot(["name": "Shop"], as: user)
            let chatbot = try await app.database.read(.system) { tx in
                try tx.row("SELECT \(Chatbot.columns) FROM chatbots c WHERE c.id = ?", [id], Chatbot.init)
            }
            let known = ChatbotCache(invalidations: app.app.invalidations)
            let generation = known.look(id).generation
            known.forget(id)
            known.remember(try #require(chatbot), prompt: nil, since: generation)
            #expect(known.look(id).known == nil)
            known.remember(try #require(chatbot), prompt: "New.", since: known.look(id).generation)
            #expect(known.look(id).known?.prompt == "New.")
        }
    }
}
