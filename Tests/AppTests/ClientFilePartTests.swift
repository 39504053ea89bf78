import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Testing

@testable import App
@testable import Chat
@testable import Chatbots
@testable import HTTPKit
@testable import Platform

/// Files within requests on `/v1`: stored ones, those in the request, and those at addresses.
@Suite struct ClientFilePartTests {
    private static let pdf = Array("%PDF-1.7 দলিল عقد".utf8)

    private static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    /// Runs with a model that takes pictures and PDF files, and a key of alice's chatbot.
    private static func run(
        takesDocuments: Bool = true,
        _ test: @Sendable @escaping (TestApp, TestUser, TestApplication) async throws -> Void
    ) async throws {
        var provider = ScriptedProvider(.text("ok"))
        provider.modelLimits.takesDocuments = takesDocuments
        try await TestApp.run(provider: provider) { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(["name": "Bot", "slug": "bot"], as: alice)
            try await test(app, alice, TestApplication.make(app, chatbotID: bot, as: alice))
        }
    }

    private static func store(
        _ bytes: [UInt8], _ name: String, _ app: TestApp, _ key: TestApplication
    ) async throws -> String {
        let sent = try await app.sendFile(
            bytes, name: name, to: "/v1/files", fields: [("purpose", "user_data")], headers: [.apiKey: key.key])
        try #require(sent.status == 200, "\(sent.text)")
        return try sent.string("id")
    }

    private static func complete(_ parts: [JSONValue], _ key: TestApplication) async throws -> TestApp.Answer {
        try await key.call(
            .post, "/v1/chat/completions",
            ["model": "bot", "messages": [["role": "user", "content": .array(parts)]]])
    }

    private static func message(_ blocks: [JSONValue], _ key: TestApplication) async throws -> TestApp.Answer {
        try await key.call(
            .post, "/v1/messages",
            ["model": "bot", "max_tokens": 50, "messages": [["role": "user", "content": .array(blocks)]]])
    }

