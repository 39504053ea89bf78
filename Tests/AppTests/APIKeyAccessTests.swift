import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// Who may make keys, and which routes accept each kind of key. Generated from the route table if possible.
@Suite struct APIKeyAccessTests {
    private static let talk = ["/chat", "/chatbot", "/conversations", "/imports", "/v1", "/openai", "/widget"]

    /// The scopes that a key needs for a route, independent of the route table.
    static func needed(_ route: Route) -> Set<KeyScope> {
        if route.path.hasSuffix("/prompts") { return [.write] }
        if ["/{chatbot_id}/files", "/{chatbot_id}/knowledge"].contains(where: route.path.contains) {
            return [.knowledge]
        }
        if route.path.hasPrefix("/uploads") {
            return route.method == .get ? Set(KeyScope.allCases) : [.chat, .write, .knowledge]
        }
        let first = "/" + (route.path.split(separator: "/").first ?? "")
        if talk.contains(first) || route.path.hasSuffix("/query") {
            return route.method == .get ? [.chat, .read] : [.chat]
        }
        return route.method == .get ? [.read] : [.write]
    }

    @Test(
        "Each scope opens its routes to a user's own key and no other",
        arguments: [["read"], ["chat"], ["write"], ["knowledge"], []])
    func scopes(without: [String]) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let owned = try await Owned.make(app, user, member: app.user("member"))
            let names = without.isEmpty ? ["read", "chat", "write"] : without
            let scopes = Set(names.compactMap(KeyScope.init))
            let key = try await app.ownKey(["scopes": .array(names.map { .string($0) })], as: user)
            let routes = app.app.routes.filter { [.user, .userOrKey, .client].contains($0.access) }
            #expect(routes.count > 30)
            // What deletes comes last, so that the rest still finds something.
            for route in routes.sorted(by: { ($0.method == .delete ? 1 : 0) < ($1.method == .delete ? 1 : 0) }) {
                let answer = try await app.call(
                    route.method, route.path(owned.parameters), route.sampleBody,
                    headers: TenancyTests.headers(owned) + [.apiKey: key.text])
                if scopes.isDisjoint(with: Self.needed(route)) {
                    #expect(answer.status == 403 && answer.errorCode == "key_not_allowed", "\(route.name)")
                } else {
                    #expect(![401, 403].contains(answer.status), "\(route.name): \(answer.text)")
                }
            }
        }
    }

    @Test("A refusal for want of a scope names it, and changes nothing")
    func missingScope() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let owned = try await Owned.make(app, user, member: app.user("member"))
            let before = try await owned.snapshot(app)
            let key = try await app.ownKey(["scopes": ["read"]], as: user)
            let listed = try await app.all("/users/me/api-keys", as: user)
            for route in app.app.routes where route.access != .anyone && route.method != .get {
                // Those of operators take no key for a credential.
                if [.operator, .admin, .staff].contains(route.access) { continue }
                let answer = try await app.call(
                    route.method, route.path(owned.parameters), route.sampleBody, headers: [.apiKey: key.text])
                #expect(answer.status == 403 && answer.errorCode == "key_not_allowed", "\(route.name): \(answer.text)")
                guard [.user, .userOrKey, .client].contains(route.access) else { continue }
                let needed = Self.needed(route)
                let scope = needed.count == 1 ? needed.first!.rawValue : "write"
                #expect(answer["error"]?["message"]?.string?.contains("'\(scope)'") == true, "\(answer.text)")
            }
            #expect(try await app.all("/users/me/api-keys", as: user).count == listed.count)
            let revoked = try await app.call(.delete, "/users/me/api-keys/\(key.id)", as: user)
            #expect(revoked.status == 204)
            let after = try await owned.snapshot(app)
            #expect(after.count == before.count)
            for (old, new) in zip(before, after) where !new.contains(key.id) { #expect(new == old) }
        }
    }

    @Test("No key leads to what only somebody who has signed in may do, and no chatbot's key to a user's routes")
    func closedRoutes() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let owned = try await Owned.make(app, user, member: app.user("member"))
            let path = "/chatbots/\(owned.parameters["chatbot_id"]!)/api-keys"
            let all: JSONValue = ["scopes": ["read", "chat", "write"]]
            let secret = try await app.secretKey(path, all, as: user)
            let publishable = try await app.secretKey(
                path, ["kind": "publishable", "origins": ["https://a.example"]], as: user)
            let own = try await app.ownKey(all, as: user)
            let before = try await owned.snapshot(app)
            let made = app.app.routes.filter { $0.access == .session && $0.method == .post }.map(\.path)
            #expect(
                Set(made).isSuperset(of: ["/users/me/api-keys", "/chatbots/{chatbot_id}/api-keys", "/auth/password"]))
            let closed: [Access: [TestApp.IssuedKey]] = [
                .session: [secret, publishable, own], .user: [secret, publishable], .key: [publishable, own],
                .visitor: [secret, own],
            ]
            for route in app.app.routes {
                for key in closed[route.access] ?? [] { try await Self.refuses(app, route, owned, key.text) }
            }
            let after = try await owned.snapshot(app)
            #expect(after.count == before.count)
            for (index, text) in after.enumerated() where !text.contains("last_used_at") {
                #expect(text == before[index])
            }
        }
    }

    private static func refuses(_ app: TestApp, _ route: Route, _ owned: Owned, _ key: String) async throws {
        for headers in [[.apiKey: key], [.authorization: "Bearer \(key)"]] as [HTTPFields] {
            let answer = try await app.call(
                route.method, route.path(owned.parameters), route.sampleBody,
                headers: TenancyTests.headers(owned) + headers)
            #expect(answer.status == 403 && answer.errorCode == "key_not_allowed", "\(route.name): \(answer.text)")
            for id in owned.ids { #expect(!answer.text.contains(id)) }
        }
    }

    @Test("A key of either kind is no cookie, and a key beside a session's token is the one that counts")
    func places() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let key = try await app.ownKey(as: user)
            for headers in [[.apiKey: key.text], [.authorization: "Bearer \(key.text)"]] as [HTTPFields] {
                let answer = try await app.call(.get, "/users/me", headers: headers)
                #expect(answer.status == 200 && answer["id"]?.string == user.id)
            }
            for headers in [
                [.cookie: "mynah_session=\(key.text)"], [.authorization: "Basic \(key.text)"],
                [.authorization: key.text],
            ] as [HTTPFields] {
                #expect(try await app.call(.get, "/users/me", headers: headers).status == 401)
            }
            #expect(try await app.call(.get, "/users/me?api_key=\(key.text)").status == 401)
            let both = try await app.call(.get, "/users/me", as: user, headers: [.apiKey: "mk_live_wrong"])
            #expect(both.status == 401 && both.errorCode == "invalid_api_key")
        }
    }

    @Test("Owners and editors have a chatbot's keys in hand; viewers are told no, and strangers that there is nothing")
    func roles() async throws {
        try await TestApp.run { app in
            let owner = try await app.user("owner")
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: owner).string("id")
            let chatbotID = try await app.chatbot(as: owner, headers: [.workspaceID: team])
            let path = "/chatbots/\(chatbotID)/api-keys"
            for (role, status) in [("editor", nil), ("viewer", 403), ("none", 404)] as [(String, Int?)] {
                let user = try await app.user(role)
                if role != "none" { try await app.add(user, to: team, as: role, by: owner) }
                let id = try await app.secretKey(path, as: owner).id
                let before = try await app.all(path, as: owner)
                for (method, end, fine) in [
                    (.post, "", 201), (.get, "", 200), (.patch, "/\(id)", 200), (.put, "/\(id)", 200),
                    (.post, "/\(id)/rotate", 200), (.delete, "/\(id)", 204),
                ] as [(HTTPRequest.Method, String, Int)] {
                    let answer = try await app.call(method, path + end, method == .get ? nil : [:], as: user)
                    #expect(answer.status == status ?? fine, "\(role) \(method) \(end): \(answer.text)")
                    let code = status == 403 ? "forbidden" : status == 404 ? "not_found" : nil
                    #expect(answer.errorCode == code)
                }
                if status != nil { #expect(try await app.all(path, as: owner) == before) }
            }
        }
    }

    @Test("A key is found under its own chatbot or its own user alone")
    func foreignKeys() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let path = "/chatbots/\(try await app.chatbot(as: alice))/api-keys"
            let otherBot = "/chatbots/\(try await app.chatbot(as: alice))/api-keys"
            let bobs = "/chatbots/\(try await app.chatbot(as: bob))/api-keys"
            let (key, own) = (try await app.secretKey(path, as: alice), try await app.ownKey(as: alice))
            for (user, base, id) in [
                (alice, otherBot, key.id), (bob, bobs, key.id), (bob, path, key.id),
                (bob, "/users/me/api-keys", own.id),
                (alice, "/users/me/api-keys", key.id), (alice, path, own.id), (alice, path, "x"),
            ] {
                for (method, end) in [(.delete, ""), (.post, "/rotate"), (.patch, "")] as [(HTTPRequest.Method, String)]
                where method != .patch || base != "/users/me/api-keys" {
                    let answer = try await app.call(method, "\(base)/\(id)\(end)", [:], as: user)
                    #expect(
                        answer.status == 404 && answer.errorCode == "not_found", "\(method) \(base): \(answer.text)")
                }
            }
            #expect(try await app.fate(of: own.text) == nil)
            #expect(try await app.fate(of: key.text) == "key_not_allowed")
            #expect(try await app.all("/users/me/api-keys", as: bob).isEmpty)
            #expect(try await app.all(bobs, as: bob).isEmpty)
        }
    }

    @Test("Where the sign-in is more than an hour old, making and rotating a key takes the password")
    func reauthentication() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            for path in ["/chatbots/\(try await app.chatbot(as: user))/api-keys", "/users/me/api-keys"] {
                try await app.age(user, by: .zero)
                let id = try await app.secretKey(path, as: user).id
                try await app.age(user, by: .seconds(3540))
                #expect(try await app.call(.post, path, as: user).status == 201)
                try await app.age(user, by: .seconds(3600))
                for address in [path, "\(path)/\(id)/rotate"] {
                    let refused = try await app.call(.post, address, [:], as: user)
                    #expect(refused.status == 403 && refused.errorCode == "reauthentication_required")
                    #expect(refused["error"]?["param"] == "password")
                    let wrong = try await app.call(.post, address, ["password": "wrong"], as: user)
                    #expect(wrong.status == 403 && wrong.errorCode == "wrong_password")
                    #expect(wrong["error"]?["param"] == "password")
                }
                #expect(try await app.all(path, as: user).count == 2, "nothing was made")
                for address in [path, "\(path)/\(id)/rotate"] {
                    let body: JSONValue = ["password": .string(TestApp.password)]
                    let answer = try await app.call(.post, address, body, as: user)
                    #expect([200, 201].contains(answer.status), "\(answer.text)")
                }
                // Revoking a key needs no recent sign-in.
                #expect(try await app.call(.delete, "\(path)/\(id)", as: user).status == 204)
            }
        }
    }

    @Test("A token that was refreshed is as old as its sign-in")
    func refreshed() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            try await app.age(user, by: .seconds(4000))
            let grant = try await app.call(
                .post, "/auth/refresh", ["refresh_token": .string(user.refreshToken)])
            let headers: HTTPFields = [.authorization: "Bearer \(try grant.string("access_token"))"]
            let answer = try await app.call(.post, "/users/me/api-keys", headers: headers)
            #expect(answer.errorCode == "reauthentication_required")
        }
    }
}

extension TestApp {
    /// Makes the user's sign-in so old.
    func age(_ user: TestUser, by age: Duration) async throws {
        let then = Timestamp.now.adding(.zero - age)
        let ids = try await database.write(.system) { tx in
            try tx.run("UPDATE sessions SET created_at = ? WHERE user_id = ?", [then, user.id])
            return try tx.rows("SELECT id FROM sessions WHERE user_id = ?", [user.id]) { try $0.string("id") }
        }
        for id in ids { app.authenticator.forget(sessionID: id) }
    }
}
