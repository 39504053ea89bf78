import Foundation
import HTTPTypes
import JSON
import LLM
import NIOCore
import Testing
import Texts

@testable import App
@testable import HTTPKit
@testable import Platform

@Suite struct HTTPInputTests {
    /// After these the caller is signed out.
    private static let signOuts = [
        "POST /auth/logout", "DELETE /auth/session", "POST /admin/logout", "POST /staff/logout",
    ]
    private static let nested = String(repeating: "[", count: 100_000)

    static let bodies: [(name: String, body: [UInt8], status: Int, code: String)] = [
        ("cut off", Array(#"{"name": "x""#.utf8), 400, "malformed_body"),
        ("more than one value", Array(#"{"name": "x"} {}"#.utf8), 400, "malformed_body"),
        ("a comment", Array(#"{"name": "x"} // hi"#.utf8), 400, "malformed_body"),
        ("a trailing comma", Array(#"{"name": "x",}"#.utf8), 400, "malformed_body"),
        ("not a number", Array(#"{"name": NaN}"#.utf8), 400, "malformed_body"),
        ("only white space", Array(" \n".utf8), 400, "malformed_body"),
        ("half an escape", Array(#"{"name": "\ud83d\ude"}"#.utf8), 400, "malformed_body"),
        (
            "two fields of one name, with halves", Array(#"{"name": "x", "\ud800": 1, "\udfff": 2}"#.utf8), 400,
            "duplicate_key"
        ),
        ("a control character", Array("{\"name\": \"a\u{1}b\"}".utf8), 400, "malformed_body"),
        ("nested arrays", Array(nested.utf8), 400, "malformed_body"),
        ("nested objects", Array(String(repeating: #"{"a":"#, count: 100_000).utf8), 400, "malformed_body"),
        ("nested in a field", Array((#"{"name": "x", "config": {"a": "# + nested).utf8), 400, "malformed_body"),
        ("not UTF-8", Array(#"{"name": ""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8), 400, "not_utf8"),
        ("an overlong form", Array(#"{"name": ""#.utf8) + [0xC0, 0xAF] + Array(#""}"#.utf8), 400, "not_utf8"),
        (
            "an encoded surrogate", Array(#"{"name": ""#.utf8) + [0xED, 0xA0, 0x80] + Array(#""}"#.utf8), 400,
            "not_utf8"
        ),
        ("a field twice", Array(#"{"name": "x", "name": "x"}"#.utf8), 400, "duplicate_key"),
        ("a field twice, once escaped", Array(#"{"name": "x", "n\u0061me": "y"}"#.utf8), 400, "duplicate_key"),
        ("an inner field twice", Array(#"{"name": "x", "config": {"a": 1, "a": 2}}"#.utf8), 400, "duplicate_key"),
        ("an unknown field twice", Array(#"{"name": "x", "a": 1, "a": 2}"#.utf8), 400, "duplicate_key"),
        ("an array", Array(#"[{"name": "x"}]"#.utf8), 422, "invalid_value"),
        ("text", Array(#""name""#.utf8), 422, "invalid_value"),
        ("null", Array("null".utf8), 422, "invalid_value"),
        ("a number", Array("7".utf8), 422, "invalid_value"),
        ("U+0000", Array(#"{"name": "a\u0000"}"#.utf8), 422, "invalid_value"),
        ("U+0000 in a key", Array(#"{"name": "x", "config": {"\u0000": 1}}"#.utf8), 422, "invalid_value"),
        ("U+0000 deep inside", Array(#"{"name": "x", "config": {"a": [{"b": "\u0000"}]}}"#.utf8), 422, "invalid_value"),
        ("a wrong type", Array(#"{"name": ["x"]}"#.utf8), 422, "invalid_value"),
        ("text for a number", Array(#"{"name": "x", "max_tokens": "5"}"#.utf8), 422, "invalid_value"),
        ("true for a number", Array(#"{"name": "x", "max_tokens": true}"#.utf8), 422, "invalid_value"),
        (
            "a huge whole number", Array(#"{"name": "x", "max_tokens": 123456789012345678901234567890}"#.utf8), 422,
            "invalid_value"
        ),
        ("nothing", [], 422, "missing_field"),
        ("an empty object", Array("{}".utf8), 422, "missing_field"),
    ]

    @Test("A body that cannot be accepted is refused with its reason", arguments: bodies.indices)
    func body(index: Int) async throws {
        let (name, body, status, code) = Self.bodies[index]
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let answer = try await app.raw(.post, "/chatbots", body, as: user)
            #expect(answer.status == status && answer.errorCode == code, "\(name): \(answer.text)")
            #expect(try await app.all("/chatbots", as: user).count == 1)
        }
    }

    @Test(
        "Half a surrogate pair is U+FFFD",
        arguments: [
            (#"cut \ud83d"#, "cut \u{FFFD}"), (#"\udc00x"#, "\u{FFFD}x"), (#"\ud83d\ud83d\ude00"#, "\u{FFFD}😀"),
            (#"কাটা \ude00\ud83d"#, "কাটা \u{FFFD}\u{FFFD}"),
        ])
    func halves(escaped: String, name: String) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let body = #"{"name": "\#(escaped)", "config": {"\ud800": "\udfff"}}"#
            let made = try await app.raw(.post, "/chatbots", body.utf8, as: user)
            #expect(made.status == 201, "\(made.text)")
            let stored = try await app.call(.get, "/chatbots/\(try made.string("id"))", as: user)
            let shown = try stored.string("name")
            #expect(Array(shown.utf8) == Array(name.utf8))
            #expect(stored.json["config"] == ["\u{FFFD}": "\u{FFFD}"])
        }
    }

    @Test("A number too large for any computer is no reason to fail", arguments: ["1e999", "-1e999", "1e99999999999"])
    func hugeNumber(number: String) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let body = #"{"name": "x", "config": {"n": \#(number)}}"#
            let answer = try await app.raw(.post, "/chatbots", body.utf8, as: user)
            #expect(answer.status == 400 && answer.errorCode == "malformed_body", "\(answer.text)")
        }
    }

    /// What opens each route, so that its body is looked at.
    private func credentials(_ app: TestApp, _ user: TestUser) async throws -> @Sendable (Route) -> HTTPFields {
        let site = try await TestSite.make(app, as: user)
        let key = try await app.secretKey("/chatbots/\(site.chatbotID)/api-keys", as: user).text
        let (admin, staff) = (try await app.admin(), try await app.staff(level: 3))
        return { route in
            switch route.access {
            case .operator, .admin, .staff: (route.path.hasPrefix("/staff/") ? staff : admin).headers
            case .key: [.apiKey: key]
            case .visitor: [.apiKey: site.key, .origin: TestSite.origin]
            default: [.authorization: "Bearer \(user.token)"]
            }
        }
    }

    @Test("A body is at most 1 MiB, and where pictures may come 20, on every route")
    func size() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let credentials = try await credentials(app, user)
            let padding = String(repeating: " ", count: RoutePolicy.usualBody)
            let largest = String((#"{"name": "x"}"# + padding).prefix(RoutePolicy.usualBody))
            #expect(try await app.raw(.post, "/chatbots", largest.utf8, as: user).status == 201)
            for route in app.app.routes where route.method != .get && !Self.signOuts.contains(route.name) {
                // These read their body in pieces; `UploadTests` has their limits.
                if route.method == .put && route.path == "/uploads/{upload_id}/{part}" { continue }
                if route.method == .post && route.path.hasSuffix("/files") { continue }
                if route.method == .post && route.path == "/conversations/import" { continue }
                let takesPictures = route.path.contains("/v1/") && !route.path.contains("_id}")
                let most = route.path.hasSuffix("/v1/embeddings") ? 8 : takesPictures ? 20 : 1
                #expect(route.maxBody == most * RoutePolicy.usualBody, "\(route.name)")
                let body =
                    route.maxBody == RoutePolicy.usualBody
                    ? largest + " " : String(repeating: " ", count: route.maxBody + 1)
                let answer = try await app.send(
                    route.method, route.path(with: "x"), body: ByteBuffer(string: body),
                    headers: [.contentType: "application/json"] + credentials(route))
                #expect(answer.status == 413 && answer.errorCode == "too_large", "\(route.name): \(answer.text)")
            }
        }
    }

    @Test("A POST without a body is an empty object")
    func emptyBody() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            for type in ["application/json", "text/plain", nil] {
                let answer = try await app.raw(.post, "/conversations", [], type: type, as: user)
                #expect(answer.status == 201, "\(answer.text)")
            }
        }
    }

    @Test("Only JSON is accepted, and a form where the documentation says so")
    func contentType() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            for type in [
                "text/plain", "application/xml", "multipart/form-data; boundary=x", "x",
                "application/x-www-form-urlencoded",
            ] {
                let answer = try await app.raw(.post, "/chatbots", #"{"name": "x"}"#.utf8, type: type, as: user)
                #expect(answer.status == 415 && answer.errorCode == "unsupported_media_type", "\(type)")
            }
            for type in [
                "application/json; charset=utf-8", "APPLICATION/JSON", "application/merge-patch+json", "", ";", nil,
            ] {
                let answer = try await app.raw(.post, "/chatbots", #"{"name": "x"}"#.utf8, type: type, as: user)
                #expect(answer.status == 201, "\(type ?? "none")")
            }
            let form = "application/x-www-form-urlencoded"
            let credentials = try await credentials(app, user)
            for route in app.app.routes where route.input != nil && route.method != .get {
                let answer = try await app.send(
                    route.method, route.path(with: "x"), body: ByteBuffer(string: "a=b"),
                    headers: [.contentType: form] + credentials(route))
                #expect((answer.status != 415) == route.acceptsForm, "\(route.name)")
            }
            for body in ["username=%zz&password=x", "username=%FF&password=x", "username=%"] {
                #expect(try await app.form("/auth/token", body).status == 400)
            }
            #expect(try await app.form("/auth/login", "").status == 422)
            #expect(try await app.form("/auth/login", "username=a%00b&password=long+enough").status == 422)
            // As OAuth says.
            #expect(try await app.form("/auth/token", "").status == 400)
            #expect(try await app.form("/auth/token", "username=a%00b&password=long+enough").status == 400)
        }
    }

    @Test(
        "Queries",
        arguments: [
            ("limit=%zz", 400), ("limit=%", 400), ("after=%FF", 400), ("limit=1&limit=2", 200),
            ("limit=1&limit=x", 422),
            ("=1", 200), ("&&&", 200), ("limit", 422), ("unknown=%F0%9F%A6%9C", 200), ("a=b=c", 200), ("limit=+5", 422),
        ])
    func query(query: String, status: Int) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let answer = try await app.call(.get, "/chatbots?\(query)", as: user)
            #expect(answer.status == status, "\(answer.text)")
        }
    }

    @Test("Random JSON never makes a route fail", .slow, arguments: 0..<6)
    func randomBodies(seed: UInt64) async throws {
        // The local model of vectors would start, and is a process of its own.
        try await TestApp.run(configure: { $0.embedding = ModelTarget(provider: "scripted", model: "default") }) {
            app in
            let user = try await app.user("alice")
            try await app.setPlan(user, "enterprise")
            var random = RandomJSON(seed: seed)
            for route in app.app.routes where route.method != .get && !Self.signOuts.contains(route.name) {
                for round in 0..<12 {
                    let owned = [
                        "chatbot_id": try await app.chatbot(as: user), "workspace_id": user.workspaceID,
                        "conversation_id": try await app.conversation(as: user), "user_id": user.id,
                    ]
                    var body = random.object(route.inputFields + ["unknown"])
                    if round.isMultiple(of: 3) { body = random.value() }
                    // One field wrong and the rest as it should be reaches furthest.
                    if round.isMultiple(of: 2), case .object(var members) = route.sampleBody, !route.inputFields.isEmpty
                    {
                        members[random.pick(route.inputFields)] = random.value()
                        body = .object(members)
                    }
                    let answer = try await app.call(route.method, route.path(owned), body, as: user)
                    #expect(answer.status < 500, "\(route.name) with \(body): \(answer.text)")
                    if answer.status >= 400 { #expect(answer.errorCode != nil, "\(route.name): \(answer.text)") }
                }
            }
            #expect(!app.log.lines.contains { $0.hasPrefix("error") })
        }
    }

    @Test("Random bytes never make a route fail", .slow, arguments: 0..<4)
    func randomBytes(seed: UInt64) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            var random = RandomJSON(seed: seed)
            let types = ["application/json", "application/x-www-form-urlencoded", nil]
            for route in app.app.routes where route.method != .get && !Self.signOuts.contains(route.name) {
                for _ in 0..<8 {
                    let bytes = random.bytes(random.below(60))
                    let answer = try await app.raw(
                        route.method, route.path(with: "x"), bytes, type: random.pick(types), as: user)
                    #expect(answer.status < 500, "\(route.name) with \(bytes)")
                }
            }
        }
    }
}
