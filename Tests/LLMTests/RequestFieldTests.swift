import Fairness
import Foundation
import JSON
import TestSupport
import Testing

@testable import LLM

/// Each field of OpenAI's and Anthropic's requests at each kind of vendor: the table says what becomes of it, and it does.
@Suite struct RequestFieldTests {
    static let function: JSONValue = [
        "type": "function", "function": ["name": "আবহাওয়া", "parameters": ["type": "object", "properties": [:]]],
    ]
    /// Values that ask for something.
    static let samples: [String: JSONValue] = [
        "metadata": ["গ্রাহক": "৭"], "tools": [function, function], "tool_choice": "required",
        "parallel_tool_calls": false,
        "response_format": ["type": "json_schema", "json_schema": ["name": "c", "schema": ["type": "object"]]],
        "thinking": ["type": "enabled", "budget_tokens": 2048], "reasoning_effort": "high", "verbosity": "low",
        "seed": 7,
        "presence_penalty": 0.5, "frequency_penalty": -0.5, "logit_bias": ["50256": -100], "logprobs": true,
        "top_logprobs": 3, "store": true, "service_tier": "flex", "cache_control": ["type": "ephemeral"],
        "context_management": ["edits": []], "chat_template_kwargs": ["enable_thinking": false], "top_k": 5,
        "guided_json": ["type": "object"], "stop_token_ids": [1, 2],
    ]
    /// Fields that a request has members for, so that no vendor gets them as options.
    static let ownMembers: Set = [
        "model", "messages", "system", "stream", "stream_options", "n", "max_tokens", "max_completion_tokens",
        "temperature", "top_p", "stop", "stop_sequences", "user", "metadata.user_id", "tools (Anthropic)",
        "output_config",
    ]
    static let options = RequestField.all.filter { !ownMembers.contains($0.name) }
    /// A vendor with an API of its own has its own test.
    static let kinds = VendorKind.allCases.filter { $0.format == .openAI || $0.format == .anthropic }

    static func request(_ options: [String: JSONValue]) -> ChatRequest {
        ChatRequest(
            model: "m", messages: [ChatMessage(role: .user, content: "হ্যালো")], maxTokens: 4096,
            options: ["tools": [function]].merging(options) { $1 })
    }

    static func limits(_ kind: VendorKind) throws -> ModelLimits {
        guard kind != .webhook else {
            var limits = ModelLimits()
            limits.fields = RequestField.names(of: .webhook)
            return limits
        }
        return try provider(kind, "http://127.0.0.1:9/v1").limits(of: "m")
    }

