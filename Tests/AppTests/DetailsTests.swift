import HTTPTypes
import JSON
import LLM
import LLMTesting
import Testing

@testable import App

/// Details of users, as the users and their applications see and change them.
@Suite struct DetailsTests {
    private static let all: JSONValue = [
        "first_name": "Ada", "last_name": "L.", "company": "Engines", "role": "Countess",
        "preferences": ["tone": "dry", "n": [1, 2.5, .null]], "profile_data": "Writes notes.\nMany.",
    ]

    @Test("Details merge over calls, null clears, and only encrypted text is stored")
    func merged() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let path = "/users/\(user.id)/details"
            let empty = try await app.call(.get, path, as: user)
            #expect(empty.status == 200 && empty["first_name"] == .null && empty["preferences"] == [:])
            #expect(empty["profile_data"] == "" && empty["user_id"]?.string == user.id)

            let told = try await app.call(.post, path, Self.all, as: user)
            #expect(told.status == 200)
            for (name, value) in Self.all.object! { #expect(told[name] == value, "\(name)") }
            let changed = try await app.call(
                .post, "/users/me/details", ["company": "Looms", "role": .null, "email": "x@example.com"], as: user)
            #expect(changed["company"] == "Looms" && changed["role"] == .null && changed["last_name"] == "L.")
            #expect(changed["email"] == .null, "an account's address is not told here")
            #expect(try await app.call(.get, path, as: user).text == changed.text)
            // Names are the same ones that the account shows.
            #expect(try await app.call(.get, "/users/me", as: user)["first_name"] == "Ada")
            _ = try await app.call(.patch, "/users/\(user.id)", ["first_name": "Augusta"], as: user)
            let renamed = try await app.call(.get, path, as: user)
            #expect(renamed["first_name"] == "Augusta" && renamed["company"] == "Looms")
            let bytes = try await app.databaseBytes()
            for secret in ["Augusta", "Looms", "Countess", "dry", "Writes notes"] { #expect(!bytes.contains(secret)) }
        }
    }

    @Test(
        "profile_data is text; any other JSON is kept as its text",
        arguments: [
            ("plain", "plain"), (["b": 1, "a": ["x"]], #"{"a":["x"],"b":1}"#),
            ([1, "zwei", .null], #"[1,"zwei",null]"#),
            (true, "true"), (7, "7"), ("", ""), (.null, ""),
        ] as [(JSONValue, String)])
    func profileData(sent: JSONValue, kept: String) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let told = try await app.call(.post, "/users/me/details", ["profile_data": sent], as: user)
            #expect(told.status == 200 && told["profile_data"]?.string == kept)
        }
    }

