import Chat
package import HTTPKit
package import JSON
import LLM
import Metering
import Platform

/// Anthropic's request for a message. Models are asked in OpenAI's terms, so it is put into these; Anthropic's own models get
/// its blocks and tools as they are.
package struct MessageRequest: DocumentInput, Ruled {
    package let model: String?
    package let messages: [Turn]
    package let system: JSONValue?
    package let maxTokens: Int?
    package let temperature: Double?
    package let topP: Double?
    package let topK: Int?
    package let stopSequences: [String]?
    package let stream: Bool?
    package let tools: [JSONValue]?
    package let toolChoice: ToolChoice?
    package let metadata: Metadata?
    package let thinking: JSONObject?
    package let outputConfig: OutputConfig?
    package let serviceTier: String?
    // Refused: they ask for tools that run at the vendor.
    package let mcpServers: JSONValue?
    package let container: JSONValue?

    /// Members that are passed on under their own names.
    private var options: [String: JSONValue] = [:]
    private var orders: [String: KeyOrder] = [:]

    private enum CodingKeys: String, CodingKey {
        case model, messages, system, maxTokens, temperature, topP, topK, stopSequences, stream, tools, toolChoice
        case metadata, thinking, outputConfig, serviceTier, mcpServers, container
    }

    package struct Turn: Codable, Sendable, Ruled {
        package let role: Role
        package let content: JSONValue

        package enum Role: String, Choice {
            case user, assistant, system
        }

        package static var rules: [String: Rule] {
            [
                "content": .note(
                    "Text, or an array of blocks: `text`, `image`, `document`, `tool_use`, `tool_result`, `thinking`."
                )
            ]
        }
    }

    package struct ToolChoice: Codable, Sendable {
        package let type: Kind
        package let name: String?
        package let disableParallelToolUse: Bool?

        package enum Kind: String, Choice {
            case auto, any, tool, none
        }
    }

    package struct Metadata: Codable, Sendable, Ruled {
        package let userID: String?
        package static var rules: [String: Rule] { ["user_id": .text(0...512)] }
    }

    package struct OutputConfig: Codable, Sendable, Ruled {
        package let effort: String?
        package let format: JSONObject?
        package static var rules: [String: Rule] {
            ["effort": .text(1...40), "format": .note("`{type: \"json_schema\", schema}`.")]
        }
    }

    package static var rules: [String: Rule] {
        [
            "model": .text(0...300, note: "A chatbot's id or slug, `slug/model`, or a model of the key's chatbot."),
            "messages": .items(2048), "max_tokens": ChatCompletionRequest.mostTokens,
            "system": .note("Text, or an array of text blocks; it follows the chatbot's own prompt."),
            "temperature": .number(0...2), "top_p": .number(0...1), "top_k": .number(0...1_000_000),
            "stop_sequences": .items(16), "tools": .items(1024, note: "Tools of the client's own."),
            "thinking": .note("`enabled` with `budget_tokens`, `adaptive` or `disabled`."),
            "service_tier": .note("`auto` or `standard_only`."),
            "mcp_servers": ChatCompletionRequest.refused, "container": ChatCompletionRequest.refused,
        ]
    }

    /// Members that are read above.
    private static let own: Set = [
        "model", "messages", "system", "max_tokens", "temperature", "top_p", "stop_sequences", "stream", "tools",
        "tool_choice", "metadata", "output_config", "mcp_servers", "container",
    ]

    package mutating func read(
        _ document: [String: JSONValue], _ bytes: UnsafeRawBufferPointer
    ) throws(APIError) {
        for (name, value) in document where !Self.own.contains(name) && !value.isNull {
            guard RequestField.named(name)?.apis.contains(.anthropic) == true else {
                throw APIError(.unsupportedInput, "'\(name)' is no field of this API.", param: name)
            }
            options[name] = value
        }
        for name in document["output_config"]?.object?.keys.sorted() ?? [] where !["effort", "format"].contains(name) {
            throw APIError(
                .unsupportedInput, "'output_config.\(name)' is not supported.", param: "output_config.\(name)")
        }
        if tools?.isEmpty == false || outputConfig?.format != nil {
            orders = KeyOrder.of(members: ["tools", "output_config"], in: bytes)
        }
    }

    package func asked() throws(APIError) -> CompletionRequest {
        guard !messages.isEmpty else { throw .invalid("messages", "'messages' must have one message at least.") }
        var asked = CompletionRequest(model: model, messages: [])
        if let system, !system.isNull {
            let blocks = try AnthropicBlocks(system, at: "system")
            let text = try blocks.text("system")
            if !text.isEmpty {
                asked.messages.append(ChatMessage(role: .system, content: text))
                if case .array = system { asked.messages[0].blocks = system }
            }
        }
        for (index, turn) in messages.enumerated() {
            let path = "messages[\(index)].content"
            asked.messages += try AnthropicBlocks(turn.content, at: path).messages(turn.role, path)
        }
        asked.maxTokens = maxTokens
        asked.temperature = temperature
        asked.topP = topP
        asked.stop = stopSequences ?? []
        asked.user = metadata?.userID
        asked.streams = stream ?? false
        asked.options = options
        asked.showsThoughts = thinking?.members["type"] != "disabled"
        try CompletionRequest.check(serviceTier: serviceTier)
        try askForm(&asked)
        try VendorTools.refuse(["mcp_servers": mcpServers, "container": container])
        if let tools, !tools.isEmpty {
            let functions = try functions(tools)
            try VendorTools.check(choice: toolChoice?.openAI, among: functions)
            asked.options["tools"] = .array(functions)
            asked.options["tool_choice"] = toolChoice?.openAI
            if toolChoice?.disableParallelToolUse == true { asked.options["parallel_tool_calls"] = false }
            asked.keyOrders["tools"] = KeyOrder(
                items: (orders["tools"]?.items ?? []).map { order in
                    let schema = order["input_schema"] ?? KeyOrder()
                    return KeyOrder([("function", KeyOrder([("parameters", schema)]))])
                })
        }
        return asked
    }

    /// How the answer is to look, in OpenAI's terms.
    private func askForm(_ asked: inout CompletionRequest) throws(APIError) {
        if let effort = outputConfig?.effort { asked.options["reasoning_effort"] = .string(effort) }
        guard let format = outputConfig?.format else { return }
        guard format.members["type"] == "json_schema", let schema = format.members["schema"], schema.object != nil
        else {
            throw .invalid(
                "output_config.format", "'output_config.format' must be of the type 'json_schema', with a 'schema'.")
        }
        asked.options["response_format"] = [
            "type": "json_schema", "json_schema": ["name": "output", "strict": true, "schema": schema],
        ]
        if let order = orders["output_config"]?["format"]?["schema"] {
            asked.keyOrders["response_format"] = KeyOrder([("json_schema", KeyOrder([("schema", order)]))])
        }
    }

    private func functions(_ tools: [JSONValue]) throws(APIError) -> [JSONValue] {
        var functions: [JSONValue] = []
        for (index, tool) in tools.enumerated() {
            let place = "tools[\(index)]"
            if let type = tool["type"], type != "custom", !type.isNull {
                guard let type = type.string, VendorTools.isClientTool(ofAnthropic: type), tool["name"]?.string != nil
                else { throw VendorTools.refusal(of: type.string ?? "type", place) }
                functions.append(tool)
                continue
            }
            guard let name = tool["name"]?.string, (1...256).contains(name.unicodeScalars.count),
                let schema = tool["input_schema"], schema.object != nil
            else {
                throw .invalid(
                    place, "'\(place)' must be a tool of the client's own, with a 'name' and an 'input_schema'.")
            }
            var function: [String: JSONValue] = ["name": .string(name), "parameters": schema]
            for field in ["description", "strict"] {
                if let value = tool[field], !value.isNull { function[field] = value }
            }
            var fields: [String: JSONValue] = ["type": "function", "function": .object(function)]
            if let mark = tool["cache_control"], !mark.isNull { fields["cache_control"] = mark }
            functions.append(.object(fields))
        }
        return try VendorTools.clientTools(functions)
    }
}

extension MessageRequest.ToolChoice {
    fileprivate var openAI: JSONValue {
        switch type {
        case .auto: "auto"
        case .any: "required"
        case .none: "none"
        case .tool: ["type": "function", "function": ["name": .string(name ?? "")]]
        }
    }
}
