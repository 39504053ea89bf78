import HTTPKit
import JSON
import LLM

/// The items of a response's input, as they are stored and listed, and the messages that a model gets for them.
struct ResponseInput: Sendable {
    private(set) var items: [JSONValue] = []
    private(set) var messages: [ChatMessage] = []
    /// Ids of the calls of tools that a result may answer.
    private(set) var calls: Set<String>

    private static let most = 2048

    /// - Parameter idBase: begins the ids of items that have none.
    /// - Parameter known: ids of the tools' calls in the responses that this one continues.
    /// - Parameter unseal: the thoughts in an `encrypted_content`.
    init(
        _ input: JSONValue?, idBase: String, known: Set<String> = [],
        unseal: (_ text: String, _ place: String) throws(APIError) -> Thoughts
    ) throws(APIError) {
        var reader = ItemReader(calls: known)
        calls = known
        switch input {
        case nil, .null, .array([]): return
        case .string(let text):
            items = [Self.shown(["role": "user", "content": .string(text)], id: "msg_\(idBase)_i0")]
            reader.messages.add(ChatMessage(role: .user, content: text))
        case .array(let given):
            guard given.count <= Self.most else {
                throw .invalid("input", "'input' may have up to \(Self.most) items.")
            }
            for (index, item) in given.enumerated() {
                try reader.read(item, "input[\(index)]", unseal)
                items.append(Self.shown(item, id: "msg_\(idBase)_i\(index)"))
            }
        default: throw .invalid("input", "'input' must be a text, or an array of items.")
        }
        messages = reader.messages.finish()
        calls = reader.calls
    }

    /// Adds the members that an item has in lists.
    private static func shown(_ item: JSONValue, id: String) -> JSONValue {
        guard case .object(var members) = item else { return item }
        members = members.filter { !$0.value.isNull }
        if members["id"]?.string == nil { members["id"] = .string(id) }
        if members["status"] == nil { members["status"] = "completed" }
        guard members["type"] == nil || members["type"] == "message" else { return .object(members) }
        members["type"] = "message"
        if case .string(let text)? = members["content"] {
            let isAnswer = members["role"] == "assistant"
            members["content"] = [
                isAnswer
                    ? ["type": "output_text", "text": .string(text), "annotations": []]
                    : ["type": "input_text", "text": .string(text)]
            ]
        }
        return .object(members)
    }
}

/// Reads items one after another.
private struct ItemReader {
    var messages = ItemMessages()
    /// Ids of the calls that a result may answer.
    var calls: Set<String>

    mutating func read(
        _ item: JSONValue, _ place: String, _ unseal: (String, String) throws(APIError) -> Thoughts
    ) throws(APIError) {
        let type = item["type"]?.string ?? (item["role"] == nil ? "" : "message")
        switch type {
        case "message": try readMessage(item, place)
        case "reasoning": messages.add(try thoughts(item, place, unseal))
        case "function_call", "custom_tool_call": try readCall(item, place, isCustom: type == "custom_tool_call")
        case "function_call_output", "custom_tool_call_output": try readResult(item, place)
        case "": throw .invalid(place, "'\(place)' must be an item with a 'type'.")
        default:
            throw APIError(
                .unsupportedInput,
                "Items of the type '\(type.prefix(64))' are not supported. Use 'message', 'reasoning', 'function_call', "
                    + "'custom_tool_call' and their outputs.", param: place)
        }
    }

    private mutating func readMessage(_ item: JSONValue, _ place: String) throws(APIError) {
        let role: ChatMessage.Role
        switch item["role"]?.string {
        case "user": role = .user
        case "assistant": role = .assistant
        case "system", "developer": role = .system
        default:
            throw .invalid(
                "\(place).role", "'\(place).role' must be 'user', 'assistant', 'system' or 'developer'.")
        }
        let parts = try ItemParts(item["content"], "\(place).content")
        guard role != .assistant else { return messages.add(text: parts.text) }
        guard role == .user || !parts.hasPictures else {
            throw .invalid("\(place).content", "'\(place).content' must be text: pictures are for users' messages.")
        }
        messages.add(ChatMessage(role: role, content: parts.text, parts: parts.chatParts))
    }

