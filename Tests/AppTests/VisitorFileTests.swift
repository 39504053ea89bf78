import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App
@testable import Chatbots
@testable import HTTPKit
@testable import Platform

/// Files of a website's visitors.
@Suite struct VisitorFileTests {
    /// A site whose widget takes files, and a visitor with a conversation.
    private static func run(
        configure: (inout ServerConfiguration) -> Void = { _ in },
        _ test: @Sendable @escaping (TestApp, TestSite, _ visitor: String, _ conversation: String) async throws -> Void
    ) async throws {
        try await TestApp.run(
            configure: {
                $0.rates.visitor = RateLimit(100_000, per: .second)
                configure(&$0)
            }
        ) { app in
            let site = try await TestSite.make(app, as: app.user("alice"))
            let allowed = try await app.call(
                .put, "/chatbots/\(site.chatbotID)/widget", ["attachments": true], as: site.owner)
            #expect(allowed.status == 200 && allowed["attachments"] == true, "\(allowed.text)")
            let said = try await site.say("Hi")
            try await test(
                app, site, try said.string("visitor_token"), said.string("conversation_id"))
        }
    }

    private static func send(
        _ site: TestSite, _ bytes: [UInt8], _ name: String = "ছবি.png", to conversation: String, visitor: String
    ) async throws -> TestApp.Answer {
        try await site.app.sendFile(
            bytes, name: name, to: "/widget/conversations/\(conversation)/files",
            headers: [.apiKey: site.key, .origin: TestSite.origin, .visitor: visitor])
    }

