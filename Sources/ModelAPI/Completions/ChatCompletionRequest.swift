import Chat
import Chatbots
package import HTTPKit
package import JSON
import LLM
import Metering
import Platform

/// OpenAI's request for a chat completion: what Mynah acts on itself, and what providers get as `RequestField` says. A field
/// that the provider of the model does not have is refused.
package struct ChatCompletionRequest: DocumentInput, Ruled {
    package let model: String?
    package let messages: [Message]
    package let stream: Bool?
    package let streamOptions: StreamOptions?
    package let maxTokens: Int?
    package let maxCompletionTokens: Int?
    package let temperature: Double?
    package let topP: Double?
    package let stop: JSONValue?
    package let user: String?
    package let n: Int?

    package let tools: [JSONValue]?
    package let toolChoice: JSONValue?
    package let parallelToolCalls: Bool?
    package let responseFormat: JSONObject?
    package let seed: Int?
    package let presencePenalty: Double?
    package let frequencyPenalty: Double?
    package let logitBias: JSONValue?
    package let logprobs: Bool?
    package let topLogprobs: Int?
    package let reasoningEffort: String?
    package let verbosity: String?
    package let serviceTier: String?
    package let promptCacheKey: String?
    package let promptCacheRetention: String?
    package let safetyIdentifier: String?
    package let metadata: JSONObject?
    package let store: Bool?

    /// All members that are passed on, the declared ones among them.
    package private(set) var options: [String: JSONValue] = [:]
    private var keyOrders: [String: KeyOrder] = [:]

    // Refused: they ask for tools that run at the vendor.
    package let webSearchOptions: JSONValue?
    package let webSearch: JSONValue?
    package let searchParameters: JSONValue?
    package let enableSearch: JSONValue?
    package let plugins: JSONValue?
    package let mcpServers: JSONValue?
    package let compoundCustom: JSONValue?
    package let container: JSONValue?
    package let functions: [JSONValue]?

    private enum CodingKeys: String, CodingKey {
        case model, messages, stream, streamOptions, maxTokens, maxCompletionTokens, temperature, topP, stop, user, n
        case tools, toolChoice, parallelToolCalls, responseFormat, seed, presencePenalty, frequencyPenalty, logitBias
        case logprobs, topLogprobs, reasoningEffort, verbosity, serviceTier, promptCacheKey, promptCacheRetention
        case safetyIdentifier, metadata, store
        case webSearchOptions, webSearch, searchParameters, enableSearch, plugins, mcpServers, compoundCustom, container
        case functions
    }

    package struct StreamOptions: Codable, Sendable {
        package let includeUsage: Bool?
    }

    package struct Message: Codable, Sendable, Ruled {
        package let role: Role
        package let content: JSONValue?
        package let name: String?
        package let toolCalls: [JSONValue]?
        package let toolCallID: String?
        package let reasoningContent: String?
        package let reasoning: String?
        package let reasoningDetails: [JSONValue]?
        package let refusal: String?
        package let audio: JSONValue?
        package let functionCall: JSONValue?

        package enum Role: String, Choice {
            case system, developer, user, assistant, tool
        }

        package static var rules: [String: Rule] {
            [
                "content": .note("Text, or an array of parts: `text`, `image_url`, `file`, `refusal`."),
                "name": .text(0...256), "tool_calls": .items(128), "tool_call_id": .text(0...65_536),
                "reasoning_content": .text(0...ReplyLimits().replyBytes),
                "reasoning": .text(0...ReplyLimits().replyBytes),
                "reasoning_details": .items(1024), "refusal": .text(0...ReplyLimits().replyBytes),
                "audio": .note("Refused."), "function_call": .note("Refused: send `tool_calls`."),
            ]
        }
    }

    package static let mostTokens = Rule.number(1...9_000_000_000, note: "Cut to what the chatbot allows.")

    package static var rules: [String: Rule] {
        [
            "model": .text(0...300, note: "A chatbot's id or slug, `slug/model`, or a model of the key's chatbot."),
            "messages": .items(2048, note: "They follow the chatbot's own prompt."),
            "max_tokens": mostTokens, "max_completion_tokens": mostTokens,
            "temperature": .number(0...2), "top_p": .number(0...1),
            "stop": .note("A text, or an array of up to 16 texts."),
            "user": .text(
                0...512, note: "Passed on; fills the prompt's variables if it is one of the chatbot's users."),
            "n": .number(1...8), "tools": .items(1024), "service_tier": .note("`auto`, `default` or `flex`."),
            "top_logprobs": .number(0...20),
            "presence_penalty": .number(-2...2), "frequency_penalty": .number(-2...2),
            "reasoning_effort": .text(1...40), "verbosity": .text(1...40), "functions": .items(128),
            "web_search_options": .note("Refused unless the model has a price for `web_search`."),
            "web_search": refused, "search_parameters": refused,
            "enable_search": refused, "plugins": refused, "mcp_servers": refused, "compound_custom": refused,
            "container": refused,
        ]
    }

    package static let refused = Rule.note("Refused: tools that run at the model's vendor have no price here.")

    private func checkTools() throws(APIError) -> [JSONValue]? {
        try VendorTools.refuse([
            "web_search": webSearch, "search_parameters": searchParameters,
            "enable_search": enableSearch, "plugins": plugins, "mcp_servers": mcpServers,
            "compound_custom": compoundCustom, "container": container,
        ])
        try VendorTools.check(functions: functions)
        var own: [JSONValue]?
        if let tools { own = try VendorTools.clientTools(tools) }
        try VendorTools.check(choice: toolChoice, among: own ?? [])
        return own
    }

    package func asked() throws(APIError) -> CompletionRequest {
        guard !messages.isEmpty else { throw .invalid("messages", "'messages' must have one message at least.") }
        var asked = CompletionRequest(model: model, messages: [])
        asked.messages.reserveCapacity(messages.count)
        for (index, message) in messages.enumerated() {
            asked.messages.append(try message.chatMessage(at: "messages[\(index)]"))
        }
        asked.maxTokens = maxCompletionTokens ?? maxTokens
        asked.temperature = temperature
        asked.topP = topP
        asked.stop = try Self.stops(stop)
        asked.user = user
        asked.streams = stream ?? false
        let tools = try checkTools()
        asked.options = options
        asked.options["tools"] = tools.map { .array($0) }
        asked.keyOrders = keyOrders
        asked.copies = n ?? 1
        try CompletionRequest.check(serviceTier: serviceTier)
        return asked
    }

    /// Members that Mynah acts on itself, or has checked by the time that a provider is asked.
    private static let own: Set = [
        "model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "temperature", "top_p",
        "stop", "user", "n", "web_search", "search_parameters", "enable_search", "plugins",
        "mcp_servers", "compound_custom", "container",
    ]
    /// Members whose value may hold a schema, the order of whose members matters.
    private static let ordered: Set = [
        "tools", "response_format", "guided_json", "json_schema", "structured_outputs", "functions",
    ]

    package mutating func read(
        _ document: [String: JSONValue], _ bytes: UnsafeRawBufferPointer
    ) throws(APIError) {
        for (name, value) in document where !Self.own.contains(name) && !value.isNull {
            if let field = RequestField.named(name), field.apis == [.anthropic] {
                throw APIError(.unsupportedInput, "'\(name)' is no field of this API.", param: name)
            }
            options[name] = value
        }
        let ordered = Self.ordered.intersection(options.keys)
        if !ordered.isEmpty { keyOrders = KeyOrder.of(members: ordered, in: bytes) }
    }

    /// The texts of `stop`.
    static func stops(_ stop: JSONValue?) throws(APIError) -> [String] {
        switch stop {
        case nil, .null: return []
        case .string(let text): return [text]
        case .array(let items) where items.count <= 16 && items.allSatisfy { $0.string != nil }:
            return items.compactMap(\.string)
        default: throw .invalid("stop", "'stop' must be a text, or an array of up to 16 texts.")
        }
    }
}

