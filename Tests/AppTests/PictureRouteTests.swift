import Foundation
import HTTPTypes
import JSON
import TestSupport
import Testing

@testable import App
@testable import Chat
@testable import HTTPKit
@testable import Platform

/// Pictures of other servers, which the server fetches for the console.
@Suite struct PictureRouteTests {
    private static let beginnings: [String: [UInt8]] = [
        "png": Array("\u{89}PNG\r\n\u{1A}\n".unicodeScalars.map { UInt8($0.value) }), "jpeg": [0xFF, 0xD8, 0xFF, 0xE0],
        "gif": Array("GIF89a".utf8), "webp": Array("RIFF\u{4}\0\0\0WEBPVP8 ".utf8),
    ]

    private static func path(_ url: String) -> String {
        "/pictures?url=\(url.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!)"
    }

    /// Answers each path as its name says.
    private static func server() -> TestServer {
        TestServer { connection in
            guard let request = connection.request() else { return }
            let name = request.head.split(separator: " ")[1].dropFirst()
            let size = { (count: Int) in "HTTP/1.1 200 OK\r\nContent-Length: \(count)\r\n" }
            if let beginning = beginnings[String(name)] {
                connection.send(size(beginning.count + 1000) + "Content-Type: text/html\r\nSet-Cookie: a=b\r\n\r\n")
                connection.send(beginning + [UInt8](repeating: 7, count: 1000))
                return
            }
            switch name {
            case "largest", "too-large":
                let count = (5 << 20) + (name == "largest" ? 0 : 1)
                connection.send(size(count) + "\r\n")
                connection.send(beginnings["png"]! + [UInt8](repeating: 0, count: count - 8))
            case "endless":
                connection.startStream(type: "image/png")
                while connection.chunk("\u{7F}PNG" + String(repeating: "x", count: 60_000)) {}
            case "slow":
                connection.send(size(100) + "\r\n")
                connection.send(beginnings["png"]!)
                connection.waitUntilClientLeaves()
            case "cut": connection.send(size(5000) + "\r\n\u{7F}PNG")
            case "svg":
                connection.answer(
                    "200 OK", headers: "Content-Type: image/png\r\n",
                    "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>")
            case "html":
                connection.answer("200 OK", headers: "Content-Type: image/png\r\n", "<html><script>alert(1)</script>")
            case "empty": connection.answer("200 OK", headers: "Content-Type: image/png\r\n")
            case "redirect":
                let start = request.head.firstRange(of: "127.0.0.1:")?.upperBound ?? request.head.endIndex
                let port = request.head[start...].prefix { $0.isNumber }
                connection.answer("302 Found", headers: "Location: http://127.0.0.1:\(port)/png\r\n")
            default: connection.answer("404 Not Found", "GIF89a")
            }
        }
    }

    @Test("A picture is shown by its content, whatever its server calls it", arguments: ["png", "jpeg", "gif", "webp"])
    func shown(kind: String) async throws {
        let server = Self.server()
        try await TestApp.run(configure: { $0.allowsPrivateEndpoints = true }) { app in
            let alice = try await app.user("alice")
            let shown = try await app.bytes(Self.path("http://127.0.0.1:\(server.port)/\(kind)"), as: alice)
            #expect(shown.status == 200 && shown.headers[.contentType] == "image/\(kind)")
            #expect(shown.bytes.count == Self.beginnings[kind]!.count + 1000)
            #expect(shown.bytes.starts(with: Self.beginnings[kind]!))
            #expect(shown.headers[.contentDisposition] == "attachment; filename=\"picture.\(kind)\"")
            #expect(shown.headers[.xContentTypeOptions] == "nosniff")
            #expect(shown.headers[.cacheControl] == "private, max-age=600")
            let policies = shown.headers[values: .contentSecurityPolicy]
            #expect(policies.contains("sandbox; default-src 'none'"), "\(policies)")
            #expect(shown.headers[.setCookie] == nil)
        }
        // No word of who asks.
        let head = try #require(server.count.received.first?.head).lowercased()
        let names = head.split(separator: "\r\n").dropFirst().map { $0.prefix { $0 != ":" } }
        #expect(Set(names).isSubset(of: ["host", "accept", "accept-encoding"]), "\(head)")
        #expect(!head.contains("alice") && !head.contains("bearer"))
    }

