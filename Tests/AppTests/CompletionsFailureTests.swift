import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import ModelAPI
import Storage
import Testing

@testable import App
@testable import Chat
@testable import HTTPKit
@testable import Metering
@testable import Platform

/// Completions that fail, cost, fill in what is known of a person, or go to a chatbot's own endpoint.
@Suite struct CompletionsFailureTests {
    static let faults: [(ProviderError.Kind, Int, String)] = [
        (.timeout, 504, "provider_timeout"), (.rateLimited, 503, "provider_rate_limited"),
        (.unavailable, 503, "provider_unavailable"), (.misconfigured, 503, "provider_unavailable"),
        (.refused, 400, "provider_refused"), (.emptyReply, 502, "empty_reply"), (.loading, 503, "model_loading"),
        (.contextTooLong, 400, "context_length_exceeded"), (.notFound, 404, "model_not_found"),
    ]

    @Test("Each 503 says after how many seconds to try again, also if the provider does not say so")
    func retryAfter() async throws {
        for code in APIError.Code.allCases where code.status.code == 503 {
            #expect((APIError(code).retryAfter ?? 0) > 0, "\(code)")
            #expect(APIError(code, retryAfter: 77).retryAfter == 77)
        }
        for (kind, status, _) in Self.faults where status == 503 {
            let error = ProviderError(kind, retryable: false, detail: "ভাঙা")
            try await TestApp.run(provider: ScriptedProvider(.failure(error))) { app in
                let key = try await CompletionsTests.application(app)
                let answer = try await key.call(.post, CompletionsTests.path, CompletionsTests.asking([:]))
                #expect(answer.status == 503)
                #expect(Int(answer.headers[.retryAfter] ?? "") ?? 0 > 0, "\(kind)")
            }
        }
    }

    @Test(
        "A model that fails before it says anything gives the answer its status, streamed or not, and no detail",
        arguments: faults)
    func early(kind: ProviderError.Kind, status: Int, code: String) async throws {
        let error = ProviderError(kind, retryable: false, retryAfter: .seconds(7), detail: "canary-detail")
        try await TestApp.run(provider: ScriptedProvider(.failure(error))) { app in
            let key = try await CompletionsTests.application(app)
            for stream in [true, false] {
                let answer = try await key.call(
                    .post, CompletionsTests.path, CompletionsTests.asking(["stream": .bool(stream)]))
                #expect(answer.status == status && answer.errorCode == code, "\(answer.text)")
                #expect(answer.headers[.contentType] == "application/json; charset=utf-8")
                #expect(answer.headers[.retryAfter] == "7")
                #expect(!answer.text.contains("canary"))
                let id = try #require(answer["error"]?["request_id"]?.string)
                #expect(app.log.lines.contains { $0.contains("model call failed") && $0.contains(id) })
            }
        }
    }

    @Test("One that breaks off in the midst of a stream ends it with an error in place of [DONE]")
    func late() async throws {
        let error = ProviderError(.unavailable, detail: "canary-detail")
        let provider = ScriptedProvider(.init([.delta("Half"), .fail(error)]))
        try await TestApp.run(provider: provider) { app in
            let key = try await CompletionsTests.application(app)
            let answer = try await key.call(
                .post, CompletionsTests.path, CompletionsTests.asking(["stream": true]))
            #expect(answer.status == 200)
            #expect(answer.events[1].data["choices"]?[0]?["delta"]?["content"] == "Half")
            let last = try #require(answer.events.last?.data["error"])
            #expect(last["code"] == "provider_unavailable" && last["type"] == "api_error")
            #expect(last["request_id"]?.string == answer.headers[.requestID])
            #expect(!answer.text.contains("[DONE]") && !answer.text.contains("canary"))
            let whole = try await key.call(.post, CompletionsTests.path, CompletionsTests.hello)
            #expect(whole.status == 503 && whole.errorCode == "provider_unavailable")
            #expect(provider.calls.requests.count == 2, "what has begun is not tried again")
        }
    }

    @Test("Where the vendor does not count, Mynah estimates")
    func estimates() async throws {
        let provider = ScriptedProvider { _, _ in .init([.delta("Hello world, how are you?")]) }
        try await TestApp.run(provider: provider) { app in
            let key = try await CompletionsTests.application(app)
            let answer = try await key.call(.post, CompletionsTests.path, CompletionsTests.hello)
            #expect((answer["usage"]?["prompt_tokens"]?.int ?? 0) > 0)
            #expect((answer["usage"]?["completion_tokens"]?.int ?? 0) > 0)
        }
    }

    @Test("A server that is told to stop takes no more, and ends what is left after its grace")
    func shutdown() async throws {
        let gate = Gate()
        try await TestApp.run(provider: ScriptedProvider(.init([.delta("Half"), .wait(gate.wait)]))) { app in
            let key = try await CompletionsTests.application(app)
            async let running = key.call(
                .post, CompletionsTests.path, CompletionsTests.asking(["stream": true]))
            try await app.eventually("the model is asked") { gate.arrivals == 1 }
            async let finished: Void = app.app.finishReplies()
            try await app.eventually("it takes no more") {
                let answer = try await key.call(.post, CompletionsTests.path, CompletionsTests.hello)
                return answer.status == 503 && answer.errorCode == "shutting_down"
            }
            let answer = try await running
            #expect(answer.events.last?.data["error"]?["code"] == "shutting_down")
            await finished
            #expect(app.app.completions.completer.running.count == 0)
        }
    }

