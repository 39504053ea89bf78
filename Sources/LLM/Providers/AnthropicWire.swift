import JSON

/// A request in Anthropic's form.
enum AnthropicWire {
    /// Throws `ProviderError` if a message has content that Anthropic has no equivalent of.
    static func encode(_ request: ChatRequest) throws(ProviderError) -> [UInt8] {
        var order = KeyOrder()
        var system = request.messages.filter { $0.role == .system }
        var turns = try messages(request.messages.filter { $0.role != .system })
        if turns.isEmpty {
            // Anthropic demands a message. Instructions alone are taken for one.
            let text = system.map(text).joined(separator: "\n\n")
            guard text.contains(where: { !$0.isWhitespace }) else {
                throw ProviderError(.refused, detail: "no message has any text")
            }
            turns = [["role": "user", "content": [["type": "text", "text": .string(text)]]]]
            system = []
        }
        var body: [String: JSONValue] = [
            "model": .string(request.model), "max_tokens": .int(Int64(request.maxTokens)), "stream": true,
            "messages": .array(turns),
        ]
        var instructions = try Self.system(system)
        write(options: request, into: &body, &order, &instructions)
        if let instructions { body["system"] = instructions }
        if let tools = request.options["tools"]?.array.map({ allowed($0, request.options["tool_choice"]) }),
            !tools.isEmpty
        {
            body["tools"] = .array(try tools.map { tool throws(ProviderError) in try Self.tool(tool) })
            body["tool_choice"] = toolChoice(request.options)
            if tools.count == request.options["tools"]?.array?.count {
                order.members.append((name: "tools", order: Self.order(of: tools, request.keyOrders["tools"])))
            }
        }
        return JSONValue.object(body).serialized(in: order)
    }

    private static func write(
        options request: ChatRequest, into body: inout [String: JSONValue], _ order: inout KeyOrder,
        _ system: inout JSONValue?
    ) {
        let options = request.options
        for name in ["thinking", "top_k", "context_management", "cache_control"] { body[name] = options[name] }
        if let budget = body["thinking"]?["budget_tokens"]?.int, budget >= request.maxTokens, request.maxTokens > 1024 {
            // Thoughts count as part of the answer, whose length the chatbot bounds.
            var thinking = body["thinking"]?.object ?? [:]
            thinking["budget_tokens"] = .int(Int64(request.maxTokens - 1))
            body["thinking"] = .object(thinking)
        }
        var config: [String: JSONValue] = [:]
        switch options["reasoning_effort"]?.string {
        case nil: break
        case "none": if body["thinking"] == nil { body["thinking"] = ["type": "disabled"] }
        case "minimal": config["effort"] = config["effort"] ?? "low"
        case let effort?: config["effort"] = config["effort"] ?? .string(effort)
        }
        switch options["response_format"]?["type"] {
        case "json_schema":
            let schema = options["response_format"]?["json_schema"]?["schema"] ?? ["type": "object"]
            config["format"] = ["type": "json_schema", "schema": schema]
            if let inner = request.keyOrders["response_format"]?["json_schema"]?["schema"] {
                order.members.append(
                    ("output_config", KeyOrder([("format", KeyOrder([("schema", inner)]))])))
            }
        case "json_object":
            // Anthropic has schemas only, and each must list its members.
            let words = "Answer with one JSON object and nothing else."
            switch system {
            case .array(let blocks)?: system = .array(blocks + [["type": "text", "text": .string(words)]])
            case .string(let text)?: system = .string("\(text)\n\n\(words)")
            default: system = .string(words)
            }
        default: break
        }
        if !config.isEmpty { body["output_config"] = .object(config) }
        switch options["service_tier"] {
        case "default", "standard_only": body["service_tier"] = "standard_only"
        case "auto": body["service_tier"] = "auto"
        default: break
        }
        let thinks = body["thinking"].map { $0["type"] != "disabled" } ?? false
        // The newest models refuse both at once, and thinking takes no temperature: what the client has not asked for
        // itself gives way.
        let isTemperatureSent = request.isTemperatureAsked || request.topP == nil && !thinks
        if let temperature = request.temperature, isTemperatureSent {
            body["temperature"] = .double(min(max(temperature, 0), 1))
        }
        if let topP = request.topP, request.temperature == nil || !isTemperatureSent || body["temperature"] == nil {
            body["top_p"] = .double(topP)
        }
        // Those of white space alone are refused.
        let stop = request.stop.filter { $0.contains { !$0.isWhitespace } }
        if !stop.isEmpty { body["stop_sequences"] = .array(stop.map { .string($0) }) }
        let user = request.user ?? options["safety_identifier"]?.string
        if let user { body["metadata"] = ["user_id": .string(user)] }
    }

