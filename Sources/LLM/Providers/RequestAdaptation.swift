import Crypto
import Fairness
import JSON

extension ChatRequest {
    /// The request in the terms of one kind of server that speaks OpenAI's API. Unchanged, and not copied, if nothing in it
    /// needs another form.
    ///
    /// - Parameter namesCache: whether the server knows `prompt_cache_key`.
    func adapted(to kind: VendorKind, namesCache: Bool = false) -> ChatRequest {
        var request = self
        request.options = options.isEmpty ? options : translatedOptions(for: kind, namesCache: namesCache)
        if messages.contains(where: { $0.needsForm(of: kind) }) {
            let kept = kind.thoughtsNames.text != nil
            for index in request.messages.indices {
                if !kept { request.messages[index].thoughts = nil }
                request.messages[index].shortenIDs(to: kind.longestCallID)
            }
            request.messages = Self.movingPictures(request.messages)
        }
        if kind.hasStrictTemplates, Self.needsMerging(request.messages) {
            request.messages = Self.merged(request.messages)
        }
        return request
    }

    private func translatedOptions(for kind: VendorKind, namesCache: Bool) -> [String: JSONValue] {
        var options = options
        // It asks for nothing but a lower price. These vendors cache by themselves.
        options["cache_control"] = nil
        if let thinking = options.removeValue(forKey: "thinking"), options["reasoning_effort"] == nil {
            // Budgets in tokens are Anthropic's; OpenAI's API has levels.
            if let budget = thinking["budget_tokens"]?.int, thinking["type"] == "enabled" {
                options["reasoning_effort"] = budget < 2048 ? "low" : budget < 8192 ? "medium" : "high"
            }
        }
        if kind != .openAI, options["reasoning_effort"] == "max" { options["reasoning_effort"] = "high" }
        if options["reasoning_effort"] == "max" { options["reasoning_effort"] = "xhigh" }
        // Others cache by themselves, too.
        if !namesCache { options["prompt_cache_key"] = nil }
        if let key = options["prompt_cache_key"]?.string {
            // All workspaces share the operator's account at the vendor: none may meet another one's cache.
            options["prompt_cache_key"] = .string(CallID.hash("\(caller?.workspace ?? "") \(key)"))
        }
        if kind == .local { Self.chooseTools(&options) }
        if options["service_tier"] == "standard_only" { options["service_tier"] = "default" }
        if kind != .openRouter, let tools = options["tools"]?.array,
            tools.contains(where: { $0["cache_control"] != nil })
        {
            options["tools"] = .array(tools.map { $0.without("cache_control") })
        }
        return options
    }

    /// llama.cpp knows the words alone and ignores a choice by name: only the tools that may be called are sent to it.
    private static func chooseTools(_ options: inout [String: JSONValue]) {
        guard case .object(let choice)? = options["tool_choice"] else { return }
        let allowed = choice["allowed_tools"]
        let names = (allowed?["tools"]?.array ?? [.object(choice)]).compactMap { $0["function"]?["name"] }
        options["tools"] = .array(
            (options["tools"]?.array ?? []).filter { $0["function"]?["name"].map(names.contains) ?? false })
        options["tool_choice"] = allowed == nil ? "required" : allowed?["mode"] ?? "auto"
    }

    /// OpenAI's API has pictures in messages of users alone: those that a tool has made follow its message as a user's.
    private static func movingPictures(_ messages: [ChatMessage]) -> [ChatMessage] {
        var out: [ChatMessage] = []
        var moved: [JSONValue] = []
        func flush() {
            guard !moved.isEmpty else { return }
            out.append(
                ChatMessage(
                    role: .user, content: "The tool's result:",
                    parts: .array([["type": "text", "text": "The tool's result:"]] + moved)))
            moved = []
        }
        for var message in messages {
            if message.role != .tool { flush() }
            if message.role == .tool {
                if case .array(let parts)? = message.parts {
                    let others = parts.filter { $0["text"]?.string == nil }
                    moved += others
                    let texts = parts.compactMap { $0["text"]?.string }
                    message.content =
                        texts.isEmpty && !others.isEmpty ? "See the next message." : texts.joined(separator: "\n")
                    message.parts = nil
                }
                if message.isError { message.content = "The tool failed with an error: \(message.content)" }
            }
            out.append(message)
        }
        flush()
        return out
    }

    /// By index: messages are large to copy, and their roles nearly always alternate.
    private static func needsMerging(_ messages: [ChatMessage]) -> Bool {
        messages.indices.dropFirst().contains { index in
            messages[index - 1].role == messages[index].role && messages[index - 1].canMerge(with: messages[index])
        }
    }

    /// Neighbours of one role become one message, as chat templates want the roles to alternate.
    private static func merged(_ messages: [ChatMessage]) -> [ChatMessage] {
        var out: [ChatMessage] = []
        for message in messages {
            if let last = out.last, last.canMerge(with: message) {
                out[out.count - 1].append(message)
            } else {
                out.append(message)
            }
        }
        return out
    }
}

extension ChatMessage {
    fileprivate func needsForm(of kind: VendorKind) -> Bool {
        thoughts != nil || isError || role == .tool && parts != nil
            || kind.longestCallID < .max
                && (toolCallID?.utf8.count ?? 0 > kind.longestCallID
                    || toolCalls?.array?.contains { $0["id"]?.string?.utf8.count ?? 0 > kind.longestCallID } == true)
    }

    fileprivate func canMerge(with next: ChatMessage) -> Bool {
        role == next.role && role != .tool && toolCalls == nil && name == next.name
    }

    fileprivate mutating func append(_ next: ChatMessage) {
        if parts != nil || next.parts != nil {
            parts = .array(partList + next.partList)
        }
        content = content.isEmpty || next.content.isEmpty ? content + next.content : "\(content)\n\n\(next.content)"
        toolCalls = next.toolCalls
        if let more = next.thoughts {
            thoughts = Thoughts(
                text: (thoughts?.text ?? "") + more.text, details: (thoughts?.details ?? []) + more.details)
        }
        blocks = nil
    }

    private var partList: [JSONValue] {
        parts?.array ?? (content.isEmpty ? [] : [["type": "text", "text": .string(content)]])
    }

    fileprivate mutating func shortenIDs(to longest: Int) {
        guard longest < .max else { return }
        toolCallID = toolCallID.map { CallID.shortened($0, to: longest) }
        guard let calls = toolCalls?.array else { return }
        toolCalls = .array(
            calls.map { call in
                guard case .object(var fields) = call, let id = fields["id"]?.string else { return call }
                fields["id"] = .string(CallID.shortened(id, to: longest))
                return .object(fields)
            })
    }
}

/// Ids of tools' calls, which some vendors bound: a longer one becomes its hash, the same in a call and in its result.
enum CallID {
    static func shortened(_ id: String, to longest: Int) -> String {
        id.utf8.count <= longest ? id : hashed(id)
    }

    /// For Anthropic, which takes letters, digits, hyphens and underscores only.
    static func plain(_ id: String) -> String {
        let isPlain = id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return isPlain && (1...64).contains(id.utf8.count) ? id : hashed(id)
    }

    private static func hashed(_ id: String) -> String { "call_" + hash(id) }

    /// 32 hexadecimal digits.
    static func hash(_ text: String) -> String {
        SHA256.hash(data: Array(text.utf8)).prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension JSONValue {
    func without(_ name: String) -> JSONValue {
        guard case .object(var members) = self else { return self }
        members[name] = nil
        return .object(members)
    }
}
