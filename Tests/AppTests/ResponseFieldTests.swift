import Foundation
import JSON
import LLM
import Testing

@testable import Chat
@testable import HTTPKit
@testable import LLM
@testable import ModelAPI

/// Each field of a request for a response at each kind of vendor: the table says what becomes of it, and it does.
@Suite struct ResponseFieldTests {
    /// A request that has the field, and asks for something by it.
    static let samples: [String: [String: JSONValue]] = [
        "model": ["model": "m"], "stream": ["stream": true],
        "stream_options": ["stream_options": ["include_obfuscation": true]],
        "previous_response_id": ["previous_response_id": "resp_1"], "store": ["store": false],
        "background": ["background": true], "include": ["include": ["reasoning.encrypted_content"]],
        "truncation": ["truncation": "disabled"], "metadata": ["metadata": ["গ্রাহক": "৭"]],
        "max_tool_calls": ["max_tool_calls": 3], "reasoning.summary": ["reasoning": ["summary": "auto"]],
        "input": ["input": "হ্যালো"], "instructions": ["instructions": "বাংলায়"],
        "max_output_tokens": ["max_output_tokens": 9], "temperature": ["temperature": 0.5], "top_p": ["top_p": 0.5],
        "user": ["user": "u"], "tools (Responses)": ["tools": [["type": "function", "name": "f"]]],
        "tool_choice (Responses)": ["tool_choice": "required", "tools": [["type": "function", "name": "f"]]],
        "parallel_tool_calls": ["parallel_tool_calls": false, "tools": [["type": "function", "name": "f"]]],
        "text.format": ["text": ["format": ["type": "json_object"]]], "text.verbosity": ["text": ["verbosity": "low"]],
        "reasoning.effort": ["reasoning": ["effort": "low"]], "top_logprobs": ["top_logprobs": 2],
        "presence_penalty": ["presence_penalty": 0.5], "frequency_penalty": ["frequency_penalty": 0.5],
        "service_tier": ["service_tier": "flex"], "safety_identifier": ["safety_identifier": "u"],
        "prompt_cache_key": ["prompt_cache_key": "k"], "prompt_cache_retention": ["prompt_cache_retention": "24h"],
    ]

    static func request(_ fields: [String: JSONValue]) throws -> ResponseRequest {
        let document = ["input": "Hi"].merging(fields) { $1 }
        let bytes = JSONValue.object(document).serialized()
        var request = try JSONTreeDecoder().decode(ResponseRequest.self, from: .object(document))
        try request.validate()
        try bytes.withUnsafeBytes { try request.read(document, $0) }
        return request
    }

    static func limits(_ kind: VendorKind) -> ModelLimits {
        ModelLimits(tools: kind == .anthropic ? .anthropic : .any, fields: RequestField.names(of: kind))
    }

    @Test(
        "What is passed or translated reaches the vendor, and what is refused is named", arguments: VendorKind.allCases)
    func cells(kind: VendorKind) throws {
        for field in ResponseField.all {
            let treatment = field.treatment(at: kind)
            guard let sample = Self.samples[field.name] else {
                #expect(treatment == .refused, "\(field.name) needs a sample")
                let error = #expect(throws: APIError.self) { try Self.request([field.name: ["x": 1]]) }
                #expect(error?.code == .unsupportedInput && error?.param == field.name)
                continue
            }
            let isTier = field.name == "service_tier" && kind == .anthropic
            let asked = try Self.request(isTier ? ["service_tier": "default"] : sample).asked([
                ChatMessage(role: .user, content: "Hi")
            ])
            let chat = ChatRequest(model: "m", messages: asked.messages, maxTokens: 9, options: asked.options)
            let refusal = Self.limits(kind).refusal(of: chat)
            switch treatment {
            case .refused:
                guard case .field(let name)? = refusal else {
                    #expect(refusal == .tools, "\(field.name) at \(kind)")
                    continue
                }
                let named = ResponseField.name(ofField: name)
                let ownName = String(field.name.prefix { $0 != " " })
                #expect([ownName, "logprobs", "tools"].contains(named), "\(field.name) at \(kind): \(named)")
            case .own: #expect(asked.options.isEmpty && refusal == nil, "\(field.name) at \(kind)")
            case .passed, .translated, .unused: #expect(refusal == nil, "\(field.name) at \(kind)")
            }
        }
    }

    @Test("Every field of the SDK's request is known, and others are refused")
    func known() throws {
        for name in ["top_k", "min_p", "chat_template_kwargs"] { _ = try Self.request([name: 1]) }
        for name in ["messages", "n", "max_tokens", "response_format", "system", "অজানা", "stop"] {
            let error = #expect(throws: APIError.self) { try Self.request([name: "x"]) }
            #expect(error?.code == .unsupportedInput && error?.param == name, "\(name)")
        }
    }

    @Test("The documentation has this table, with no cell empty")
    func documented() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../docs/reference/fields.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.contains(Self.table), "docs/reference/fields.md needs this table:\n\(Self.table)")
        #expect(!Self.table.contains("| |") && !Self.table.contains("|  |"))
    }

    /// Fields with the same cells share a row.
    static var table: String {
        let words: [FieldTreatment: String] = [
            .passed: "passed", .translated: "translated", .own: "Mynah", .refused: "refused", .unused: "not sent",
        ]
        var rows: [(names: [String], rest: String)] = []
        for field in ResponseField.all {
            let rest = VendorKind.allCases.map { words[field.treatment(at: $0)]! }.joined(separator: " | ")
            let name = "`\(field.name.prefix { $0 != " " })`"
            if let known = rows.firstIndex(where: { $0.rest == rest }) {
                rows[known].names.append(name)
            } else {
                rows.append(([name], rest))
            }
        }
        let head = [
            "| field | \(VendorKind.allCases.map(\.title).joined(separator: " | ")) |",
            "|" + String(repeating: " --- |", count: VendorKind.allCases.count + 1),
        ]
        return (head + rows.map { "| \($0.names.joined(separator: ", ")) | \($0.rest) |" }).joined(separator: "\n")
    }
}
