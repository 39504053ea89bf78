package import HTTPKit
package import JSON
import LLM
import Metering
import Platform

/// Anthropic's request for a message. Models are asked in OpenAI's terms, so it is put into these.
package struct MessageRequest: Input, Ruled {
    package let model: String?
    package let messages: [Turn]
    package let system: JSONValue?
    package let maxTokens: Int?
    package let temperature: Double?
    package let topP: Double?
    package let stopSequences: [String]?
    package let stream: Bool?
    package let tools: [Tool]?
    package let toolChoice: ToolChoice?
    package let metadata: Metadata?
    // Refused: they ask for tools that run at the vendor.
    package let mcpServers: JSONValue?
    package let container: JSONValue?

    package struct Turn: Codable, Sendable, Ruled {
        package let role: Role
        package let content: JSONValue

        package enum Role: String, Choice {
            case user, assistant, system
        }

        package static var rules: [String: Rule] {
            ["content": .note("Text, or an array of blocks: `text`, `image`, `tool_use`, `tool_result`.")]
        }
    }

    package struct Tool: Codable, Sendable, Ruled {
        package let name: String?
        package let type: String?
        package let description: String?
        package let inputSchema: JSONObject?

        package static var rules: [String: Rule] {
            ["name": .text(1...256), "type": .text(1...100), "description": .text(0...100_000)]
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

    package static var rules: [String: Rule] {
        [
            "model": .text(0...300, note: "A chatbot's id or slug, `slug/model`, or a model of the key's chatbot."),
            "messages": .items(2048), "max_tokens": ChatCompletionRequest.mostTokens,
            "system": .note("Text, or an array of text blocks; it follows the chatbot's own prompt."),
            "temperature": .number(0...2), "top_p": .number(0...1), "stop_sequences": .items(16),
            "tools": .items(128), "mcp_servers": ChatCompletionRequest.refused,
            "container": ChatCompletionRequest.refused,
        ]
    }

    package func asked() throws(APIError) -> CompletionRequest {
        guard !messages.isEmpty else { throw .invalid("messages", "'messages' must have one message at least.") }
        var asked = CompletionRequest(model: model, messages: [])
        if let system, !system.isNull {
            let text = try AnthropicBlocks(system, at: "system").text("system")
            if !text.isEmpty { asked.messages.append(ChatMessage(role: .system, content: text)) }
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
        try VendorTools.refuse(["mcp_servers": mcpServers, "container": container])
        if let tools, !tools.isEmpty {
            let functions = try functions(tools)
            try VendorTools.check(choice: toolChoice?.openAI, among: functions)
            asked.options["tools"] = .array(functions)
            asked.options["tool_choice"] = toolChoice?.openAI
            if toolChoice?.disableParallelToolUse == true { asked.options["parallel_tool_calls"] = false }
        }
        return asked
    }

    private func functions(_ tools: [Tool]) throws(APIError) -> [JSONValue] {
        var functions: [JSONValue] = []
        for (index, tool) in tools.enumerated() {
            let place = "tools[\(index)]"
            if let type = tool.type, type != "custom" { throw VendorTools.refusal(of: type, place) }
            guard let name = tool.name, let schema = tool.inputSchema else {
                throw .invalid(
                    place, "'\(place)' must be a tool of the client's own, with a 'name' and an 'input_schema'.")
            }
            var function: [String: JSONValue] = ["name": .string(name), "parameters": .object(schema.members)]
            function["description"] = tool.description.map { .string($0) }
            functions.append(["type": "function", "function": .object(function)])
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

/// A message's content in Anthropic's form.
private struct AnthropicBlocks {
    private let blocks: [JSONValue]

    init(_ content: JSONValue, at path: String) throws(APIError) {
        switch content {
        case .string(let text): blocks = [["type": "text", "text": .string(text)]]
        case .array(let items): blocks = items
        default: throw .invalid(path, "'\(path)' must be a text or an array of blocks.")
        }
    }

    /// What tools answered comes as messages of its own, before what the user adds.
    func messages(_ role: MessageRequest.Turn.Role, _ path: String) throws(APIError) -> [ChatMessage] {
        if role == .system { return [ChatMessage(role: .system, content: try text(path))] }
        var messages: [ChatMessage] = []
        var parts: [JSONValue] = []
        var calls: [JSONValue] = []
        for (index, block) in blocks.enumerated() {
            let place = "\(path)[\(index)]"
            switch block["type"]?.string {
            case "tool_use" where role == .assistant: calls.append(try call(block, place))
            case "tool_result" where role == .user: messages.append(try result(block, place))
            // A model's thoughts are of use to that model alone.
            case "thinking", "redacted_thinking": continue
            default: parts.append(try part(block, place))
            }
        }
        if !parts.isEmpty || !calls.isEmpty || messages.isEmpty {
            var message = message(role == .user ? .user : .assistant, parts)
            message.toolCalls = calls.isEmpty ? nil : .array(calls)
            messages.append(message)
        }
        return messages
    }

    /// Throws where there is anything but text.
    func text(_ path: String) throws(APIError) -> String {
        var texts: [String] = []
        for (index, block) in blocks.enumerated() {
            guard block["type"] == "text", let text = block["text"]?.string else {
                throw .invalid("\(path)[\(index)]", "'\(path)[\(index)]' must be a text block.")
            }
            texts.append(text)
        }
        return texts.joined(separator: "\n")
    }

    private func message(_ role: ChatMessage.Role, _ parts: [JSONValue]) -> ChatMessage {
        let texts = parts.compactMap { $0["text"]?.string }
        return ChatMessage(
            role: role, content: texts.joined(separator: "\n"), parts: texts.count == parts.count ? nil : .array(parts))
    }

    private func part(_ block: JSONValue, _ place: String) throws(APIError) -> JSONValue {
        switch block["type"]?.string {
        case "text":
            if let text = block["text"]?.string { return ["type": "text", "text": .string(text)] }
        case "image":
            let source = block["source"]
            if source?["type"] == "url", let url = source?["url"]?.string {
                return ["type": "image_url", "image_url": ["url": .string(url)]]
            }
            if source?["type"] == "base64", let type = source?["media_type"]?.string, let data = source?["data"]?.string
            {
                return ["type": "image_url", "image_url": ["url": .string("data:\(type);base64,\(data)")]]
            }
        default: break
        }
        throw .invalid(
            place, "'\(place)' must be a block of text, an image, or a tool's use or result where it may be.")
    }

    private func call(_ block: JSONValue, _ place: String) throws(APIError) -> JSONValue {
        guard let id = block["id"]?.string, let name = block["name"]?.string, case .object(let input)? = block["input"]
        else { throw .invalid(place, "'\(place)' must have an 'id', a 'name' and an 'input'.") }
        let arguments = String(decoding: JSONValue.object(input).serialized(), as: UTF8.self)
        return [
            "id": .string(id), "type": "function",
            "function": ["name": .string(name), "arguments": .string(arguments)],
        ]
    }

    private func result(_ block: JSONValue, _ place: String) throws(APIError) -> ChatMessage {
        guard let id = block["tool_use_id"]?.string else {
            throw .invalid(place, "'\(place)' must have a 'tool_use_id'.")
        }
        var parts: [JSONValue] = []
        if let content = block["content"], !content.isNull {
            let inner = try AnthropicBlocks(content, at: "\(place).content").blocks
            for (index, block) in inner.enumerated() { parts.append(try part(block, "\(place).content[\(index)]")) }
        }
        var message = message(.tool, parts)
        message.toolCallID = id
        return message
    }
}
