import JSON

/// A request in Anthropic's form.
enum AnthropicWire {
    /// Throws `ProviderError` if a message has content that Anthropic has no equivalent of.
    static func encode(_ request: ChatRequest) throws(ProviderError) -> [UInt8] {
        var body: [String: JSONValue] = [
            "model": .string(request.model), "max_tokens": .int(Int64(request.maxTokens)), "stream": true,
            "messages": .array(try messages(request.messages)),
        ]
        let system = request.messages.filter { $0.role == .system }.map(text).filter { !$0.isEmpty }
        if !system.isEmpty { body["system"] = .string(system.joined(separator: "\n\n")) }
        // Its newest models refuse both at once.
        if let temperature = request.temperature {
            body["temperature"] = .double(min(max(temperature, 0), 1))
        } else if let topP = request.topP {
            body["top_p"] = .double(topP)
        }
        // Those of white space alone are refused.
        let stop = request.stop.filter { $0.contains { !$0.isWhitespace } }
        if !stop.isEmpty { body["stop_sequences"] = .array(stop.map { .string($0) }) }
        if let user = request.user { body["metadata"] = ["user_id": .string(user)] }
        if let tools = request.options["tools"]?.array, !tools.isEmpty {
            body["tools"] = .array(try tools.map { tool throws(ProviderError) in try Self.tool(tool) })
            body["tool_choice"] = toolChoice(request.options)
        }
        return JSONValue.object(body).serialized()
    }

    /// Messages of one role after another become one, as Anthropic's have to alternate.
    private static func messages(_ messages: [ChatMessage]) throws(ProviderError) -> [JSONValue] {
        var turns: [(role: String, content: [JSONValue])] = []
        for message in messages where message.role != .system {
            let role = message.role == .assistant ? "assistant" : "user"
            let content = try content(message)
            if content.isEmpty { continue }
            if turns.last?.role == role {
                turns[turns.count - 1].content += content
            } else {
                turns.append((role, content))
            }
        }
        return turns.map { ["role": .string($0.role), "content": .array($0.content)] }
    }

    private static func content(_ message: ChatMessage) throws(ProviderError) -> [JSONValue] {
        var content = try blocks(message)
        if message.role == .tool {
            return [
                [
                    "type": "tool_result", "tool_use_id": .string(message.toolCallID ?? ""),
                    "content": .array(content),
                ]
            ]
        }
        for call in message.toolCalls?.array ?? [] {
            let function = call["function"]
            let arguments = function?["arguments"]?.string ?? "{}"
            guard let name = function?["name"]?.string, let id = call["id"]?.string,
                case .object(let input)? = try? JSONValue(parsing: Array((arguments.isEmpty ? "{}" : arguments).utf8))
            else { throw ProviderError(.refused, detail: "a tool call is incomplete") }
            content.append(["type": "tool_use", "id": .string(id), "name": .string(name), "input": .object(input)])
        }
        return content
    }

    /// Empty text is refused, and left out.
    private static func blocks(_ message: ChatMessage) throws(ProviderError) -> [JSONValue] {
        guard case .array(let parts)? = message.parts else {
            let text = message.parts?.string ?? message.content
            return text.isEmpty ? [] : [["type": "text", "text": .string(text)]]
        }
        var blocks: [JSONValue] = []
        for part in parts {
            if let text = part["text"]?.string {
                if !text.isEmpty { blocks.append(["type": "text", "text": .string(text)]) }
            } else if let url = part["image_url"]?["url"]?.string {
                blocks.append(["type": "image", "source": try source(url)])
            } else {
                throw ProviderError(.refused, detail: "a message has a part that is neither text nor image")
            }
        }
        return blocks
    }

    /// A picture is at an address, or within a `data:` URL.
    private static func source(_ url: String) throws(ProviderError) -> JSONValue {
        if url.hasPrefix("https://") { return ["type": "url", "url": .string(url)] }
        let halves = url.split(separator: ",", maxSplits: 1)
        guard halves.count == 2, halves[0].hasPrefix("data:"), halves[0].hasSuffix(";base64") else {
            throw ProviderError(.refused, detail: "an image is neither at an https address nor in base64")
        }
        let type = halves[0].dropFirst("data:".count).dropLast(";base64".count)
        return ["type": "base64", "media_type": .string(String(type)), "data": .string(String(halves[1]))]
    }

    private static func text(_ message: ChatMessage) -> String {
        guard case .array(let parts)? = message.parts else { return message.content }
        return parts.compactMap { $0["text"]?.string }.joined(separator: "\n")
    }

    private static func tool(_ tool: JSONValue) throws(ProviderError) -> JSONValue {
        guard case .object(let function)? = tool["function"], let name = function["name"] else {
            throw ProviderError(.refused, detail: "a tool is no function")
        }
        var translated: [String: JSONValue] = ["name": name, "input_schema": ["type": "object"]]
        if let description = function["description"], !description.isNull { translated["description"] = description }
        if let schema = function["parameters"], !schema.isNull { translated["input_schema"] = schema }
        return .object(translated)
    }

    private static func toolChoice(_ options: [String: JSONValue]) -> JSONValue? {
        var choice: [String: JSONValue]
        switch options["tool_choice"] {
        case "none": return ["type": "none"]
        case "required": choice = ["type": "any"]
        case .object(let wanted):
            guard let name = wanted["function"]?["name"] else { return nil }
            choice = ["type": "tool", "name": name]
        default:
            guard options["parallel_tool_calls"] == false else { return nil }
            choice = ["type": "auto"]
        }
        if options["parallel_tool_calls"] == false { choice["disable_parallel_tool_use"] = true }
        return .object(choice)
    }
}
