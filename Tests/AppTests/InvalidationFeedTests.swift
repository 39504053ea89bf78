import Foundation
import HTTPTypes
import JSON
import Redis
import Synchronization
import Testing

@testable import App
@testable import Chatbots
@testable import HTTPKit
@testable import ModelAPI
@testable import Platform

/// What instances tell each other through a real Redis. Caches are looked into, for with time they are asked again anyway.
@Suite struct InvalidationFeedTests {
    /// Two instances on one database and one Redis.
    private static func run(
        _ test: @Sendable (TestApp, TestApp, RedisProcess) async throws -> Void
    ) async throws {
        let redis = RedisProcess(password: "only-for-this-test")
        defer { redis.stop() }
        try redis.start()
        let server = try redis.server
        try await TestApp.run(configure: { $0.redis = server }) { app in
            try await app.another { other in
                for each in [app, other] {
                    try await each.eventually("it listens") { each.app.invalidations.isListening == true }
                }
                defer { for each in [app, other] { each.app.invalidations.close() } }
                try await test(app, other, redis)
            }
        }
    }

    @Test("Another instance forgets an ended session, a key, and a user's and a chatbot's credentials at once")
    func credentials() async throws {
        try await Self.run { app, other, _ in
            let alice = try await app.user("alice")
            let bob = try await app.user("bob")
            let chatbotID = try await app.chatbot(["name": "দোকান"], as: alice)
            let application = try await TestApplication.make(app, chatbotID: chatbotID, as: alice)
            let own = try await app.call(.post, "/users/me/api-keys", as: alice)
            let ownKey = try own.string("key")
            let sessions = try await app.call(.get, "/auth/sessions", as: bob)
            let sessionID = try #require(sessions["data"]?[0]?["id"]?.string)

            #expect(try await other.call(.get, "/users/me", as: bob).status == 200)
            #expect(
                try await other.call(.get, "/users/me", headers: [.authorization: "Bearer \(ownKey)"]).status == 200)
            #expect(try await other.call(.get, "/v1/models", headers: [.apiKey: application.key]).status == 200)
            let known = [
                Invalidation(.session, sessionID), Invalidation(.user, bob.id),
                Invalidation(.key, try own.string("id")),
                Invalidation(.chatbotKeys, chatbotID), Invalidation(.workspaceKeys, alice.workspaceID),
            ]
            for change in known { #expect(other.app.authenticator.remembers(change), "\(change.text)") }

            #expect(try await app.call(.delete, "/auth/sessions/\(sessionID)", as: bob).status == 204)
            #expect(
                try await app.call(.delete, "/users/me/api-keys/\(own.string("id"))", as: alice).status == 204)
            #expect(try await app.call(.delete, "/chatbots/\(chatbotID)", as: alice).status == 204)
            for change in known {
                try await other.eventually("\(change.text) is forgotten") {
                    !other.app.authenticator.remembers(change)
                }
            }
            #expect(try await other.call(.get, "/users/me", as: bob).status == 401)
        }
    }

    @Test("Another instance answers by a changed prompt at once")
    func chatbots() async throws {
        try await Self.run { app, other, _ in
            let alice = try await app.user("alice")
            let id = try await app.chatbot(["name": "متجر"], prompt: "أجب بإيجاز.", as: alice)
            let application = try await TestApplication.make(app, chatbotID: id, as: alice)
            let cache = other.app.completions.completer.chatbotCache
            let asked = try await other.call(
                .post, "/v1/chat/completions",
                ["model": .string(id), "messages": [["role": "user", "content": "您好"]]],
                headers: [.apiKey: application.key])
            #expect(asked.status == 200, "\(asked.text)")
            #expect(cache.look(id).known?.prompt == "أجب بإيجاز.")
            try await app.call(.post, "/chatbots/\(id)/prompts", ["content": "সংক্ষেপে বলো।"], as: alice)
            try await other.eventually("the prompt is forgotten") { cache.look(id).known == nil }
        }
    }

    @Test(
        "A Redis that is frozen, full of waiting texts or gone holds no request up, and is used again when it is back")
    func outages() async throws {
        try await Self.run { app, other, redis in
            let heard = Mutex<Set<String>>([])
            other.app.invalidations.onInvalidation { change in _ = heard.withLock { $0.insert(change.id) } }
            redis.freeze()
            for number in 0..<5000 { app.app.invalidations.tell(Invalidation(.session, "flood-\(number)")) }
            redis.thaw()
            redis.stop()
            try await other.eventually("it is away") { other.app.invalidations.isListening == false }
            app.app.invalidations.tell(Invalidation(.session, "lost"))
            try redis.start()
            try await other.eventually("it listens again") { other.app.invalidations.isListening == true }
            try await other.eventually("it is told again") {
                app.app.invalidations.tell(Invalidation(.session, "back"))
                return heard.withLock { $0.contains("back") }
            }
        }
    }

    @Test("Installations that share a Redis do not hear each other, and what is not Mynah's is ignored")
    func strangers() async throws {
        let redis = RedisProcess()
        defer { redis.stop() }
        try redis.start()
        let server = try redis.server
        let secrets = try ["one", "two"].map { name in
            try Secrets(
                encryptionKeys: ["w4cT0VYJx4CkYxZyTTxDQvMTZT4vT2hZsbP4tVfpX0M="],
                secretKey: "only-this-test-\(name)-knows-it-but-it-has-0123456789-signs")
        }
        let feeds = secrets.map { InvalidationFeed(redis: server, secrets: $0) }
        defer { for feed in feeds { feed.close() } }
        let heard = Mutex<[String]>([])
        feeds[1].onInvalidation { change in heard.withLock { $0.append(change.text) } }
        let deadline = ContinuousClock.now + .seconds(30)
        while !feeds.allSatisfy({ $0.isListening == true }), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        feeds[0].tell(Invalidation(.key, "of-the-first"))
        feeds[1].tell(Invalidation(.key, "of-the-second"))
        // Once at once, and once more when Redis sends it back.
        while heard.withLock({ $0.count }) < 2, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(heard.withLock { $0 } == ["key of-the-second", "key of-the-second"])
    }

    @Test("A change is told in words that only Mynah's are read from")
    func words() {
        for kind in Invalidation.Kind.allCases {
            let change = Invalidation(kind, "01a22773-8ec1-709a-b19c-779b0707e39e")
            #expect(Invalidation(change.text) == change)
        }
        for text in ["", " ", "key", "key a b", "মূল a", "keys a", "key  a"] {
            #expect(Invalidation(text) == nil, "\(text)")
        }
    }
}
