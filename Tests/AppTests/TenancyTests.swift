import Foundation
import HTTPTypes
import JSON
import Testing

@testable import App
@testable import HTTPKit

/// Other tenants' objects are 404 on every route. Generated from the route table.
@Suite struct TenancyTests {
    static let madeUpIDs = [
        "%20", "c1", "0", "-1", "null", "me", "00000000-0000-0000-0000-000000000000", "%C3%A9", "%E6%97%A5%E6%9C%AC",
        "..%2F..", "%2e%2e", "%00", "a%00b", "%27%20OR%201=1--", "%7Bchatbot_id%7D", "%F0%9F%A6%9C", "%FF",
        String(repeating: "x", count: 300),
    ]

    /// What the routes that need a last event are given, so that each of them has an answer.
    static func headers(_ owned: Owned) -> HTTPFields {
        [.lastEventID: "\(owned.parameters["message_id"]!):0"]
    }

    /// A chatbot's key opens nothing but its own chatbot, which the tests of keys and of the widget show. Proxies are
    /// told no 404. Operators belong to no tenant.
    private static func routesOfUsers(_ app: TestApp) -> [Route] {
        app.app.routes.filter { ![.anyone, .key, .visitor, .bearer, .operator, .admin, .staff].contains($0.access) }
    }

    @Test("Every parameter and every id in a body is known here")
    func covered() async throws {
        try await TestApp.run { app in
            let (alice, member) = (try await app.user("alice"), try await app.user("member"))
            let owned = try await Owned.make(app, alice, member: member)
            for route in Self.routesOfUsers(app) {
                for name in route.parameters where owned.parameters[name] == nil {
                    Issue.record("\(route.name): add an id of the owner's for '\(name)' to Owned.make")
                }
                // OpenAI's API answers 400 to a response that is not there; see `StoredResponsesTests`.
                for name in route.inputFields
                where name.hasSuffix("_id") && !["user_id", "previous_response_id"].contains(name) {
                    guard Owned.bodyFields[name] == nil else { continue }
                    Issue.record("\(route.name): add '\(name)' to Owned.bodyFields")
                }
            }
        }
    }

