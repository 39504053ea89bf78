import HTTPTypes
import JSON
import LLM
import Storage
import Testing

@testable import App
@testable import Chat
@testable import HTTPKit
@testable import Platform

/// A refused call stores no end user, and end users expire.
@Suite struct EndUserRowsTests {
    @Test("Visitors who are refused leave no rows")
    func visitors() async throws {
        try await TestApp.run(configure: { $0.rates.visitor = RateLimit(1000, per: .second) }) { app in
            let alice = try await app.user("alice")
            let site = try await TestSite.make(app, as: alice)
            try await app.limit(alice, OwnLimits(conversationsPerDay: 4))
            let answers = try await app.parallel(12) { _ in try await site.say("নমস্কার") }
            #expect(answers.count { $0.status == 200 } == 2)
            #expect(answers.count { $0.errorCode == "daily_limit_reached" } == 10)
            #expect(try await app.count("end_users") == 2)
            #expect(try await app.count("conversations") == 2)
            let somebodys = try #require(answers.first { $0.status == 200 }).string("conversation_id")
            let stranger = try VisitorTokensTests.anonymous(app, site)
            #expect(try await site.say("Hi", in: somebodys, visitor: stranger).status == 404)
            #expect(try await app.count("end_users") == 2)
        }
    }

    @Test("Nor does a call that is refused for another reason, or an application's")
    func others() async throws {
        try await TestApp.run(configure: { $0.rates.visitor = RateLimit(1000, per: .second) }) { app in
            let alice = try await app.user("alice")
            let site = try await TestSite.make(app, as: alice)
            let key = try await TestApplication.make(app, chatbotID: site.chatbotID, as: alice)
            try await app.setPrice(input: 1, output: 1)
            try await app.setCredits(alice, 0)
            #expect(try await site.say("Hi").errorCode == "insufficient_credits")
            #expect(try await key.query("Hi", ["user": ["id": "dora"]]).errorCode == "insufficient_credits")
            try await app.setPrice(input: 0, output: 0)
            try await app.limit(alice, OwnLimits(messagesPerDay: 0))
            #expect(try await site.say("Hi").status == 429)
            #expect(try await key.query("Hi", ["user": ["id": "dora"], "stream": true]).status == 429)
            #expect(try await app.count("end_users") == 0)
        }
    }

    @Test("Concurrent first messages of one visitor are of one end user, and their logs name it")
    func concurrent() async throws {
        try await TestApp.run(configure: { $0.rates.visitor = RateLimit(1000, per: .second) }) { app in
            let site = try await TestSite.make(app, as: app.user("alice"))
            let visitor = try VisitorTokensTests.anonymous(app, site)
            let answers = try await app.parallel(8) { _ in try await site.say("你好", visitor: visitor) }
            #expect(answers.allSatisfy { $0.status == 200 })
            #expect(try await app.count("end_users") == 1)
            let nameless = try await app.database.read(.system) { tx in
                try tx.rows(
                    """
                    SELECT l.id FROM message_logs l LEFT JOIN end_users e ON e.id = l.end_user_id WHERE e.id IS NULL
                    """
                ) { try $0.string("id") }
            }
            #expect(nameless.isEmpty)
            #expect(try await app.count("message_logs") == 8)
        }
    }

    @Test("An end user without a conversation goes after a while, unless heard of since")
    func unused() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let key = try await TestApplication.make(app, chatbotID: app.chatbot(as: alice), as: alice)
            for id in ["talks", "silent", "told"] {
                _ = try await key.call(.post, "/users/\(id)/details", ["company": "A"])
            }
            #expect(try await key.query("Hi", ["user": ["id": "talks"]]).status == 200)
            try await app.database.write(.system) { tx in try tx.run("UPDATE end_users SET updated_at = 1000") }
            _ = try await key.call(.post, "/users/told/details", ["company": "B"])
            func left() async throws -> [String] {
                try await app.rows("SELECT external_id FROM end_users ORDER BY external_id", [])
            }
            try await UnusedEndUsers(database: app.database, days: 0).purge(now: .now)
            #expect(try await left() == ["silent", "talks", "told"])
            try await app.app.unusedEndUsers.purge(now: .now)
            #expect(try await left() == ["talks", "told"])
            // A call without details updates the end user, too.
            #expect(try await key.query("Hi", ["user": ["id": "talks"]]).status == 200)
            let seen = try await app.rows("SELECT external_id FROM end_users WHERE updated_at > 1000", [])
            #expect(seen.sorted() == ["talks", "told"])
        }
    }
}