    @Test("What does not fit is refused, naming the field, and nothing is kept")
    func refused() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let long = JSONValue.string(String(repeating: "é", count: 40_000))
            for (field, value) in [
                ("first_name", 5), ("company", .string(String(repeating: "a", count: 201))), ("role", ["x"]),
                ("preferences", "dark"), ("preferences", ["a": long]), ("preferences", ["a": "b\0"]),
                ("profile_data", long), ("profile_data", ["a": long]), ("profile_data", "a\0b"),
                ("profile_data", ["\0": 1]), ("last_name", "a\0"), ("email", "nobody"),
            ] as [(String, JSONValue)] {
                let answer = try await app.call(.post, "/users/me/details", [field: value], as: user)
                #expect(answer.status == 422, "\(field): \(answer.text)")
                #expect(answer["error"]?["param"]?.string?.hasPrefix(field) == true, "\(answer.text)")
            }
            #expect(try await app.call(.get, "/users/me/details", as: user)["profile_data"] == "")
        }
    }

    @Test("Changes that come at once are all kept")
    func atOnce() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let key = try await TestApplication.make(app, chatbotID: app.chatbot(as: user), as: user)
            let changes: [JSONValue] = [
                ["first_name": "A"], ["last_name": "B"], ["company": "C"], ["role": "D"], ["profile_data": "E"],
                ["preferences": ["f": 1]],
            ]
            for path in ["/users/\(user.id)/details", "/users/customer/details"] {
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for change in changes {
                        group.addTask { try await key.call(.post, path, change).status }
                    }
                    for try await status in group { #expect(status == 200) }
                }
                let details = try await key.call(.get, path)
                for change in changes {
                    for (name, value) in change.object! { #expect(details[name] == value, "\(path): \(details.text)") }
                }
            }
        }
    }

    @Test("A user sees, changes and deletes its own details only, under its id or `me`")
    func oneself() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            #expect(try await app.all("/users", as: alice).compactMap { $0["id"]?.string } == [alice.id])
            let me = try await app.call(.get, "/users/me", as: alice)
            #expect(try await app.call(.get, "/users/\(alice.id)", as: alice).text == me.text)
            #expect(try await app.all("/users/me/chatbots", as: alice).count == 1)
            for method in [.put, .patch] as [HTTPRequest.Method] {
                let changed = try await app.call(
                    method, "/users/\(alice.id)", ["last_name": .string(method.rawValue)], as: alice)
                #expect(changed.status == 200 && changed["last_name"]?.string == method.rawValue)
                #expect(try await app.call(method, "/users/\(alice.id)", [:], as: bob).status == 404)
            }
            for path in ["", "/details", "/context", "/chatbots"] {
                #expect(try await app.call(.get, "/users/\(alice.id)\(path)", as: bob).status == 404)
            }
            let password: JSONValue = ["password": .string(TestApp.password)]
            #expect(try await app.call(.delete, "/users/\(alice.id)", password, as: bob).status == 404)
            let wrong = try await app.call(.delete, "/users/\(alice.id)", ["password": "no"], as: alice)
            #expect(wrong.status == 403 && wrong.errorCode == "wrong_password")
            #expect(try await app.call(.delete, "/users/\(alice.id)", password, as: alice).status == 204)
            #expect(try await app.call(.get, "/users/me", as: alice).status == 401)
        }
    }

    @Test("POST /users registers, as /auth/register does")
    func register() async throws {
        try await TestApp.run { app in
            let made = try await app.call(.post, "/users", ["username": "carla", "password": "a calm bird"])
            #expect(made.status == 201 && made["username"] == "carla")
            let closed = try await app.call(.post, "/users", ["username": "carla", "password": "a calm bird"])
            #expect(closed.status == 409)
        }
    }

    @Test("A user's chatbots are those of all its workspaces")
    func chatbots() async throws {
        try await TestApp.run { app in
            let owned = try await Owned.make(app, app.user("alice"), member: app.user("member"))
            let ids = try await app.all("/users/me/chatbots", limit: 1, as: owned.user).compactMap { $0["id"]?.string }
            #expect(ids.count == 3 && Set(ids).count == 3 && ids == ids.sorted(by: >))
            #expect(ids.contains(owned.parameters["chatbot_id"]!))
        }
    }

    @Test("The context is the profile, the latest conversation's session data and its last turns")
    func context() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            _ = try await app.call(.post, "/users/me/details", Self.all, as: user)
            let before = try await app.call(.get, "/users/me/context", as: user)
            #expect(before["session_data"] == [:] && before["conversation_context"] == "")
            let profile = try #require(before["user_profile"])
            for (name, value) in Self.all.object! { #expect(profile[name] == value) }
            #expect(before["user_id"]?.string == user.id && before["timestamp"]?.string?.hasSuffix("Z") == true)

            let first = try await app.call(
                .post, "/chat", ["message": "One", "session_data": ["page": "home", "step": 1]], as: user)
            let id = try first.string("conversation_id")
            _ = try await app.call(
                .post, "/chat", ["message": "Two", "conversation_id": .string(id), "session_data": ["step": 2]],
                as: user)
            _ = try await app.call(.post, "/chat", ["message": "Elsewhere", "session_data": ["page": "x"]], as: user)
            let latest = try await app.call(.get, "/users/me/context", as: user)
            #expect(latest["session_data"] == ["page": "x"])
            #expect(latest["conversation_context"] == "User: Elsewhere\nAssistant: Elsewhere")
            for name in ["conversation_id", "session_id"] {
                let named = try await app.call(.get, "/users/\(user.id)/context?\(name)=\(id)", as: user)
                #expect(named["session_data"] == ["page": "home", "step": 2])
                #expect(
                    named["conversation_context"] == "User: One\nAssistant: One\nUser: Two\nAssistant: Two")
            }
        }
    }

    @Test("A failed reply is no part of the context, and a long conversation's end is")
    func lastTurns() async throws {
        let long = String(repeating: "m", count: 5000)
        let provider = ScriptedFailures.provider
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            for content in [long, "fail", "\(long)!"] { try await app.send(content, in: id, as: user) }
            let context = try await app.call(.get, "/users/me/context", as: user)
            let text = try #require(context["conversation_context"]?.string)
            #expect(text.count == 8000 && text.hasSuffix("!\nAssistant: fine") && !text.contains("Sorry"))
        }
    }
}

enum ScriptedFailures {
    /// Fails if the last message is "fail".
    static var provider: ScriptedProvider {
        ScriptedProvider { request, _ in
            request.messages.last?.content == "fail"
                ? .failure(ProviderError(.timeout, detail: "")) : .text("fine")
        }
    }
}
