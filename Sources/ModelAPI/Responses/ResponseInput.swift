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

    /// - Parameters:
    ///   - idBase: begins the ids of items that have none.
    ///   - known: ids of the tools' calls in the responses that this one continues.
    ///   - references: the stored items that the input refers to.
    ///   - unseal: the thoughts in an `encrypted_content`.
    init(
        _ input: JSONValue?, idBase: String, known: Set<String> = [],
        references: ResponseReferences = ResponseReferences(), files: ItemFiles,
        unseal: (_ text: String, _ place: String) throws(APIError) -> Thoughts
    ) async throws {
        var reader = ItemReader(calls: known, files: files)
        calls = known
        switch input {
        case nil, .null, .array([]): return
        case .string(let text):
            items = [Self.shown(["role": "user", "content": .string(text)], id: "msg_\(idBase)_i0")]
            reader.messages.add(ChatMessage(role: .user, content: text))
        case .array(let given):
            guard given.count <= Self.most else {
                throw APIError.invalid("input", "'input' may have up to \(Self.most) items.")
            }
            for (index, item) in given.enumerated() {
                let place = "input[\(index)]"
                let item = try references.resolved(item, place)
                try await reader.read(item, place, unseal)
                items.append(Self.shown(item, id: "msg_\(idBase)_i\(index)"))
            }
        default: throw APIError.invalid("input", "'input' must be a text, or an array of items.")
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
    let files: ItemFiles

    mutating func read(
        _ item: JSONValue, _ place: String, _ unseal: (String, String) throws(APIError) -> Thoughts
    ) async throws {
        let type = item["type"]?.string ?? (item["role"] == nil ? "" : "message")
        switch type {
        case "message": try await readMessage(item, place)
        case "reasoning": messages.add(try thoughts(item, place, unseal))
        case "function_call", "custom_tool_call": try readCall(item, place, isCustom: type == "custom_tool_call")
        case "function_call_output", "custom_tool_call_output": try await readResult(item, place)
        case "": throw APIError.invalid(place, "'\(place)' must be an item with a 'type'.")
        default:
            throw APIError(
                .unsupportedInput,
                "Items of the type '\(type.prefix(64))' are not supported. Use 'message', 'reasoning', 'function_call', "
                    + "'custom_tool_call', their outputs, and 'item_reference'.", param: place)
        }
    }

    private mutating func readMessage(_ item: JSONValue, _ place: String) async throws {
        let role: ChatMessage.Role
        switch item["role"]?.string {
        case "user": role = .user
        case "assistant": role = .assistant
        case "system", "developer": role = .system
        default:
            throw APIError.invalid(
                "\(place).role", "'\(place).role' must be 'user', 'assistant', 'system' or 'developer'.")
        }
        let parts = try await ItemParts(item["content"], "\(place).content", files)
        guard role == .user || parts.isText else {
            throw APIError.invalid(
                "\(place).content",
                "'\(place).content' must be text: pictures and PDF files are for users' messages.")
        }
        guard role != .assistant else { return messages.add(text: parts.text) }
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

    private mutating func readResult(_ item: JSONValue, _ place: String) async throws {
        guard let id = item["call_id"]?.string else {
            throw APIError.invalid(place, "'\(place)' must have a 'call_id'.")
        }
        guard calls.contains(id) else {
            throw APIError.invalid(
                "\(place).call_id", "No call of a tool before '\(place)' has the 'call_id' that it answers.")
        }
        let parts = try await ItemParts(item["output"], "\(place).output", files)
        var message = ChatMessage(role: .tool, content: parts.text, parts: parts.chatParts)
        message.toolCallID = id
        messages.add(message)
    }
}