    /// Text, or blocks if the client wrote such, which may mark what is to be cached.
    private static func system(_ messages: [ChatMessage]) throws(ProviderError) -> JSONValue? {
        guard messages.contains(where: { $0.blocks != nil }) else {
            let texts = messages.map(text).filter { !$0.isEmpty }
            return texts.isEmpty ? nil : .string(texts.joined(separator: "\n\n"))
        }
        var blocks: [JSONValue] = []
        for message in messages {
            if let own = message.blocks?.array { blocks += visible(own) } else { blocks += try Self.blocks(message) }
        }
        return blocks.isEmpty ? nil : .array(blocks)
    }

    /// Messages of one role after another become one, as Anthropic's have to alternate.
    private static func messages(_ messages: [ChatMessage]) throws(ProviderError) -> [JSONValue] {
        var turns: [(role: String, content: [JSONValue])] = []
        for message in messages {
            let role = message.role == .assistant ? "assistant" : "user"
            let content = try content(message)
            if content.isEmpty { continue }
            if turns.last?.role == role {
                turns[turns.count - 1].content += content
            } else {
                turns.append((role, content))
            }
        }
        trimEnd(&turns)
        return turns.map { ["role": .string($0.role), "content": .array($0.content)] }
    }

    /// An answer that is to be continued must not end in white space.
    private static func trimEnd(_ turns: inout [(role: String, content: [JSONValue])]) {
        guard let last = turns.last, last.role == "assistant", case .object(var block)? = last.content.last,
            let text = block["text"]?.string, text.last?.isWhitespace == true
        else { return }
        block["text"] = .string(String(text[...(text.lastIndex { !$0.isWhitespace } ?? text.startIndex)]))
        turns[turns.count - 1].content[last.content.count - 1] = .object(block)
    }

    private static func content(_ message: ChatMessage) throws(ProviderError) -> [JSONValue] {
        if let own = message.blocks?.array { return visible(own) }
        var content = try blocks(message)
        if message.role == .tool {
            var result: [String: JSONValue] = [
                "type": "tool_result", "tool_use_id": .string(CallID.plain(message.toolCallID ?? "")),
                "content": .array(content),
            ]
            if message.isError { result["is_error"] = true }
            return [.object(result)]
        }
        if let thoughts = message.thoughts { content = thoughts.signedBlocks + content }
        for call in message.toolCalls?.array ?? [] {
            let function = call["function"]
            let arguments = function?["arguments"]?.string ?? "{}"
            guard let name = function?["name"]?.string, let id = call["id"]?.string,
                case .object(let input)? = try? JSONValue(parsing: Array((arguments.isEmpty ? "{}" : arguments).utf8))
            else { throw ProviderError(.refused, detail: "a tool call is incomplete") }
            content.append([
                "type": "tool_use", "id": .string(CallID.plain(id)), "name": .string(name), "input": .object(input),
            ])
        }
        return content
    }

