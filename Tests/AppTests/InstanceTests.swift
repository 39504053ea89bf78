import JSON
import LLM
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// One of several processes that dies holds nothing up, and one that is slow loses nothing. PostgreSQL alone is shared.
@Suite(.timeLimit(.minutes(2))) struct InstanceTests {
    /// A running turn, as another instance writes it.
    private static func hold(_ app: TestApp, _ conversationID: String, as instance: String) async throws {
        try await app.database.write(.system) { tx in
            try tx.run(
                """
                UPDATE conversations SET turn_message_id = 'reply', turn_until = ?, turn_instance = ? WHERE id = ?
                """,
                [Timestamp.now.adding(.seconds(30)), instance, conversationID])
        }
    }

    private static func beat(_ app: TestApp, _ name: String, _ beat: Int, role: String?) async throws {
        try await app.database.write(.system) { tx in
            try tx.run(
                """
                INSERT INTO instances (id, beat, role) VALUES (?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET beat = excluded.beat, role = excluded.role
                """,
                [name, beat, role])
        }
    }

    @Test("The turns of an instance that stands still and is not connected are free after a few looks")
    func dead() async throws {
        try await TestApp.run { app in
            guard app.database.dialect.isShared else { return }
            let alice = try await app.user("alice")
            let id = try await app.conversation(as: alice)
            let instances = Instances(database: app.database, logger: app.app.logger)
            var watch = Instances.Watch()
            let role = try #require(try await app.database.visibleRole())
            try await Self.hold(app, id, as: "mynah dead")
            try await Self.beat(app, "mynah dead", 7, role: role)
            #expect(try await app.send("Hi", in: id, as: alice).errorCode == "conversation_busy")
            for look in 0..<4 {
                #expect(try await app.send("Hi", in: id, as: alice).status == 409, "\(look)")
                try await instances.look(&watch)
            }
            #expect(try await app.send("Hi", in: id, as: alice).status == 200)
            #expect(try await app.rows("SELECT id FROM instances", []) == [app.database.name])
        }
    }

    @Test("An instance keeps its turns while it counts on, is connected, or cannot be seen")
    func alive() async throws {
        try await TestApp.run { app in
            guard app.database.dialect.isShared else { return }
            let alice = try await app.user("alice")
            let instances = Instances(database: app.database, logger: app.app.logger)
            var watch = Instances.Watch()
            let role = try #require(try await app.database.visibleRole())
            // Connected, but it stands still, as one that is paused.
            let paused = try Database(url: app.app.configuration.databaseURL, logger: app.app.logger)
            _ = try await paused.visibleRole()
            let others = ["counting", paused.name, "unseen", "of another role"]
            var held: [String] = []
            for name in others {
                held.append(try await app.conversation(as: alice))
                try await Self.hold(app, held.last!, as: name)
            }
            try await Self.beat(app, paused.name, 1, role: role)
            try await Self.beat(app, "unseen", 1, role: nil)
            try await Self.beat(app, "of another role", 1, role: "somebody")
            for look in 0..<12 {
                try await Self.beat(app, "counting", look, role: role)
                try await instances.look(&watch)
            }
            for id in held { #expect(try await app.send("Hi", in: id, as: alice).status == 409) }
            await paused.close()
            for _ in 0..<4 { try await instances.look(&watch) }
            for (name, id) in zip(others, held) {
                let isGone = name == paused.name || name == "counting"
                #expect(try await app.send("Hi", in: id, as: alice).status == (isGone ? 200 : 409), "\(name)")
            }
        }
    }

    @Test("What a failed look has seen counts for nothing")
    func afterAnOutage() async throws {
        try await TestApp.run { app in
            guard app.database.dialect.isShared else { return }
            let role = try #require(try await app.database.visibleRole())
            let instances = Instances(database: app.database, logger: app.app.logger)
            try await Self.beat(app, "mynah slow", 1, role: role)
            var watch = Instances.Watch()
            for _ in 0..<3 { try await instances.look(&watch) }
            watch = Instances.Watch()
            for _ in 0..<3 { try await instances.look(&watch) }
            #expect(try await app.count("instances") == 2)
            try await instances.look(&watch)
            #expect(try await app.count("instances") == 1)
        }
    }

    @Test("On SQLite, work that a killed server was doing begins again with the next start")
    func restarted() async throws {
        try await TestApp.run { app in
            guard !app.database.dialect.isShared else { return }
            try await app.app.jobQueue.enqueue("test.kind")
            let later = Timestamp.now.adding(.seconds(60))
            let claimed = try await app.database.write(.system) { tx in
                try JobQueue.claim(tx, kinds: ["test.kind"], until: later, now: .now)
            }
            #expect(claimed != nil)
            try await app.app.closeTurnsOfLastRun()
            let again = try await app.database.write(.system) { tx in
                try JobQueue.claim(tx, kinds: ["test.kind"], until: later, now: .now)
            }
            #expect(again?.run.id == claimed?.run.id)
        }
    }
}
