import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// The routes that applications ask a chatbot by, and the document they return.
@Suite struct QueryTests {
    private static func make(
        _ app: TestApp, _ fields: JSONValue = ["name": "My First Chatbot"], prompt: String? = nil
    ) async throws -> (user: TestUser, key: TestApplication) {
        let user = try await app.user("alice")
        let chatbotID = try await app.chatbot(fields, prompt: prompt, as: user)
        return (user, try await TestApplication.make(app, chatbotID: chatbotID, as: user))
    }

    @Test("The answer is the documented one, field by field")
    func document() async throws {
        let usage = ChatUsage(promptTokens: 11, completionTokens: 4)
        try await TestApp.run(provider: ScriptedProvider(.text("Hel", "lo", usage: usage))) { app in
            let (user, key) = try await Self.make(
                app,
                [
                    "name": "My First Chatbot", "greeting": "Hi!", "temperature": 0.5, "max_tokens": 99, "model": "m-1",
                    "config": ["tone": "dry"], "fallback_message": "canary-fallback",
                ], prompt: "canary-prompt for {{user.first_name}}")
            let person: JSONValue = [
                "id": "u1", "email": "test@example.com", "first_name": "John", "last_name": "Doe",
                "company": "Tech Corp", "role": "Software Engineer", "preferences": ["language": "en"],
                "profile_data": ["level": 3],
            ]
            let answer = try await key.query("Hello", ["user": person, "session_data": ["page": "home"]])
            #expect(answer.status == 200)
            var document = try #require(answer.json.object)
            func take(_ name: String) throws -> JSONValue {
                let value = document.removeValue(forKey: name)
                return try #require(value, "no \(name)")
            }
            #expect(try take("chatbot_id").string == key.chatbotID && take("chatbot_name") == "My First Chatbot")
            #expect(try take("user_message") == "Hello")
            var context = try #require(try take("user_context").object)
            let prepared = context.removeValue(forKey: "timestamp")
            let now = try #require(prepared?.string)
            #expect(now.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
            #expect(
                JSONValue.object(context) == [
                    "user_id": "u1", "session_data": ["page": "home"], "conversation_context": "",
                    "user_profile": [
                        "email": "test@example.com", "first_name": "John", "last_name": "Doe", "company": "Tech Corp",
                        "role": "Software Engineer", "preferences": ["language": "en"], "profile_data": #"{"level":3}"#,
                    ],
                ])
            #expect(
                try take("chatbot_config") == [
                    "provider": "scripted", "model": "m-1", "temperature": 0.5, "max_tokens": 99, "greeting": "Hi!",
                    "config": ["tone": "dry"],
                ])
            let keys = try await app.call(.get, "/chatbots/\(key.chatbotID)/api-keys", as: user)
            let known = try #require(keys["data"]?[0])
            let info = try #require(try take("api_key_info").object)
            let names = ["id", "name", "prefix", "kind", "scopes", "created_at"]
            #expect(Set(info.keys) == Set(names + ["last_used_at"]))
            for name in names { #expect(info[name] == known[name], "\(name)") }
            #expect(try take("timestamp").string == now)
            let id = try take("conversation_id")
            #expect(try take("session_id") == id && take("response") == "Hello")
            #expect(try take("status") == "complete" && take("error_code") == .null)
            #expect(try take("usage") == ["prompt_tokens": 11, "completion_tokens": 4, "total_tokens": 15])
            let messages = try await app.call(.get, "/conversations/\(id.string!)/messages", as: user)
            #expect(try take("message_id") == messages["data"]?[1]?["id"])
            #expect(document.isEmpty, "more than documented: \(document.keys)")
            for secret in ["canary", key.key] { #expect(!answer.text.contains(secret)) }
            #expect(app.provider.calls.requests[0].messages[0].content == "canary-prompt for John")
        }
    }

    @Test("Without `user` the workspace's owner is the user, and the details sent are stored")
    func owner() async throws {
        try await TestApp.run { app in
            let (user, key) = try await Self.make(app)
            _ = try await app.call(.post, "/users/me/details", ["company": "Tech Corp"], as: user)
            let answer = try await key.query("Hello")
            #expect(answer["user_context"]?["user_id"]?.string == user.id)
            #expect(answer["user_context"]?["user_profile"]?["company"] == "Tech Corp")
            #expect(try await app.all("/chatbots/\(key.chatbotID)/users", as: user).isEmpty)
            // What the application says is not the owner's own conversation.
            let own = try await app.call(.get, "/users/me/context", as: user)
            #expect(own["conversation_context"] == "")
            let byKey = try await key.call(.get, "/users/\(user.id)/context")
            #expect(byKey["conversation_context"] == "User: Hello\nAssistant: Hello")
        }
    }

