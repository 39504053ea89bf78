import Foundation
import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// Making keys, and what is known of them afterwards.
@Suite struct APIKeyTests {
    @Test("A chatbot's key is shown whole once, with 192 random bits, and only its beginning afterwards")
    func created() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let chatbotID = try await app.chatbot(as: user)
            let issued = try await app.call(.post, "/chatbots/\(chatbotID)/api-keys", ["name": "Shop"], as: user)
            #expect(issued.status == 201)
            let (id, key) = (try issued.string("id"), try issued.string("key"))
            let parts = key.split(separator: "_").map(String.init)
            #expect(parts.count == 4 && parts[0] == "mk" && parts[1] == "live")
            #expect(parts[2] == id.replacing("-", with: ""))
            #expect(parts[3].wholeMatch(of: /[0-9a-f]{48}/) != nil)
            #expect(issued["prefix"]?.string == "mk_live_\(parts[2])")
            #expect(issued["name"] == "Shop" && issued["kind"] == "secret" && issued["state"] == "active")
            #expect(issued["chatbot_id"]?.string == chatbotID && issued["scopes"] == ["read", "chat"])
            #expect(issued["spent"] == 0 && issued["budget"] == .null && issued["last_used_at"] == .null)

            let list = try await app.call(.get, "/chatbots/\(chatbotID)/api-keys", as: user)
            #expect(list["data"]?.array?.count == 1 && list["data"]?[0]?["id"]?.string == id)
            let changed = try await app.call(
                .patch, "/chatbots/\(chatbotID)/api-keys/\(id)", ["name": "Other"], as: user)
            #expect(changed.status == 200 && changed["name"] == "Other")
            for answer in [list, changed] { #expect(!answer.text.contains(parts[3])) }
        }
    }

    @Test("Kinds differ by their beginning, and no two keys are alike")
    func kinds() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            try await app.setPlan(user, "enterprise")
            let path = "/chatbots/\(try await app.chatbot(as: user))/api-keys"
            let publishable = try await app.call(
                .post, path, ["kind": "publishable", "origins": ["https://shop.example"]], as: user)
            #expect(try publishable.string("key").hasPrefix("mk_pub_") && publishable["scopes"] == ["chat"])
            let own = try await app.call(.post, "/users/me/api-keys", as: user)
            #expect(
                try own.string("key").hasPrefix("mk_user_") && own["scopes"] == ["read", "chat", "write", "knowledge"])
            #expect(own["chatbot_id"] == .null && own["kind"] == "user")
            var keys: Set<String> = [try publishable.string("key"), try own.string("key")]
            for _ in 0..<20 { keys.insert(try await app.secretKey(path, as: user).text) }
            #expect(Set(keys.map { $0.suffix(48) }).count == 22)
        }
    }

    @Test("The database has a key's hash alone, an idempotent answer encrypted, and the log nothing")
    func secrecy() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let path = "/chatbots/\(try await app.chatbot(as: user))/api-keys"
            let once: HTTPFields = [.idempotencyKey: "once"]
            let first = try await app.call(.post, path, ["name": "Shop"], as: user, headers: once)
            let again = try await app.call(.post, path, ["name": "Shop"], as: user, headers: once)
            #expect(again.status == 201 && again.text == first.text)
            #expect(try await app.all(path, as: user).count == 1)
            let id = try first.string("id")
            let second = try await app.call(
                .post, "\(path)/\(id)/rotate", as: user, headers: once + [.idempotencyKey: "2"])
            let own = try await app.ownKey(as: user)
            let keys = [try first.string("key"), try second.string("key"), own.text, "mk_live_made_up"]
            for key in keys {
                _ = try await app.call(.get, "/users/me", headers: [.apiKey: key])
                _ = try await app.call(.get, "/users/me", headers: [.authorization: "Bearer \(key)x"])
            }
            let bytes = try await app.databaseBytes()
            #expect(bytes.contains("mk_live_\(id.replacing("-", with: ""))"), "the search finds what is there")
            for key in keys {
                let secret = String(key.suffix(48))
                #expect(!bytes.contains(secret))
                for line in app.log.lines { #expect(!line.contains(secret)) }
            }
            let hash = try await app.database.read(.system) { tx in
                try tx.row("SELECT hash FROM api_keys WHERE id = ?", [id]) { try $0.bytes("hash") }
            }
            #expect(hash == Secrets.hash(keys[1]), "a key is found by the SHA-256 of all of it")
        }
    }

    @Test(
        "What no key can have is refused, by the name of the field",
        arguments: [
            (["name": ""], "name"), (["name": .string(String(repeating: "x", count: 101))], "name"),
            (["kind": "user"], "kind"), (["scopes": ["admin"]], "scopes[0]"), (["scopes": []], "scopes"),
            (["scopes": "chat"], "scopes"), (["expires_at": "2020-01-01T00:00:00Z"], "expires_at"),
            (["expires_at": "tomorrow"], "expires_at"), (["rate_limit": "10"], "rate_limit"),
            (["rate_limit": "0/minute"], "rate_limit"), (["rate_limit": "10/week"], "rate_limit"),
            (["rate_limit": "1000001/day"], "rate_limit"), (["rate_limit": "010/day"], "rate_limit"),
            (["budget": -1], "budget"), (["budget": 0.5], "budget"), (["origins": ["shop.example"]], "origins"),
            (["origins": ["https://shop.example/"]], "origins"), (["origins": ["https://a https://b"]], "origins"),
            (["origins": ["https://Shop.example"]], "origins"), (["origins": ["*"]], "origins"),
            (["origins": ["null"]], "origins"), (["kind": "publishable"], "origins"),
            (["kind": "publishable", "origins": []], "origins"),
            (["kind": "publishable", "origins": ["https://a.example"], "scopes": ["write"]], "scopes"),
        ] as [(JSONValue, String)])
    func refused(body: JSONValue, param: String) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let path = "/chatbots/\(try await app.chatbot(as: user))/api-keys"
            let answer = try await app.call(.post, path, body, as: user)
            #expect(answer.status == 422 && answer["error"]?["param"]?.string == param, "\(answer.text)")
            #expect(try await app.all(path, as: user).isEmpty)
        }
    }

    @Test("All of a key can be changed but its kind, and a null takes a bound away")
    func edited() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let path = "/chatbots/\(try await app.chatbot(as: user))/api-keys"
            let key = try await app.secretKey(path, ["rate_limit": "5/day", "budget": 10], as: user)
            let expiry = "2090-01-01T00:00:00.000Z"
            let changed = try await app.call(
                .patch, "\(path)/\(key.id)",
                [
                    "name": "N", "scopes": ["write", "chat", "chat"], "expires_at": .string(expiry), "budget": 0,
                    "rate_limit": "7/hour", "origins": ["https://a.example", "http://localhost:3000"],
                ], as: user)
            #expect(changed.status == 200, "\(changed.text)")
            #expect(changed["name"] == "N" && changed["scopes"] == ["chat", "write"] && changed["budget"] == 0)
            #expect(changed["expires_at"]?.string == expiry && changed["rate_limit"] == "7/hour")
            #expect(changed["origins"] == ["https://a.example", "http://localhost:3000"])
            let cleared = try await app.call(
                .patch, "\(path)/\(key.id)", ["expires_at": .null, "rate_limit": .null, "budget": .null], as: user)
            for name in ["expires_at", "rate_limit", "budget"] { #expect(cleared[name] == .null) }
            #expect(cleared["name"] == "N" && cleared["scopes"] == ["chat", "write"])
        }
    }

    @Test("A publishable key keeps its one scope and its origins")
    func publishable() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let path = "/chatbots/\(try await app.chatbot(as: user))/api-keys"
            let key = try await app.secretKey(
                path, ["kind": "publishable", "origins": ["https://a.example"]], as: user)
            for (body, param) in [
                (["scopes": ["read"]], "scopes"), (["scopes": ["chat", "write"]], "scopes"),
                (["origins": []], "origins"),
            ] as [(JSONValue, String)] {
                let answer = try await app.call(.patch, "\(path)/\(key.id)", body, as: user)
                #expect(answer.status == 422 && answer["error"]?["param"]?.string == param, "\(answer.text)")
            }
            #expect(
                try await app.call(.patch, "\(path)/\(key.id)", ["origins": ["https://b.example"]], as: user).status
                    == 200
            )
        }
    }

    @Test("A revoked key stays in the list and is not changed or rotated any more; revoking it again changes nothing")
    func editingRevoked() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let path = "/chatbots/\(try await app.chatbot(as: user))/api-keys"
            let key = try await app.secretKey(path, as: user)
            #expect(try await app.call(.delete, "\(path)/\(key.id)", as: user).status == 204)
            let listed = try await app.all(path, as: user)
            #expect(listed.count == 1 && listed[0]["state"] == "revoked" && listed[0]["revoked_at"]?.string != nil)
            for (method, end) in [(.patch, ""), (.post, "/rotate")] as [(HTTPRequest.Method, String)] {
                let answer = try await app.call(method, "\(path)/\(key.id)\(end)", [:], as: user)
                #expect(answer.status == 409 && answer.errorCode == "conflict", "\(answer.text)")
            }
            #expect(try await app.call(.delete, "\(path)/\(key.id)", as: user).status == 204)
            #expect(try await app.all(path, as: user) == listed)
        }
    }

    @Test("Pages of up to 200 keys, newest first, without gap or repeat", arguments: [1, 50, 200])
    func paging(limit: Int) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            try await app.setPlan(user, "enterprise")
            let path = "/chatbots/\(try await app.chatbot(as: user))/api-keys"
            for list in [path, "/users/me/api-keys"] {
                var ids: [String] = []
                let count = limit == 200 ? 205 : 53
                for _ in 0..<count { ids.append(try await app.secretKey(list, as: user).id) }
                let page = try await app.call(.get, "\(list)?limit=\(limit)", as: user)
                #expect(page["data"]?.array?.count == limit && page["next"]?.string != nil)
                let all = try await app.all(list, limit: limit, as: user)
                #expect(all.compactMap { $0["id"]?.string } == ids.reversed())
            }
        }
    }
}