    /// The client's own blocks without those that Anthropic refuses: empty texts and thoughts without a signature.
    private static func visible(_ blocks: [JSONValue]) -> [JSONValue] {
        blocks.compactMap { block in
            switch block["type"] {
            case "text": return block["text"]?.string?.contains { !$0.isWhitespace } == true ? block : nil
            case "thinking": return block["signature"]?.string?.isEmpty == false ? block : nil
            case "tool_use": return replacing("id", in: block)
            case "tool_result": return replacing("tool_use_id", in: block)
            default: return block
            }
        }
    }

    private static func replacing(_ name: String, in block: JSONValue) -> JSONValue {
        guard case .object(var fields) = block, let id = fields[name]?.string else { return block }
        fields[name] = .string(CallID.plain(id))
        return .object(fields)
    }

    /// The schemas' orders of keys, under the names that Anthropic's API has for them.
    private static func order(of tools: [JSONValue], _ order: KeyOrder?) -> KeyOrder {
        KeyOrder(
            items: tools.indices.map { index in
                guard let order, index < order.items.count,
                    let schema = order.items[index]["function"]?["parameters"] ?? order.items[index]["input_schema"]
                else { return KeyOrder() }
                return KeyOrder([("input_schema", schema)])
            })
    }

    private static func isBlank(_ text: String) -> Bool { !text.contains { !$0.isWhitespace } }

    /// Empty text is refused, and left out.
    private static func blocks(_ message: ChatMessage) throws(ProviderError) -> [JSONValue] {
        guard case .array(let parts)? = message.parts else {
            let text = message.parts?.string ?? message.content
            return isBlank(text) ? [] : [["type": "text", "text": .string(text)]]
        }
        var blocks: [JSONValue] = []
        for part in parts {
            if let text = part["text"]?.string {
                guard !isBlank(text) else { continue }
                var block: [String: JSONValue] = ["type": "text", "text": .string(text)]
                block["cache_control"] = part["cache_control"]
                blocks.append(.object(block))
            } else if let url = part["image_url"]?["url"]?.string {
                blocks.append(["type": "image", "source": try source(url)])
            } else if let file = part["file"], let data = file["file_data"]?.string {
                var block: [String: JSONValue] = ["type": "document", "source": try source(data)]
                block["title"] = file["filename"]
                blocks.append(.object(block))
            } else {
                throw ProviderError(.refused, detail: "a message has a part that is neither text, image nor PDF")
            }
        }
        return blocks
    }

    /// A picture is at an address, or within a `data:` URL; a PDF always is within one.
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
        // Anthropic's own tools, which its clients run.
        if tool["type"] != "function", tool["input_schema"] != nil || tool["name"] != nil { return tool }
        guard case .object(let function)? = tool["function"], let name = function["name"] else {
            throw ProviderError(.refused, detail: "a tool is no function")
        }
        var translated: [String: JSONValue] = ["name": name, "input_schema": ["type": "object"]]
        if let description = function["description"], !description.isNull { translated["description"] = description }
        if let schema = function["parameters"], !schema.isNull { translated["input_schema"] = schema }
        if let strict = function["strict"]?.bool { translated["strict"] = .bool(strict) }
        translated["cache_control"] = tool["cache_control"]
        return .object(translated)
    }

    /// Those of the tools that OpenAI's `allowed_tools` names; all if the choice is another one. Anthropic has no such choice.
    private static func allowed(_ tools: [JSONValue], _ choice: JSONValue?) -> [JSONValue] {
        guard choice?["type"] == "allowed_tools" else { return tools }
        let names = (choice?["allowed_tools"]?["tools"]?.array ?? []).compactMap { $0["function"]?["name"] }
        return tools.filter { tool in tool["function"]?["name"].map(names.contains) ?? false }
    }

    private static func toolChoice(_ options: [String: JSONValue]) -> JSONValue? {
        var choice: [String: JSONValue]
        switch options["tool_choice"] {
        case "none": return ["type": "none"]
        case "required", "any": choice = ["type": "any"]
        case .object(let wanted) where wanted["type"] == "allowed_tools":
            choice = ["type": wanted["allowed_tools"]?["mode"] == "required" ? "any" : "auto"]
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
