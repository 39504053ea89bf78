import JSON
import LLM
import Testing
import Upstream

@testable import App
@testable import Chat
@testable import Chatbots
@testable import HTTPKit

@Suite struct PictureTests {
    private static func included(_ url: String) async throws -> [ChatMessage] {
        let http = UpstreamClient(connectTimeout: .milliseconds(200))
        defer { http.shutdown() }
        let part: JSONValue = ["type": "image_url", "image_url": ["url": .string(url), "detail": "low"]]
        let text: JSONValue = ["type": "text", "text": "http://10.0.0.1/ এটা শুধু লেখা"]
        return try await Pictures(http: http).included(in: [
            ChatMessage(role: .user, content: "", parts: [text, part]), ChatMessage(role: .user, content: url),
        ])
    }

    @Test(
        "An operator's own server is sent no address: none within its network, and none of another kind",
        arguments: [
            "http://127.0.0.1/a.png", "https://127.0.0.1/a.png", "https://localhost/a.png", "https://10.0.0.1/a.png",
            "https://192.168.1.1:8443/a.png", "https://169.254.169.254/latest/meta-data/", "https://[::1]/a.png",
            "https://[::ffff:10.0.0.1]/a.png", "https://[fd00::1]/a.png", "https://0x7f.1/a.png",
            "https://2130706433/a.png",
            "https://127.1/a.png", "https://100.64.0.1/a.png", "http://example.com/a.png", "file:///etc/passwd",
            "ftp://x/a",
            "//10.0.0.1/a.png", "/etc/passwd", "HTTPS://LOCALHOST/a.png", "gopher://x", "", "https://",
            "https://a@10.0.0.1/x",
        ])
    func refused(url: String) async throws {
        await #expect { try await Self.included(url) } throws: { error in
            guard let error = error as? APIError else { return false }
            // Nothing tells what there is at the address.
            return error.code == .invalidValue && error.param == "messages" && !error.message.contains("10.0.0.1")
        }
    }

    @Test("A picture that comes with the request is left as it is, and so is text")
    func data() async throws {
        let messages = try await Self.included("data:image/png;base64,AAAA")
        #expect(messages[0].parts?[1]?["image_url"]?["url"] == "data:image/png;base64,AAAA")
        #expect(messages[0].parts?[1]?["image_url"]?["detail"] == "low")
        #expect(messages[0].parts?[0]?["text"]?.string?.hasPrefix("http://10.0.0.1/") == true)
    }

    @Test("Vendors' own clouds fetch for themselves; everything else is an operator's own server")
    func vendors() {
        for (url, isTheirs) in [
            ("https://api.openai.com/v1", true), ("https://api.anthropic.com/v1", true),
            ("http://127.0.0.1:11434/v1", false),
            ("https://api.openai.com.evil.example/v1", false), ("http://api.openai.com/v1", false),
            ("https://vision.internal/v1", false), ("https://openrouter.ai/api/v1", true),
        ] {
            let provider = RemoteProvider(name: "openai", baseURL: url, apiKey: nil)
            #expect(provider.isVendorsOwn == isTheirs, "\(url)")
        }
    }
}
