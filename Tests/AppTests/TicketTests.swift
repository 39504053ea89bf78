import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import Chat
@testable import HTTPKit
@testable import Platform

/// Tickets, and what is no handshake. What happens on an open socket, the tests of the real server show.
@Suite struct TicketTests {
    static let handshake: HTTPFields = [
        .connection: "Upgrade", .upgrade: "websocket", .secWebSocketVersion: "13",
        .secWebSocketKey: "dGhlIHNhbXBsZSBub25jZQ==",
    ]

    private func redeem(_ app: TestApp, _ ticket: String, now: Timestamp = .now) async throws -> String? {
        try await app.database.write(.system) { tx in try Ticket.redeem(tx, ticket, now: now)?.userID }
    }

    @Test("A ticket is good for one minute and once, and the database does not hold it")
    func once() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let answer = try await app.call(.post, "/chat/ws-ticket", as: user)
            #expect(answer.status == 200 && answer["expires_in"] == 60)
            let ticket = try answer.string("ticket")
            #expect(ticket.count >= 43)
            #expect(try await !app.databaseBytes().contains(ticket))
            #expect(try await redeem(app, ticket) == user.id)
            #expect(try await redeem(app, ticket) == nil)
            let late = try await app.call(.post, "/chat/ws-ticket", as: user).string("ticket")
            #expect(try await redeem(app, late, now: .now.adding(.seconds(61))) == nil)
            #expect(try await redeem(app, "made up") == nil)
        }
    }

    @Test("Of many attempts at once with one ticket, also on another instance, one succeeds")
    func race() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            try await app.another { other in
                for _ in 0..<5 {
                    let ticket = try await app.call(.post, "/chat/ws-ticket", as: user).string("ticket")
                    let won = try await withThrowingTaskGroup(of: Bool.self) { group in
                        for number in 0..<20 {
                            group.addTask { try await redeem(number.isMultiple(of: 2) ? app : other, ticket) != nil }
                        }
                        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                    }
                    #expect(won == 1)
                }
            }
        }
    }

    @Test("A ticket ends with its session, and what nobody used is swept away")
    func endings() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let ticket = try await app.call(.post, "/chat/ws-ticket", as: user).string("ticket")
            try await app.call(.post, "/auth/logout", as: user)
            #expect(try await redeem(app, ticket) == nil)
            let bob = try await app.user("bob")
            try await app.call(.post, "/chat/ws-ticket", as: bob)
            func count() async throws -> Int? {
                try await app.database.read(.system) { tx in
                    try tx.row("SELECT COUNT(*) AS count FROM tickets") { try $0.int("count") }
                }
            }
            #expect(try await count() == 1)
            try await app.sweep()
            #expect(try await count() == 1)
            try await app.app.housekeeping.sweep(now: .now.adding(.seconds(61)))
            #expect(try await count() == 0)
        }
    }

    @Test("The handshake is looked at before the ticket is used up")
    func handshakes() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let ticket = try await app.call(.post, "/chat/ws-ticket", as: user).string("ticket")
            let path = "/chat/ws?ticket=\(ticket)"
            let plain = try await app.call(.get, path)
            #expect(plain.status == 426 && plain.errorCode == "upgrade_required")
            #expect(plain.headers[.upgrade] == "websocket" && plain.headers[.secWebSocketVersion] == "13")
            #expect(try await app.call(.head, path, headers: Self.handshake).status == 426)
            let foreign = try await app.call(.get, path, headers: Self.handshake + [.origin: "https://evil.example"])
            #expect(foreign.status == 403 && foreign.errorCode == "origin_refused")
            let none = try await app.call(.get, "/chat/ws", headers: Self.handshake)
            #expect(none.status == 401 && none.errorCode == "missing_credentials")
            let wrong = try await app.call(.get, "/chat/ws?ticket=x", headers: Self.handshake)
            #expect(wrong.status == 401 && wrong.errorCode == "invalid_ticket")
            #expect(try await redeem(app, ticket) == user.id)
        }
    }

    @Test("Sockets are told within seconds that their session has ended, and no others are")
    func sessions() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            var ended: [AsyncStream<Void>] = []
            for user in [alice, bob] {
                let session = try await app.call(.get, "/auth/sessions", as: user)["data"]?[0]?["id"]?.string
                ended.append(app.app.sockets.sockets.add(sessionID: try #require(session)).sessionEnded)
            }
            let sockets = app.app.sockets.sockets
            try await sockets.endThoseOfEndedSessions()
            try await app.call(.post, "/auth/logout", as: alice)
            try await sockets.endThoseOfEndedSessions()
            var first = ended[0].makeAsyncIterator()
            #expect(await first.next() != nil)
            sockets.remove(1)
            #expect(sockets.count == 1)
            // Had the other one been told, its stream would give more than its end.
            sockets.remove(2)
            var second = ended[1].makeAsyncIterator()
            #expect(await second.next() == nil)
        }
    }
}