extension TestApp {
    struct IssuedKey: Sendable {
        let id: String
        let text: String
    }

    /// A key made at this path, such as a chatbot's `/api-keys`.
    func secretKey(_ path: String, _ body: JSONValue = [:], as user: TestUser) async throws -> IssuedKey {
        let issued = try await call(.post, path, body, as: user)
        try #require(issued.status == 201, "\(issued.text)")
        return IssuedKey(id: try issued.string("id"), text: try issued.string("key"))
    }

    func ownKey(_ body: JSONValue = [:], as user: TestUser) async throws -> IssuedKey {
        try await secretKey("/users/me/api-keys", body, as: user)
    }

    /// What becomes of a key that is sent: `key_not_allowed` from a chatbot's key that works, nothing from a user's own.
    func fate(of key: String) async throws -> String? {
        let answer = try await call(.get, "/users/me", headers: [.apiKey: key])
        return answer.errorCode
    }

    func rotate(_ path: String, _ id: String, overlap: Int64? = nil, as user: TestUser) async throws -> String {
        let body: JSONValue = overlap.map { ["overlap_seconds": .int($0)] } ?? [:]
        let issued = try await call(.post, "\(path)/\(id)/rotate", body, as: user)
        try #require(issued.status == 200, "\(issued.text)")
        return try issued.string("key")
    }
}
