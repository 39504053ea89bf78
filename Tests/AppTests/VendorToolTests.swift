import HTTPTypes
import JSON
import LLM
import LLMTesting
import Testing
import Texts

@testable import App
@testable import HTTPKit
@testable import Metering

/// Tools that a vendor runs and bills apart from tokens reach no vendor.
@Suite struct VendorToolTests {
    private static let function: JSONValue = [
        "type": "function", "function": ["name": "add", "parameters": ["type": "object"]],
    ]

    private static func refused(_ app: TestApp, _ key: TestApplication, _ fields: [String: JSONValue]) async throws {
        let answer = try await key.call(.post, CompletionsTests.path, CompletionsTests.asking(fields))
        #expect(answer.status == 400, "\(fields): \(answer.text)")
        #expect(app.provider.calls.requests.isEmpty)
    }

    @Test("A tool of another kind than the client's own is refused by name, alone and among others")
    func kinds() async throws {
        try await TestApp.run { app in
            let key = try await CompletionsTests.application(app)
            for kind in [
                "web_search", "web_search_preview", "web_search_preview_2025_03_11", "browser_search",
                "code_interpreter",
                "code_execution", "mcp", "file_search", "computer_use_preview", "image_generation", "local_shell",
                "openrouter:web_search", "builtin_function", "web_search_20250305", "web_fetch_20250910", "FUNCTION",
                "Function", " function", "function ", "functi\u{43E}n", "", "オンライン検索",
            ] {
                let tool: JSONValue = ["type": .string(kind), "function": ["name": "add"], "name": "add"]
                try await Self.refused(app, key, ["tools": [tool]])
                try await Self.refused(app, key, ["tools": [Self.function, tool, Self.function]])
                try await Self.refused(app, key, ["tools": [Self.function], "tool_choice": tool])
                let allowed: JSONValue = ["type": "allowed_tools", "allowed_tools": ["mode": "auto", "tools": [tool]]]
                try await Self.refused(app, key, ["tools": [Self.function], "tool_choice": allowed])
                let message = try await key.call(
                    .post, "/v1/messages",
                    CompletionsTests.asking([
                        "max_tokens": 9, "tools": [["type": .string(kind), "name": "x", "input_schema": [:]]],
                    ])
                )
                #expect(message.status == 400 && app.provider.calls.requests.isEmpty, "\(message.text)")
            }
            let named = try await key.call(
                .post, CompletionsTests.path, CompletionsTests.asking(["tools": [["type": "web_search"]]]))
            #expect(named.errorCode == "tool_not_allowed" && named["error"]?["param"] == "tools[0]")
            #expect(named["error"]?["message"]?.string?.contains("'web_search'") == true)
        }
    }

    @Test("So are tools without a kind, names that are a vendor's, and fields that turn such tools on")
    func forms() async throws {
        try await TestApp.run { app in
            let key = try await CompletionsTests.application(app)
            for tool in [
                ["google_search": [:]], ["function": ["name": "add"]],
                ["type": ["function"], "function": ["name": "a"]],
                ["type": "function"], ["type": "function", "function": [:]], "web_search", ["web_search"], .null,
                ["type": "function", "function": ["name": "$web_search"]],
                ["type": "function", "function": ["name": "openrouter:web_search"]],
            ] as [JSONValue] { try await Self.refused(app, key, ["tools": [tool]]) }
            for field in [
                "web_search_options", "web_search", "search_parameters", "enable_search", "plugins", "mcp_servers",
                "compound_custom", "container",
            ] {
                for value in [[:], true, "on", ["id": "web"], [["id": "web"]]] as [JSONValue] {
                    try await Self.refused(app, key, [field: value])
                }
            }
            try await Self.refused(app, key, ["functions": [["type": "web_search", "name": "x"]]])
            try await Self.refused(app, key, ["tool_choice": "web_search"])
            try await Self.refused(app, key, ["tool_choice": ["type": "function", "function": ["name": "add"]]])
            for field in ["mcp_servers", "container"] {
                let answer = try await key.call(
                    .post, "/v1/messages", CompletionsTests.asking(["max_tokens": 9, field: [["url": "x"]]]))
                #expect(answer.status == 400 && answer.errorCode == "tool_not_allowed", "\(answer.text)")
            }
            let untyped = try await key.call(
                .post, "/v1/messages", CompletionsTests.asking(["max_tokens": 9, "tools": [["type": "mcp_toolset"]]]))
            #expect(untyped.errorCode == "tool_not_allowed", "\(untyped.text)")
            #expect(app.provider.calls.requests.isEmpty)
        }
    }