    static func provider(_ kind: VendorKind, _ url: String) throws -> any ChatProvider {
        guard kind.format == .openAI else {
            return try #require(kind.format).provider(
                ProviderSetup(name: kind.rawValue, baseURL: url, apiKey: "k", http: http))
        }
        return try OpenAIProvider(
            name: kind.rawValue, baseURL: url, apiKey: "k",
            tokenLimitField: kind == .openAI ? .maxCompletionTokens : .maxTokens, kind: kind, http: http)
    }

    /// The body that the vendor gets.
    static func sent(_ request: ChatRequest, to kind: VendorKind) async throws -> [String: JSONValue] {
        let vendor =
            kind == .anthropic
            ? AnthropicProviderTests.streaming(
                AnthropicProviderTests.start, AnthropicProviderTests.textStart, AnthropicProviderTests.text("a"),
                AnthropicProviderTests.end("end_turn"), AnthropicProviderTests.stop)
            : Vendor.streaming(OpenAIProviderTests.chunk(#"{"content":"a"}"#, finish: #""stop""#))
        _ = try await provider(kind, vendor.baseURL).stream(request) { _ in }
        let received = try #require(vendor.count.received.first)
        return try JSONValue(parsing: received.body).object ?? [:]
    }

    @Test(
        "What is passed arrives as it is, what is translated changes the request, what is refused is named",
        arguments: kinds)
    func cells(kind: VendorKind) async throws {
        let plain = try await Self.sent(Self.request([:]), to: kind)
        let limits = try Self.limits(kind)
        for field in Self.options {
            // Anthropic has no tier that costs less.
            let isTier = field.name == "service_tier" && kind == .anthropic
            // A choice by its name is what only the local model does not know.
            let isChoice = field.name == "tool_choice" && kind == .local
            let value = isTier ? "standard_only" : isChoice ? Self.function : Self.samples[field.name] ?? "x"
            let request = Self.request([field.name: value])
            switch field.treatment(at: kind) {
            case .passed:
                #expect(limits.refusal(of: request) == nil, "\(field.name) at \(kind)")
                let body = try await Self.sent(request, to: kind)
                #expect(
                    kind == .anthropic && field.name == "tools" || body[field.name] == value, "\(field.name) at \(kind)"
                )
            case .translated:
                #expect(limits.refusal(of: request) == nil, "\(field.name) at \(kind)")
                let body = try await Self.sent(request, to: kind)
                // Most vendors cache by themselves.
                let asksForCache = ["cache_control", "prompt_cache_key"].contains(field.name)
                #expect(body != plain || asksForCache, "\(field.name) at \(kind)")
                #expect(
                    body[field.name] == nil || body[field.name] != value
                        || kind == .anthropic && field.name != "prompt_cache_key",
                    "\(field.name) at \(kind)")
            case .refused:
                #expect(limits.refusal(of: request) == .field(field.name), "\(field.name) at \(kind)")
            case .own, .unused: Issue.record("\(field.name) at \(kind) is for its vendor to take or to refuse")
            }
        }
    }

    @Test("A chatbot's own endpoint is sent no field, and what would change its answer is refused")
    func endpoint() throws {
        let limits = try Self.limits(.webhook)
        for field in Self.options {
            var request = Self.request([field.name: Self.samples[field.name] ?? "x"])
            if field.name != "tools" { request.options["tools"] = nil }
            #expect(field.treatment(at: .webhook) == .refused)
            #expect(limits.refusal(of: request) == .field(field.name), "\(field.name)")
        }
    }

    @Test("The request's own members have their names at each vendor", arguments: kinds)
    func members(kind: VendorKind) async throws {
        var request = Self.request([:])
        (request.topP, request.stop, request.user) = (0.5, ["শেষ"], "u-1")
        let body = try await Self.sent(request, to: kind)
        let length = kind == .openAI ? "max_completion_tokens" : "max_tokens"
        #expect(body[length] == 4096 && body["top_p"] == 0.5 && body["model"] == "m")
        #expect(body[kind == .anthropic ? "stop_sequences" : "stop"] == ["শেষ"])
        #expect((kind == .anthropic ? body["metadata"]?["user_id"] : body["user"]) == "u-1")
    }

    /// The proof that clients cannot ask for more than they may: whatever they send, these members are what Mynah says.
    @Test("No field changes a call's length, slot, model, cache or files", arguments: kinds)
    func protected(kind: VendorKind) async throws {
        let plain = try await Self.sent(Self.request([:]), to: kind)
        var options: [String: JSONValue] = [:]
        for name in RequestField.forbidden { options[name] = 1_000_000 }
        for field in RequestField.all { options[field.name] = Self.samples[field.name] ?? 1_000_000 }
        options["tools"] = [Self.function]
        let body = try await Self.sent(Self.request(options), to: kind)
        for name in RequestField.forbidden.subtracting(["tools"]) {
            #expect(body[name] == plain[name], "\(name) at \(kind)")
        }
        let taken = RequestField.names(of: kind)
        for name in body.keys where plain[name] == nil && kind != .anthropic {
            #expect(taken.contains(name), "\(name) at \(kind)")
        }
    }

    @Test("Variables of a chat template cannot replace the conversation")
    func templateVariables() throws {
        for name in ["messages", "Messages", "chat_template", "tools", "documents", "add_generation_prompt"] {
            let request = Self.request(["chat_template_kwargs": ["enable_thinking": true, name: "x"]])
            #expect(try Self.limits(.compatible).refusal(of: request) == .field("chat_template_kwargs.\(name)"))
        }
        let own: JSONValue = ["enable_thinking": true, "thinking_budget": 9, "ভাষা": "bn"]
        #expect(try Self.limits(.compatible).refusal(of: Self.request(["chat_template_kwargs": own])) == nil)
    }

    @Test("An operator may let further fields pass, but none that Mynah or the limits speak for")
    func free() {
        for name in ["top_n_sigma", "Custom_1", "min_p", "enable_thinking"] {
            #expect(RequestField.isFree(name), "\(name)")
        }
        for name in RequestField.forbidden {
            #expect(!RequestField.isFree(name) && !RequestField.isFree(name.uppercased()))
        }
        for name in [
            "", "a b", "a.b", "ক", "a\"", "temperature\n", "system", "stop_sequences",
            String(repeating: "a", count: 65),
        ] { #expect(!RequestField.isFree(name), "\(name)") }
    }

    @Test("A server that an operator says knows keys of caches gets them, and others do not", arguments: [true, false])
    func cacheKeyElsewhere(isKnown: Bool) async throws {
        let vendor = Vendor.streaming(OpenAIProviderTests.chunk(#"{"content":"a"}"#, finish: #""stop""#))
        var setup = ProviderSetup(name: "openai", baseURL: vendor.baseURL, apiKey: "k", http: http)
        if isKnown { setup.extraFields = ["prompt_cache_key"] }
        let request = Self.request(["prompt_cache_key": "ক্যাশ"])
        _ = try await VendorFormat.openAI.provider(setup).stream(request) { _ in }
        let body = try JSONValue(parsing: try #require(vendor.count.received.first).body)
        #expect(body["prompt_cache_key"]?.string?.utf8.count == (isKnown ? 32 : nil))
    }

    @Test("Two workspaces never share a key of the vendor's cache, and one keeps its own")
    func cacheKey() async throws {
        func key(_ workspace: String, _ key: JSONValue) async throws -> String? {
            var request = Self.request(["prompt_cache_key": key])
            request.caller = Gateway.Caller(workspace: workspace, account: "a")
            return try await Self.sent(request, to: .openAI)["prompt_cache_key"]?.string
        }
        let first = try await key("w1", "ক্যাশ")
        #expect(first?.utf8.count == 32)
        #expect(try await key("w1", "ক্যাশ") == first)
        #expect(try await key("w2", "ক্যাশ") != first)
        #expect(try await key("w1", "缓存") != first)
    }

    @Test("Anthropic gets the features whose price is known, and no others")
    func betas() {
        let long = "context-1m-2025-08-07"
        #expect(AnthropicProvider.betas(asked: long, window: 200_000) == nil)
        #expect(AnthropicProvider.betas(asked: "\(long), files-api-2025-04-14", window: 1_000_000) == long)
        for (asked, sent) in [
            (nil, nil), ("", nil), ("context-1m-2025-08-07", nil), ("fast-mode-2026-02-01, files-api-2025-04-14", nil),
            ("interleaved-thinking-2025-05-14", "interleaved-thinking-2025-05-14"),
            (
                "claude-code-20250219, context-1m-2025-08-07,fine-grained-tool-streaming-2025-05-14",
                "claude-code-20250219,fine-grained-tool-streaming-2025-05-14"
            ),
            ("interleaved-thinking-x\r\nX-Api-Key: y", "interleaved-thinking-x\r\nX-Api-Key:"),
        ] as [(String?, String?)] {
            #expect(AnthropicProvider.betas(asked: asked) == sent)
        }
    }

    @Test("Anthropic's equivalents of OpenAI's choices of tools, and what has none")
    func choices() async throws {
        let others: JSONValue = ["type": "function", "function": ["name": "b"]]
        for (mode, type) in [("auto", "auto"), ("required", "any")] as [(JSONValue, JSONValue)] {
            let choice: JSONValue = ["type": "allowed_tools", "allowed_tools": ["mode": mode, "tools": [others]]]
            let body = try await Self.sent(
                Self.request(["tools": [Self.function, others], "tool_choice": choice]), to: .anthropic)
            #expect(body["tools"]?.array?.map { $0["name"] } == ["b"] && body["tool_choice"] == ["type": type])
        }
        let limits = try Self.limits(.anthropic)
        for (name, value) in [
            ("service_tier", "flex"), ("response_format", ["type": "grammar"]),
        ] as [(String, JSONValue)] {
            #expect(limits.refusal(of: Self.request([name: value])) == .field(name))
        }
        let custom: JSONValue = ["type": "custom", "custom": ["name": "x"]]
        #expect(limits.refusal(of: Self.request(["tools": [Self.function, custom]])) == .tool(1))
        let own: JSONValue = ["type": "bash_20250124", "name": "bash"]
        #expect(limits.refusal(of: Self.request(["tools": [own]])) == nil)
        #expect(try await Self.sent(Self.request(["tools": [own]]), to: .anthropic)["tools"] == [own])
        #expect(try Self.limits(.openAI).refusal(of: Self.request(["tools": [own]])) == .tool(0))
    }

    @Test("The local model is sent the tools that a choice names alone, and the words that it knows")
    func localChoices() async throws {
        let tools: [JSONValue] = ["ক", "ب", "丙"].map { ["type": "function", "function": ["name": $0]] }
        func sent(_ choice: JSONValue) async throws -> [JSONValue?] {
            let body = try await Self.sent(Self.request(["tools": .array(tools), "tool_choice": choice]), to: .local)
            return [body["tools"], body["tool_choice"]]
        }
        #expect(try await sent(tools[1]) == [[tools[1]], "required"])
        let allowed: JSONValue = ["mode": "auto", "tools": [tools[0], tools[2]]]
        let several = try await sent(["type": "allowed_tools", "allowed_tools": allowed])
        #expect(several == [[tools[0], tools[2]], "auto"])
        for word in ["auto", "required", "none"] as [JSONValue] {
            #expect(try await sent(word) == [.array(tools), word])
        }
    }

    @Test("The documentation has this table, with no cell empty")
    func documented() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../docs/reference/fields.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.contains(Self.table), "docs/reference/fields.md needs this table:\n\(Self.table)")
        let rows = Self.table.split(separator: "\n")
        #expect(
            rows.allSatisfy { $0.split(separator: "|", omittingEmptySubsequences: false).count == Self.heads.count + 4 }
        )
        #expect(!Self.table.contains("| |") && !Self.table.contains("|  |"))
        #expect(text.contains(Self.contentTable), "docs/reference/fields.md needs this table:\n\(Self.contentTable)")
        for name in RequestField.forbidden { #expect(text.contains("`\(name)`"), "\(name)") }
    }

    @Test("A vendor's limits say of PDF files and pictures what the table says")
    func content() throws {
        for kind in Self.kinds where kind != .local {
            let limits = try Self.limits(kind)
            #expect(limits.takesDocuments == (ContentPart.document.treatment(at: kind) != .refused), "\(kind)")
            #expect(limits.takesPictures == (ContentPart.picture.treatment(at: kind) != .refused), "\(kind)")
        }
    }

    private static let heads = VendorKind.allCases.map(\.title)
    private static let words: [FieldTreatment: String] = [
        .passed: "passed", .translated: "translated", .own: "Mynah", .refused: "refused", .unused: "not sent",
    ]

    static var contentTable: String {
        let names: [ContentPart: String] = [
            .text: "text", .picture: "picture", .textFile: "text file", .document: "PDF file",
        ]
        let rows = ContentPart.allCases.map { part in
            let cells = VendorKind.allCases.map { words[part.treatment(at: $0)]! }
            return "| \(names[part]!) | \(cells.joined(separator: " | ")) |"
        }
        return
            ([
                "| content | " + heads.joined(separator: " | ") + " |",
                "|" + String(repeating: " --- |", count: heads.count + 1),
            ]
            + rows)
            .joined(separator: "\n")
    }

    /// Fields with the same cells share a row.
    static var table: String {
        var rows: [(names: [String], rest: String)] = []
        for field in RequestField.all {
            let apis = [(RequestField.API.openAI, "OpenAI"), (.anthropic, "Anthropic"), (.extensions, "others")]
            let cells =
                [apis.filter { field.apis.contains($0.0) }.map(\.1).joined(separator: ", ")]
                + VendorKind.allCases.map { words[field.treatment(at: $0)]! }
            let rest = cells.joined(separator: " | ")
            if let known = rows.firstIndex(where: { $0.rest == rest }) {
                rows[known].names.append(field.name)
            } else {
                rows.append(([field.name], rest))
            }
        }
        let head = [
            "| field | of | " + heads.joined(separator: " | ") + " |",
            "|" + String(repeating: " --- |", count: heads.count + 2),
        ]
        return (head + rows.map { "| " + $0.names.map { "`\($0)`" }.joined(separator: ", ") + " | \($0.rest) |" })
            .joined(separator: "\n")
    }
}
