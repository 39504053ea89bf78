import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App
@testable import Platform

/// What a model cannot take is refused by name before it is called, and nothing is stored, reserved or counted for it.
@Suite struct ModelRefusalTests {
    static func provider() -> ScriptedProvider {
        var provider = ScriptedProvider(.text("fine"))
        provider.modelLimits = ModelLimits(
            takesPictures: false, tools: .functions, window: 200, tokens: LeastTokens(splitsWords: true))
        return provider
    }

    static let picture: JSONValue = [
        "role": "user",
        "content": [
            ["type": "text", "text": "ছবিতে কী আছে?"],
            ["type": "image_url", "image_url": ["url": "data:image/png;base64,AAAA"]],
        ],
    ]
    static let long: JSONValue = ["role": "user", "content": .string(String(repeating: "শব্দ ", count: 201))]
    static let function: JSONValue = ["type": "function", "function": ["name": "f"]]

    @Test(
        "On /v1, pictures, tools and prompts that a model cannot take are refused by name",
        arguments: [
            (["messages": [picture]], "unsupported_input", "messages", "pictures"),
            (
                ["tools": [function, ["type": "custom", "custom": ["name": "x"]]]], "unsupported_input", "tools[1]",
                "functions"
            ),
            (["messages": [long]], "context_length_exceeded", "messages", "200 tokens"),
        ] as [([String: JSONValue], String, String, String)])
    func completions(_ fields: [String: JSONValue], _ code: String, _ param: String, _ words: String) async throws {
        try await TestApp.run(provider: Self.provider()) { app in
            let key = try await CompletionsTests.application(app, prompt: nil)
            for stream in [true, false] {
                let asked = CompletionsTests.asking(fields.merging(["stream": .bool(stream)]) { $1 })
                for _ in 0..<6 {
                    let answer = try await key.call(.post, CompletionsTests.path, asked)
                    #expect(answer.status == 400 && answer.errorCode == code, "\(answer.text)")
                    #expect(answer["error"]?["param"]?.string == param)
                    #expect(answer["error"]?["message"]?.string?.contains(words) == true, "\(answer.text)")
                }
            }
            #expect(app.provider.calls.requests.isEmpty)
            let well = try await key.call(
                .post, CompletionsTests.path, CompletionsTests.asking(["tools": [Self.function]]))
            #expect(well.status == 200, "nothing is held back")
        }
    }

    @Test("Anthropic's API refuses the same, in its own form")
    func messages() async throws {
        try await TestApp.run(provider: Self.provider()) { app in
            let key = try await CompletionsTests.application(app, prompt: nil)
            let picture: JSONValue = [
                "type": "image", "source": ["type": "base64", "media_type": "image/png", "data": "AAAA"],
            ]
            for content in [[picture], .string(String(repeating: "كلمة ", count: 201))] as [JSONValue] {
                let answer = try await key.call(
                    .post, "/v1/messages",
                    ["max_tokens": 9, "messages": [["role": "user", "content": content]]])
                #expect(answer.status == 400 && answer.json["type"] == "error", "\(answer.text)")
            }
            #expect(app.provider.calls.requests.isEmpty)
        }
    }

    @Test("A message, or a prompt as it is filled, beyond the window leaves no trace but the refusal")
    func turns() async throws {
        try await TestApp.run(provider: Self.provider()) { app in
            let user = try await app.user("alice")
            let bot = try await app.chatbot(as: user)
            let long: JSONValue = [
                "chatbot_id": .string(bot), "message": .string(String(repeating: "كلمة ", count: 201)),
            ]
            let refused = try await app.call(.post, "/chat", long, as: user)
            #expect(refused.status == 422 && refused.errorCode == "message_too_long", "\(refused.text)")
            #expect(refused["error"]?["param"] == "message")

            let filled = try await app.chatbot(
                prompt: "Help {{user.company}} {{user.company}} {{user.company}}.", as: user)
            let me = try await app.call(.get, "/users/me", as: user).string("id")
            let words = String(repeating: "长 ", count: 100)
            let told = try await app.call(
                .post, "/users/\(me)/details", ["company": .string(words)], as: user)
            #expect(told.status < 300, "\(told.text)")
            let beyond = try await app.call(
                .post, "/chat", ["chatbot_id": .string(filled), "message": "hi"], as: user)
            #expect(beyond.status == 422 && beyond.errorCode == "message_too_long", "\(beyond.text)")

            #expect(app.provider.calls.requests.isEmpty)
            #expect(try await app.all("/conversations", as: user).isEmpty)
            #expect(try await app.usedToday(user).messages == 0)
            let well = try await app.call(.post, "/chat", ["chatbot_id": .string(bot), "message": "hi"], as: user)
            #expect(well["message"]?["content"] == "fine")
        }
    }

    @Test("A chatbot's own endpoint gets text alone, so pictures and tools are refused rather than dropped")
    func endpoint() async throws {
        try await TestApp.run { app in
            let key = try await CompletionsTests.application(
                app, ["llm_endpoint_url": "https://example.com/answer"], prompt: nil)
            for (fields, param) in [
                (["messages": [Self.picture]], "messages"), (["tools": [Self.function]], "tools"),
            ] as [([String: JSONValue], String)] {
                let answer = try await key.call(.post, CompletionsTests.path, CompletionsTests.asking(fields))
                #expect(answer.status == 400 && answer.errorCode == "unsupported_input", "\(answer.text)")
                #expect(answer["error"]?["param"]?.string == param)
                #expect(answer["error"]?["message"]?.string?.contains("endpoint") == true)
            }
        }
    }

    @Test("Operators say which models read text alone, and how much they hold; of others nothing is known")
    func settings() async throws {
        func limits(_ environment: [String: String]) async throws -> ModelLimits {
            try await ServerConfiguration.read(
                arguments: [], environment: environment, dotEnvPath: "/nowhere/.env"
            ).limits(of: "groq", "m")
        }
        #expect(try await limits([:]) == ModelLimits())
        #expect(try await limits(["LLM_CONTEXT_TOKENS": "8192"]) == ModelLimits(window: 8192))
        for (setting, takesPictures) in [("groq", false), ("openai, groq/m", false), ("groq/n, openai", true)] {
            #expect(try await limits(["LLM_TEXT_ONLY_MODELS": setting]).takesPictures == takesPictures)
        }
    }
}
