import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Testing

@testable import App
@testable import HTTPKit

@Suite struct ChatbotTests {
    static let fields: [String: JSONValue] = [
        "name": "Shop helper", "slug": "shop-helper", "description": "Answers about the shop ☕", "provider": "scripted",
        "model": "m-1", "models": ["m-2", "m-3"], "temperature": 0.5, "max_tokens": 77,
        "llm_endpoint_url": "https://llm.example.com/v1", "greeting": "হ্যালো!",
        "config": ["theme": "dark", "nested": ["list": [1, 2.5, .null, true, "x"]]], "fallback_message": "Try later.",
    ]

    @Test("Create, list, read, change and delete with every field; projects are chatbots")
    func everyField() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            for (base, other) in [("/chatbots", "/projects"), ("/projects/", "/chatbots/")] {
                let created = try await app.call(.post, base, .object(Self.fields), as: user)
                #expect(created.status == 201)
                let id = try created.string("id")
                #expect(created["workspace_id"]?.string == user.workspaceID)
                #expect(created["owner_id"]?.string == user.id)
                #expect(created["is_default"] == false)
                for address in [base, other] {
                    let path = address.hasSuffix("/") ? "\(address)\(id)" : "\(address)/\(id)"
                    let read = try await app.call(.get, path, as: user)
                    for (name, value) in Self.fields { #expect(read[name] == value, "\(name)") }
                    #expect(Timestamp(iso8601: try read.string("created_at")) != nil)
                    let list = try await app.call(.get, address, as: user)
                    #expect(list["data"]?[0] == read.json)
                }
                #expect(try await app.call(.delete, "/chatbots/\(id)", as: user).status == 204)
                for path in ["/chatbots/\(id)", "/projects/\(id)"] {
                    #expect(try await app.call(.get, path, as: user).status == 404)
                }
                #expect(try await app.call(.delete, "/projects/\(id)", as: user).status == 404)
            }
        }
    }

    @Test("PATCH and PUT do the same: missing fields stay, null clears", arguments: ["PATCH", "PUT"])
    func change(method: String) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let method = try #require(HTTPRequest.Method(method))
            let path = "/projects/\(try await app.chatbot(.object(Self.fields), as: user))"
            let nothing = try await app.call(method, path, [:], as: user)
            #expect(nothing.status == 200)
            for (name, value) in Self.fields { #expect(nothing[name] == value, "\(name)") }

            let changes: [String: JSONValue] = [
                "name": "New", "slug": "new-1", "description": "d", "provider": .null, "model": "m", "models": [],
                "temperature": 2, "max_tokens": 1, "llm_endpoint_url": "http://x.example/", "greeting": "",
                "config": [:], "fallback_message": "f",
            ]
            for (name, value) in changes {
                let changed = try await app.call(method, path, .object([name: value]), as: user)
                #expect(changed.status == 200, "\(name): \(changed.text)")
                #expect(changed[name] == value || changed[name]?.double == value.double, "\(name)")
            }
            let read = try await app.call(.get, path, as: user)
            for name in ["name", "slug", "models", "config", "greeting"] { #expect(read[name] == changes[name]) }

            for name in [
                "description", "model", "temperature", "max_tokens", "llm_endpoint_url", "greeting",
                "fallback_message",
            ] {
                let cleared = try await app.call(method, path, .object([name: .null]), as: user)
                #expect(cleared.status == 200 && cleared[name] == .null, "\(name)")
            }
            #expect(try await app.call(.get, path, as: user)["name"] == "New")
        }
    }

    @Test("Fields that a client may not set have no effect, and unknown ones are ignored")
    func readOnlyFields() async throws {
        try await TestApp.run { app in
            let (user, bob) = (try await app.user("alice"), try await app.user("bob"))
            let intruding: [String: JSONValue] = [
                "name": "Bot", "id": "mine", "workspace_id": .string(bob.workspaceID), "owner_id": .string(bob.id),
                "created_at": "2001-01-01T00:00:00.000Z", "updated_at": 5, "role": "admin", "credits": 1_000_000,
                "plan": "gold", "surprise": ["x": .null],
            ]
            let created = try await app.call(.post, "/chatbots", .object(intruding), as: user)
            #expect(created.status == 201)
            let id = try created.string("id")
            #expect(id != "mine" && created["workspace_id"]?.string == user.workspaceID)
            #expect(created["created_at"] != "2001-01-01T00:00:00.000Z" && created["surprise"] == nil)
            let changed = try await app.call(.patch, "/chatbots/\(id)", .object(intruding), as: user)
            #expect(changed.status == 200)
            #expect(changed["id"] == created["id"] && changed["workspace_id"] == created["workspace_id"])
            #expect(changed["created_at"] == created["created_at"])
            let user2 = try await app.call(
                .patch, "/users/me", ["id": "x", "credits": 5, "email_verified": true, "workspace_id": "x"], as: user)
            #expect(user2["id"]?.string == user.id && user2["email_verified"] == false && user2["credits"] == nil)
        }
    }

    @Test(
        "What a chatbot cannot be is refused, and the field named",
        arguments: [
            (#"{}"#, "name"), (#"{"name": ""}"#, "name"), (#"{"name": " \t\n"}"#, "name"), (#"{"name": null}"#, "name"),
            (#"{"name": 7}"#, "name"), (#"{"name": "x", "slug": "Not a slug"}"#, "slug"),
            (#"{"name": "x", "slug": "-a"}"#, "slug"), (#"{"name": "x", "slug": "a--b"}"#, "slug"),
            (#"{"name": "x", "slug": ""}"#, "slug"), (#"{"name": "x", "temperature": 2.1}"#, "temperature"),
            (#"{"name": "x", "temperature": -0.1}"#, "temperature"), (#"{"name": "x", "max_tokens": 0}"#, "max_tokens"),
            (#"{"name": "x", "max_tokens": 1.5}"#, "max_tokens"), (#"{"name": "x", "provider": "nobody"}"#, "provider"),
            (#"{"name": "x", "llm_endpoint_url": "ftp://x"}"#, "llm_endpoint_url"),
            (#"{"name": "x", "models": "m"}"#, "models"), (#"{"name": "x", "models": [""]}"#, "models[0]"),
            (#"{"name": "x", "models": [null]}"#, "models[0]"), (#"{"name": "x", "config": []}"#, "config"),
            (#"{"name": "x", "config": {"a": "\u0000"}}"#, "config"), (#"{"name": "x\u0000"}"#, "name"),
        ])
    func refused(body: String, param: String) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let answer = try await app.raw(.post, "/chatbots", body.utf8, as: user)
            #expect(answer.status == 422, "\(answer.text)")
            #expect(answer["error"]?["param"]?.string?.hasPrefix(param) == true, "\(answer.text)")
            #expect(try await app.all("/chatbots", as: user).count == 1)
        }
    }

    @Test("A slug is made from the name, is unique in its workspace, and only there")
    func slugs() async throws {
        try await TestApp.run { app in
            let (user, bob) = (try await app.user("alice"), try await app.user("bob"))
            func create(_ body: JSONValue, as user: TestUser) async throws -> TestApp.Answer {
                try await app.call(.post, "/chatbots", body, as: user)
            }
            #expect(try await create(["name": "My shop's helper!"], as: user)["slug"] == "my-shop-s-helper")
            let second = try await create(["name": "My shop's helper!"], as: user)
            #expect(second.status == 201)
            #expect(try second.string("slug").hasPrefix("my-shop-s-helper-"))
            #expect(try await create(["name": "হ্যালো"], as: user)["slug"] == "chatbot")
            let long = try await create(["name": .string(String(repeating: "a ", count: 90))], as: user)
            #expect(try long.string("slug").wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil)
            let taken = try await create(["name": "x", "slug": "my-shop-s-helper"], as: user)
            #expect(taken.status == 409 && taken.errorCode == "slug_taken" && taken["error"]?["param"] == "slug")
            let renamed = try await app.call(
                .patch, "/chatbots/\(try second.string("id"))", ["slug": "my-shop-s-helper"], as: user)
            #expect(renamed.status == 409 && renamed.errorCode == "slug_taken")
            #expect(try await create(["name": "x", "slug": "my-shop-s-helper"], as: bob).status == 201)
        }
    }

    @Test("A workspace always has one default chatbot, which answers where none is named")
    func defaultChatbot() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let first = try #require(try await app.all("/chatbots", as: user).first)
            #expect(first["name"] == "Assistant" && first["is_default"] == true)
            let firstID = try #require(first["id"]?.string)
            let refused = try await app.call(.delete, "/chatbots/\(firstID)", as: user)
            #expect(refused.status == 409 && refused.errorCode == "default_chatbot")

            let second = try await app.chatbot(as: user)
            let made = try await app.call(.patch, "/chatbots/\(second)", ["is_default": true], as: user)
            #expect(made["is_default"] == true)
            let kept = try await app.call(.patch, "/chatbots/\(second)", ["is_default": false], as: user)
            #expect(kept["is_default"] == true)
            let defaults = try await app.all("/chatbots", as: user).filter { $0["is_default"] == true }
            #expect(defaults.compactMap { $0["id"]?.string } == [second])
            let conversation = try await app.call(.post, "/conversations", [:], as: user)
            #expect(conversation["chatbot_id"]?.string == second && conversation["project_id"]?.string == second)
            let reply = try await app.call(.post, "/chat", ["message": "hi"], as: user)
            let begun = try await app.call(
                .get, "/conversations/\(try reply.string("conversation_id"))", as: user)
            #expect(begun["chatbot_id"]?.string == second)
            #expect(try await app.call(.delete, "/chatbots/\(firstID)", as: user).status == 204)
        }
    }

    @Test("Prompts are versioned, and the newest active version is used")
    func prompts() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let id = try await app.chatbot(as: user)
            let path = "/projects/\(id)/prompts"
            #expect(try await app.call(.get, path, as: user)["data"] == [])
            func create(_ body: JSONValue) async throws -> TestApp.Answer {
                let answer = try await app.call(.post, path, body, as: user)
                #expect(answer.status == 201, "\(answer.text)")
                return answer
            }
            func active() async throws -> [Int64] {
                try await app.all(path, as: user).filter { $0["is_active"] == true }.compactMap { $0["version"]?.int }
            }
            let first = try await create(["content": "One"])
            #expect(first["version"] == 1 && first["is_active"] == true && first["chatbot_id"]?.string == id)
            #expect(try await create(["content": "Two", "activate": true])["version"] == 2)
            #expect(try await create(["content": "Three", "activate": false])["is_active"] == false)
            #expect(try await active() == [2])
            let versions = try await app.all(path, limit: 1, as: user)
            #expect(versions.compactMap { $0["version"]?.int } == [3, 2, 1])
            #expect(versions.compactMap { $0["content"]?.string } == ["Three", "Two", "One"])

            let again = try await app.call(.post, "\(path)/\(try first.string("id"))/activate", as: user)
            #expect(again.status == 200 && again["version"] == 1 && again["is_active"] == true)
            #expect(try await active() == [1])
            _ = try await app.call(.post, "/chat", ["project_id": .string(id), "message": "hi"], as: user)
            #expect(app.provider.calls.requests.last?.messages.first == .init(role: .system, content: "One"))

            #expect(try await app.call(.post, "\(path)/nope/activate", as: user).status == 404)
            #expect(try await active() == [1])
            for content in ["", "  \n"] {
                let refused = try await app.call(.post, path, ["content": .string(content)], as: user)
                #expect(refused.status == 422 && refused["error"]?["param"] == "content")
            }
        }
    }

    @Test("Versions added concurrently get different numbers, and one is active")
    func simultaneousPrompts() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let path = "/chatbots/\(try await app.chatbot(as: user))/prompts"
            try await withThrowingTaskGroup { group in
                for number in 0..<20 {
                    group.addTask {
                        let body: JSONValue = ["content": "Prompt \(number)"]
                        let created = try await app.call(.post, path, body, as: user)
                        #expect(created.status == 201)
                    }
                }
                try await group.waitForAll()
            }
            let prompts = try await app.all(path, as: user)
            #expect(prompts.compactMap { $0["version"]?.int } == (1...20).reversed())
            #expect(prompts.filter { $0["is_active"] == true }.count == 1)
        }
    }

    @Test("Deleting a chatbot takes its conversations along")
    func deletion() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let id = try await app.chatbot(prompt: "Be brief.", as: user)
            let conversation = try await app.conversation(with: id, as: user)
            try await app.send("hi", in: conversation, as: user)
            #expect(try await app.call(.delete, "/chatbots/\(id)", as: user).status == 204)
            #expect(try await app.call(.get, "/conversations/\(conversation)", as: user).status == 404)
            #expect(try await app.all("/conversations", as: user).isEmpty)
        }
    }
}
