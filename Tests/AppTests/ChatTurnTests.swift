import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App
@testable import Chat
@testable import Chatbots
@testable import HTTPKit
@testable import Metering

@Suite struct ChatTurnTests {
    private static func user(_ content: String) -> ChatMessage { .init(role: .user, content: content) }
    private static func reply(_ content: String) -> ChatMessage { .init(role: .assistant, content: content) }
    private static func prompt(_ content: String) -> ChatMessage { .init(role: .system, content: content) }

    @Test("The model gets the active prompt first, then the history in order")
    func history() async throws {
        let provider = ScriptedProvider { _, number in .text("reply \(number)") }
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let chatbot = try await app.chatbot(prompt: "Be brief.", as: user)
            let id = try await app.conversation(with: chatbot, as: user)
            for number in 0..<3 { try await app.send("question \(number)", in: id, as: user) }
            #expect(provider.calls.requests[0].messages == [Self.prompt("Be brief."), Self.user("question 0")])
            #expect(
                provider.calls.requests[2].messages == [
                    Self.prompt("Be brief."), Self.user("question 0"), Self.reply("reply 0"),
                    Self.user("question 1"), Self.reply("reply 1"), Self.user("question 2"),
                ])
            _ = try await app.call(
                .post, "/chatbots/\(chatbot)/prompts", ["content": "Be long."], as: user)
            try await app.send("question 3", in: id, as: user)
            #expect(provider.calls.requests[3].messages.first == Self.prompt("Be long."))
            let bare = try await app.conversation(with: app.chatbot(as: user), as: user)
            try await app.send("no prompt", in: bare, as: user)
            #expect(provider.calls.requests[4].messages == [Self.user("no prompt")])
        }
    }

    @Test("The oldest messages are dropped within the token budget, the prompt and the last message never")
    func budget() async throws {
        let provider = ScriptedProvider(.text("ok"))
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let prompt = String(repeating: "p", count: 3000)
            let id = try await app.conversation(with: app.chatbot(prompt: prompt, as: user), as: user)
            let contents = (0..<12).map { "\($0) " + String(repeating: "m", count: 6000) }
            for content in contents { try await app.send(content, in: id, as: user) }
            for (number, request) in provider.calls.requests.enumerated() {
                let messages = request.messages
                #expect(messages.first == Self.prompt(prompt))
                #expect(messages.last == Self.user(contents[number]))
                #expect(messages.count == 2 || messages[1].role == .user)
                let total = PromptSize(messages).estimate(.bytes)
                #expect(total <= 16_384 - request.maxTokens)
                let kept = messages.dropFirst().filter { $0.role == .user }.map(\.content)
                #expect(kept == Array(contents[...number].suffix(kept.count)))
            }
            #expect(provider.calls.requests[2].messages.count == 6)
            let last = provider.calls.requests[11].messages.count
            #expect(last > 6 && last < 24)

            let huge = String(repeating: "é", count: Message.maxLength)
            try await app.send(huge, in: id, as: user)
            #expect(provider.calls.requests.last?.messages == [Self.prompt(prompt), Self.user(huge)])
            try await app.send("after", in: id, as: user)
            #expect(provider.calls.requests.last?.messages.last == Self.user("after"))
            #expect(provider.calls.requests.last?.messages.contains(Self.user(huge)) == false)
        }
    }

    @Test("The model is the chatbot's, or one of its others where the caller asks for it")
    func models() async throws {
        try await TestApp.run(configure: { $0.model = "standard" }) { app in
            let user = try await app.user("alice")
            let plain = try await app.chatbot(as: user)
            let own = try await app.chatbot(
                ["name": "Own", "model": "m-1", "models": ["m-2"], "max_tokens": 77, "temperature": 0.25], as: user)
            func chat(_ chatbot: String, _ model: JSONValue?) async throws -> TestApp.Answer {
                var body: [String: JSONValue] = ["chatbot_id": .string(chatbot), "message": "hi"]
                body["model"] = model
                return try await app.call(.post, "/chat", .object(body), as: user)
            }
            for (chatbot, asked, expected) in [
                (plain, nil, "standard"), (plain, "standard", "standard"), (own, nil, "m-1"), (own, "m-1", "m-1"),
                (own, "m-2", "m-2"), (own, .null, "m-1"),
            ] as [(String, JSONValue?, String)] {
                let answer = try await chat(chatbot, asked)
                #expect(answer.status == 200)
                let request = try #require(app.provider.calls.requests.last)
                #expect(request.model == expected)
                #expect(answer["message"]?["model"]?.string == expected)
                #expect(request.maxTokens == (chatbot == own ? 77 : 1024))
                #expect(request.temperature == (chatbot == own ? 0.25 : nil))
            }
            let calls = app.provider.calls.requests.count
            let conversations = try await app.all("/conversations", as: user).count
            for (chatbot, asked) in [(own, "standard"), (plain, "m-2"), (own, "m-3"), (own, "")] {
                let answer = try await chat(chatbot, .string(asked))
                #expect(answer.status == 422, "\(answer.text)")
                #expect(answer["error"]?["param"] == "model")
                if !asked.isEmpty { #expect(answer.errorCode == "model_not_allowed") }
            }
            #expect(app.provider.calls.requests.count == calls)
            #expect(try await app.all("/conversations", as: user).count == conversations)
        }
    }

    @Test("max_tokens is always sent, and never takes the whole context")
    func maxTokens() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let greedy = try await app.chatbot(["name": "Greedy", "max_tokens": 1_000_000], as: user)
            _ = try await app.call(
                .post, "/chat", ["chatbot_id": .string(greedy), "message": "hi"], as: user)
            #expect(app.provider.calls.requests[0].maxTokens == 8192)
        }
    }

    @Test(
        "A provider's failure is stored as a friendly message of its kind and is left out of the next prompt",
        arguments: [
            (ProviderError.Kind.timeout, "provider_timeout"), (.rateLimited, "provider_rate_limited"),
            (.unavailable, "provider_unavailable"), (.refused, "provider_refused"), (.emptyReply, "empty_reply"),
            (.contextTooLong, "message_too_long"), (.loading, "model_loading"),
            (.misconfigured, "provider_unavailable"),
        ])
    func failure(kind: ProviderError.Kind, code: String) async throws {
        let provider = ScriptedProvider { request, _ in
            request.messages.last?.content == "fail"
                ? .failure(ProviderError(kind, detail: "internal detail")) : .text("fine")
        }
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(with: app.chatbot(as: user), as: user)
            let failed = try await app.send("fail", in: id, as: user)
            #expect(failed.status == 200)
            let reply = try #require(failed.json[1])
            #expect(reply["status"] == "failed" && reply["error_code"]?.string == code)
            let text = try #require(reply["content"]?.string)
            #expect(text == FailureMessages.text(for: APIError.Code(rawValue: code)!))
            #expect(!failed.text.contains("internal detail"))

            let next = try await app.send("go on", in: id, as: user)
            #expect(next.json[1]?["status"] == "complete")
            let messages = try #require(provider.calls.requests.last).messages
            #expect(messages == [Self.user("fail"), Self.user("go on")])

            let own = try await app.chatbot(["name": "Own", "fallback_message": "Ask my human."], as: user)
            let chat = try await app.call(
                .post, "/chat", ["chatbot_id": .string(own), "message": "fail"], as: user)
            #expect(chat.status == 200 && chat["message"]?["content"] == "Ask my human.")
            #expect(chat["message"]?["error_code"]?.string == code)
        }
    }

    @Test("Each kind of failure has its own message")
    func fallbackTexts() {
        let codes: [APIError.Code] = [
            .providerTimeout, .providerRateLimited, .providerRefused, .messageTooLong, .emptyReply, .modelLoading,
            .providerUnavailable,
        ]
        #expect(Set(codes.map(FailureMessages.text)).count == codes.count)
    }

    @Test("What came before a failure in the middle is kept as partial")
    func failureInTheMiddle() async throws {
        let provider = ScriptedProvider { _, number in
            number == 0
                ? .init([.delta("Half a "), .delta("reply"), .fail(ProviderError(.timeout, detail: ""))])
                : .text("whole")
        }
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(with: app.chatbot(as: user), as: user)
            let reply = try #require(try await app.send("hi", in: id, as: user).json[1])
            #expect(reply["status"] == "partial" && reply["content"] == "Half a reply")
            #expect(reply["error_code"] == "provider_timeout")
            #expect(try await app.all("/conversations/\(id)/messages", as: user).last == reply)
            try await app.send("go on", in: id, as: user)
            #expect(provider.calls.requests[1].messages.contains(Self.reply("Half a reply")))
        }
    }

    @Test("A reply without visible text fails", arguments: [[], [" ", "\n\t\u{2003}"], ["\0"], ["\0 ", "\0"]])
    func emptyReply(pieces: [String]) async throws {
        try await TestApp.run(provider: ScriptedProvider(.init(pieces.map { .delta($0) }))) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            let reply = try await app.send("hi", in: id, as: user).json[1]
            #expect(reply?["status"] == "failed" && reply?["error_code"] == "empty_reply")
            #expect(reply?["content"]?.string == FailureMessages.text(for: .emptyReply))
        }
    }

    @Test("Where the model finds the context too long, it is asked again with the last message alone")
    func contextTooLong() async throws {
        let provider = ScriptedProvider { request, _ in
            request.messages.count > 2
                ? .failure(ProviderError(.contextTooLong, detail: "")) : .text("fits")
        }
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(with: app.chatbot(prompt: "P", as: user), as: user)
            for content in ["one", "two"] {
                #expect(try await app.send(content, in: id, as: user).json[1]?["content"] == "fits")
            }
            #expect(provider.calls.requests.map(\.messages.count) == [2, 4, 2])
            #expect(provider.calls.requests[2].messages == [Self.prompt("P"), Self.user("two")])
        }
    }

    @Test("U+0000 in a model's reply does not keep the rest from being stored")
    func nul() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("be", "\0", "fore\0after"))) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            let reply = try await app.send("hi", in: id, as: user).json[1]
            #expect(reply?["content"] == "beforeafter" && reply?["status"] == "complete")
            #expect(try await app.all("/conversations/\(id)/messages", as: user).last?["content"] == "beforeafter")
        }
    }

    @Test("What the model counted is reported")
    func usage() async throws {
        let usage = ChatUsage(promptTokens: 11, completionTokens: 4)
        try await TestApp.run(provider: ScriptedProvider(.text("ok", usage: usage))) { app in
            let user = try await app.user("alice")
            let answer = try await app.call(.post, "/chat", ["message": "hi"], as: user)
            let expected: JSONValue = ["prompt_tokens": 11, "completion_tokens": 4, "total_tokens": 15]
            #expect(answer["usage"] == expected && answer["message"]?["usage"] == expected)
            let id = try answer.string("conversation_id")
            #expect(try await app.all("/conversations/\(id)/messages", as: user).last?["usage"] == expected)
        }
    }

    @Test("The hot routes take no more transactions than they need")
    func queryCounts() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("ok"))) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            for number in 0..<10 { try await app.send("Message \(number)", in: id, as: user) }
            typealias Cost = (reads: Int, writes: Int, statements: Int)
            /// The least of several, for now and then something else looks into the database.
            func cost(_ work: () async throws -> TestApp.Answer) async throws -> Cost {
                var least: Cost = (.max, .max, .max)
                for _ in 0..<5 {
                    // The caller has just been checked, as in any session that is in use.
                    _ = try await app.call(.get, "/users/me", as: user)
                    let before = app.database.statistics
                    let answer = try await work()
                    let after = app.database.statistics
                    #expect(answer.status == 200, "\(answer.text)")
                    let cost = (
                        after.reads - before.reads, after.writes - before.writes, after.statements - before.statements
                    )
                    if cost.2 < least.statements { least = cost }
                }
                return least
            }
            let me = try await cost { try await app.call(.get, "/users/me", as: user) }
            #expect(me == (reads: 1, writes: 0, statements: 1))
            let messages = try await cost {
                try await app.call(.get, "/conversations/\(id)/messages?limit=20", as: user)
            }
            #expect(messages == (reads: 1, writes: 0, statements: 2))
            let list = try await cost { try await app.call(.get, "/chatbots", as: user) }
            #expect(list == (reads: 1, writes: 0, statements: 2))
            let turn = try await cost { try await app.send("One more", in: id, as: user) }
            #expect(turn.reads == 1 && turn.writes == 2)
            #expect(turn.statements <= 9, "a turn took \(turn.statements) statements")
            let first = try await cost { try await app.call(.post, "/chat", ["message": "hi"], as: user) }
            #expect(first.reads == 1 && first.writes == 2)
        }
    }
}
