import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

@Suite struct IdempotencyTests {
    private static func key(_ key: String) -> HTTPFields { [.idempotencyKey: key] }

    @Test("The same key and body have one effect and one answer")
    func once() async throws {
        let provider = ScriptedProvider { _, number in .text("reply \(number)") }
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            for (path, body) in [
                ("/auth/register", ["username": "bob", "password": "pass123456"]), ("/chatbots", ["name": "Bot"]),
                ("/chat", ["message": "hi"]), ("/workspaces", ["name": "Team"]), ("/conversations", [:]),
            ] as [(String, JSONValue)] {
                let first = try await app.call(.post, path, body, as: user, headers: Self.key("key of \(path)"))
                #expect([200, 201].contains(first.status), "\(path): \(first.text)")
                for _ in 0..<2 {
                    let again = try await app.call(.post, path, body, as: user, headers: Self.key("key of \(path)"))
                    #expect(again.status == first.status && again.text == first.text, "\(path)")
                    #expect(again.headers[.contentType] == first.headers[.contentType])
                    #expect(again.headers[.requestID] != first.headers[.requestID])
                }
            }
            #expect(provider.calls.requests.count == 1)
            #expect(try await app.all("/chatbots", as: user).count == 2)
            #expect(try await app.all("/workspaces", as: user).count == 2)
            #expect(try await app.all("/conversations", as: user).count == 2)
        }
    }

    @Test("What was done and whose answer could not be kept is not done again")
    func unkept() async throws {
        let gate = Gate()
        let provider = ScriptedProvider(.init([.wait(gate.wait), .delta("done")]))
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            func ask() async throws -> TestApp.Answer {
                try await app.call(.post, "/chat", ["message": "hi"], as: user, headers: Self.key("once"))
            }
            func rename(_ old: String, _ new: String) async throws {
                try await app.database.write(.system) { tx in
                    try tx.script("ALTER TABLE idempotency_keys RENAME COLUMN \(old) TO \(new)")
                }
            }
            async let first = ask()
            try await app.eventually("the model is called") { gate.arrivals == 1 }
            try await rename("content_type", "gone")
            gate.open()
            #expect(try await first.status == 500)
            try await rename("gone", "content_type")
            let again = try await ask()
            #expect(again.status == 409 && again.errorCode == "idempotency_in_progress", "\(again.text)")
            #expect(provider.calls.requests.count == 1)
            #expect(try await app.count("messages") == 2)
        }
    }

    @Test("A key that was used with another body or another address is refused")
    func mismatch() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            #expect(
                try await app.call(.post, "/chatbots", ["name": "A"], as: user, headers: Self.key("k")).status == 201)
            for (path, body) in [
                ("/chatbots", ["name": "B"]), ("/workspaces", ["name": "A"]),
                ("/chatbots", ["name": "A", "model": "m"]),
            ] as [(String, JSONValue)] {
                let answer = try await app.call(.post, path, body, as: user, headers: Self.key("k"))
                #expect(answer.status == 422 && answer.errorCode == "idempotency_mismatch")
                #expect(answer["error"]?["param"] == "Idempotency-Key")
            }
            #expect(try await app.all("/chatbots", as: user).count == 2)
        }
    }

    @Test("Each user's keys are their own")
    func perUser() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let first = try await app.call(.post, "/chatbots", ["name": "Bot"], as: alice, headers: Self.key("k"))
            let second = try await app.call(.post, "/chatbots", ["name": "Bot"], as: bob, headers: Self.key("k"))
            #expect(second.status == 201 && second["id"] != first["id"])
            #expect(second["workspace_id"]?.string == bob.workspaceID)
        }
    }

    @Test("While the first request runs, a second with its key is told to wait")
    func concurrent() async throws {
        let gate = Gate()
        let provider = ScriptedProvider(.init([.wait(gate.wait), .delta("done")]))
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            async let first = app.call(.post, "/chat", ["message": "hi"], as: user, headers: Self.key("k"))
            try await app.eventually("the model is called") { gate.arrivals == 1 }
            let second = try await app.call(.post, "/chat", ["message": "hi"], as: user, headers: Self.key("k"))
            #expect(second.status == 409 && second.errorCode == "idempotency_in_progress")
            #expect(second.headers[.retryAfter] != nil)
            gate.open()
            let answer = try await first
            #expect(answer.status == 200)
            let third = try await app.call(.post, "/chat", ["message": "hi"], as: user, headers: Self.key("k"))
            #expect(third.text == answer.text)
            #expect(provider.calls.requests.count == 1)
        }
    }

    @Test(
        "A streamed request has one effect too, and the repetition sees the same stream",
        arguments: [
            "/chat", "/conversations/{id}/messages", "/conversations/{id}/regenerate",
            "/conversations/{id}/messages/{message}/edit", "/conversations/{id}/messages/{message}/regenerate",
        ])
    func streamed(route: String) async throws {
        let provider = ScriptedProvider { _, number in .text("reply ", "\(number)") }
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            let question = try #require(try await app.send("before", in: id, as: user).json[0]?["id"]?.string)
            let path = route.replacing("{id}", with: id).replacing("{message}", with: question)
            let body: JSONValue = [
                "message": "hi", "content": "hi", "conversation_id": .string(id), "stream": true,
            ]
            let first = try await app.call(.post, path, body, as: user, headers: Self.key("k"))
            let messages = try await app.all("/conversations/\(id)/messages", as: user)
            #expect(first.events.last?.name == "done")
            for _ in 0..<2 {
                let again = try await app.call(.post, path, body, as: user, headers: Self.key("k"))
                #expect(again.headers[.contentType] == first.headers[.contentType])
                #expect(again.events.first?.data == first.events.first?.data)
                #expect(again.events.last?.data == first.events.last?.data, "\(again.text)")
            }
            #expect(provider.calls.requests.count == 2)
            #expect(try await app.all("/conversations/\(id)/messages", as: user) == messages)
        }
    }

    @Test("A repetition of a streamed request whose reply is still being written follows it")
    func streamedMeanwhile() async throws {
        let gate = Gate()
        let provider = ScriptedProvider(.init([.delta("Hello, "), .wait(gate.wait), .delta("world")]))
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let body: JSONValue = ["message": "hi", "stream": true]
            let lost = Task { try await app.call(.post, "/chat", body, as: user, headers: Self.key("k")) }
            try await app.eventually("the model has begun") { gate.arrivals == 1 }
            lost.cancel()
            _ = await lost.result
            async let again = app.call(.post, "/chat", body, as: user, headers: Self.key("k"))
            gate.open()
            let events = try await again.events
            #expect(events.first?.name == "start" && events.last?.name == "done")
            #expect(events.last?.data["message"]?["content"] == "Hello, world")
            #expect(provider.calls.requests.count == 1)
        }
    }

    @Test("What another try may mend is not kept")
    func failures() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            func create() async throws -> TestApp.Answer {
                try await app.call(.post, "/chatbots", ["name": "Bot"], as: user, headers: Self.key("k"))
            }
            try await app.database.write(.system) { tx in try tx.script("ALTER TABLE chatbots RENAME TO gone") }
            for _ in 0..<2 { #expect(try await create().status == 500) }
            try await app.database.write(.system) { tx in try tx.script("ALTER TABLE gone RENAME TO chatbots") }
            let created = try await create()
            #expect(created.status == 201)
            #expect(try await create().text == created.text)
        }
    }

    @Test("A refused request leaves its key free")
    func refusals() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            #expect(
                try await app.call(.post, "/chatbots", ["name": ""], as: user, headers: Self.key("k")).status == 422)
            #expect(
                try await app.call(.post, "/chatbots", ["name": "Bot"], as: user, headers: Self.key("k")).status == 201)
            for key in ["", String(repeating: "k", count: 256)] {
                let answer = try await app.call(.post, "/chatbots", ["name": "Bot"], as: user, headers: Self.key(key))
                #expect(answer.status == 422 && answer["error"]?["param"] == "Idempotency-Key")
            }
            let longest = Self.key(String(repeating: "k", count: 255))
            #expect(try await app.call(.post, "/chatbots", ["name": "Bot"], as: user, headers: longest).status == 201)
        }
    }

    @Test("Keys are kept for a day")
    func expiry() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            func create() async throws -> JSONValue? {
                try await app.call(.post, "/chatbots", ["name": "Bot"], as: user, headers: Self.key("k"))["id"]
            }
            func age(_ duration: Duration) async throws {
                let then = Timestamp.now.adding(.zero - duration)
                try await app.database.write(.system) { tx in
                    try tx.run("UPDATE idempotency_keys SET created_at = ?", [then])
                }
            }
            let first = try await create()
            try await age(.seconds(23 * 3600))
            try await app.sweep()
            #expect(try await create() == first)
            try await age(.seconds(25 * 3600))
            let second = try await create()
            #expect(second != first)
            try await age(.seconds(25 * 3600))
            try await app.sweep()
            let left = try await app.database.read(.system) { tx in
                try tx.row("SELECT COUNT(*) AS n FROM idempotency_keys") { try $0.int("n") }
            }
            #expect(left == 0)
        }
    }

    /// Stores answers of an account, the first one oldest.
    private static func fill(
        _ app: TestApp, _ account: String, principal: String, count: Int, bytes: Int, answered: Bool = true
    ) async throws {
        let (answer, status) = (String(repeating: "a", count: bytes), answered ? 200 : nil)
        try await app.database.write(.system) { tx in
            for number in 0..<count {
                let age = Duration.seconds(count - number)
                try tx.send(
                    """
                    INSERT INTO idempotency_keys (principal, key, fingerprint, status, answer, account, created_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                    [
                        principal, "উত্তর \(number)", [UInt8](), status, answer, account,
                        Timestamp.now.adding(.zero - age),
                    ])
            }
        }
    }

    private struct Kept: Equatable { var answers = 0, bytes = 0 }

    /// What an account has, counted, and as the totals say.
    private static func kept(_ app: TestApp, _ account: String) async throws -> (counted: Kept, total: Kept) {
        try await app.database.read(.system) { [dialect = app.database.dialect] tx in
            let counted = try tx.row(
                """
                SELECT COUNT(*) AS answers, COALESCE(SUM(\(KeptAnswers.bytes(of: "k", dialect))), 0) AS bytes
                FROM idempotency_keys k WHERE account = ?
                """, [account]
            ) { Kept(answers: try $0.int("answers"), bytes: try $0.int("bytes")) }
            let total = try tx.row("SELECT answers, bytes FROM idempotency_totals WHERE account = ?", [account]) {
                Kept(answers: try $0.int("answers"), bytes: try $0.int("bytes"))
            }
            return (counted ?? Kept(), total ?? Kept())
        }
    }

    @Test(
        "Of what is kept for an account the oldest goes when it is too much, and nothing of another's",
        arguments: [
            (count: Idempotency.maxAnswers + 40, bytes: 10), (count: 65, bytes: 1 << 20),
        ])
    func bounds(stored: (count: Int, bytes: Int)) async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            // Under two principals, as several keys of one owner are.
            try await Self.fill(app, alice.id, principal: "key:one", count: stored.count / 2, bytes: stored.bytes)
            try await Self.fill(
                app, alice.id, principal: "key:two", count: stored.count - stored.count / 2, bytes: stored.bytes)
            try await Self.fill(app, bob.id, principal: "user:\(bob.id)", count: 5, bytes: 10)
            func create() async throws -> TestApp.Answer {
                try await app.call(.post, "/chatbots", ["name": "বট"], as: alice, headers: Self.key("نعم"))
            }
            let first = try await create()
            let again = try await create()
            #expect(first.status == 201 && again.text == first.text)
            let hers = try await Self.kept(app, alice.id)
            #expect(hers.counted == hers.total)
            #expect(hers.total.answers <= Idempotency.maxAnswers && hers.total.bytes < Idempotency.maxBytes + 2000)
            // No more went than had to.
            #expect(hers.total.answers == Idempotency.maxAnswers || hers.total.answers >= 63)
            let newest = try await app.database.read(.system) { tx in
                try tx.row(
                    "SELECT COUNT(*) FROM idempotency_keys WHERE account = ? AND key = ?",
                    [alice.id, "উত্তর \(stored.count / 2 - 1)"]
                ) { try $0.int(0) }
            }
            #expect(newest == 2)
            #expect(try await Self.kept(app, bob.id).total.answers == 5)
            try await app.database.write(.system) { tx in try tx.run("UPDATE idempotency_keys SET created_at = 1") }
            try await app.sweep()
            let left = try await Self.kept(app, alice.id)
            #expect(left.counted == Kept() && left.total == Kept())
        }
    }

    @Test("What is still being answered does not go for want of room")
    func unanswered() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let count = Idempotency.maxAnswers + 5
            try await Self.fill(app, user.id, principal: "key:k", count: count, bytes: 1, answered: false)
            let answer = try await app.call(.post, "/chatbots", ["name": "机器人"], as: user, headers: Self.key("k"))
            #expect(answer.status == 201)
            #expect(try await Self.kept(app, user.id).total.answers == count + 1)
        }
    }

    @Test("What an application's keys leave is its owner's, and what visitors leave is counted apart")
    func accounts() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let chatbot = try await app.chatbot(as: user)
            for _ in 0..<2 {
                let application = try await TestApplication.make(app, chatbotID: chatbot, as: user)
                #expect(try await application.query("কেমন আছেন?", headers: Self.key("k")).status == 200)
            }
            let site = try await TestSite.make(app, as: user)
            let visitor = try #require(try await site.call(.get, "/widget/config").headers[.visitor])
            #expect(try await site.say("مرحبا", visitor: visitor, headers: Self.key("k")).status == 200)
            #expect(try await Self.kept(app, user.id).total.answers == 2)
            #expect(try await Self.kept(app, "visitors of \(user.id)").total.answers == 1)
        }
    }

    @Test("A kept answer can be read by nobody who has only the database")
    func encrypted() async throws {
        try await TestApp.run { app in
            _ = try await app.user("alice")
            let body: JSONValue = ["username": "alice", "password": .string(TestApp.password)]
            let grant = try await app.call(.post, "/auth/token", body, headers: Self.key("sign-in"))
            let again = try await app.call(.post, "/auth/token", body, headers: Self.key("sign-in"))
            #expect(again.text == grant.text)
            let file = try await app.databaseBytes()
            #expect(file.contains("sign-in"))
            for field in ["access_token", "refresh_token"] {
                let token = try grant.string(field)
                #expect(!file.contains(token) && !file.contains(token.suffix(43)))
            }
        }
    }
}