extension ChatCompletionRequest.Message {
    fileprivate func chatMessage(at path: String) throws(APIError) -> ChatMessage {
        for (field, value) in [("audio", audio), ("function_call", functionCall)] where value?.isNull == false {
            throw APIError(
                .unsupportedInput, "'\(path).\(field)' is not supported.", param: "\(path).\(field)")
        }
        var message = ChatMessage(role: chatRole, content: "", name: name)
        switch content {
        case .string(let text): message.content = text
        case .array(let parts):
            for (index, part) in parts.enumerated() where !Self.isKnown(part) {
                throw .invalid(
                    "\(path).content[\(index)]",
                    "'\(path).content[\(index)]' must be a part of the type 'text', 'image_url', 'file' or 'refusal'.")
            }
            message.parts = .array(parts)
            message.content = parts.compactMap { $0["type"] == "text" ? $0["text"]?.string : nil }.joined(
                separator: "\n")
        case nil where role == .assistant, .null where role == .assistant: message.content = refusal ?? ""
        default: throw .invalid("\(path).content", "'\(path).content' must be a text or an array of parts.")
        }
        switch role {
        case .assistant:
            let thoughts = Thoughts(text: reasoningContent ?? reasoning ?? "", details: reasoningDetails ?? [])
            message.thoughts = thoughts.isEmpty ? nil : thoughts
            message.toolCalls = toolCalls.flatMap { $0.isEmpty ? nil : .array($0) }
        case .tool:
            guard let toolCallID else {
                throw APIError(
                    .missingField, "'\(path).tool_call_id' is required.", param: "\(path).tool_call_id")
            }
            message.toolCallID = toolCallID
        default: break
        }
        return message
    }

    /// The cost of other kinds is not known before the call.
    private static func isKnown(_ part: JSONValue) -> Bool {
        switch part["type"]?.string {
        case "text": part["text"]?.string != nil
        case "refusal": part["refusal"]?.string != nil
        case "image_url": part["image_url"]?["url"]?.string != nil
        case "file": part["file"].flatMap { FileReference(openAI: $0) } != nil
        default: false
        }
    }

    private var chatRole: ChatMessage.Role {
        switch role {
        case .system, .developer: .system
        case .user: .user
        case .assistant: .assistant
        case .tool: .tool
        }
    }
}
