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
@testable import Platform

/// What is deleted is gone from every list at once, and from the database little by little.
@Suite struct DeletionTests {
    /// Puts messages into a conversation, as a busy one has them.
    private static func fill(_ app: TestApp, _ conversationID: String, _ workspaceID: String, _ count: Int) async throws
    {
        for start in stride(from: 0, to: count, by: 500) {
            try await app.database.write(.system) { tx in
                for position in start..<min(count, start + 500) {
                    try tx.run(
                        """
                        INSERT INTO messages (id, workspace_id, conversation_id, position, sender, content, status, created_at)
                        VALUES (?, ?, ?, ?, 'user', 'অনেক বার্তা', 'complete', 1)
                        """,
                        [Identifier.make(), workspaceID, conversationID, 1000 + position])
                }
            }
        }
    }

    private static let tables = [
        "conversations", "messages", "prompts", "api_keys", "end_users", "chatbots", "workspaces",
    ]

    private static func rows(_ app: TestApp) async throws -> [String: Int] {
        var rows: [String: Int] = [:]
        for table in tables { rows[table] = try await app.count(table) }
        return rows
    }

    /// Something to delete of each kind, with more messages than one transaction takes.
    private struct Setting {
        let app: TestApp
        let owned: Owned
        let site: TestApplication
        let endUserConversation: String

        var base: String { "/chatbots/\(owned.parameters["chatbot_id"]!)" }

        static func make(_ app: TestApp) async throws -> Setting {
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let owned = try await Owned.make(app, alice, member: bob)
            let site = try await TestApplication.make(app, chatbotID: owned.parameters["chatbot_id"]!, as: alice)
            let said = try await site.query("مرحبا", ["user": ["id": "customer 7", "company": "متجر"]])
            let endUserConversation = try said.string("conversation_id")
            for id in [owned.parameters["conversation_id"]!, endUserConversation] {
                try await DeletionTests.fill(app, id, owned.parameters["workspace_id"]!, 700)
            }
            return Setting(app: app, owned: owned, site: site, endUserConversation: endUserConversation)
        }

        func status(_ path: String) async throws -> Int {
            try await app.call(.get, path, as: owned.user).status
        }
    }

    @Test("A deleted conversation is gone at once, and its rows after the job")
    func conversation() async throws {
        try await TestApp.run { app in
            let setting = try await Setting.make(app)
            let id = setting.owned.parameters["conversation_id"]!
            let before = try await Self.rows(app)
            let path = "/conversations/\(id)"
            #expect(try await app.call(.delete, path, as: setting.owned.user).status == 204)
            #expect(try await app.count("messages") > before["messages"]! - 702, "the request takes only some")
            for path in [path, "\(path)/messages", "\(path)/export", "\(path)/stream"] {
                #expect(try await setting.status(path) == 404, "\(path)")
            }
            #expect(try await app.call(.delete, path, as: setting.owned.user).status == 404)
            #expect(try await app.send("Again", in: id, as: setting.owned.user).status == 404)
            let workspace: HTTPFields = [.workspaceID: setting.owned.parameters["workspace_id"]!]
            let listed = try await app.call(.get, "/conversations", as: setting.owned.user, headers: workspace)
            #expect(listed["data"] == [])
            try await app.app.deletions.run()
            let after = try await Self.rows(app)
            #expect(after["messages"] == before["messages"]! - 702)
            #expect(after["conversations"] == before["conversations"]! - 1)
        }
    }

