import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Testing

@testable import App
@testable import Chat
@testable import HTTPKit
@testable import Platform

/// Files as input of responses.
@Suite struct ResponseFileTests {
    private static let pdf = Array("%PDF-1.7 দলিল عقد".utf8)

    private static func run(
        _ test: @Sendable @escaping (TestApp, TestApplication) async throws -> Void
    ) async throws {
        var provider = ScriptedProvider(.text("ok"))
        provider.modelLimits.takesDocuments = true
        try await TestApp.run(provider: provider) { app in try await test(app, ResponsesTests.application(app)) }
    }

    private static func store(
        _ bytes: [UInt8], _ name: String, _ app: TestApp, _ key: TestApplication
    ) async throws -> String {
        let sent = try await app.sendFile(
            bytes, name: name, to: "/v1/files", fields: [("purpose", "user_data")], headers: [.apiKey: key.key])
        return try sent.string("id")
    }

    private static func respond(
        _ parts: [JSONValue], role: String = "user", with fields: [String: JSONValue] = [:],
        by key: TestApplication
    ) async throws -> TestApp.Answer {
        let item: JSONValue = ["role": .string(role), "content": .array(parts)]
        return try await key.call(.post, ResponsesTests.path, .object(fields.merging(["input": [item]]) { $1 }))
    }

    private static func file(_ id: String, _ type: String = "input_file") -> JSONValue {
        ["type": .string(type), "file_id": .string(id)]
    }

    private static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    @Test("Stored files and those in the request become text, pictures and PDF parts")
    func kinds() async throws {
        try await Self.run { app, key in
            let text = try await Self.store(Array("মোট ৪২ 🧾".utf8), "হিসাব.txt", app, key)
            let picture = try await Self.store(AttachmentTests.png, "图.png", app, key)
            let asked = try await Self.respond(
                [
                    Self.file(text), Self.file(picture), Self.file(picture, "input_image"),
                    ["type": "input_image", "file_id": .string(picture), "detail": "high"],
                    ["type": "input_file", "filename": "عقد.pdf", "file_data": .string(Self.base64(Self.pdf))],
                    ["type": "input_text", "text": "?"],
                ], by: key)
            #expect(asked.status == 200, "\(asked.text)")
            let sent = try #require(app.provider.calls.requests.last?.messages.last?.parts?.array)
            try #require(sent.count == 6)
            #expect(sent[0]["text"]?.string?.contains("]\nমোট ৪২ 🧾\n[end") == true)
            let url = JSONValue.string("data:image/png;base64,\(Self.base64(AttachmentTests.png))")
            #expect(sent[1] == ["type": "image_url", "image_url": ["url": url]] && sent[2] == sent[1])
            #expect(sent[3]["image_url"] == ["url": url, "detail": "high"])
            let data = JSONValue.string("data:application/pdf;base64,\(Self.base64(Self.pdf))")
            #expect(sent[4]["file"] == ["filename": "عقد.pdf", "file_data": data])
            #expect(sent[5] == ["type": "text", "text": "?"])
            // The files are listed as they came, and counted beforehand.
            let items = try await key.call(.get, "\(ResponsesTests.path)/\(asked.string("id"))/input_items")
            #expect(items["data"]?[0]?["content"]?[0] == Self.file(text), "\(items.text)")
            let counted = try await key.call(
                .post, "\(ResponsesTests.path)/input_tokens",
                ["input": [["role": "user", "content": [Self.file(text)]]]])
            #expect(counted["input_tokens"]?.int ?? 0 > 40, "\(counted.text)")
        }
    }

    @Test("A tool's result may name files, too")
    func results() async throws {
        try await Self.run { app, key in
            let picture = try await Self.store(AttachmentTests.png, "图.png", app, key)
            let asked = try await key.call(
                .post, ResponsesTests.path,
                [
                    "input": [
                        ["role": "user", "content": "?"],
                        ["type": "function_call", "call_id": "c1", "name": "আঁকো", "arguments": "{}"],
                        [
                            "type": "function_call_output", "call_id": "c1",
                            "output": [["type": "input_text", "text": "ছবি"], Self.file(picture, "input_image")],
                        ],
                    ]
                ])
            #expect(asked.status == 200, "\(asked.text)")
            let sent = try #require(app.provider.calls.requests.last?.messages.last)
            #expect(sent.role == .tool && sent.content == "ছবি" && sent.parts?[1]?["image_url"] != nil)
        }
    }

    @Test("A response that is continued has its files, as long as they are there")
    func continued() async throws {
        try await Self.run { app, key in
            let text = try await Self.store(Array("نص 🧾".utf8), "نص.txt", app, key)
            let picture = try await Self.store(AttachmentTests.png, "图.png", app, key)
            let first = try await Self.respond([Self.file(text), Self.file(picture, "input_image")], by: key)
            let fields = try ["previous_response_id": JSONValue.string(first.string("id"))]
            for isDeleted in [false, true] {
                if isDeleted {
                    for id in [text, picture] { try await key.call(.delete, "/v1/files/\(id)") }
                }
                let next = try await Self.respond([["type": "input_text", "text": "আর?"]], with: fields, by: key)
                #expect(next.status == 200, "\(next.text)")
                let messages = try #require(app.provider.calls.requests.last?.messages)
                try #require(messages.count == 4)
                #expect(messages[1].content.contains("نص 🧾") != isDeleted)
                #expect((messages[1].parts?[1]?["image_url"] != nil) != isDeleted)
                #expect(messages[1].content.contains("cannot be read any more") == isDeleted)
            }
        }
    }

    @Test("Another key's file is not there, and what is no file for this place is refused by name")
    func refused() async throws {
        try await Self.run { app, key in
            let bob = try await app.user("bob")
            let other = try await TestApplication.make(app, chatbotID: app.chatbot(as: bob), as: bob)
            let foreign = try await Self.store(AttachmentTests.png, "a.png", app, other)
            let text = try await Self.store(Array("x".utf8), "a.txt", app, key)
            let picture = try await Self.store(AttachmentTests.png, "图.png", app, key)
            for (part, status) in [
                (Self.file(foreign), 404), (Self.file(foreign, "input_image"), 404), (Self.file("none"), 404),
                (Self.file(text, "input_image"), 400), (["type": "input_image"], 400), (["type": "input_file"], 400),
                (["type": "input_file", "file_data": "%%%"], 400),
                (["type": "input_file", "file_url": "http://127.0.0.1/a"], 400),
                (["type": "input_audio", "input_audio": ["data": "AAAA", "format": "wav"]], 400),
            ] as [(JSONValue, Int)] {
                let asked = try await Self.respond([["type": "input_text", "text": "?"], part], by: key)
                #expect(asked.status == status, "\(part): \(asked.text)")
                #expect(asked["error"]?["param"] == "input[0].content[1]", "\(asked.text)")
            }
            for role in ["system", "developer", "assistant"] {
                let asked = try await Self.respond([Self.file(picture, "input_image")], role: role, by: key)
                #expect(asked.status == 400 && asked["error"]?["param"] == "input[0].content", "\(asked.text)")
                #expect(try await Self.respond([Self.file(text)], role: role, by: key).status == 200)
            }
            #expect(app.provider.calls.requests.count == 3)
        }
    }
}
