import HTTPTypes
import JSON
import LLM
import LLMTesting
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// Who may ask which chatbot, and by which names.
@Suite struct CompletionsAccessTests {
    private static let posts = [CompletionsTests.path, "/openai" + CompletionsTests.path, "/v1/messages"]

    private static func asking(_ model: String?) -> JSONValue {
        CompletionsTests.asking(model.map { ["model": .string($0), "max_tokens": 10] } ?? [:])
    }

    @Test(
        "A chatbot's key: its id, its slug, a model of its own by either name or alone, or none; all else is not there")
    func names() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let other = try await app.chatbot(["name": "Other", "models": ["theirs"]], as: user)
            let chatbotID = try await app.chatbot(
                ["name": "Helper", "model": "first", "models": ["second", "a/b"]], as: user)
            let key = try await TestApplication.make(app, chatbotID: chatbotID, as: user)
            for (name, model) in [
                (nil, "first"), ("", "first"), ("helper", "first"), (chatbotID, "first"), ("first", "first"),
                ("second", "second"), ("helper/second", "second"), ("\(chatbotID)/second", "second"), ("a/b", "a/b"),
                ("helper/a/b", "a/b"), ("helper/first", "first"),
            ] {
                for path in Self.posts {
                    let answer = try await key.call(.post, path, Self.asking(name))
                    #expect(answer.status == 200, "\(name ?? "nil"): \(answer.text)")
                    #expect(app.provider.calls.requests.last?.model == model, "\(name ?? "nil")")
                }
            }
            let calls = app.provider.calls.requests.count
            for name in [
                other, "other", "other/theirs", "theirs", "helper/theirs", "helper/", "helper/first/", "assistant",
                "gpt-4o", "Helper", " helper", "default", "00000000-0000-7000-8000-000000000000",
            ] {
                for path in Self.posts {
                    let answer = try await key.call(.post, path, Self.asking(name))
                    #expect(answer.status == 404 && answer.errorCode == "model_not_found", "\(name): \(answer.text)")
                    #expect(answer["error"]?["param"] == "model" && answer["error"]?["type"] == "not_found_error")
                    #expect(!answer.text.contains(other))
                }
            }
            #expect(app.provider.calls.requests.count == calls)
        }
    }

    @Test("A user's token or own key finds the user's chatbots by id or by a slug that one workspace has")
    func users() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: alice).string("id")
            let teams: HTTPFields = [.workspaceID: team]
            _ = try await app.chatbot(["name": "Helper", "model": "personal"], as: alice)
            let same = try await app.chatbot(["name": "Helper", "model": "teams"], as: alice, headers: teams)
            _ = try await app.chatbot(
                ["name": "Only here", "model": "only", "models": ["more"]], as: alice, headers: teams)
            _ = try await app.chatbot(["name": "Strange"], as: bob)
            let key = try await app.ownKey(as: alice)
            for headers in [[.authorization: "Bearer \(alice.token)"], [.apiKey: key.text]] as [HTTPFields] {
                for (name, workspace, model) in [
                    (nil, nil, "default"), ("helper", alice.workspaceID, "personal"), ("helper", team, "teams"),
                    (same, nil, "teams"), ("\(same)/teams", nil, "teams"),
                    ("only-here", nil, "only"), ("only-here/more", nil, "more"), ("only-here", team, "only"),
                    ("only-here", alice.workspaceID, nil), ("personal", nil, nil),
                    ("assistant", team, "default"), ("strange", nil, nil),
                ] as [(String?, String?, String?)] {
                    let all = workspace.map { headers + [.workspaceID: $0] } ?? headers
                    let answer = try await app.call(.post, CompletionsTests.path, Self.asking(name), headers: all)
                    guard let model else {
                        #expect(answer.status == 404 && answer.errorCode == "model_not_found", "\(answer.text)")
                        continue
                    }
                    #expect(answer.status == 200, "\(name ?? "nil"): \(answer.text)")
                    #expect(app.provider.calls.requests.last?.model == model, "\(name ?? "nil")")
                }
                for (name, choices) in [("helper", [same]), ("helper/teams", [same]), ("assistant", [])] {
                    for path in Self.posts {
                        let answer = try await app.call(.post, path, Self.asking(name), headers: headers)
                        #expect(answer.status == 400 && answer["error"]?["param"] == "model", "\(answer.text)")
                        #expect(answer.text.contains("model_ambiguous") && answer.text.contains("'Team'"))
                        for id in choices { #expect(answer.text.contains(id)) }
                    }
                }
                let foreign = headers + [.workspaceID: bob.workspaceID]
                for path in Self.posts {
                    let answer = try await app.call(.post, path, Self.asking("assistant"), headers: foreign)
                    #expect(answer.status == 404 && answer.errorCode == "not_found")
                }
            }
        }
    }

    @Test("The list of models names what can be asked, in OpenAI's form and in Anthropic's")
    func list() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: user).string("id")
            let chatbotID = try await app.chatbot(["name": "Helper", "model": "a", "models": ["b", "a"]], as: user)
            let key = try await TestApplication.make(app, chatbotID: chatbotID, as: user)
            for path in ["/v1/models", "/openai/v1/models"] {
                let list = try await key.call(.get, path)
                #expect(list.status == 200 && list["object"] == "list" && list["has_more"] == false)
                let models = try #require(list["data"]?.array)
                #expect(models.compactMap { $0["id"]?.string } == ["helper", "helper/a", "helper/b"])
                for model in models {
                    #expect(model["object"] == "model" && model["type"] == "model" && model["owned_by"] == "mynah")
                    #expect(model["created"]?.int != nil && model["created_at"]?.string != nil)
                    #expect(model["display_name"]?.string?.hasPrefix("Helper") == true)
                    let asked = try await key.call(.post, CompletionsTests.path, Self.asking(model["id"]?.string))
                    #expect(asked.status == 200)
                }
                #expect(list["first_id"] == "helper" && list["last_id"] == "helper/b")
            }
            let same = try await app.chatbot(["name": "Helper"], as: user, headers: [.workspaceID: team])
            let all = try await app.call(.get, "/v1/models", as: user)
            let names = all["data"]?.array?.compactMap { $0["id"]?.string } ?? []
            #expect(names.starts(with: [chatbotID, "\(chatbotID)/a", "\(chatbotID)/b"]))
            #expect(names.contains(same) && names.contains("\(same)/default"))
            #expect(!names.contains { $0.hasPrefix("helper") || $0.hasPrefix("assistant") })
            #expect(Set(names).count == names.count)
            for name in names {
                let asked = try await app.call(.post, CompletionsTests.path, Self.asking(name), as: user)
                #expect(asked.status == 200, "\(name): \(asked.text)")
            }
            let teams = try await app.call(.get, "/v1/models", as: user, headers: [.workspaceID: team])
            #expect(
                teams["data"]?.array?.compactMap { $0["id"]?.string } == [
                    "helper", "helper/default", "assistant", "assistant/default",
                ])
        }
    }

    @Test("The console's cookie opens nothing here; nor do publishable keys, or keys without the scope")
    func credentials() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let session = try await app.call(
                .post, "/auth/session", ["username": "alice", "password": .string(TestApp.password)],
                headers: [.secFetchSite: "same-origin"])
            let cookie = try #require(session.headers[.setCookie]?.split(separator: ";").first).description
            let console: HTTPFields = [.cookie: cookie, .secFetchSite: "same-origin"]
            #expect(try await app.call(.get, "/users/me", headers: console).status == 200)
            let path = "/chatbots/\(try await app.chatbot(as: user))/api-keys"
            let publishable = try await app.secretKey(
                path, ["kind": "publishable", "origins": ["https://a.example"]], as: user)
            let reading = try await app.secretKey(path, ["scopes": ["read"]], as: user)
            for address in Self.posts {
                let refused = try await app.call(.post, address, CompletionsTests.hello, headers: console)
                #expect(refused.status == 401 && refused.errorCode == "missing_credentials", "\(refused.text)")
                for key in [publishable, reading] {
                    for headers in [[.apiKey: key.text], [.authorization: "Bearer \(key.text)"]] as [HTTPFields] {
                        let answer = try await app.call(.post, address, CompletionsTests.hello, headers: headers)
                        #expect(answer.status == 403 && answer.errorCode == "key_not_allowed", "\(answer.text)")
                    }
                }
            }
            #expect(try await app.call(.get, "/v1/models", headers: console).status == 401)
            #expect(try await app.call(.get, "/v1/models", headers: [.apiKey: publishable.text]).status == 403)
            #expect(try await app.call(.get, "/v1/models", headers: [.apiKey: reading.text]).status == 200)
            #expect(app.provider.calls.requests.isEmpty)
        }
    }

    @Test("A key's own limit counts here, and the answer says what is left")
    func rateLimit() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let path = "/chatbots/\(try await app.chatbot(as: user))/api-keys"
            let key = try await app.secretKey(path, ["rate_limit": "2/hour"], as: user)
            for left in ["1", "0"] {
                let answer = try await app.call(
                    .post, CompletionsTests.path, CompletionsTests.asking(["stream": true]),
                    headers: [.apiKey: key.text])
                #expect(answer.status == 200 && answer.headers[HTTPField.Name("RateLimit-Remaining")!] == left)
            }
            let refused = try await app.call(
                .post, "/v1/messages", CompletionsTests.hello, headers: [.apiKey: key.text])
            #expect(refused.status == 429 && refused.errorCode == "rate_limited")
            #expect(refused["type"] == "error" && refused["error"]?["type"] == "rate_limit_error")
        }
    }

    @Test("A repeated request with an idempotency key gets the first answer, and the model is asked once")
    func idempotency() async throws {
        try await TestApp.run { app in
            let key = try await CompletionsTests.application(app)
            let headers: HTTPFields = [.idempotencyKey: "once"]
            let first = try await key.call(.post, CompletionsTests.path, CompletionsTests.hello, headers: headers)
            let second = try await key.call(.post, CompletionsTests.path, CompletionsTests.hello, headers: headers)
            #expect(first.status == 200 && first.text == second.text)
            #expect(app.provider.calls.requests.count == 1)
        }
    }
}
