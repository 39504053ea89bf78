import Foundation
import HTTPTypes
import JSON
import Platform
import Storage
import Testing

@testable import App
@testable import HTTPKit

/// The people an application serves: it names them by ids of its own, and the chatbot's editors see them.
@Suite struct EndUserTests {
    private static func make(_ app: TestApp) async throws -> (owned: Owned, key: TestApplication) {
        let owned = try await Owned.make(app, app.user("alice"), member: app.user("viewer"))
        let key = try await TestApplication.make(
            app, chatbotID: owned.parameters["chatbot_id"]!, as: owned.user)
        return (owned, key)
    }

    @Test("An application sees its own users and the accounts of its key, page by page")
    func listed() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let key = try await TestApplication.make(app, chatbotID: app.chatbot(as: user), as: user)
            for number in 1...5 {
                let told = try await key.call(.post, "/users/c\(number)/details", ["first_name": .int(7)])
                #expect(told.status == 422)
                _ = try await key.call(.post, "/users/c\(number)/details", ["first_name": "C\(number)"])
            }
            for limit in 1...7 {
                var ids: [String] = []
                var after = ""
                repeat {
                    let page = try await key.call(.get, "/users?limit=\(limit)\(after)")
                    ids += page["data"]?.array?.compactMap { $0["id"]?.string } ?? []
                    after = page["next"]?.string.map { "&after=\($0)" } ?? ""
                } while !after.isEmpty && ids.count < 20
                #expect(ids == [user.id, "c5", "c4", "c3", "c2", "c1"], "limit \(limit)")
            }
            let one = try await key.call(.get, "/users/c3")
            #expect(one["id"] == "c3" && one["first_name"] == "C3" && one["username"] == .null)
            #expect(try await key.call(.get, "/users/\(user.id)")["username"] == "alice")
        }
    }

    @Test(
        "An application's ids may hold any text",
        arguments: [
            "a@example.com", "a/b", "größe 7", "../x", "100%", "🦜", "'; --", "me", String(repeating: "x", count: 200),
        ])
    func anyID(id: String) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let key = try await TestApplication.make(app, chatbotID: app.chatbot(as: user), as: user)
            let path = id.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
            if id != "me" {
                #expect(try await key.call(.get, "/users/\(path)").status == 404)
                let told = try await key.call(.post, "/users/\(path)/details", ["role": "Customer"])
                #expect(told.status == 200 && told["user_id"]?.string == id, "\(told.text)")
                #expect(try await key.call(.get, "/users/\(path)")["id"]?.string == id)
            }
            let asked = try await key.query("Hi", ["user": ["id": .string(id), "company": "Acme"]])
            #expect(asked["user_context"]?["user_id"]?.string == id)
            let details = try await key.call(.get, "/users/\(path)/details")
            #expect(details["company"] == "Acme" && (id == "me" || details["role"] == "Customer"))
            let found = try await app.call(.get, "/chatbots/\(key.chatbotID)/users?q=\(path)", as: user)
            #expect(found["data"]?.array?.count == 1 && found["data"]?[0]?["id"]?.string == id)
            let listed = try await app.call(.get, "/chatbots/\(key.chatbotID)/conversations?user=\(path)", as: user)
            #expect(listed["data"]?[0]?["user_id"]?.string == id)
            let erased = try await app.call(.delete, "/chatbots/\(key.chatbotID)/users/\(path)", as: user)
            #expect(erased.status == 204)
        }
    }

    @Test("No text, U+0000 and too long ids name nobody")
    func impossibleIDs() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let key = try await TestApplication.make(app, chatbotID: app.chatbot(as: user), as: user)
            for path in ["%FF", "a%00b", String(repeating: "x", count: 201)] {
                for (method, rest) in [(.get, ""), (.get, "/details"), (.post, "/details")]
                    as [(HTTPRequest.Method, String)]
                {
                    let answer = try await key.call(method, "/users/\(path)\(rest)", method == .post ? [:] : nil)
                    #expect(answer.status == 404, "\(method) \(path)")
                }
            }
            for id in ["", " ", "a\0b", String(repeating: "x", count: 201)] {
                let asked = try await key.query("Hi", ["user": ["id": .string(id)]])
                #expect(asked.status == 422 && asked["error"]?["param"] == "user.id", "\(asked.text)")
            }
            #expect(try await key.query("Hi", ["user": [:]])["error"]?["param"] == "user.id")
            #expect(try await app.all("/chatbots/\(key.chatbotID)/users", as: user).isEmpty)
        }
    }

    @Test("A key needs 'read' to see its users and 'write' to tell of them")
    func scopes() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let chatbotID = try await app.chatbot(as: user)
            let writer = try await TestApplication.make(app, chatbotID: chatbotID, as: user, scopes: ["write"])
            let reader = try await TestApplication.make(app, chatbotID: chatbotID, as: user, scopes: ["read"])
            let talker = try await TestApplication.make(app, chatbotID: chatbotID, as: user, scopes: ["chat"])
            for (key, write, read, ask) in [
                (writer, 200, 403, 403), (reader, 403, 200, 403), (talker, 403, 403, 200),
            ] {
                let told = try await key.call(.post, "/users/c/details", ["role": "x"])
                #expect(told.status == write)
                for path in [
                    "/users", "/users/c", "/users/c/details", "/users/c/context", "/users/c/chatbots", "/chatbots",
                ] {
                    #expect(try await key.call(.get, path).status == read, "\(path)")
                }
                for path in ["/chatbot", "/chatbots", "/projects"] {
                    let asked = try await key.call(.post, "\(path)/\(chatbotID)/query", ["message": "Hi"])
                    #expect(asked.status == ask, "\(path): \(asked.text)")
                    if ask == 403 { #expect(asked.errorCode == "key_not_allowed") }
                }
            }
        }
    }

    @Test("A key sees its own chatbot and no other; one that is not its is refused like one that is not there")
    func ownChatbot() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let (mine, other) = (try await app.chatbot(as: user), try await app.chatbot(["name": "Other"], as: user))
            let key = try await TestApplication.make(app, chatbotID: mine, as: user)
            for path in ["/chatbots", "/projects", "/users/\(user.id)/chatbots"] {
                #expect(try await key.call(.get, path)["data"]?.array?.compactMap { $0["id"]?.string } == [mine])
            }
            #expect(try await key.call(.get, "/chatbots/\(mine)")["id"]?.string == mine)
            for id in [other, "c1", "nothing", "%20"] {
                for (method, path) in [(.get, "/chatbots/\(id)"), (.post, "/chatbot/\(id)/query")]
                    as [(HTTPRequest.Method, String)]
                {
                    let answer = try await key.call(method, path, method == .post ? ["message": "Hi"] : nil)
                    #expect(answer.status == 403 && answer.errorCode == "key_not_for_chatbot", "\(answer.text)")
                }
            }
            for (method, path) in [
                (.patch, "/chatbots/\(mine)"), (.delete, "/chatbots/\(mine)"), (.get, "/chatbots/\(mine)/users"),
                (.get, "/conversations"), (.patch, "/users/\(user.id)"), (.delete, "/users/\(user.id)"),
            ] as [(HTTPRequest.Method, String)] {
                #expect(try await key.call(method, path).errorCode == "key_not_allowed", "\(method) \(path)")
            }
        }
    }

    @Test("A key reads its owner's details, changes only its maker's, and none of who has left")
    func accounts() async throws {
        try await TestApp.run { app in
            let (owned, _) = try await Self.make(app)
            let editor = try await app.user("editor")
            let team = owned.parameters["workspace_id"]!
            let members = "/workspaces/\(team)/members"
            try await app.add(editor, to: team, as: "editor", by: owned.user)
            let key = try await TestApplication.make(app, chatbotID: owned.parameters["chatbot_id"]!, as: editor)
            let (own, owner) = ("/users/\(editor.id)/details", "/users/\(owned.user.id)/details")
            #expect(try await key.call(.post, own, ["company": "Mine"])["company"] == "Mine")
            #expect(try await app.call(.get, "/users/me/details", as: editor)["company"] == "Mine")
            #expect(try await key.call(.get, owner).status == 200)
            let refused = try await key.call(.post, owner, ["company": "Theirs"])
            #expect(refused.status == 403 && refused.errorCode == "key_not_allowed")
            #expect(try await app.call(.get, "/users/me/details", as: owned.user)["company"] == .null)
            // A key does not find other members.
            #expect(try await key.call(.get, "/users/\(owned.parameters["user_id"]!)").status == 404)

            _ = try await app.call(.delete, "\(members)/\(editor.id)", as: owned.user)
            #expect(try await key.call(.get, own).status == 404)
            #expect(try await key.call(.get, owner).status == 200)
        }
    }

    @Test("Editors see the end users and what was said on their behalf; viewers and strangers nothing of it")
    func editors() async throws {
        try await TestApp.run { app in
            let (owned, key) = try await Self.make(app)
            let stranger = try await app.user("stranger")
            let viewer = try await app.call(
                .post, "/auth/token", ["username": "viewer", "password": .string(TestApp.password)]
            ).string("access_token")
            let asViewer: HTTPFields = [.authorization: "Bearer \(viewer)"]
            let named = try await key.query("For Dora", ["user": ["id": "dora", "first_name": "Dora"]])
            let nobody = try await key.query("For nobody")
            let (id, anonymousID) = (try named.string("conversation_id"), try nobody.string("conversation_id"))

            let base = "/chatbots/\(key.chatbotID)"
            let users = try await app.all("\(base)/users", limit: 1, as: owned.user)
            #expect(users.compactMap { $0["id"]?.string } == ["dora", owned.parameters["end_user_id"]])
            #expect(users[0]["profile"]?["first_name"] == "Dora" && users[0]["chatbot_id"]?.string == key.chatbotID)
            let all = try await app.all("\(base)/conversations", limit: 1, as: owned.user)
            #expect(all.compactMap { $0["id"]?.string } == [anonymousID, id])
            #expect(all[0]["user_id"] == .null && all[1]["user_id"] == "dora")
            #expect(all[1]["title"] == "For Dora")
            for (filter, ids) in [("dora", [id]), ("nobody", [])] {
                let some = try await app.call(.get, "\(base)/conversations?user=\(filter)", as: owned.user)
                #expect(some["data"]?.array?.compactMap { $0["id"]?.string } == ids)
            }
            for id in [id, anonymousID] {
                for path in ["", "/messages", "/export", "/export?format=markdown"] {
                    let address = "/conversations/\(id)\(path)"
                    #expect(try await app.call(.get, address, as: owned.user).status == 200, "\(path)")
                    #expect(try await app.call(.get, address, headers: asViewer).status == 404, "\(path)")
                    #expect(try await app.call(.get, address, as: stranger).status == 404, "\(path)")
                }
                // To read is all.
                for (method, path) in [
                    (.patch, ""), (.delete, ""), (.post, "/messages"), (.post, "/stop"), (.post, "/regenerate"),
                ] as [(HTTPRequest.Method, String)] {
                    let answer = try await app.call(
                        method, "/conversations/\(id)\(path)", ["content": "x"], as: owned.user)
                    #expect(answer.status == 404, "\(method) \(path)")
                }
            }
            let listed = try await app.call(
                .get, "/conversations", as: owned.user, headers: [.workspaceID: owned.parameters["workspace_id"]!])
            #expect(listed["data"]?.array?.count == 1, "an editor's own conversations are its own alone")
            for path in ["/users", "/conversations"] {
                #expect(try await app.call(.get, base + path, headers: asViewer).status == 403)
                #expect(try await app.call(.get, base + path, as: stranger).status == 404)
            }
            #expect(try await app.call(.delete, "\(base)/users/dora", headers: asViewer).status == 403)
        }
    }

    @Test("Erasing an end user leaves nothing of what was said on its behalf")
    func erased() async throws {
        try await TestApp.run { app in
            let (owned, key) = try await Self.make(app)
            let kept = try await key.query("Canary of Emil", ["user": ["id": "emil"]]).string("conversation_id")
            let gone = try await key.query("Canary of Dora", ["user": ["id": "dora"]]).string("conversation_id")
            let path = "/chatbots/\(key.chatbotID)/users/dora"
            #expect(try await app.call(.delete, path, as: owned.user).status == 204)
            #expect(try await app.call(.delete, path, as: owned.user).status == 404)
            #expect(try await key.call(.get, "/users/dora").status == 404)
            #expect(try await key.query("Again", ["conversation_id": .string(gone)]).status == 404)
            #expect(try await app.call(.get, "/conversations/\(gone)/messages", as: owned.user).status == 404)
            #expect(try await app.call(.get, "/conversations/\(kept)/messages", as: owned.user).status == 200)
            // What the request had no time for is left to the job.
            try await app.app.deletions.run()
            let left = try await app.database.read(.system) { tx in
                try tx.rows("SELECT content FROM messages") { try $0.string("content") }
            }
            #expect(!left.contains { $0.contains("Canary of Dora") } && left.contains { $0.contains("Canary of Emil") })
            let again = try await key.query("Who?", ["user": ["id": "dora"]])
            #expect(again["user_context"]?["user_profile"]?["first_name"] == .null)
            #expect(again["user_context"]?["conversation_context"] == "")
        }
    }

    @Test("The same id with another chatbot is another person")
    func perChatbot() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let first = try await TestApplication.make(app, chatbotID: app.chatbot(as: user), as: user)
            let second = try await TestApplication.make(app, chatbotID: app.chatbot(as: user), as: user)
            let conversation = try await first.query("Mine", ["user": ["id": "dora", "company": "First"]])
            let other = try await second.query("Yours", ["user": ["id": "dora"]])
            #expect(other["user_context"]?["user_profile"]?["company"] == .null)
            let id = try conversation.string("conversation_id")
            #expect(try await second.query("Hi", ["conversation_id": .string(id)]).status == 404)
            #expect(try await second.call(.get, "/users/dora/context?conversation_id=\(id)").status == 404)
            #expect(try await first.call(.get, "/users/dora/context?conversation_id=\(id)").status == 200)
        }
    }
}
