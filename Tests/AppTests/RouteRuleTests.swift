import Foundation
import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import HTTPKit

/// Rules that hold for every route, checked against the route table itself, so that a later route is covered too.
@Suite struct RouteRuleTests {
    static let publicRoutes: Set<String> = [
        "GET /", "GET /docs", "GET /redoc", "GET /openapi.json", "GET /health", "GET /health/live", "GET /health/ready",
        "GET /db-status", "GET /metrics", "POST /users", "POST /auth/register", "POST /auth/login", "POST /auth/token",
        "POST /auth/refresh", "POST /auth/revoke", "GET /.well-known/oauth-authorization-server",
        "POST /auth/session", "DELETE /auth/session", "POST /auth/password/forgot", "POST /auth/password/reset",
        "POST /auth/email/verify", "GET /setup", "POST /setup", "GET /admin", "GET /widget.js",
        "POST /admin/login", "POST /admin/refresh", "POST /staff/login", "POST /staff/refresh", "GET /chat/ws",
        "GET /.well-known/jwks.json", "POST /invitations/read", "GET /shared/{share_token}",
    ]

    @Test("Every route is once in the OpenAPI document, with texts, examples and its responses")
    func documented() async throws {
        try await TestApp.run { app in
            let document = try await app.call(.get, "/openapi.json")
            #expect(document["openapi"] == "3.1.0")
            let paths = try #require(document["paths"]?.object)
            var ids: Set<String> = []
            let tags = try #require(document["tags"]?.array).compactMap { $0["name"]?.string }
            for route in app.app.routes where !route.isOtherName {
                let method = route.method.rawValue.lowercased()
                let operation = try #require(paths[route.path]?[method], "\(route.name) is not documented")
                #expect(operation["summary"]?.string?.isEmpty == false, "\(route.name) has no summary")
                #expect(operation["description"]?.string?.hasSuffix(".") == true, "\(route.name) has no description")
                #expect(
                    operation["tags"]?.array?.compactMap(\.string).allSatisfy(tags.contains) == true, "\(route.name)")
                let id = try #require(operation["operationId"]?.string)
                #expect(id.wholeMatch(of: /[a-z]+(_[a-z0-9]+)*/) != nil, "\(id)")
                #expect(ids.insert(id).inserted, "two operations are called \(id)")
                let responses = try #require(operation["responses"]?.object)
                #expect(responses[String(route.status.code)] != nil, "\(route.name) does not document its success")
                for (status, response) in responses {
                    #expect(response["description"]?.string?.isEmpty == false, "\(route.name) \(status)")
                }
                for code in route.errors {
                    let description = responses[String(code.status.code)]?["description"]?.string
                    #expect(description?.contains("`\(code.rawValue)`") == true, "\(route.name) \(code)")
                }
                #expect((operation["security"] != nil) == (route.access != .anyone), "\(route.name)")
                #expect((responses["401"] != nil) || route.access == .anyone, "\(route.name)")
                let documented = operation["parameters"]?.array?.filter { $0["in"] == "path" } ?? []
                #expect(documented.compactMap { $0["name"]?.string } == route.parameters, "\(route.name)")
            }
            let count = app.app.routes.count { !$0.isOtherName }
            #expect(paths.values.reduce(0) { $0 + ($1.object?.count ?? 0) } == count)
        }
    }

    @Test("Every schema has a text, and every field an example that fits it")
    func texts() async throws {
        try await TestApp.run { app in
            let (document, missing) = OpenAPI.document(
                app.app.routes, version: "1", sessionCookie: "x", texts: .mynah)
            #expect(missing == [], "add them to Sources/App/Documentation")
            let schemas = try #require(document["components"]?["schemas"]?.object)
            for (name, schema) in schemas {
                #expect(schema["description"]?.string?.hasSuffix(".") == true, "\(name)")
                #expect(schema["examples"]?.array?.count == 1, "\(name)")
                #expect(!name.contains("Routes"), "\(name) is named for its Swift type")
            }
            for route in app.app.routes where !route.isOtherName && route.method != .get {
                guard let input = route.input, case .input = route.bodyForm else { continue }
                let operation = document["paths"]?[route.path]?[route.method.rawValue.lowercased()]
                for media in try #require(operation?["requestBody"]?["content"]?.object).values {
                    try input.check(try #require(media["example"]), lenient: true)
                }
            }
            let unused = Set(OpenAPITexts.schemaTexts.values.map(\.name)).subtracting(schemas.keys)
            #expect(unused == [], "remove them from SchemaTexts.swift")
        }
    }

    @Test("The document refers to nothing that it does not define")
    func references() async throws {
        try await TestApp.run { app in
            let document = try await app.call(.get, "/openapi.json").json
            let schemas = try #require(document["components"]?["schemas"]?.object)
            let schemes = try #require(document["components"]?["securitySchemes"]?.object)
            func walk(_ value: JSONValue) {
                for (key, member) in value.object ?? [:] {
                    if key == "$ref", let reference = member.string {
                        let path = reference.split(separator: "/").map(String.init)
                        #expect(path.count == 4 && path[0] == "#", "\(reference)")
                        #expect(document[path[1]]?[path[2]]?[path[3]] != nil, "\(reference) leads nowhere")
                    }
                    if key == "security" {
                        for scheme in member.array ?? [] {
                            #expect(scheme.object!.keys.allSatisfy { schemes[$0] != nil })
                        }
                    }
                    walk(member)
                }
                for item in value.array ?? [] { walk(item) }
            }
            walk(document)
            for name in schemas.keys { #expect(name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }) }
        }
    }

    @Test("Every route except those listed refuses a caller without valid credentials")
    func refusesStrangers() async throws {
        try await TestApp.run { app in
            let open = app.app.routes.filter { $0.access == .anyone }.map(\.name)
            #expect(Set(open) == Self.publicRoutes)
            #expect(open.count == Self.publicRoutes.count)
            let strangers: [HTTPFields] = [
                [:], [.authorization: "Bearer x.y.z"], [.authorization: "Basic YTpi"], [.authorization: "Bearer"],
                [.cookie: "mynah_session=made-up"], [HTTPField.Name("X-API-Key")!: "sample_api_key_123"],
            ]
            for route in app.app.routes where !Self.publicRoutes.contains(route.name) {
                for headers in strangers {
                    let answer = try await app.call(route.method, route.path(with: "x"), [:], headers: headers)
                    #expect(answer.status == 401, "\(route.name) with \(headers)")
                    #expect(answer.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true, "\(route.name)")
                    #expect(answer["error"]?["type"] == "authentication_error", "\(route.name)")
                }
            }
        }
    }

    @Test("Every path answers 405 with Allow to the methods it does not have")
    func methodNotAllowed() async throws {
        try await TestApp.run { app in
            let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options, .trace]
            for (path, routes) in Dictionary(grouping: app.app.routes, by: \.path) {
                var allowed = Set(routes.map(\.method))
                if allowed.contains(.get) { allowed.insert(.head) }
                let address = routes[0].path(with: "x")
                for method in methods where !allowed.contains(method) {
                    let answer = try await app.call(method, address)
                    #expect(answer.status == 405, "\(method) \(path)")
                    let names = Set((answer.headers[.allow] ?? "").split(separator: ", ").map(String.init))
                    #expect(names == Set(allowed.map(\.rawValue)), "\(method) \(path)")
                    #expect(method == .head || answer.errorCode == "method_not_allowed", "\(method) \(path)")
                }
            }
        }
    }

    @Test("A trailing slash is accepted on every path")
    func trailingSlash() async throws {
        try await TestApp.run { app in
            for route in app.app.routes where route.path != "/" {
                let path = route.path(with: "x")
                let plain = try await app.call(route.method, path, [:])
                let slash = try await app.call(route.method, path + "/", [:])
                #expect(slash.status == plain.status, "\(route.name)/")
                #expect(slash.errorCode == plain.errorCode, "\(route.name)/")
                // A link that is not there is 404 by itself.
                let isLink = route.id == "read_shared_conversation"
                #expect((slash.status != 404 || isLink) && slash.status != 405, "\(route.name)/")
                let wrong = try await app.call(.trace, path + "/")
                #expect(wrong.status == 405, "\(route.name)/")
            }
        }
    }

    @Test("HEAD answers as GET does, without the body")
    func head() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            for route in app.app.routes where route.method == .get {
                let get = try await app.call(.get, route.path(with: "x"), as: user)
                let head = try await app.call(.head, route.path(with: "x"), as: user)
                #expect(head.status == get.status, "\(route.name)")
                #expect(head.headers[.contentType] == get.headers[.contentType], "\(route.name)")
                #expect(get.status != 200 || head.text.isEmpty, "\(route.name)")
            }
        }
    }

    @Test(
        "An unknown path is 404 with the error body",
        arguments: [
            "/nope", "/users/me/nope", "/chatbots/x/nope", "/chatbots/x/prompts/y", "/assets/nope.js", "/assets/",
            "/assets/../Package.swift", "/assets/%2e%2e/Package.swift", "/assets/..%2f..%2fetc/passwd", "/%00", "/v2",
            "//users/me/x", "/conversations/x/messages/y/feedback/z", "/\u{10FFFF}",
        ])
    func unknownPath(path: String) async throws {
        try await TestApp.run { app in
            for method in [.get, .post, .delete] as [HTTPRequest.Method] {
                let answer = try await app.call(method, path)
                #expect(answer.status == 404, "\(method) \(path)")
                #expect(answer.errorCode == "not_found")
                #expect(answer["error"]?["request_id"]?.string == answer.headers[.requestID])
            }
        }
    }

    @Test("Every answer carries its id and the headers that protect browsers")
    func headers() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            var ids: Set<String> = []
            for route in app.app.routes {
                for who in [nil, user] where !route.name.hasPrefix("DELETE /users") {
                    for method in [route.method, .trace] {
                        let answer = try await app.call(method, route.path(with: "x"), as: who)
                        let id = try #require(answer.headers[.requestID])
                        #expect(ids.insert(id).inserted)
                        let policy = answer.headers[.contentSecurityPolicy] ?? ""
                        #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
                        #expect(!policy.contains("unsafe-eval"))
                        #expect(!policy.contains("unsafe-inline") || ["/docs", "/redoc"].contains(route.path))
                        #expect(answer.headers[.xContentTypeOptions] == "nosniff")
                        #expect(answer.headers[HTTPField.Name("Referrer-Policy")!] == "no-referrer")
                        #expect(answer.headers[.cacheControl] != nil)
                        #expect(answer.headers[.server] == nil)
                        #expect(answer.status < 500, "\(route.name): \(answer.text)")
                    }
                }
            }
            let file = try await app.call(.get, "/assets/app.js")
            #expect(file.status == 200 && file.headers[.contentSecurityPolicy] != nil)
        }
    }

    @Test(
        "Every error code has a text, a fitting status and a place in the documentation",
        arguments: APIError.Code.allCases)
    func errorCode(code: APIError.Code) throws {
        #expect(code.text.count > 10 && code.text.hasSuffix("."))
        #expect(code.rawValue.wholeMatch(of: /[a-z0-9]+(_[a-z0-9]+)*/) != nil)
        #expect(
            [400, 401, 402, 403, 404, 405, 409, 413, 415, 422, 426, 429, 500, 502, 503, 504].contains(code.status.code))
        #expect((code.status.code >= 500) == (code.type == "api_error"))
        let documentation = try String(
            contentsOfFile: TestApp.resources.path + "/docs/reference/errors.md", encoding: .utf8)
        #expect(documentation.contains("| `\(code.rawValue)` | \(code.status.code) |"))
    }

    @Test("Internal errors are logged under the request's id and not shown")
    func internalErrors() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            try await app.database.write(.system) { tx in try tx.script("ALTER TABLE chatbots RENAME TO gone") }
            let answer = try await app.call(.get, "/chatbots", as: user)
            #expect(answer.status == 500 && answer.errorCode == "internal_error")
            #expect(answer["error"]?["message"]?.string == APIError.Code.internalError.text)
            let id = try #require(answer.headers[.requestID])
            #expect(app.log.lines.contains { $0.hasPrefix("error") && $0.contains(id) && $0.contains("chatbots") })
        }
    }
}

extension Route {
    var name: String { "\(method.rawValue) \(path)" }

    func path(with value: String) -> String { path(parameters.reduce(into: [:]) { $0[$1] = value }) }

    func path(_ values: [String: String]) -> String {
        parameters.reduce(path.replacing("/**", with: "")) { $0.replacing("{\($1)}", with: values[$1] ?? $1) }
    }
}