    @Test("OpenAI's file parts: stored and sent ones become text, pictures and PDF parts")
    func openAI() async throws {
        try await Self.run { app, _, key in
            let text = Array("মোট ৪২ 🧾".utf8)
            let stored = [
                try await Self.store(text, "হিসাব.txt", app, key),
                try await Self.store(AttachmentTests.png, "图.png", app, key),
                try await Self.store(Self.pdf, "عقد.pdf", app, key),
            ]
            let inline = [
                (text, "হিসাব.txt", "text/plain"), (AttachmentTests.png, "图.png", "image/png"),
                (Self.pdf, "عقد.pdf", "application/pdf"),
            ]
            let byID: [JSONValue] = stored.map { ["type": "file", "file": ["file_id": .string($0)]] }
            let byData: [JSONValue] = inline.map { bytes, name, type in
                [
                    "type": "file",
                    "file": [
                        "filename": .string(name), "file_data": .string("data:\(type);base64,\(Self.base64(bytes))"),
                    ],
                ]
            }
            for parts in [byID, byData] {
                let asked = try await Self.complete(parts + [["type": "text", "text": "?"]], key)
                #expect(asked.status == 200, "\(asked.text)")
                let sent = try #require(app.provider.calls.requests.last?.messages.last?.parts?.array)
                #expect(sent.count == 4 && sent[3] == ["type": "text", "text": "?"])
                #expect(sent[0]["type"] == "text" && sent[0]["text"]?.string?.contains("]\nমোট ৪২ 🧾\n[end") == true)
                let picture = "data:image/png;base64,\(Self.base64(AttachmentTests.png))"
                #expect(sent[1]["image_url"]?["url"]?.string == picture)
                #expect(
                    sent[2]["file"] == [
                        "filename": "عقد.pdf",
                        "file_data": .string("data:application/pdf;base64,\(Self.base64(Self.pdf))"),
                    ])
            }
            // A message of text files alone is a text, which every model takes.
            #expect(try await Self.complete([byID[0]], key).status == 200)
            let alone = try #require(app.provider.calls.requests.last?.messages.last)
            #expect(alone.parts == nil && alone.content.contains("মোট ৪২ 🧾"))
            // Plain base64 is taken, too.
            let plain: JSONValue = [
                "type": "file", "file": ["filename": "a", "file_data": .string(Self.base64(text))],
            ]
            #expect(try await Self.complete([plain], key).status == 200)
            try await app.eventually("the memory is let go") {
                app.app.bytesInFlight.reading.held.allSatisfy { $0.bytes == 0 }
            }
        }
    }

    @Test("Anthropic's documents and images: files, base64 and text, also within a tool's result")
    func anthropic() async throws {
        try await Self.run { app, _, key in
            let text = try await Self.store(Array("نص".utf8), "نص.txt", app, key)
            let picture = try await Self.store(AttachmentTests.png, "图.png", app, key)
            func block(_ type: String, _ source: JSONValue, _ more: [String: JSONValue] = [:]) -> JSONValue {
                .object(more.merging(["type": .string(type), "source": source]) { $1 })
            }
            func file(_ id: String) -> JSONValue { ["type": "file", "file_id": .string(id)] }
            func base64(_ bytes: [UInt8], _ type: String) -> JSONValue {
                ["type": "base64", "media_type": .string(type), "data": .string(Self.base64(bytes))]
            }
            let mark: JSONValue = ["type": "ephemeral"]
            let asked = try await Self.message(
                [
                    block("document", file(text), ["cache_control": mark]), block("image", file(picture)),
                    block("document", base64(Self.pdf, "application/pdf"), ["title": "চুক্তি"]),
                    block("document", base64(Array("# শিরোনাম".utf8), "text/plain")),
                    block("document", ["type": "text", "media_type": "text/plain", "data": "plain"]),
                    ["type": "text", "text": "?"],
                ], key)
            #expect(asked.status == 200, "\(asked.text)")
            var sent = try #require(app.provider.calls.requests.last?.messages.last)
            let parts = try #require(sent.parts?.array)
            #expect(parts.count == 6 && parts[0]["text"]?.string?.contains("]\nنص\n[end") == true)
            #expect(parts[1]["image_url"] != nil && parts[2]["file"]?["filename"] == "চুক্তি")
            #expect(parts[3]["text"]?.string?.contains("# শিরোনাম") == true && parts[4]["text"] == "plain")
            let blocks = try #require(sent.blocks?.array)
            #expect(
                blocks[0] == [
                    "type": "document", "title": "نص.txt", "cache_control": mark,
                    "source": ["type": "text", "media_type": "text/plain", "data": "نص"],
                ])
            #expect(blocks[1] == ["type": "image", "source": base64(AttachmentTests.png, "image/png")])
            #expect(blocks[2] == block("document", base64(Self.pdf, "application/pdf"), ["title": "চুক্তি"]))
            #expect(blocks[3]["source"]?["data"] == "# শিরোনাম")

            let result: JSONValue = [
                "type": "tool_result", "tool_use_id": "t1", "content": [block("document", file(text))],
            ]
            let used = try await key.call(
                .post, "/v1/messages",
                [
                    "model": "bot", "max_tokens": 50,
                    "messages": [
                        ["role": "user", "content": "?"],
                        [
                            "role": "assistant",
                            "content": [["type": "tool_use", "id": "t1", "name": "read", "input": [:]]],
                        ],
                        ["role": "user", "content": [result]],
                    ],
                ])
            #expect(used.status == 200, "\(used.text)")
            sent = try #require(app.provider.calls.requests.last?.messages.last)
            #expect(sent.role == .tool && sent.content.contains("نص"))
            #expect(sent.blocks?[0]?["content"]?[0]?["source"]?["data"] == "نص")
            let counted = try await key.call(
                .post, "/v1/messages/count_tokens",
                ["model": "bot", "messages": [["role": "user", "content": [block("document", file(text))]]]])
            #expect(counted.status == 200 && counted["input_tokens"]?.int ?? 0 > 20, "\(counted.text)")
        }
    }

    @Test("Another key's, user's or chatbot's file is not there")
    func strangers() async throws {
        try await Self.run { app, alice, key in
            let bob = try await app.user("bob")
            let other = try await TestApplication.make(app, chatbotID: app.chatbot(as: bob), as: bob)
            let second = try await TestApplication.make(app, chatbotID: key.chatbotID, as: alice)
            let mine = try await app.sendFile(
                "x".utf8, to: "/v1/files", fields: [("purpose", "user_data")], as: alice
            ).string("id")
            let foreign = [
                try await Self.store([1], "a.txt", app, other), try await Self.store(Self.pdf, "a", app, second), mine,
                "none", "\u{202E}",
            ]
            for id in foreign {
                let asked = try await Self.complete([["type": "file", "file": ["file_id": .string(id)]]], key)
                #expect(asked.status == 404 && asked["error"]?["param"] == "messages[0].content[0]", "\(asked.text)")
                let source: JSONValue = ["type": "file", "file_id": .string(id)]
                for type in ["document", "image"] {
                    let asked = try await Self.message([["type": .string(type), "source": source]], key)
                    #expect(asked.status == 404, "\(asked.text)")
                }
            }
            #expect(app.provider.calls.requests.isEmpty)
            #expect(try await app.usedToday(alice).messages == 0)
        }
    }

    @Test("What is no file, no base64, too large or of no use is refused, and names the part")
    func refused() async throws {
        try await Self.run { app, _, key in
            let zip = try await Self.store([0x50, 0x4B, 3, 4, 0, 0], "আর্কাইভ.zip", app, key)
            for (file, status) in [
                ([:], 400), (["file_id": 1], 400), (["filename": "x"], 400), (["file_data": "%%%"], 400),
                (["file_data": "data:text/plain,hello"], 400), (["file_data": "data:;base64"], 400),
                (["file_id": .string(zip)], 400), (["file_data": .string(Self.base64([0, 1, 2]))], 400),
                (["file_url": "http://127.0.0.1/a"], 400), (["file_url": "https://169.254.169.254/latest"], 400),
                (["file_url": "file:///etc/passwd"], 400), (["file_url": ""], 400),
            ] as [(JSONValue, Int)] {
                let asked = try await Self.complete(
                    [["type": "text", "text": "?"], ["type": "file", "file": file]], key)
                #expect(asked.status == status, "\(file): \(asked.text)")
                #expect(asked["error"]?["param"] == "messages[0].content[1]", "\(asked.text)")
                #expect(!asked.text.contains("169.254") && !asked.text.contains("127.0.0.1"))
            }
            let named = try await Self.complete([["type": "file", "file": ["file_id": .string(zip)]]], key)
            #expect(named.text.contains("আর্কাইভ.zip"))
            for source in [
                ["type": "file"], ["type": "url", "url": "https://10.0.0.1/a.pdf"],
                ["type": "base64", "media_type": "application/pdf", "data": "!"],
            ] as [JSONValue] {
                let asked = try await Self.message([["type": "document", "source": source]], key)
                #expect(asked.status == 400, "\(source): \(asked.text)")
            }
            // 17 MiB in all, in several files.
            let bytes = AttachmentTests.png + UploadTests.bytes(6 << 20)
            var parts: [JSONValue] = []
            for number in 0..<3 {
                let id = try await Self.store(bytes + [UInt8(number)], "\(number).png", app, key)
                parts.append(["type": "file", "file": ["file_id": .string(id)]])
            }
            let large = try await Self.complete(parts, key)
            #expect(large.status == 413, "\(large.text)")
            // The same file twice is read once.
            #expect(try await Self.complete([parts[0], parts[0], parts[1]], key).status == 200)
        }
    }

    @Test("A model without PDF files refuses one by its name")
    func noDocuments() async throws {
        try await Self.run(takesDocuments: false) { app, _, key in
            let part: JSONValue = [
                "type": "file", "file": ["filename": "দলিল.pdf", "file_data": .string(Self.base64(Self.pdf))],
            ]
            let asked = try await Self.complete([part], key)
            #expect(asked.status == 400 && asked["error"]?["code"] == "unsupported_input", "\(asked.text)")
            #expect(asked.text.contains("দলিল.pdf"))
        }
    }
}
