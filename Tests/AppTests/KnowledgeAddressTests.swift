import Foundation
import HTTPTypes
import JSON
import Storage
import TestSupport
import Testing

@testable import App
@testable import Chatbots
@testable import HTTPKit
@testable import Platform

/// Files that a chatbot knows from an address. Fetching from a real server is tested with the built program.
@Suite struct KnowledgeAddressTests {
    @Test(
        "An address that is not public, or no address, is refused without a word about what is there",
        arguments: [
            "http://127.0.0.1/a.pdf", "https://localhost/a", "http://10.0.0.1/a", "http://[::1]/a", "http://0x7f.1/a",
            "http://169.254.169.254/latest/meta-data/", "http://[::ffff:10.0.0.1]/a", "http://2130706433/a",
            "file:///etc/passwd", "ftp://example.com/a", "gopher://x", "//10.0.0.1/a", "https://a@10.0.0.1/x", "x",
            "javascript:alert(1)", "http://উদাহরণ.বাংলা/ক",
        ])
    func refused(url: String) async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let path = "/chatbots/\(try await app.chatbot(as: alice))/files"
            let made = try await app.call(.post, path, ["url": .string(url)], as: alice)
            #expect(made.status == 422 && made.errorCode == "invalid_value", "\(made.text)")
            #expect(made["error"]?["param"] == "url")
            #expect(!made.text.contains("10.0.0.1") && !made.text.contains("169.254"))
            #expect(try await app.count("files") == 0)
            #expect(try await app.count("uploads") == 0)
        }
    }

    @Test("Neither, both and someone else's are refused before anything is fetched")
    func wrong() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let path = "/chatbots/\(try await app.chatbot(as: alice))/files"
            for body in [[:], ["url": "https://example.com/a", "upload_id": "x"], ["url": ""], ["url": 7]]
                as [JSONValue]
            {
                #expect(try await app.call(.post, path, body, as: alice).status == 422, "\(body)")
            }
            let foreign = try await app.call(.post, path, ["url": "http://127.0.0.1/a"], as: bob)
            #expect(foreign.status == 404)
        }
    }

    @Test("A file is named as its address ends, in every script")
    func names() {
        for (url, name) in [
            ("https://example.com/a/b.pdf?x=1#y", "b.pdf"), ("https://example.com/", "example.com"),
            ("https://example.com", "example.com"), ("https://x.org/%E0%A6%AC%E0%A6%87.md", "বই.md"),
            ("https://x.org/a%2F..%2Fpasswd", "passwd"), ("https://x.org/%00", "x.org"),
            ("https://x.org/%E2%80%AEfdp.exe", "x.org"), ("https://x.org/../..", "x.org"), ("https://", "file"),
        ] {
            #expect(FileName.of(address: url) == name, "\(url)")
        }
    }

    @Test("A network server that a setting allows is fetched from, and only what it answers with 200 is kept")
    func fetched() async throws {
        let server = try await HTTPTestServer()
        try await TestApp.run(configure: { $0.allowsPrivateEndpoints = true }) { app in
            let alice = try await app.user("alice")
            let path = "/chatbots/\(try await app.chatbot(as: alice))/files"
            let url = "http://127.0.0.1:\(server.port)/%E0%A6%AA%E0%A6%BE%E0%A6%96%E0%A6%BF.md"
            let made = try await app.call(.post, path, ["url": .string(url)], as: alice)
            #expect(made.status == 202 && made["name"] == "পাখি.md" && made["bytes"] == 2, "\(made.text)")
            #expect(made["content_type"] == "text/markdown")
            let content = try await app.bytes("\(path)/\(try made.string("id"))/content", as: alice)
            #expect(content.bytes == Array("ok".utf8))
            // What has no room is not kept.
            try await app.limit(alice, OwnLimits(files: 1))
            let full = try await app.call(.post, path, ["url": .string(url)], as: alice)
            #expect(full.status == 402, "\(full.text)")
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 1)
            #expect(try await app.count("uploads") == 0)
        }
        try await server.close()
    }
}
