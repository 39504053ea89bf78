import Chat
package import HTTPKit
package import JSON
import LLM
import Metering
import Platform

/// OpenAI's request for a response. Models are asked in the terms of chat completions, so it is put into these.
package struct ResponseRequest: DocumentInput, Ruled {
    package let model: String?
    package let input: JSONValue?
    package let instructions: String?
    package let previousResponseID: String?
    package let store: Bool?
    package let background: Bool?
    package let stream: Bool?
    package let streamOptions: StreamOptions?
    package let include: [String]?
    package let maxOutputTokens: Int?
    package let maxToolCalls: Int?
    package let temperature: Double?
    package let topP: Double?
    package let topLogprobs: Int?
    package let tools: [JSONValue]?
    package let toolChoice: JSONValue?
    package let parallelToolCalls: Bool?
    package let text: Text?
    package let reasoning: Reasoning?
    package let truncation: Truncation?
    package let metadata: JSONObject?
    package let user: String?
    package let serviceTier: String?
    package let safetyIdentifier: String?
    package let promptCacheKey: String?
    package let promptCacheRetention: String?

    /// Members that are passed on under their own names.
    private var options: [String: JSONValue] = [:]
    private var orders: [String: KeyOrder] = [:]

    private enum CodingKeys: String, CodingKey {
        case model, input, instructions, previousResponseID, store, background, stream, streamOptions, include
        case maxOutputTokens, maxToolCalls, temperature, topP, topLogprobs, tools, toolChoice, parallelToolCalls, text
        case reasoning, truncation, metadata, user, serviceTier, safetyIdentifier, promptCacheKey
        case promptCacheRetention
    }

    package struct StreamOptions: Codable, Sendable {
        package let includeObfuscation: Bool?
    }

    package struct Text: Codable, Sendable, Ruled {
        package let format: JSONObject?
        package let verbosity: String?
        package static var rules: [String: Rule] {
            ["format": .note("`text`, `json_object` or `json_schema`."), "verbosity": .text(1...40)]
        }
    }

    package struct Reasoning: Codable, Sendable, Ruled {
        package let effort: String?
        package let summary: Summary?
        package let generateSummary: Summary?

        package enum Summary: String, Choice { case auto, concise, detailed }

        package static var rules: [String: Rule] {
            [
                "effort": .text(1...40),
                "summary": .note("Any of them shows the model's thoughts as a summary; without it, they are content."),
                "generate_summary": .note("The former name of `summary`."),
            ]
        }
    }

    package enum Truncation: String, Choice { case auto, disabled }

    package static var rules: [String: Rule] {
        [
            "model": .text(0...300, note: "A chatbot's id or slug, `slug/model`, or a model of the key's chatbot."),
            "input": .note("Text, or an array of up to 2,048 items."),
            "instructions": .text(0...1_000_000, note: "For this response only; they follow the chatbot's own prompt."),
            "previous_response_id": .text(1...64, note: "The stored response that this one continues."),
            "store": .note("Whether the response can be retrieved and continued; true if it is left out."),
            "background": .note("Answer at once, and go on without the client."),
            "include": .items(16), "max_output_tokens": ChatCompletionRequest.mostTokens,
            "max_tool_calls": .number(1...1_000_000, note: "Counts tools that run at the vendor; there are none."),
            "temperature": .number(0...2), "top_p": .number(0...1), "top_logprobs": .number(0...20),
            "tools": .items(1024, note: "Tools of the client's own: `function` and `custom`."),
            "truncation": .note("`auto` leaves out the oldest items if the model cannot read all of them."),
            "metadata": .note("Up to 16 texts of up to 512 characters, by names of up to 64."),
            "user": .text(
                0...512, note: "Passed on; fills the prompt's variables where it is one of the chatbot's users."),
            "service_tier": .note("`auto`, `default` or `flex`."), "safety_identifier": .text(0...512),
            "prompt_cache_key": .text(0...512), "prompt_cache_retention": .text(1...40),
        ]
    }

    /// Whether the response can be read after it was answered.
    var isStored: Bool { store ?? true }
    var isBackground: Bool { background ?? false }
    var includesEncryptedReasoning: Bool { include?.contains(Self.encryptedReasoning) ?? false }

    package static let encryptedReasoning = "reasoning.encrypted_content"
    private static let logprobs = "message.output_text.logprobs"
    /// What `include` may name: the last is always shown.
    private static let includable = [encryptedReasoning, logprobs, "message.input_image.image_url"]

    package func validate() throws(APIError) {
        for (index, name) in (include ?? []).enumerated() where !Self.includable.contains(name) {
            throw APIError(
                .unsupportedInput,
                "'\(name.prefix(64))' cannot be included: no tool runs at the model's vendor here. Use "
                    + Self.includable.map { "'\($0)'" }.joined(separator: ", ") + ".", param: "include[\(index)]")
        }
        let isFit = metadata.map { metadata in
            metadata.members.count <= 16
                && metadata.members.allSatisfy { name, value in
                    name.unicodeScalars.count <= 64 && value.string.map { $0.unicodeScalars.count <= 512 } == true
                }
        }
        guard isFit != false else {
            throw .invalid(
                "metadata", "'metadata' has up to 16 texts of up to 512 characters, by names of up to 64.")
        }
        guard !isBackground || isStored else {
            throw .invalid("background", "A response in the background is stored: leave 'store' out.")
        }
    }

    /// Members that are read above.
    private static let own: Set = [
        "model", "input", "instructions", "previous_response_id", "store", "background", "stream", "stream_options",
        "include", "max_output_tokens", "max_tool_calls", "temperature", "top_p", "tools", "tool_choice",
        "parallel_tool_calls", "text", "reasoning", "truncation", "metadata", "user",
    ]

    package mutating func read(
        _ document: [String: JSONValue], _ bytes: UnsafeRawBufferPointer
    ) throws(APIError) {
        for (name, value) in document where !Self.own.contains(name) && !value.isNull {
            guard ResponseField.named(name)?.becomes != nil else { throw Self.unknown(name) }
            if name == "top_logprobs", value.int == 0 { continue }
            options[name] = value
        }
        for (name, known) in [
            ("text", ["format", "verbosity"]), ("reasoning", ["effort", "summary", "generate_summary"]),
        ] {
            for member in document[name]?.object?.keys.sorted() ?? []
            where !known.contains(member) && document[name]?[member]?.isNull == false {
                throw Self.unknown("\(name).\(member)")
            }
        }
        if tools?.isEmpty == false || text?.format != nil {
            orders = KeyOrder.of(members: ["tools", "text"], in: bytes)
        }
    }

    private static func unknown(_ name: String) -> APIError {
        APIError(.unsupportedInput, "'\(name.prefix(64))' is not supported in this API.", param: name)
    }

    /// The request in the terms of chat completions.
    /// - Parameter previous: what was said before in the responses that this one continues.
    func asked(_ messages: [ChatMessage], after previous: [ChatMessage] = []) throws(APIError)
        -> CompletionRequest
    {
        var asked = CompletionRequest(model: model, messages: [])
        if let instructions, !instructions.isEmpty {
            asked.messages.append(ChatMessage(role: .system, content: instructions))
        }
        asked.messages += previous + messages
        guard asked.messages.contains(where: { $0.role != .system }) || !messages.isEmpty else {
            throw .invalid("input", "'input' must be a text, or an array of one item at least.")
        }
        asked.maxTokens = maxOutputTokens
        asked.temperature = temperature
        asked.topP = topP
        asked.user = user
        asked.streams = stream ?? false
        asked.isTruncated = truncation == .auto
        asked.options = options
        try CompletionRequest.check(serviceTier: serviceTier)
        try askForm(&asked)
        try askTools(&asked)
        asked.takesSources = asked.options["tools"] == nil && asked.options["response_format"] == nil
        if include?.contains(Self.logprobs) == true || topLogprobs ?? 0 > 0 { asked.options["logprobs"] = true }
        return asked
    }

    /// How the answer is to look.
    private func askForm(_ asked: inout CompletionRequest) throws(APIError) {
        if let effort = reasoning?.effort { asked.options["reasoning_effort"] = .string(effort) }
        if let verbosity = text?.verbosity { asked.options["verbosity"] = .string(verbosity) }
        guard let format = text?.format?.members, let type = format["type"] else { return }
        switch type {
        case "text": return
        case "json_object": asked.options["response_format"] = ["type": "json_object"]
        case "json_schema":
            guard format["name"]?.string != nil, format["schema"]?.object != nil else {
                throw .invalid("text.format", "'text.format' needs a 'name' and a 'schema'.")
            }
            let schema = format.filter { $0.key != "type" && !$0.value.isNull }
            asked.options["response_format"] = ["type": "json_schema", "json_schema": .object(schema)]
            if let order = orders["text"]?["format"] {
                asked.keyOrders["response_format"] = KeyOrder([("json_schema", order)])
            }
        default:
            throw .invalid(
                "text.format", "'text.format' must be of the type 'text', 'json_object' or 'json_schema'.")
        }
    }

    private func askTools(_ asked: inout CompletionRequest) throws(APIError) {
        let functions = try ResponseTools.functions(tools ?? [])
        let choice = try ResponseTools.choice(toolChoice)
        guard !functions.isEmpty else {
            if let choice, choice != "auto", choice != "none" {
                throw .invalid("tool_choice", "'tool_choice' needs 'tools' to choose from.")
            }
            return
        }
        try VendorTools.check(choice: choice, among: functions)
        asked.options["tools"] = .array(functions)
        asked.options["tool_choice"] = choice
        asked.options["parallel_tool_calls"] = parallelToolCalls.map(JSONValue.bool)
        asked.keyOrders["tools"] = KeyOrder(
            items: (orders["tools"]?.items ?? []).map { KeyOrder([("function", $0)]) })
    }
}