    @Test("A budget is never overspent by parallel calls, and pays for what was used")
    func budget() async throws {
        let gate = Gate()
        let usage = ChatUsage(promptTokens: 100, completionTokens: 50)
        let provider = ScriptedProvider(.init([.wait(gate.wait), .delta("Hello")], usage: usage))
        try await TestApp.run(
            provider: provider,
            configure: { $0.defaultPrice = Price(inputPerMillion: 1_000_000, outputPerMillion: 1_000_000) }
        ) { app in
            let user = try await app.user("alice")
            let chatbotID = try await app.chatbot(["name": "Paid", "max_tokens": 1000], as: user)
            let key = try await app.secretKey("/chatbots/\(chatbotID)/api-keys", ["budget": 1900], as: user)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<30 {
                    group.addTask {
                        let body = CompletionsTests.asking(["stream": .bool(index.isMultiple(of: 2))])
                        let answer = try await app.call(
                            .post, CompletionsTests.path, body, headers: [.apiKey: key.text])
                        #expect(answer.status == 200 || answer.errorCode == "budget_exhausted")
                        return answer.status
                    }
                }
                try await app.eventually("the others are refused") {
                    app.log.lines.filter { $0.hasPrefix("info request ") && $0.contains(#""status": 402"#) }.count == 29
                        || gate.arrivals > 1
                }
                gate.open()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.filter { $0 == 200 }.count == 1)
            #expect(provider.calls.requests.count == 1)
            let spent = try await app.database.read(.system) { tx in
                try tx.row("SELECT spent FROM api_keys WHERE id = ?", [key.id]) { try $0.int("spent") }
            }
            #expect(spent == 150)
            let again = try await app.call(
                .post, CompletionsTests.path, CompletionsTests.hello, headers: [.apiKey: key.text])
            #expect(again.status == 200, "what was not used has come back")
        }
    }

    @Test("The prompt's variables are filled for the user that the application names, or else for the owner")
    func variables() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            try await app.call(.post, "/users/me/details", ["first_name": "Alice"], as: user)
            let prompt = "You talk to {{user.first_name}}."
            let chatbotID = try await app.chatbot(["name": "Helper"], prompt: prompt, as: user)
            let key = try await TestApplication.make(app, chatbotID: chatbotID, as: user)
            try await key.call(.post, "/users/customer-7/details", ["first_name": "Carla"])
            let own = try await app.ownKey(as: user)
            for (user, name) in [("customer-7", "Carla"), ("customer-8", "Alice"), (nil, "Alice")] {
                let body = CompletionsTests.asking(user.map { ["user": .string($0)] } ?? [:])
                #expect(try await key.call(.post, CompletionsTests.path, body).status == 200)
                let first = app.provider.calls.requests.last?.messages.first
                #expect(first == ChatMessage(role: .system, content: "You talk to \(name)."))
            }
            let body = CompletionsTests.asking(["model": "helper", "user": "customer-7"])
            let answer = try await app.call(.post, CompletionsTests.path, body, headers: [.apiKey: own.text])
            #expect(answer.status == 200)
            #expect(app.provider.calls.requests.last?.messages.first?.content == "You talk to Alice.")
        }
    }

    @Test("A chatbot's own endpoint answers here too, and is sent what it always is")
    func endpoint() async throws {
        let endpoint = ScriptedProvider(name: WebhookProvider.usualName, .text("From the endpoint"))
        try await TestApp.run(configure: { $0.extraProviders.append(endpoint) }) { app in
            let key = try await CompletionsTests.application(
                app, ["llm_endpoint_url": "https://example.com/answer"], prompt: "A secret prompt")
            let body: JSONValue = [
                "model": "helper",
                "messages": [
                    ["role": "user", "content": "One"], ["role": "assistant", "content": "Two"],
                    ["role": "user", "content": "Three"],
                ],
            ]
            let answer = try await key.call(.post, CompletionsTests.path, body)
            #expect(answer["choices"]?[0]?["message"]?["content"] == "From the endpoint", "\(answer.text)")
            let webhook = try #require(endpoint.calls.requests.first?.webhook)
            #expect(webhook.url == "https://example.com/answer" && !webhook.secret.isEmpty)
            let document = try JSONValue(parsing: webhook.document)
            #expect(document["user_message"] == "Three" && document["chatbot_id"]?.string == key.chatbotID)
            #expect(document["user_context"]?["conversation_context"] == "User: One\nAssistant: Two")
            #expect(document["api_key_info"]?["id"]?.string == key.keyID)
            #expect(!String(decoding: webhook.document, as: UTF8.self).contains("secret prompt"))
            #expect(app.provider.calls.requests.isEmpty)
        }
    }
}
