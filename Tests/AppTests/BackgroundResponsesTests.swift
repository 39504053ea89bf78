import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App
@testable import Chat
@testable import HTTPKit
@testable import Metering
@testable import ModelAPI
@testable import Platform

/// Responses in the background: polled, followed from any event, cancelled, and ended when their server dies.
@Suite(.timeLimit(.minutes(3))) struct BackgroundResponsesTests {
    static let path = ResponsesTests.path

    private static func begin(
        _ key: TestApplication, _ fields: [String: JSONValue] = [:]
    ) async throws -> String {
        let body: [String: JSONValue] = ["input": "লিখুন", "background": true]
        let answer = try await key.call(.post, path, .object(body.merging(fields) { $1 }))
        try #require(answer.status == 200 && answer["status"] == "in_progress", "\(answer.text)")
        #expect(answer["background"] == true && answer["output"] == [])
        return try answer.string("id")
    }

    private static func status(_ key: TestApplication, _ id: String) async throws -> JSONValue? {
        try await key.call(.get, "\(path)/\(id)")["status"]
    }

    @Test("One runs without its client, is polled as it grows, and pays for what it took")
    func polled() async throws {
        let gate = Gate()
        let usage = ChatUsage(promptTokens: 100, completionTokens: 50)
        let provider = ScriptedProvider(
            .init([.thoughts("ভাবি"), .delta("এক "), .wait(gate.wait), .delta("দুই")], usage: usage))
        try await TestApp.run(
            provider: provider,
            configure: { $0.defaultPrice = Price(inputPerMillion: 1_000_000, outputPerMillion: 1_000_000) }
        ) { app in
            let user = try await app.user("alice")
            let bot = try await app.chatbot(["name": "Paid", "max_tokens": 1000], as: user)
            let key = try await TestApplication.make(app, chatbotID: bot, as: user)
            let id = try await Self.begin(key)
            try await app.eventually("it grows") {
                try await key.call(.get, "\(Self.path)/\(id)")["output"]?[1]?["content"]?[0]?["text"] == "এক "
            }
            let next = try await key.call(.post, Self.path, ["input": "Hi", "previous_response_id": .string(id)])
            #expect(next.status == 409 && next.errorCode == "conflict", "\(next.text)")
            gate.open()
            try await app.eventually("it ends") { try await Self.status(key, id) == "completed" }
            let whole = try await key.call(.get, "\(Self.path)/\(id)")
            #expect(whole["output"]?[1]?["content"]?[0]?["text"] == "এক দুই" && whole["usage"]?["total_tokens"] == 150)
            #expect(try await app.spent(key.keyID) == 150)
            #expect(try await app.count("message_logs") == 1)
            #expect(app.app.responses.store.running.all.isEmpty)
        }
    }

    @Test("It is followed from any event, while it runs and afterwards, and by another instance")
    func followed() async throws {
        let gate = Gate()
        let provider = ScriptedProvider(
            .init([.thoughts("হুম"), .delta("এক"), .delta(" 🌍"), .wait(gate.wait), .delta(" তিন"), .delta(".")]))
        try await TestApp.run(provider: provider) { app in
            let key = try await ResponsesTests.application(app)
            let id = try await Self.begin(key)
            let live = Task { try await key.call(.get, "\(Self.path)/\(id)?stream=true") }
            try await app.eventually("the model waits") { gate.arrivals == 1 }
            try await app.eventually("what came is stored") {
                try await app.count("response_parts", where: "response_id = '\(id)' AND kind = 'output'") > 0
            }
            try await app.another { other in
                let there = TestApplication(app: other, chatbotID: key.chatbotID, keyID: key.keyID, key: key.key)
                let polled = try await there.call(.get, "\(Self.path)/\(id)")
                #expect(polled["status"] == "in_progress" && polled["output"]?[1]?["content"]?[0]?["text"] == "এক 🌍")
                async let remote = there.call(.get, "\(Self.path)/\(id)?stream=true&starting_after=6")
                try await Task.sleep(for: .milliseconds(400))
                gate.open()
                let all = try await live.value.events
                #expect(ResponseGrammar.problems(all) == [])
                try await app.eventually("it is stored") { try await Self.status(key, id) == "completed" }
                let rest = try await remote.events
                #expect(rest.map(\.data) == all.dropFirst(7).map(\.data))
                for after in -1..<all.count {
                    let query = after < 0 ? "" : "&starting_after=\(after)"
                    let again = try await there.call(.get, "\(Self.path)/\(id)?stream=true\(query)")
                    #expect(again.events.map(\.data) == all.dropFirst(after + 1).map(\.data), "after \(after)")
                }
            }
        }
    }

    @Test("A stream in the background that loses its reader goes on")
    func left() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("এক", " দুই"))) { app in
            let key = try await ResponsesTests.application(app)
            let stream = try await key.call(
                .post, Self.path, ["input": "Hi", "background": true, "stream": true])
            #expect(ResponseGrammar.problems(stream.events) == [])
            let id = try #require(stream.events.last?.data["response"]?["id"]?.string)
            #expect(try await Self.status(key, id) == "completed")
            let waited = try await key.call(.post, Self.path, ["input": "Hi"])
            let refused = try await key.call(.get, "\(Self.path)/\(waited.string("id"))?stream=true")
            #expect(refused.status == 400 && refused["error"]?["param"] == "stream", "\(refused.text)")
            let cancel = try await key.call(.post, "\(Self.path)/\(waited.string("id"))/cancel")
            #expect(cancel.status == 400, "\(cancel.text)")
        }
    }

    @Test(
        "Cancelling ends the call, keeps what came and charges for it; twice changes nothing", arguments: [true, false])
    func cancelled(isElsewhere: Bool) async throws {
        let gate = Gate()
        let provider = ScriptedProvider(.init([.delta("এক"), .wait(gate.wait), .delta("দুই")]))
        try await TestApp.run(
            provider: provider,
            configure: { $0.defaultPrice = Price(inputPerMillion: 1_000_000, outputPerMillion: 1_000_000) }
        ) { app in
            let user = try await app.user("alice")
            let bot = try await app.chatbot(["name": "Paid", "max_tokens": 1000], as: user)
            let key = try await TestApplication.make(app, chatbotID: bot, as: user)
            let id = try await Self.begin(key)
            try await app.eventually("the model waits") { gate.arrivals == 1 }
            async let live = key.call(.get, "\(Self.path)/\(id)?stream=true")
            try await Task.sleep(for: .milliseconds(100))
            @Sendable func cancel(_ key: TestApplication) async throws {
                var cancelled = try await key.call(.post, "\(Self.path)/\(id)/cancel")
                // On a busy machine its own instance notices after the answer.
                for _ in 0..<600 where cancelled["status"] == "in_progress" {
                    try await Task.sleep(for: .milliseconds(50))
                    cancelled = try await key.call(.get, "\(Self.path)/\(id)")
                }
                #expect(cancelled.status == 200 && cancelled["status"] == "cancelled", "\(cancelled.text)")
                #expect(cancelled["output"]?[0]?["content"]?[0]?["text"] == "এক")
            }
            if isElsewhere {
                try await app.another { other in
                    try await cancel(
                        TestApplication(app: other, chatbotID: key.chatbotID, keyID: key.keyID, key: key.key))
                }
            }
            try await cancel(key)
            #expect(provider.calls.cancelled == 1)
            #expect(try await live.events.last?.data["response"]?["status"] == "cancelled")
            #expect(try await app.spent(key.keyID) ?? 0 > 0)
            #expect(try await app.rows("SELECT outcome FROM message_logs") == ["partial"])
        }
    }

    @Test("Deleting one that runs stops it")
    func deleted() async throws {
        let gate = Gate()
        let provider = ScriptedProvider(.init([.delta("এক"), .wait(gate.wait), .delta("দুই")]))
        try await TestApp.run(provider: provider) { app in
            let key = try await ResponsesTests.application(app)
            let id = try await Self.begin(key)
            try await app.eventually("the model waits") { gate.arrivals == 1 }
            #expect(try await key.call(.delete, "\(Self.path)/\(id)").status == 200)
            try await app.eventually("the call ends") { provider.calls.cancelled == 1 }
            try await app.eventually("it is forgotten") { app.app.responses.store.running.all.isEmpty }
            #expect(try await app.count("responses") == 0)
            #expect(try await app.count("response_parts") == 0)
            #expect(try await app.count("message_logs") == 1)
        }
    }

    @Test("An account has so many in the background and no more, however many ask at once")
    func bounded() async throws {
        let gate = Gate()
        let provider = ScriptedProvider(.init([.wait(gate.wait), .delta("ঠিক")]))
        try await TestApp.run(provider: provider) { app in
            let key = try await ResponsesTests.application(app)
            let codes = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<60 {
                    group.addTask {
                        let answer = try await key.call(.post, Self.path, ["input": "Hi", "background": true])
                        return answer.errorCode ?? "\(answer.status)"
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            #expect(codes == ["200": 32, "too_much_at_once": 28])
            // Others are served meanwhile.
            let bob = try await app.user("bob")
            let other = try await TestApplication.make(app, chatbotID: app.chatbot(["name": "B"], as: bob), as: bob)
            _ = try await Self.begin(other)
            gate.open()
            try await app.eventually("they end") { app.app.responses.store.running.all.isEmpty }
            _ = try await Self.begin(key)
        }
    }

    @Test("One whose server has died fails, and its cost is logged as unknown")
    func abandoned() async throws {
        let gate = Gate()
        try await TestApp.run(provider: ScriptedProvider(.init([.delta("এক"), .wait(gate.wait)])), keepsReplies: false)
        {
            app in
            let key = try await ResponsesTests.application(app)
            let id = try await Self.begin(key)
            try await app.eventually("the model waits") { gate.arrivals == 1 }
            try await app.another { other in
                let there = TestApplication(app: other, chatbotID: key.chatbotID, keyID: key.keyID, key: key.key)
                #expect(try await Self.status(there, id) == "in_progress")
                try await other.app.housekeeping.closeTurns(now: .now)
                #expect(try await Self.status(there, id) == "in_progress")
                try await other.app.housekeeping.closeTurns(now: Timestamp.now.adding(.seconds(31)))
                let failed = try await there.call(.get, "\(Self.path)/\(id)")
                #expect(failed["status"] == "failed" && failed["error"]?["code"] == "server_error", "\(failed.text)")
                let stream = try await there.call(.get, "\(Self.path)/\(id)?stream=true")
                #expect(ResponseGrammar.problems(stream.events) == [])
                #expect(try await other.rows("SELECT outcome FROM message_logs") == ["partial"])
            }
            gate.open()
        }
    }

    @Test("A provider that fails ends it as failed, also after the client has left")
    func failed() async throws {
        let failure = ProviderError(.rateLimited, retryable: false, detail: "canary")
        try await TestApp.run(provider: ScriptedProvider(.failure(failure))) { app in
            let key = try await ResponsesTests.application(app)
            let id = try await Self.begin(key)
            try await app.eventually("it fails") { try await Self.status(key, id) == "failed" }
            let failed = try await key.call(.get, "\(Self.path)/\(id)")
            #expect(
                failed["error"]?["code"] == "rate_limit_exceeded" && !failed.text.contains("canary"), "\(failed.text)")
            #expect(failed["error"]?["mynah_code"] == "provider_rate_limited")
        }
    }
}