    @Test("An application's user who goes by the owner's id is not the owner, and sees nothing of it")
    func ownersID() async throws {
        try await TestApp.run { app in
            let (user, key) = try await Self.make(app)
            let told: JSONValue = ["company": "Tech Corp", "preferences": ["language": "bn"]]
            _ = try await app.call(.post, "/users/me/details", told, as: user)
            #expect(try await key.query("a secret of the owner's").status == 200)
            for fields in [["id": .string(user.id)], ["id": .string(user.id), "role": "Owner"]] as [JSONValue] {
                for contextOnly in [true, false] {
                    let answer = try await key.query("Hello", ["user": fields, "context_only": .bool(contextOnly)])
                    #expect(answer.status == 200 && answer["user_context"]?["user_id"]?.string == user.id)
                    let profile = answer["user_context"]?["user_profile"]
                    #expect(profile?["company"] == .null && profile?["email"] == .null)
                    #expect(!answer.text.contains("a secret of the owner's") && !answer.text.contains("Tech Corp"))
                }
            }
            let details = try await app.call(.get, "/users/me/details", as: user)
            #expect(details["role"] == .null && details["company"] == "Tech Corp")
            #expect(try await app.all("/chatbots/\(key.chatbotID)/users", as: user).count == 1)
            // A call that names no user still speaks for the owner.
            let owner = try await key.query("Hello")
            #expect(owner["user_context"]?["user_profile"]?["company"] == "Tech Corp")
        }
    }