    @Test("A visitor adds, attaches, reads and removes a file; the widget's configuration says that it may")
    func life() async throws {
        try await Self.run { app, site, visitor, conversation in
            #expect(try await site.call(.get, "/widget/config")["attachments"] == true)
            let sent = try await Self.send(site, AttachmentTests.png, to: conversation, visitor: visitor)
            #expect(sent.status == 201 && sent["name"] == "ছবি.png", "\(sent.text)")
            let id = try sent.string("id")
            let said = try await site.call(
                .post, "/widget/chat",
                [
                    "message": "ما هذا؟", "conversation_id": .string(conversation),
                    "attachments": [["file_id": .string(id)]],
                ], visitor: visitor)
            #expect(said.status == 200, "\(said.text)")
            #expect(app.provider.calls.requests.last?.messages.last?.parts?[0]?["image_url"] != nil)
            let path = "/widget/conversations/\(conversation)"
            let listed = try await site.call(.get, "\(path)/messages", visitor: visitor)
            #expect(listed["data"]?[2]?["attachments"]?[0]?["file_id"]?.string == id, "\(listed.text)")
            let content = try await site.call(.get, "\(path)/files/\(id)/content", visitor: visitor)
            #expect(content.status == 200 && content.headers[.contentType] == "image/png")
            // Nobody else's: another visitor, the owner of the chatbot, the chatbot's other key.
            let other = try await site.say("Hi").string("visitor_token")
            for visitor in [other, nil] {
                #expect(try await site.call(.get, "\(path)/files/\(id)/content", visitor: visitor).status == 404)
                #expect(try await site.call(.delete, "\(path)/files/\(id)", visitor: visitor).status == 404)
            }
            #expect(
                try await app.call(.get, "/conversations/\(conversation)/files/\(id)", as: site.owner).status == 404)
            #expect(try await Self.send(site, [1], to: conversation, visitor: other).status == 404)
            #expect(try await site.call(.delete, "\(path)/files/\(id)", visitor: visitor).status == 204)
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 0)
            let entries = try await app.database.read(.system) { tx in
                try tx.rows(
                    """
                    SELECT action FROM audit_entries WHERE action LIKE '%/widget/conversations/%' AND outcome = ?
                    ORDER BY id
                    """, [AuditEntry.success]
                ) { try $0.string("action") }
            }
            #expect(entries.map { $0.prefix { $0 != " " } } == ["POST", "DELETE"], "\(entries)")
        }
    }

    @Test("Where the widget's settings do not allow files, and for what models cannot read, they are refused")
    func refused() async throws {
        try await Self.run { app, site, visitor, conversation in
            let archive = try await Self.send(
                site, [0x50, 0x4B, 3, 4], "أرشيف.zip", to: conversation, visitor: visitor)
            #expect(archive.status == 415, "\(archive.text)")
            let large = try await Self.send(
                site, AttachmentTests.png + UploadTests.bytes(8 << 20), to: conversation, visitor: visitor)
            #expect(large.status == 413, "\(large.text)")
            let upload = try await app.upload([], as: site.owner)
            let said = try await site.call(
                .post, "/widget/chat",
                [
                    "message": "x", "conversation_id": .string(conversation),
                    "attachments": [["upload_id": .string(upload)]],
                ], visitor: visitor)
            #expect(said.status == 404, "\(said.text)")
            _ = try await app.call(.put, "/chatbots/\(site.chatbotID)/widget", ["attachments": false], as: site.owner)
            let off = try await Self.send(site, AttachmentTests.png, to: conversation, visitor: visitor)
            #expect(off.status == 403 && off.errorCode == "forbidden", "\(off.text)")
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 0)
        }
    }

    @Test("A visitor's files of a day are bounded, however many come at once; so are an address's")
    func bounded() async throws {
        try await Self.run(configure: { $0.rates.visitorFiles = RateLimit(60, per: .hour) }) {
            app, site, visitor, conversation in
            let sent = try await app.parallel(50) { _ in
                try await Self.send(site, Array("x".utf8), "a.txt", to: conversation, visitor: visitor)
            }
            #expect(sent.count { $0.status == 201 } == 20, "\(sent.map(\.status))")
            #expect(sent.allSatisfy { $0.status == 201 || $0.status == 429 && $0.headers[.retryAfter] != nil })
            #expect(try await app.count("files") == 20)
            // Another visitor behind the same address gets what is left of the hour.
            let other = try await site.say("Hi")
            let more = try await app.parallel(30) { _ in
                try await Self.send(
                    site, Array("x".utf8), "a.txt", to: other.string("conversation_id"),
                    visitor: other.string("visitor_token"))
            }
            #expect(more.count { $0.status == 201 } <= 20)
            #expect(more.contains { $0.status == 429 })
        }
    }

    /// What the owner's visitors have begun, on whatever day.
    private static func begunByVisitors(_ app: TestApp, _ owner: TestUser) async throws -> Int {
        try await app.database.read(.system) { tx in
            try tx.row(
                "SELECT CAST(SUM(visitor_conversations) AS BIGINT) AS count FROM daily_usage WHERE user_id = ?",
                [owner.id]
            ) { try $0.int("count") } ?? 0
        }
    }

    @Test("A newcomer begins a conversation, so that its first message can have a file; it counts as one")
    func begun() async throws {
        try await Self.run { app, site, _, _ in
            let begun = try await site.call(.post, "/widget/conversations")
            #expect(begun.status == 201, "\(begun.text)")
            let (conversation, visitor) = (try begun.string("conversation_id"), try begun.string("visitor_token"))
            #expect(begun.headers[.visitor] == visitor)
            let sent = try await Self.send(site, AttachmentTests.png, to: conversation, visitor: visitor)
            let said = try await site.call(
                .post, "/widget/chat",
                [
                    "message": "এটা কী? 🧾", "conversation_id": .string(conversation),
                    "attachments": [["file_id": .string(sent.string("id"))]],
                ], visitor: visitor)
            #expect(said.status == 200 && said["conversation_id"]?.string == conversation, "\(said.text)")
            #expect(app.provider.calls.requests.last?.messages.last?.parts?[0]?["image_url"] != nil)
            // With the visitor's conversation before, two; the message has begun none.
            #expect(try await Self.begunByVisitors(app, site.owner) == 2)
            let listed = try await app.all("/chatbots/\(site.chatbotID)/conversations", as: site.owner)
            #expect(listed.contains { $0["id"]?.string == conversation && $0["title"] == "এটা কী? 🧾" }, "\(listed)")
            let again = try await site.call(.post, "/widget/conversations", visitor: visitor)
            #expect(again.status == 201 && again["visitor_token"] == .null && again.headers[.visitor] == nil)
            #expect(try again.string("conversation_id") != conversation)
            let entries = try await app.database.read(.system) { tx in
                try tx.rows(
                    "SELECT target FROM audit_entries WHERE action = 'POST /widget/conversations' AND outcome = ?",
                    [AuditEntry.success]
                ) { try $0.stringIfPresent("target") }
            }
            #expect(entries.count == 2 && entries.contains("conversation:\(conversation)"), "\(entries)")
        }
    }

    @Test("No conversation begins for a stranger's token, another website or a widget that takes no files")
    func notBegun() async throws {
        try await Self.run { app, site, _, _ in
            let (conversations, visitors) = (try await app.count("conversations"), try await app.count("end_users"))
            let other = try await TestSite.make(app, as: app.user("bob"))
            let foreign = try await other.say("مرحبا").string("visitor_token")
            for token in ["x", "a.b", foreign] {
                let refused = try await site.call(.post, "/widget/conversations", visitor: token)
                #expect(refused.status == 401 && refused.errorCode == "invalid_visitor", "\(refused.text)")
            }
            for origin in ["https://evil.example", "null", nil] {
                var headers: HTTPFields = [.apiKey: site.key]
                headers[.origin] = origin
                let refused = try await app.call(.post, "/widget/conversations", headers: headers)
                #expect(refused.status == 403 && refused.errorCode == "origin_refused", "\(refused.text)")
            }
            // The other site's widget takes none.
            let off = try await other.call(.post, "/widget/conversations", visitor: foreign)
            #expect(off.status == 403 && off.errorCode == "forbidden", "\(off.text)")
            // Bob's visitor has one.
            #expect(try await app.count("conversations") == conversations + 1)
            #expect(try await app.count("end_users") == visitors + 1)
        }
    }

    @Test("However many visitors come from one address, they begin as few conversations as files")
    func begunFromOneAddress() async throws {
        try await Self.run(configure: { $0.rates.visitorFiles = RateLimit(10, per: .hour) }) { app, site, _, _ in
            let begun = try await app.parallel(60) { _ in try await site.call(.post, "/widget/conversations") }
            // The test may run at the end of one hour and the beginning of another.
            #expect((10...20).contains(begun.count { $0.status == 201 }), "\(begun.map(\.status))")
            #expect(begun.allSatisfy { $0.status == 201 || $0.status == 429 && $0.headers[.retryAfter] != nil })
            #expect(try await app.count("conversations") == 1 + begun.count { $0.status == 201 })
        }
    }
}