    @Test(
        "What is no picture, too large, cut off, or sent on is refused",
        arguments: ["svg", "html", "empty", "too-large", "endless", "cut", "redirect", "missing", "slow"])
    func refused(name: String) async throws {
        let server = Self.server()
        try await TestApp.run(configure: { $0.allowsPrivateEndpoints = true }) { app in
            let alice = try await app.user("alice")
            let refused = try await app.call(.get, Self.path("http://127.0.0.1:\(server.port)/\(name)"), as: alice)
            #expect(refused.status == 422 && refused.errorCode == "invalid_value", "\(refused.text)")
            #expect(refused["error"]?["param"] == "url")
            #expect(!refused.text.contains("svg") && !refused.text.contains("127.0.0.1"))
            if ["too-large", "endless"].contains(name) { #expect(refused.text.contains("5 MiB"), "\(refused.text)") }
            // Nothing stays in memory.
            #expect(app.app.bytesInFlight.reading.held.allSatisfy { $0.bytes == 0 })
        }
        // A redirect to loopback is not followed.
        #expect(server.count.requests == 1)
    }

    @Test("The largest picture is shown, and counts in the memory of its user")
    func largest() async throws {
        let server = Self.server()
        let url = Self.path("http://127.0.0.1:\(server.port)/largest")
        try await TestApp.run(configure: { $0.allowsPrivateEndpoints = true }) { app in
            let alice = try await app.user("alice")
            let shown = try await app.bytes(url, as: alice)
            #expect(shown.status == 200 && shown.bytes.count == 5 << 20)
        }
        try await TestApp.run(configure: {
            $0.allowsPrivateEndpoints = true
            $0.bytesInFlight.account = 4 << 20
        }) { app in
            let alice = try await app.user("alice")
            let shown = try await app.call(.get, url, as: alice)
            #expect(shown.status == 429 && shown.errorCode == "too_much_at_once", "\(shown.text)")
        }
    }

    @Test(
        "An address that is not public, or no address, is refused without a word about what is there",
        arguments: [
            "http://127.0.0.1/a.png", "https://localhost/a", "http://10.0.0.1/a", "http://[::1]/a", "http://0x7f.1/a",
            "http://169.254.169.254/latest/meta-data/", "http://[::ffff:10.0.0.1]/a", "http://2130706433/a",
            "file:///etc/passwd", "ftp://example.com/a", "data:image/png;base64,AAAA", "//10.0.0.1/abc",
            "https://a@10.0.0.1/x", "javascript:alert(1)", "http://উদাহরণ.বাংলা/ক", "https://[::1",
        ])
    func addresses(url: String) async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let refused = try await app.call(.get, Self.path(url), as: alice)
            #expect(refused.status == 422 && refused["error"]?["param"] == "url", "\(refused.text)")
            #expect(!refused.text.contains("10.0.0.1") && !refused.text.contains("169.254"))
        }
    }

    @Test("Only users who are signed in may ask: no keys, no strangers")
    func callers() async throws {
        let server = Self.server()
        let url = Self.path("http://127.0.0.1:\(server.port)/png")
        try await TestApp.run(configure: { $0.allowsPrivateEndpoints = true }) { app in
            let alice = try await app.user("alice")
            #expect(try await app.call(.get, url).status == 401)
            let own = try await app.call(.post, "/users/me/api-keys", as: alice)
            let refused = try await app.call(.get, url, headers: [.authorization: "Bearer \(try own.string("key"))"])
            #expect(refused.status == 403 && refused.errorCode == "key_not_allowed", "\(refused.text)")
            let application = try await TestApplication.make(app, chatbotID: app.chatbot(as: alice), as: alice)
            #expect(try await application.call(.get, url).status == 403)
            let root = try await app.admin()
            #expect(try await app.call(.get, url, as: root).status == 401)
            for wrong in ["/pictures", "/pictures?url=", "/pictures?url=http://"] {
                #expect(try await app.call(.get, wrong, as: alice).status == 422, "\(wrong)")
            }
        }
        #expect(server.count.requests == 0)
    }
}