    @Test("Session data merges over calls, stays with its conversation and is part of the context")
    func sessionData() async throws {
        try await TestApp.run { app in
            let (_, key) = try await Self.make(app, prompt: "Page {{session.page}}, step {{session.step}}")
            let user: JSONValue = ["id": "dora"]
            let first = try await key.query("One", ["user": user, "session_data": ["page": "home", "step": 1]])
            let id = first["conversation_id"] ?? .null
            for (name, sent, expected) in [
                ("conversation_id", ["step": 2], ["page": "home", "step": 2]),
                ("session_id", .null, ["page": "home", "step": 2]),
                ("session_id", ["page": .null], ["page": .null, "step": 2]),
                ("conversation_id", [:], ["page": .null, "step": 2]),
            ] as [(String, JSONValue, JSONValue)] {
                let answer = try await key.query("Two", ["user": user, name: id, "session_data": sent])
                #expect(answer["user_context"]?["session_data"] == expected, "\(answer.text)")
                #expect(answer["conversation_id"] == id)
            }
            #expect(
                app.provider.calls.requests.compactMap(\.messages.first?.content) == [
                    "Page home, step 1", "Page home, step 2", "Page home, step 2", "Page , step 2", "Page , step 2",
                ])
            let context = try await key.call(.get, "/users/dora/context")
            #expect(context["session_data"] == ["page": .null, "step": 2])
            let fresh = try await key.query("New", ["user": user])
            #expect(fresh["user_context"]?["session_data"] == [:] && fresh["conversation_id"] != id)
            #expect(fresh["user_context"]?["conversation_context"] == "")
            let bytes = try await app.databaseBytes()
            #expect(!bytes.contains(#""page""#))
        }
    }

    @Test("The context holds the turns before the question, and the model reads them")
    func history() async throws {
        try await TestApp.run { app in
            let (_, key) = try await Self.make(app)
            let id = try await key.query("One").string("conversation_id")
            let second = try await key.query("Two", ["conversation_id": .string(id)])
            #expect(second["user_context"]?["conversation_context"] == "User: One\nAssistant: One")
            #expect(app.provider.calls.requests[1].messages.map(\.content) == ["One", "One", "Two"])
        }
    }

    @Test("A conversation continues for its own end user only, whether or not the call names it")
    func otherUsers() async throws {
        try await TestApp.run { app in
            let (user, key) = try await Self.make(app)
            let id = try await key.query("Mine", ["user": ["id": "dora", "role": "x"]])["conversation_id"] ?? .null
            let unnamed = try await key.query("Go on", ["conversation_id": id])
            #expect(unnamed["user_context"]?["user_id"] == "dora")
            #expect(try await key.query("Go on", ["conversation_id": id, "user": ["id": "emil"]]).status == 404)
            let anonymous = try await key.query("Nobody")["conversation_id"] ?? .null
            #expect(try await key.query("Hi", ["conversation_id": anonymous, "user": ["id": "emil"]]).status == 404)
            // The owner's own conversation is not the application's.
            let own = try await app.conversation(with: key.chatbotID, as: user)
            #expect(try await key.query("Hi", ["conversation_id": .string(own)]).status == 404)
            for made in ["", " ", "c1", "é", String(repeating: "x", count: 300)] {
                #expect(try await key.query("Hi", ["session_id": .string(made)]).status == 404, "\(made)")
            }
        }
    }

    @Test("context_only prepares the document, asks no model and begins no conversation")
    func contextOnly() async throws {
        try await TestApp.run { app in
            let (user, key) = try await Self.make(app, prompt: "Hi {{user.first_name}}")
            let only: [String: JSONValue] = ["context_only": true, "user": ["id": "dora", "first_name": "Dora"]]
            let answer = try await key.query("Hello", only.merging(["session_data": ["a": 1]]) { $1 })
            #expect(answer.status == 200 && answer["response"] == .null && answer["message_id"] == .null)
            #expect(answer["conversation_id"] == .null && answer["status"] == .null)
            #expect(answer["user_context"]?["user_profile"]?["first_name"] == "Dora")
            #expect(answer["user_context"]?["session_data"] == ["a": 1])
            #expect(app.provider.calls.requests.isEmpty)
            #expect(try await app.all("/chatbots/\(key.chatbotID)/conversations", as: user).isEmpty)
            #expect(try await key.call(.get, "/users/dora")["first_name"] == "Dora")

            let id = try await key.query("Hello", ["user": ["id": "dora"], "session_data": ["a": 1]])["conversation_id"]
            let again = try await key.query(
                "More", only.merging(["session_data": ["b": 2], "conversation_id": id ?? .null]) { $1 })
            #expect(again["user_context"]?["session_data"] == ["a": 1, "b": 2] && again["conversation_id"] == id)
            #expect(again["user_context"]?["conversation_context"] == "User: Hello\nAssistant: Hello")
            #expect(app.provider.calls.requests.count == 1)
            let stored = try await app.call(.get, "/conversations/\(id?.string ?? "")/messages", as: user)
            #expect(stored["data"]?.array?.count == 2)
            #expect(try await key.call(.get, "/users/dora/context")["session_data"] == ["a": 1, "b": 2])
        }
    }

    @Test("Details are written where they change, and only there")
    func writesOnChange() async throws {
        try await TestApp.run { app in
            let (_, key) = try await Self.make(app)
            let person: JSONValue = ["id": "dora", "role": "Guest", "preferences": ["b": 1, "a": [2.5, .null]]]
            let only: [String: JSONValue] = ["context_only": true, "user": person]
            _ = try await key.query("Hello", only)
            let before = app.database.statistics.writes
            _ = try await key.query("Hello", only)
            #expect(app.database.statistics.writes == before)
            _ = try await key.query("Hello", ["context_only": true, "user": ["id": "dora", "role": "Member"]])
            #expect(app.database.statistics.writes == before + 1)
        }
    }

    @Test("What does not fit is refused, naming the field, before anything is stored")
    func refused() async throws {
        try await TestApp.run { app in
            let (user, key) = try await Self.make(app)
            let long = JSONValue.string(String(repeating: "é", count: 40_000))
            for (field, value, param) in [
                ("user", "dora", "user"), ("user", ["id": 7], "user.id"),
                ("user", ["id": "d", "email": "x"], "user.email"),
                ("user", ["id": "d", "preferences": []], "user.preferences"),
                ("user", ["id": "d", "profile_data": long], "user.profile_data"), ("session_data", [], "session_data"),
                ("session_data", ["a": "b\0"], "session_data.a"), ("context_only", "yes", "context_only"),
                ("message", " ", "message"), ("message", 5, "message"), ("model", "nothing", "model"),
                ("session_data", ["a": long], "session_data"),
            ] as [(String, JSONValue, String)] {
                var fields: [String: JSONValue] = ["message": "Hello"]
                fields[field] = value
                let answer = try await key.call(.post, "/chatbot/\(key.chatbotID)/query", .object(fields))
                #expect(answer.status == 422 && answer["error"]?["param"]?.string == param, "\(answer.text)")
            }
            #expect(app.provider.calls.requests.isEmpty)
            #expect(try await app.all("/chatbots/\(key.chatbotID)/conversations", as: user).isEmpty)
            #expect(try await app.all("/chatbots/\(key.chatbotID)/users", as: user).isEmpty)
        }
    }

    @Test("A missing, wrong, revoked or other chatbot's key each has its own error code")
    func keys() async throws {
        try await TestApp.run { app in
            let (user, key) = try await Self.make(app)
            let path = "/chatbot/\(key.chatbotID)/query"
            let hello: JSONValue = ["message": "Hello"]
            let missing = try await app.call(.post, path, hello)
            #expect(missing.status == 401 && missing.errorCode == "missing_credentials")
            let wrong = try await app.call(.post, path, hello, headers: [.apiKey: "sample_api_key_123"])
            #expect(wrong.status == 401 && wrong.errorCode == "invalid_api_key")
            let token = try await app.call(.post, path, hello, as: user)
            #expect(token.status == 403 && token.errorCode == "key_not_allowed")
            let bearer = try await app.call(.post, path, hello, headers: [.authorization: "Bearer \(key.key)"])
            #expect(bearer.status == 200)
            let other = try await TestApplication.make(app, chatbotID: app.chatbot(as: user), as: user)
            let foreign = try await other.call(.post, path, hello)
            #expect(foreign.status == 403 && foreign.errorCode == "key_not_for_chatbot")
            _ = try await app.call(.delete, "/chatbots/\(key.chatbotID)/api-keys/\(key.keyID)", as: user)
            let revoked = try await key.query("Hello")
            #expect(revoked.status == 401 && revoked.errorCode == "key_revoked")
        }
    }

    @Test("A failure is a 200 with its code and the fallback message")
    func failure() async throws {
        try await TestApp.run(provider: ScriptedFailures.provider) { app in
            let (_, key) = try await Self.make(app, ["name": "Bot", "fallback_message": "Ask a human."])
            let answer = try await key.query("fail")
            #expect(answer.status == 200 && answer["status"] == "failed" && answer["response"] == "Ask a human.")
            #expect(answer["error_code"] == "provider_timeout" && answer["usage"] == .null)
        }
    }

    @Test("A stream ends with the document, and is shown again under its idempotency key")
    func streamed() async throws {
        try await TestApp.run { app in
            let (user, key) = try await Self.make(app)
            let id = try await key.query("One", ["user": ["id": "dora"], "session_data": ["a": 1]])["conversation_id"]
            let fields: [String: JSONValue] = ["conversation_id": id ?? .null, "stream": true]
            let first = try await key.query("Two words", fields, headers: [.idempotencyKey: "once"])
            #expect(first.events.first?.name == "start" && first.events.last?.name == "done")
            let text = first.events.filter { $0.name == "delta" }.compactMap { $0.data["content"]?.string }.joined()
            #expect(text == "Two words")
            let done = try #require(first.events.last?.data)
            #expect(done["response"] == "Two words" && done["user_message"] == "Two words")
            #expect(done["user_context"]?["user_id"] == "dora" && done["user_context"]?["session_data"] == ["a": 1])
            #expect(done["user_context"]?["conversation_context"] == "User: One\nAssistant: One")
            #expect(done["conversation_id"] == id && done["status"] == "complete")

            let again = try await key.query("Two words", fields, headers: [.idempotencyKey: "once"])
            let repeated = try #require(again.events.last?.data)
            for name in done.object!.keys where !["timestamp", "user_context", "api_key_info"].contains(name) {
                #expect(repeated[name] == done[name], "\(name)")
            }
            for name in ["user_id", "user_profile", "session_data", "conversation_context"] {
                #expect(repeated["user_context"]?[name] == done["user_context"]?[name], "\(name)")
            }
            #expect(app.provider.calls.requests.count == 2)
            let messages = try await app.call(.get, "/conversations/\(id?.string ?? "")/messages", as: user)
            #expect(messages["data"]?.array?.count == 4)
            let accepted = try await key.query("Three", headers: [.accept: "text/event-stream"])
            #expect(accepted.events.last?.data["response"] == "Three")
        }
    }

    @Test("A repeated question under one idempotency key is answered once and alike")
    func idempotent() async throws {
        try await TestApp.run { app in
            let (_, key) = try await Self.make(app)
            let once: HTTPFields = [.idempotencyKey: "once"]
            let first = try await key.query("Hello", headers: once)
            #expect(try await key.query("Hello", headers: once).text == first.text)
            #expect(try await key.query("Other", headers: once).errorCode == "idempotency_mismatch")
            #expect(app.provider.calls.requests.count == 1)
        }
    }
}
