import Foundation
import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import Platform

/// All that is a user's, in one document.
@Suite struct UserExportTests {
    @Test("An export holds everything that is the user's, and nothing of anybody else's")
    func complete() async throws {
        try await TestApp.run { app in
            let owned = try await Owned.make(app, try await app.user("alice"), member: app.user("member"))
            let other = try await Owned.make(app, try await app.user("bob"), member: app.user("second"))
            let alice = owned.user
            _ = try await app.call(
                .post, "/users/me/details", ["company": "Tech Corp", "preferences": ["language": "en"]], as: alice)
            // More than a page of each.
            let chatbot = try await app.chatbot(["name": "Second"], prompt: "First version", as: alice)
            for number in 0..<120 {
                let prompt = try await app.call(
                    .post, "/chatbots/\(chatbot)/prompts", ["content": .string("Version \(number)")], as: alice)
                try #require(prompt.status == 201)
            }
            let long = try await app.conversation(with: chatbot, as: alice)
            for number in 0..<60 { try await app.send("question \(number)", in: long, as: alice) }
            let told = try await app.call(
                .post, "/chat",
                [
                    "chatbot_id": .string(chatbot), "message": "with \"quotes\" and \u{1F99C}",
                    "session_data": ["cart": 3],
                ], as: alice)
            try #require(told.status == 200, "\(told.text)")
            let helper = try await app.staff(level: 3)
            _ = try await app.call(
                .post, "/staff/conversations/\(long)/access", ["reason": "It was asked for."], as: helper)

            let export = try await app.call(.get, "/users/me/export", as: alice)
            #expect(export.status == 200 && export.headers[.contentType]?.hasPrefix("application/json") == true)
            #expect(
                export.headers[.contentDisposition] == "attachment; filename=\"user-\(alice.id).json\"")
            #expect(export["account"]?["id"]?.string == alice.id && export["plan"] == "free")
            #expect(export["details"]?["company"] == "Tech Corp")
            #expect(export["usage"]?[0]?["messages"]?.int ?? 0 >= 62)
            #expect(export["api_keys"]?.array?.count == 1 && export["api_keys"]?[0]?["prefix"]?.string != nil)
            #expect(export["access_log"]?[0]?["operator_name"]?.string == helper.name)
            let workspaces = try #require(export["workspaces"]?.array)
            #expect(
                Set(workspaces.compactMap { $0["workspace"]?["id"]?.string })
                    == [alice.workspaceID, owned.parameters["workspace_id"]!])
            let personal = try #require(workspaces.first { $0["workspace"]?["id"]?.string == alice.workspaceID })
            let shown = personal["chatbots"]?.array?.first { $0["chatbot"]?["id"]?.string == chatbot }
            #expect(shown?["prompts"]?.array?.count == 121)
            let conversations = try #require(personal["conversations"]?.array)
            let messages = conversations.first { $0["conversation"]?["id"]?.string == long }?["messages"]?.array
            #expect(messages?.count == 120 && messages?[118]["content"] == "question 59")
            #expect(conversations.contains { $0["session_data"] == ["cart": 3] })
            #expect(export.text.contains("with \\\"quotes\\\""))
            let team = try #require(workspaces.first { $0["workspace"]?["id"]?.string != alice.workspaceID })
            #expect(team["chatbots"]?.array?.contains { $0["api_keys"]?.array?.count == 1 } == true)
            #expect(team["conversations"]?[0]?["messages"]?[0]?["content"] == "A secret question")
            for id in other.ids { #expect(!export.text.contains(id)) }
            #expect(!export.text.contains("mk_live_\(owned.parameters["key_id"]!.replacing("-", with: ""))_"))
        }
    }

    @Test("A member of a team gets its own conversations, and not the team's chatbots")
    func member() async throws {
        try await TestApp.run { app in
            let member = try await app.user("member")
            let owned = try await Owned.make(app, try await app.user("alice"), member: member)
            let conversation = try await app.conversation(with: owned.parameters["chatbot_id"]!, as: member)
            try await app.send("mine", in: conversation, as: member)
            let export = try await app.call(.get, "/users/me/export", as: member)
            #expect(export.text.contains("\"mine\"") && !export.text.contains("A secret"))
            let team = export["workspaces"]?.array?.first { $0["workspace"]?["name"] == "Team" }
            #expect(team?["workspace"]?["role"] == "viewer" && team?["chatbots"] == [])
        }
    }

    @Test("A key does not get it, and neither does a stranger")
    func keys() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let key = try await app.call(.post, "/users/me/api-keys", as: user).string("key")
            #expect(try await app.call(.get, "/users/me/export").status == 401)
            let refused = try await app.call(.get, "/users/me/export", headers: [.apiKey: key])
            #expect(refused.errorCode == "key_not_allowed")
            let application = try await TestApplication.make(
                app, chatbotID: try await app.chatbot(as: user), as: user)
            #expect(try await application.call(.get, "/users/me/export").errorCode == "key_not_allowed")
        }
    }
}