    @Test("A deleted chatbot is gone at once with its keys and conversations, and its slug is free")
    func chatbot() async throws {
        try await TestApp.run { app in
            let setting = try await Setting.make(app)
            let (user, parameters) = (setting.owned.user, setting.owned.parameters)
            let workspace: HTTPFields = [.workspaceID: parameters["workspace_id"]!]
            let slug = try await app.call(.get, setting.base, as: user).string("slug")
            #expect(try await app.call(.delete, setting.base, as: user).status == 204)
            for path in [
                setting.base, "\(setting.base)/prompts", "\(setting.base)/users", "\(setting.base)/usage",
                "\(setting.base)/api-keys", "/conversations/\(parameters["conversation_id"]!)",
                "/conversations/\(parameters["conversation_id"]!)/messages",
                "/conversations/\(setting.endUserConversation)/messages",
            ] {
                #expect(try await setting.status(path) == 404, "\(path)")
            }
            #expect(try await setting.site.query("Hello?").errorCode == "invalid_api_key")
            let chatbots = try await app.call(.get, "/chatbots", as: user, headers: workspace)
            #expect(chatbots["data"]?.array?.contains { $0["slug"]?.string == slug } == false)
            #expect(try await !app.listedModels(as: user).contains(slug))
            #expect(try await app.call(.get, "/conversations", as: user, headers: workspace)["data"] == [])
            #expect(
                try await app.call(
                    .post, "/chat", ["chatbot_id": .string(parameters["chatbot_id"]!), "message": "Hi"], as: user
                )
                .status == 404)
            let again = try await app.call(
                .post, "/chatbots", ["name": "Private", "slug": .string(slug)], as: user, headers: workspace)
            #expect(again.status == 201, "\(again.text)")
            try await app.app.deletions.run()
            let left = try await app.rows("SELECT id FROM chatbots WHERE id = ?", [parameters["chatbot_id"]!])
            let messages = try await app.rows(
                "SELECT id FROM messages WHERE workspace_id = ?", [parameters["workspace_id"]!])
            #expect(left.isEmpty && messages.isEmpty)
            #expect(try await app.count("end_users") == 0)
        }
    }

    @Test("A deleted workspace is gone at once for all its members, and with all rows after the job")
    func workspace() async throws {
        try await TestApp.run { app in
            let setting = try await Setting.make(app)
            let parameters = setting.owned.parameters
            let workspaceID = parameters["workspace_id"]!
            #expect(try await app.call(.delete, "/workspaces/\(workspaceID)", as: setting.owned.user).status == 204)
            for path in [
                "/workspaces/\(workspaceID)", "/workspaces/\(workspaceID)/members", setting.base,
                "/conversations/\(parameters["conversation_id"]!)/messages",
            ] {
                #expect(try await setting.status(path) == 404, "\(path)")
            }
            #expect(try await setting.site.query("Hello?").errorCode == "invalid_api_key")
            #expect(try await app.call(.get, "/workspaces", as: setting.owned.user)["data"]?.array?.count == 1)
            try await app.app.deletions.run()
            for table in ["conversations", "messages", "prompts", "api_keys", "end_users", "chatbots", "members"] {
                let left = try await app.rows("SELECT workspace_id FROM \(table) WHERE workspace_id = ?", [workspaceID])
                #expect(left.isEmpty, "\(table)")
            }
            #expect(try await app.rows("SELECT id FROM workspaces WHERE id = ?", [workspaceID]).isEmpty)
            let totals = try await app.rows(
                "SELECT workspace_id FROM workspace_totals WHERE workspace_id = ?", [workspaceID])
            #expect(totals.isEmpty)
        }
    }

    @Test("A deleted end user is nameless at once, and the id can be given anew")
    func endUser() async throws {
        try await TestApp.run { app in
            let setting = try await Setting.make(app)
            let path = "\(setting.base)/users/customer%207"
            #expect(try await app.call(.delete, path, as: setting.owned.user).status == 204)
            #expect(try await app.call(.delete, path, as: setting.owned.user).status == 404)
            #expect(try await setting.site.call(.get, "/users/customer%207").status == 404)
            #expect(try await setting.status("/conversations/\(setting.endUserConversation)/messages") == 404)
            let conversations = try await app.call(.get, "\(setting.base)/conversations", as: setting.owned.user)
            #expect(conversations["data"] == [])
            let marked = try await app.rows("SELECT id FROM end_users WHERE external_id = 'customer 7'", [])
            #expect(marked.isEmpty)
            let again = try await setting.site.query("Back", ["user": ["id": "customer 7"]])
            #expect(again["user_context"]?["user_profile"]?["company"] == .null)
            #expect(again["user_context"]?["conversation_context"] == "")
            try await app.app.deletions.run()
            let left = try await app.rows(
                "SELECT id FROM messages WHERE conversation_id = ?", [setting.endUserConversation])
            let logs = try await app.rows(
                "SELECT id FROM message_logs WHERE conversation_id = ? AND content IS NOT NULL",
                [setting.endUserConversation])
            #expect(left.isEmpty && logs.isEmpty)
        }
    }

    @Test("A removal that was broken off goes on, and no transaction takes more than its portion")
    func inPortions() async throws {
        try await TestApp.run { app in
            let setting = try await Setting.make(app)
            let (chatbotID, workspaceID) = (
                setting.owned.parameters["chatbot_id"]!, setting.owned.parameters["workspace_id"]!
            )
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE chatbots SET deleted_at = 1, slug = '~' WHERE id = ?", [chatbotID])
            }
            var deletions = app.app.deletions
            deletions.batch = 100
            let root = Deletions.Root.chatbot(workspaceID: workspaceID, id: chatbotID)
            var before = try await Self.rows(app).values.reduce(0, +)
            var portions = 0
            while try await !deletions.removeSome(of: root) {
                let left = try await Self.rows(app).values.reduce(0, +)
                #expect(before - left <= 101)
                before = left
                portions += 1
                try #require(portions < 1000)
                if portions == 5 { break }
            }
            // Another process takes it up.
            try await app.another { other in try await other.app.deletions.run() }
            #expect(try await app.rows("SELECT id FROM chatbots WHERE id = ?", [chatbotID]).isEmpty)
            try await deletions.run()
        }
    }

    @Test(
        "A reply that is being written in what is deleted ends properly, and its log is kept",
        arguments: [
            "conversation", "chatbot", "workspace",
        ])
    func running(what: String) async throws {
        let gate = Gate()
        let steps = [.delta("لحظة"), .wait(gate.wait), .delta(" ولا أكثر")] as [ScriptedProvider.Step]
        // By what is asked, for the first calls are those of `Owned`.
        let provider = ScriptedProvider { request, _ in
            .init(request.messages.last?.content == "Tell" ? steps : [.delta("Hi")])
        }
        try await TestApp.run(provider: provider) { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let owned = try await Owned.make(app, alice, member: bob)
            let id = owned.parameters["conversation_id"]!
            async let turn = app.call(
                .post, "/conversations/\(id)/messages", ["content": "Tell", "stream": true], as: alice)
            try await app.eventually("it runs") { app.app.replies.all.contains { $0.length > 0 } }
            let path =
                switch what {
                case "conversation": "/conversations/\(id)"
                case "chatbot": "/chatbots/\(owned.parameters["chatbot_id"]!)"
                default: "/workspaces/\(owned.parameters["workspace_id"]!)"
                }
            #expect(try await app.call(.delete, path, as: alice).status == 204)
            let events = try await turn.events
            #expect(events.last?.name == "done", "\(events.map(\.name))")
            gate.open()
            try await app.eventually("nothing runs") { app.app.replies.count == 0 }
            try await app.app.deletions.run()
            #expect(try await app.rows("SELECT id FROM messages WHERE conversation_id = ?", [id]).isEmpty)
            let logs = try await app.rows("SELECT outcome FROM message_logs WHERE conversation_id = ?", [id])
            #expect(logs.contains("partial"), "\(logs)")
        }
    }
}