    @Test("Every path with another tenant's id is 404 and changes nothing")
    func foreignPaths() async throws {
        try await TestApp.run { app in
            let member = try await app.user("member")
            let bob = try await app.user("bob")
            _ = try await app.user("somebody")
            for (index, route) in Self.routesOfUsers(app).filter({ !$0.parameters.isEmpty }).enumerated() {
                let owned = try await Owned.make(app, app.user("alice\(index)"), member: member)
                let path = owned.path(route)
                let before = try await owned.snapshot(app)
                for headers in [Self.headers(owned), [.workspaceID: owned.parameters["workspace_id"]!]] {
                    let answer = try await app.call(route.method, path, route.sampleBody, as: bob, headers: headers)
                    let isModel = route.parameters == ["model"] && answer.errorCode == "model_not_found"
                    #expect(
                        answer.status == 404 && (isModel || answer.errorCode == "not_found"),
                        "\(route.name): \(answer.text)")
                    for id in owned.ids {
                        #expect(!answer.text.contains(id), "\(route.name) shows an id of someone else's")
                    }
                }
                #expect(try await owned.snapshot(app) == before, "\(route.name) changed something of someone else's")
                // Its owner may do it, so the request itself was in order.
                let own = try await app.call(
                    route.method, path, owned.sampleBody(of: route), as: owned.user, headers: Self.headers(owned))
                // A team's last owner cannot delete the account.
                #expect(
                    (200..<300).contains(own.status) || own.errorCode == "last_owner",
                    "\(route.name): \(own.status) \(own.text)")
            }
        }
    }

    @Test("The caller's own id before another tenant's id is still 404")
    func foreignChildren() async throws {
        try await TestApp.run { app in
            let member = try await app.user("member")
            let owned = try await Owned.make(app, app.user("alice"), member: member)
            let bob = try await Owned.make(app, app.user("bob"), member: app.user("other"))
            let routes = Self.routesOfUsers(app).filter { $0.parameters.count > 1 }
            #expect(!routes.isEmpty)
            let before = try await owned.snapshot(app)
            for route in routes {
                var parameters = bob.parameters
                let last = route.parameters.last { !Owned.numbers.contains($0) }!
                parameters[last] = owned.parameters[last]
                let answer = try await app.call(
                    route.method, route.path(parameters), route.sampleBody, as: bob.user)
                #expect(answer.status == 404, "\(route.name): \(answer.text)")
            }
            #expect(try await owned.snapshot(app) == before)
        }
    }

    @Test("Another tenant's id, or an unknown one, in a body or a query is 404")
    func foreignBodies() async throws {
        try await TestApp.run { app in
            let owned = try await Owned.make(app, app.user("alice"), member: app.user("member"))
            let bob = try await Owned.make(app, app.user("bob"), member: app.user("other"))
            let before = try await owned.snapshot(app)
            var checked = 0
            for route in Self.routesOfUsers(app) {
                for field in route.inputFields {
                    guard let parameter = Owned.bodyFields[field] else { continue }
                    checked += 1
                    let made = ["", " ", "c1", "é", "../x", "00000000-0000-0000-0000-000000000000"]
                    for id in [owned.parameters[parameter]!] + made + [String(repeating: "x", count: 300)] {
                        let answer = try await call(app, route, bob, field, id)
                        #expect(answer.status == 404, "\(route.name) \(field)=\(id): \(answer.text)")
                    }
                    // An upload can be used once.
                    let own = try await call(
                        app, route, bob, field,
                        field == "upload_id" ? app.upload([], as: bob.user) : bob.parameters[parameter]!)
                    #expect((200..<300).contains(own.status), "\(route.name): \(own.text)")
                }
            }
            #expect(checked >= 8)
            #expect(try await owned.snapshot(app) == before)
        }
    }

    private func call(
        _ app: TestApp, _ route: Route, _ who: Owned, _ field: String, _ id: String
    ) async throws -> TestApp.Answer {
        let path = route.path(who.parameters)
        guard route.method != .get else {
            let text = id.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
            let query = route.inputFields.contains("q") ? "&q=x" : ""
            return try await app.call(.get, "\(path)?\(field)=\(text)\(query)", as: who.user)
        }
        var body = who.sampleBody(of: route)?.object ?? [:]
        body[field] = .string(id)
        return try await app.call(route.method, path, .object(body), as: who.user)
    }

    @Test(
        "An invitation by an id that does not exist is answered as any other",
        arguments: ["", " ", "c1", "é", "../x", "300"])
    func madeUpMembers(id: String) async throws {
        try await TestApp.run { app in
            let owned = try await Owned.make(app, app.user("alice"), member: app.user("member"))
            let id = id == "300" ? String(repeating: "x", count: 300) : id
            let answer = try await app.call(
                .post, "/workspaces/\(owned.parameters["workspace_id"]!)/members",
                ["user_id": .string(id), "role": "viewer"], as: owned.user)
            #expect(answer.status == 202, "\(answer.text)")
            #expect(answer.json.object?.keys.sorted() == ["expires_at", "id", "role"])
        }
    }

    @Test("A made-up id of any form is 404 on every path")
    func madeUpPaths() async throws {
        try await TestApp.run { app in
            let owned = try await Owned.make(app, app.user("alice"), member: app.user("member"))
            _ = try await app.user("somebody")
            for route in Self.routesOfUsers(app) {
                for name in route.parameters {
                    for id in Self.madeUpIDs where name != "id" || id != "me" {
                        var parameters = owned.parameters
                        parameters[name] = id
                        let answer = try await app.call(
                            route.method, route.path(parameters), route.sampleBody, as: owned.user)
                        #expect(answer.status == 404, "\(route.name) with \(name)=\(id): \(answer.text)")
                    }
                }
            }
        }
    }

    @Test("X-Workspace-Id of someone else's, or made up, is 404 where a workspace is asked for")
    func foreignWorkspaceHeader() async throws {
        try await TestApp.run { app in
            let owned = try await Owned.make(app, app.user("alice"), member: app.user("member"))
            let bob = try await app.user("bob")
            let workspaces = [
                owned.parameters["workspace_id"]!, owned.user.workspaceID, "x", "é", String(repeating: "x", count: 300),
            ]
            let before = try await owned.snapshot(app)
            for workspace in workspaces {
                let headers: HTTPFields = [.workspaceID: workspace]
                for (method, path, body) in [
                    (.get, "/chatbots", nil), (.post, "/chatbots", ["name": "x"]), (.get, "/projects", nil),
                    (.get, "/conversations", nil), (.post, "/conversations", [:]), (.post, "/chat", ["message": "hi"]),
                ] as [(HTTPRequest.Method, String, JSONValue?)] {
                    let answer = try await app.call(method, path, body, as: bob, headers: headers)
                    #expect(answer.status == 404, "\(method) \(path): \(answer.text)")
                }
                for route in app.app.routes where route.parameters.isEmpty && route.method == .get {
                    let answer = try await app.call(.get, route.path, as: bob, headers: headers)
                    for id in owned.ids { #expect(!answer.text.contains(id), "\(route.name)") }
                }
            }
            #expect(try await owned.snapshot(app) == before)
        }
    }

    @Test("Lists show a stranger nothing of other tenants")
    func lists() async throws {
        try await TestApp.run { app in
            let owned = try await Owned.make(app, app.user("alice"), member: app.user("member"))
            let bob = try await app.user("bob")
            #expect(try await app.all("/workspaces", as: bob).count == 1)
            #expect(try await app.all("/chatbots", as: bob).count == 1)
            #expect(try await app.all("/conversations", as: bob).isEmpty)
            #expect(try await app.all("/auth/sessions", as: bob).count == 1)
            let conversations = try await app.call(
                .get, "/conversations", as: owned.user,
                headers: [.workspaceID: owned.parameters["workspace_id"]!])
            #expect(conversations["data"]?.array?.count == 1)
        }
    }
}
