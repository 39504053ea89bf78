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

/// A completion on /v1 writes its log before the response ends.
@Suite struct MessageLogCompletionTests {
    private static func ask(_ key: TestApplication, _ path: String, streams: Bool) async throws -> TestApp.Answer {
        try await key.call(
            .post, path,
            CompletionsTests.asking([
                "stream": .bool(streams), "max_tokens": 100,
                path == "/v1/messages" ? "metadata" : "user": path == "/v1/messages" ? ["user_id": "dora"] : "dora",
            ]))
    }

    @Test(
        "A completion on /v1, streamed or not, writes one log",
        arguments: ["/v1/chat/completions", "/v1/messages"], [false, true])
    func logged(path: String, streams: Bool) async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("Hi", " you", usage: MessageLogTests.usage))) { app in
            let key = try await CompletionsTests.application(app)
            let answer = try await Self.ask(key, path, streams: streams)
            #expect(answer.status == 200, "\(answer.text)")
            let logs = try await MessageLogTests.logs(app)
            let log = try #require(logs.first)
            #expect(logs.count == 1 && log.requestID == answer.headers[.requestID] && log.id == log.requestID)
            #expect(log.keyID == key.keyID && log.chatbotID == key.chatbotID && log.userID == nil)
            #expect(log.conversationID == nil && log.messageID == nil && log.endUserID == nil)
            #expect(log.payerID != nil && log.provider == "scripted" && log.model == "default")
            #expect(log.promptTokens == 11 && log.completionTokens == 4)
            #expect(log.outcome == .complete && log.errorCode == nil && log.firstTokenMs != nil)
            #expect(log.content == MessageLog.Content(question: "Hello there", answer: "Hi you"))
            // The call of an application's user that the chatbot knows.
            _ = try await key.query("Hello", ["user": ["id": "dora"]])
            #expect(try await Self.ask(key, path, streams: streams).status == 200)
            let later = try await MessageLogTests.logs(app).suffix(2)
            #expect(later.first?.endUserID != nil && later.first?.endUserID == later.last?.endUserID)
        }
    }

    @Test("A call that fails or breaks off has a log that says so", arguments: [false, true])
    func failed(streams: Bool) async throws {
        let provider = ScriptedProvider(
            .failure(ProviderError(.refused, detail: "no")),
            .init([.delta("Half"), .fail(ProviderError(.unavailable, detail: "gone"))]))
        try await TestApp.run(provider: provider) { app in
            let key = try await CompletionsTests.application(app)
            #expect(try await Self.ask(key, CompletionsTests.path, streams: streams).status == 400)
            _ = try await Self.ask(key, CompletionsTests.path, streams: streams)
            let logs = try await MessageLogTests.logs(app)
            #expect(logs.map(\.outcome) == [.failed, .partial])
            #expect(logs.map(\.errorCode) == ["provider_refused", "provider_unavailable"])
            #expect(logs.map(\.content?.answer) == ["", "Half"] && logs[0].promptTokens == 0)
        }
    }

    @Test("A budget's bill and the log are settled together, with the same cost")
    func billed() async throws {
        try await TestApp.run(
            provider: ScriptedProvider(.text("Hi", usage: MessageLogTests.usage)),
            configure: { $0.defaultPrice = Price("1000000/2000000")! }
        ) { app in
            let key = try await CompletionsTests.application(app)
            #expect(try await Self.ask(key, CompletionsTests.path, streams: false).status == 200)
            #expect(try await Self.ask(key, CompletionsTests.path, streams: true).status == 200)
            #expect(try await key.query("Hello").status == 200)
            #expect(try await MessageLogTests.logs(app).map(\.cost) == [19, 19, 19])
        }
    }

    @Test("Where the log cannot be written, the answer fails, and a stream does not end as if it were whole")
    func lost() async throws {
        try await TestApp.run { app in
            let key = try await CompletionsTests.application(app)
            try await app.database.write(.system) { tx in try tx.script("ALTER TABLE message_logs RENAME TO gone") }
            let whole = try await Self.ask(key, CompletionsTests.path, streams: false)
            #expect(whole.status >= 500 && whole["error"]?["type"] == "api_error")
            let stream = try await Self.ask(key, CompletionsTests.path, streams: true)
            #expect(stream.text.contains("api_error") && !stream.text.contains("[DONE]"))
            let message = try await Self.ask(key, "/v1/messages", streams: true)
            #expect(message.text.contains("api_error") && !message.text.contains("message_stop"))
            try await app.database.write(.system) { tx in try tx.script("ALTER TABLE gone RENAME TO message_logs") }
            #expect(try await Self.ask(key, CompletionsTests.path, streams: false).status == 200)
        }
    }

    private static func log(_ number: Int, requestID: String? = nil) -> MessageLog {
        MessageLog(
            id: Identifier.make(), workspaceID: "w", chatbotID: "c", asker: .init(payerID: "p"),
            requestID: requestID ?? "r\(number)", provider: "p", model: "m", usage: .init(), firstToken: nil,
            total: .zero, outcome: .complete, errorCode: nil, content: nil, createdAt: .now)
    }

    @Test("Logs written at the same time share a commit and are all durable before the responses end")
    func batches() async throws {
        try await TestApp.run { app in
            let writer = MessageLogWriter(
                database: app.database, secrets: app.app.people.secrets, keepsContent: true,
                interval: .milliseconds(20))
            let before = app.database.statistics.writes
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<1200 { group.addTask { try await writer.write(Self.log(number)) } }
                try await group.waitForAll()
            }
            #expect(app.database.statistics.writes - before < 100)
            #expect(try await MessageLogTests.logs(app).count == 1000)
            let count = try await app.database.read(.system) { tx in
                try tx.row("SELECT COUNT(DISTINCT request_id) AS n FROM message_logs") { try $0.int("n") }
            }
            #expect(count == 1200)
        }
    }

    @Test("A log that the database refuses takes no other with it")
    func refused() async throws {
        try await TestApp.run { app in
            try await app.database.write(.system) { tx in
                try tx.script("CREATE UNIQUE INDEX once ON message_logs (request_id)")
            }
            let writer = MessageLogWriter(
                database: app.database, secrets: app.app.people.secrets, keepsContent: true,
                interval: .milliseconds(50))
            let refused = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        do {
                            try await writer.write(Self.log(number, requestID: number < 3 ? "same" : nil))
                            return false
                        } catch { return true }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(refused == 2)
            #expect(try await MessageLogTests.logs(app).count == 18)
        }
    }

    @Test("More than may wait are turned away")
    func overloaded() async throws {
        try await TestApp.run { app in
            let writer = MessageLogWriter(
                database: app.database, secrets: app.app.people.secrets, keepsContent: true,
                interval: .milliseconds(300), capacity: 5)
            let codes = await withTaskGroup(of: APIError.Code?.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        do {
                            try await writer.write(Self.log(number))
                            return nil
                        } catch { return APIError(any: error).code }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.count { $0 == .overloaded } == 3 && codes.count { $0 == nil } == 5)
        }
    }
}
