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
@testable import Platform

/// Each exchange with a model writes one log.
@Suite struct MessageLogTests {
    static let usage = ChatUsage(promptTokens: 11, completionTokens: 4)
    private static let all = MessageLog.Filter(
        userID: nil, chatbotID: nil, keyID: nil, workspaceID: nil, conversationID: nil, model: nil, provider: nil,
        outcome: nil, errorCode: nil, from: nil, to: nil, content: true, format: nil, limit: nil, after: nil)

    /// Oldest first, with what was said.
    static func logs(_ app: TestApp) async throws -> [MessageLog.Shown] {
        let rows = try await app.database.read(.system) { tx in
            try MessageLog.Shown.list(tx, all, after: .newest, limit: 1000).items
        }
        let secrets = app.app.people.secrets
        return try rows.reversed().map { row in
            row.with(try row.content.map { try secrets.decryptJSON(MessageLog.Content.self, $0) })
        }
    }

    private static func only(_ app: TestApp) async throws -> MessageLog.Shown {
        let logs = try await logs(app)
        try #require(logs.count == 1, "\(logs.count) logs")
        return logs[0]
    }

    @Test("A user's turn logs the parties, the text, the usage and the outcome", arguments: [false, true])
    func turn(streams: Bool) async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("Hello", " world", usage: Self.usage))) { app in
            let user = try await app.user("alice")
            let chatbotID = try await app.chatbot(as: user)
            let answer = try await app.call(
                .post, "/chat",
                ["chatbot_id": .string(chatbotID), "message": "A question", "stream": .bool(streams)], as: user)
            #expect(answer.status == 200)
            // A stream's last event comes after the log.
            let log = try await Self.only(app)
            let conversation = try #require(
                try await app.call(.get, "/conversations", as: user)["data"]?[0]?["id"]?.string)
            let reply = try #require(
                try await app.call(.get, "/conversations/\(conversation)/messages", as: user)["data"]?[1])
            #expect(log.userID == user.id && log.payerID == user.id && log.keyID == nil && log.endUserID == nil)
            #expect(log.workspaceID == user.workspaceID && log.chatbotID == chatbotID)
            #expect(log.conversationID == conversation && log.messageID == reply["id"]?.string)
            #expect(log.requestID == answer.headers[.requestID])
            #expect(log.provider == "scripted" && log.model == "default")
            #expect(log.promptTokens == 11 && log.completionTokens == 4 && log.cost == 0)
            #expect(log.outcome == .complete && log.errorCode == nil)
            let firstToken = try #require(log.firstTokenMs)
            #expect(firstToken <= log.totalMs)
            #expect(log.content == MessageLog.Content(question: "A question", answer: "Hello world"))
        }
    }

    @Test("Applications, visitors and regenerated replies each get a log per exchange")
    func kinds() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("Yes", usage: Self.usage))) { app in
            let site = try await TestSite.make(app, as: app.user("alice"))
            #expect(try await site.say("From a visitor").status == 200)
            let key = try await TestApplication.make(app, chatbotID: site.chatbotID, as: site.owner)
            let asked = try await key.query("From a customer", ["user": ["id": "dora"]])
            let conversation = try asked.string("session_id")
            #expect(try await key.query("Again", ["session_id": .string(conversation)]).status == 200)
            let own = try await app.conversation(with: site.chatbotID, as: site.owner)
            try await app.send("From its owner", in: own, as: site.owner)
            _ = try await app.call(.post, "/conversations/\(own)/regenerate", [:], as: site.owner)
            let logs = try await Self.logs(app)
            #expect(
                logs.map(\.content?.question) == [
                    "From a visitor", "From a customer", "Again", "From its owner", "From its owner",
                ])
            #expect(logs.allSatisfy { $0.payerID == site.owner.id && $0.outcome == .complete && $0.messageID != nil })
            #expect(logs.map(\.keyID) == [site.keyID, key.keyID, key.keyID, nil, nil])
            #expect(logs.map { $0.userID != nil } == [false, false, false, true, true])
            #expect(logs[1].endUserID != nil && logs[1].endUserID == logs[2].endUserID && logs[0].endUserID != nil)
            #expect(logs[3].conversationID == own && logs[3].messageID != logs[4].messageID)
        }
    }

    @Test("Erasing an end user takes it and what was said out of the logs, also out of one that is written later")
    func erased() async throws {
        let gate = Gate()
        let provider = ScriptedProvider { _, number in
            number == 2 ? .init([.delta("Late"), .wait(gate.wait)]) : .init([.delta("Yes")])
        }
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let key = try await TestApplication.make(app, chatbotID: app.chatbot(as: user), as: user)
            #expect(try await key.query("Of Emil", ["user": ["id": "emil"]]).status == 200)
            #expect(try await key.query("Of Dora", ["user": ["id": "dora"]]).status == 200)
            let dora = try #require(try await Self.logs(app).last?.endUserID)
            async let late = key.query("Late", ["user": ["id": "dora"]])
            try await app.eventually("the reply runs") { gate.arrivals == 1 }
            let path = "/chatbots/\(key.chatbotID)/users/dora"
            let answer = try await app.call(.delete, path, as: user)
            #expect(answer.status == 204)
            #expect(try await app.entries(of: answer).count == 1)
            gate.open()
            _ = try await late
            // On a busy machine the request leaves some of it to the job.
            try await app.app.deletions.run()
            let log = MessageLog(
                id: Identifier.make(), workspaceID: user.workspaceID, chatbotID: key.chatbotID,
                asker: .init(keyID: key.keyID, endUserID: dora, payerID: user.id), requestID: nil, provider: nil,
                model: "m", usage: .init(), firstToken: nil, total: .zero, outcome: .complete, errorCode: nil,
                content: try app.app.people.secrets.encrypt(Array("said".utf8)), createdAt: .now)
            try await app.database.write(.system, log.insert)
            let logs = try await Self.logs(app)
            #expect(logs.first?.endUserID != nil && logs.first?.content?.question == "Of Emil")
            #expect(logs.count >= 3)
            #expect(logs.dropFirst().allSatisfy { $0.endUserID == nil && $0.content == nil })
        }
    }

    @Test("A team's workspace is paid for by its owner, whoever asks")
    func payer() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let owned = try await Owned.make(app, alice, member: bob)
            let answer = try await app.call(
                .post, "/chat", ["chatbot_id": .string(owned.parameters["chatbot_id"]!), "message": "Hi"], as: bob)
            #expect(answer.status == 200)
            let log = try #require(try await Self.logs(app).last)
            #expect(log.userID == bob.id && log.payerID == alice.id)
        }
    }

    @Test("What failed names the model that was tried last; what was stopped is partial and nobody's fault")
    func failures() async throws {
        let gate = Gate()
        let provider = ScriptedProvider { _, number in
            switch number {
            case 0: .failure(ProviderError(.refused, detail: "no"))
            case 1: .init([.delta("Some"), .fail(ProviderError(.unavailable, detail: "gone"))])
            default: .init([.delta("Part"), .wait(gate.wait)])
            }
        }
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let conversation = try await app.conversation(as: user)
            try await app.send("One", in: conversation, as: user)
            try await app.send("Two", in: conversation, as: user)
            async let third = app.send("Three", in: conversation, as: user)
            try await app.eventually("the reply runs") { gate.arrivals == 1 }
            _ = try await app.call(.post, "/conversations/\(conversation)/stop", as: user)
            _ = try await third
            let logs = try await Self.logs(app)
            #expect(logs.map(\.outcome) == [.failed, .partial, .partial])
            #expect(logs.map(\.errorCode) == ["provider_refused", "provider_unavailable", nil])
            #expect(logs.map(\.content?.answer) == ["", "Some", "Part"])
            #expect(logs.map { $0.firstTokenMs != nil } == [false, true, true])
            #expect(logs[0].promptTokens == 0 && logs[1].promptTokens > 0 && logs[2].completionTokens > 0)
            #expect(logs.allSatisfy { $0.provider == "scripted" })
        }
    }

    @Test("A fallback that answered is the one that is logged, and so is one that was tried last")
    func fallbacks() async throws {
        let first = ScriptedProvider(name: "first", .failure(ProviderError(.unavailable, detail: "down")))
        let second = ScriptedProvider(
            name: "second", .text("Here I am", usage: Self.usage), .failure(ProviderError(.refused, detail: "no")))
        try await TestApp.run(
            provider: first,
            configure: { configuration in
                configuration.extraProviders = [first, second]
                configuration.fallbacks = [ModelTarget(provider: "second", model: "spare")]
            }
        ) { app in
            let user = try await app.user("alice")
            let conversation = try await app.conversation(as: user)
            try await app.send("One", in: conversation, as: user)
            try await app.send("Two", in: conversation, as: user)
            let logs = try await Self.logs(app)
            #expect(logs.map(\.outcome) == [.complete, .failed])
            #expect(logs.allSatisfy { $0.provider == "second" && $0.model == "spare" })
        }
    }

    @Test("What was said lies encrypted, no longer than 32 KiB a side, or not at all", arguments: [true, false])
    func content(isKept: Bool) async throws {
        let long = String(repeating: "canary-long ", count: 4000)
        try await TestApp.run(
            provider: ScriptedProvider(.text("canary-answer ", long)), configure: { $0.keepsLoggedContent = isKept }
        ) { app in
            let key = try await CompletionsTests.application(app)
            let question = "canary-question " + String(repeating: "🦜", count: 10_000)
            let answer = try await key.call(
                .post, "/v1/chat/completions", ["messages": [["role": "user", "content": .string(question)]]])
            #expect(answer.status == 200)
            let log = try await Self.only(app)
            #expect((log.content != nil) == isKept)
            if let content = log.content {
                #expect(content.answer.utf8.count == 32_768 && content.answer.hasPrefix("canary-answer canary-long"))
                #expect(question.hasPrefix(content.question) && (32_765...32_768).contains(content.question.utf8.count))
            }
            #expect(try await !app.databaseBytes().contains("canary-"))
            #expect(!app.log.lines.contains { $0.contains("canary-") })
        }
    }

    @Test("A reply that a crash cut off has its log when it is closed, and the right one if its writer lives after all")
    func abandoned() async throws {
        let gate = Gate()
        let provider = ScriptedProvider { _, number in
            number == 0
                ? .init([.delta("Late"), .wait(gate.wait)], usage: Self.usage) : .text("Next", usage: Self.usage)
        }
        // The instance that stores a reply detects that its turn is over, and stops it.
        try await TestApp.run(provider: provider, keepsReplies: false) { app in
            let user = try await app.user("alice")
            let key = try await TestApplication.make(app, chatbotID: app.chatbot(as: user), as: user)
            async let late = key.query("Slow")
            try await app.eventually("the reply runs") { gate.arrivals == 1 }
            #expect(try await Self.logs(app).isEmpty)
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE conversations SET turn_until = 0 WHERE turn_message_id IS NOT NULL")
            }
            try await app.sweep()
            let closed = try await Self.only(app)
            #expect(closed.outcome == .partial && closed.errorCode == nil && closed.content == nil)
            #expect(closed.promptTokens == 0 && closed.completionTokens == 0 && closed.provider == nil)
            #expect(closed.payerID == user.id && closed.chatbotID == key.chatbotID && closed.messageID == closed.id)
            try await app.sweep()
            gate.open()
            #expect(try await late.status == 200)
            let log = try await Self.only(app)
            #expect(log.id == closed.id && log.outcome == .complete && log.content?.answer == "Late")
            #expect(log.keyID == key.keyID && log.provider == "scripted" && log.promptTokens == 11)
        }
    }

    @Test("A turn that takes over from one whose writer has died leaves a log of that one, too")
    func takenOver() async throws {
        let gate = Gate()
        let provider = ScriptedProvider { _, number in
            number == 0 ? .init([.delta("Late"), .wait(gate.wait)]) : .text("Next")
        }
        try await TestApp.run(provider: provider, keepsReplies: false) { app in
            let user = try await app.user("alice")
            let conversation = try await app.conversation(as: user)
            async let late = app.send("Slow", in: conversation, as: user)
            try await app.eventually("the reply runs") { gate.arrivals == 1 }
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE conversations SET turn_until = 0 WHERE turn_message_id IS NOT NULL")
            }
            #expect(try await app.send("Quick", in: conversation, as: user).status == 200)
            #expect(try await Self.logs(app).map(\.outcome) == [.partial, .complete])
            #expect(try await Self.logs(app).allSatisfy { $0.userID == user.id && $0.conversationID == conversation })
            gate.open()
            _ = try await late
            #expect(try await Self.logs(app).count == 2)
        }
    }

    @Test("Old logs are purged in batches and a user's are forgotten, whoever else's stay")
    func retention() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("Yes", usage: Self.usage))) { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let chatbotID = try await app.chatbot(as: alice)
            let key = try await TestApplication.make(app, chatbotID: chatbotID, as: alice)
            for _ in 0..<3 {
                #expect(try await app.call(.post, "/chat", ["message": "Hi"], as: alice).status == 200)
                #expect(try await key.query("Hi").status == 200)
                #expect(try await app.call(.post, "/chat", ["message": "Hi"], as: bob).status == 200)
            }
            var counts: [Int] = []
            repeat {
                counts.append(
                    try await app.database.write(.system) { tx in
                        try MessageLog.forget(tx, userID: alice.id, limit: 2)
                    })
            } while counts.last! > 0
            #expect(counts == [4, 2, 0])
            var logs = try await Self.logs(app)
            #expect(logs.count == 9)
            for log in logs {
                #expect(log.userID == nil ? log.payerID == nil && log.content == nil : log.userID == bob.id)
                #expect(log.userID == nil || (log.payerID == bob.id && log.content?.question == "Hi"))
            }
            try await app.database.write(.system) { [ids = logs.prefix(7).map(\.id)] tx in
                for (age, id) in ids.enumerated() {
                    try tx.run(
                        "UPDATE message_logs SET created_at = ? WHERE id = ?",
                        [Timestamp.now.adding(.seconds(-86_400 * (89 + age))), id])
                }
            }
            #expect(
                try await app.database.write(.system) { tx in
                    try MessageLog.purge(tx, before: .now.adding(.seconds(-86_400 * 94)), limit: 1)
                } == 1)
            #expect(MessageLogRetention(database: app.database, days: 0).jobs.isEmpty)
            let retention = MessageLogRetention(database: app.database, days: 90)
            #expect(retention.jobs.map(\.kind) == ["message_logs.purge"])
            try await retention.purge(now: .now)
            logs = try await Self.logs(app)
            // Seven logs were backdated: the one of 89 days stays, and the one of 90 days has just expired.
            #expect(logs.count == 3)
        }
    }
}