    private func thoughts(
        _ item: JSONValue, _ place: String, _ unseal: (String, String) throws(APIError) -> Thoughts
    ) throws(APIError) -> Thoughts {
        if let sealed = item["encrypted_content"]?.string {
            return try unseal(sealed, "\(place).encrypted_content")
        }
        let content = item["content"]?.array ?? []
        let texts = (content.isEmpty ? item["summary"]?.array ?? [] : content).compactMap { $0["text"]?.string }
        return Thoughts(text: texts.joined(separator: "\n\n"))
    }

    private mutating func readCall(_ item: JSONValue, _ place: String, isCustom: Bool) throws(APIError) {
        let field = isCustom ? "input" : "arguments"
        guard let id = item["call_id"]?.string, let name = item["name"]?.string, let text = item[field]?.string else {
            throw .invalid(place, "'\(place)' must have a 'call_id', a 'name' and '\(field)'.")
        }
        calls.insert(id)
        messages.add(call: ItemMessages.call(id: id, custom: isCustom, name: name, text: text))
    }

    private mutating func readResult(_ item: JSONValue, _ place: String) throws(APIError) {
        guard let id = item["call_id"]?.string else { throw .invalid(place, "'\(place)' must have a 'call_id'.") }
        guard calls.contains(id) else {
            throw .invalid("\(place).call_id", "No call of a tool before '\(place)' has the 'call_id' that it answers.")
        }
        let parts = try ItemParts(item["output"], "\(place).output")
        var message = ChatMessage(role: .tool, content: parts.text, parts: parts.chatParts)
        message.toolCallID = id
        messages.add(message)
    }
}

/// The content of a message or of a tool's result.
private struct ItemParts {
    private(set) var text = ""
    private(set) var hasPictures = false
    /// The parts in the form of chat completions; nil if it is one text.
    private(set) var chatParts: JSONValue?

    init(_ content: JSONValue?, _ place: String) throws(APIError) {
        switch content {
        case .string(let text): self.text = text
        case .array(let given):
            var parts: [JSONValue] = []
            for (index, part) in given.enumerated() { parts.append(try Self.part(part, "\(place)[\(index)]")) }
            text = parts.compactMap { $0["text"]?.string }.joined(separator: "\n")
            hasPictures = parts.contains { $0["image_url"] != nil }
            if hasPictures { chatParts = .array(parts) }
        default: throw .invalid(place, "'\(place)' must be a text or an array of parts.")
        }
    }

    private static func part(_ part: JSONValue, _ place: String) throws(APIError) -> JSONValue {
        switch part["type"]?.string {
        case "input_text", "output_text", "text", "summary_text":
            if let text = part["text"]?.string { return ["type": "text", "text": .string(text)] }
        case "refusal": if let text = part["refusal"]?.string { return ["type": "text", "text": .string(text)] }
        case "input_image":
            guard let url = part["image_url"]?.string else {
                throw APIError(
                    .unsupportedInput, "'\(place)' must have an 'image_url': files of pictures cannot be named here.",
                    param: place)
            }
            var image: [String: JSONValue] = ["url": .string(url)]
            if let detail = part["detail"]?.string { image["detail"] = .string(detail) }
            return ["type": "image_url", "image_url": .object(image)]
        // Their cost is not known before the call.
        case "input_file", "input_audio":
            throw APIError(
                .unsupportedInput, "'\(place)' is of a type that is not supported. Send text or pictures.", param: place
            )
        default: break
        }
        throw .invalid(place, "'\(place)' must be a part of the type 'input_text', 'input_image' or 'output_text'.")
    }
}