    @Test("The client's own tools pass, without fields of vendors' tools, and so do fields that say no")
    func own() async throws {
        try await TestApp.run { app in
            let key = try await CompletionsTests.application(app)
            let custom: JSONValue = ["type": "custom", "custom": ["name": "grammar"]]
            for choice in [
                "none", "auto", "required", .null, ["type": "function", "function": ["name": "add"]],
                ["type": "custom", "custom": ["name": "grammar"]],
                ["type": "allowed_tools", "allowed_tools": ["mode": "auto", "tools": [Self.function]]],
            ] as [JSONValue] {
                let extended = JSONValue.object(Self.function.object!.merging(["google_search": [:]]) { $1 })
                let answer = try await key.call(
                    .post, CompletionsTests.path,
                    CompletionsTests.asking([
                        "tools": [extended, custom], "tool_choice": choice, "web_search_options": .null, "plugins": [],
                        "enable_search": false, "functions": .null,
                    ]))
                #expect(answer.status == 200, "\(choice): \(answer.text)")
                #expect(app.provider.calls.requests.last?.options["tools"] == [Self.function, custom])
            }
        }
    }

    /// Character by character.
    private static func arePlainlyImplied(by model: String) -> Bool {
        let model = model.lowercased()
        let name = model.split(separator: "/").last ?? ""
        return model.split(separator: ":").dropFirst().contains("online") || name.hasPrefix("compound")
            || name.hasPrefix("sonar")
            || ["-search-preview", "-search-api", "deep-research"].contains { name.contains($0) }
    }

    @Test("A name is searched by bytes for what it says by characters")
    func namesByBytes() {
        var random = Texts.RandomText(seed: 10)
        let parts = [
            "compound", "Sonar", "-search-preview", "-search-api", "deep-research", "deep-", "research", "-search",
            "online", ":", "/", "/", "gpt-4o", "x", "মডেল", "نموذج", "模型", "😀",
        ]
        for _ in 0..<4000 {
            let count = Int.random(in: 0...6, using: &random)
            let model = (0..<count).map { _ in parts.randomElement(using: &random) ?? "" }.joined()
            #expect(VendorTools.areImplied(by: model) == Self.arePlainlyImplied(by: model), "\(model)")
        }
    }

    @Test("A model whose vendor runs tools unasked needs a price under its own name")
    func models() async throws {
        try await TestApp.run { app in
            let free = Prices(database: app.database, standard: .free, chosen: ["groq/compound"])
            for (provider, model) in [
                ("openrouter", "openai/gpt-4o:online"), ("openrouter", "openai/gpt-4o:ONLINE"),
                ("groq", "groq/compound"),
                ("groq", "compound-beta-mini"), ("openrouter", "perplexity/sonar-pro"),
                ("openai", "gpt-4o-mini-search-preview"), ("openai", "o3-deep-research"),
            ] {
                let target = ModelTarget(provider: provider, model: model)
                let error = await #expect(throws: APIError.self) { try await free.price(of: target) }
                #expect(error?.code == .modelNotPriced)
                try await app.setPrice(of: "\(provider)/\(model)", output: 5)
                let fresh = Prices(database: app.database, standard: .free)
                #expect(try await fresh.price(of: target).outputPerMillion == 5_000_000)
            }
            for (provider, model) in [
                ("groq", "compound"), ("openai", "gpt-4o"), ("ollama", "compound"), ("openai", "x:y"),
            ] {
                #expect(try await free.price(of: .init(provider: provider, model: model)) == .free, "\(model)")
            }
        }
    }
}
