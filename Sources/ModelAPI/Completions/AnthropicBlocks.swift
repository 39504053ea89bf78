import Chat
import Chatbots
import HTTPKit
import JSON
import LLM

/// A message's content in Anthropic's form.
struct AnthropicBlocks {
    private let blocks: [JSONValue]
    private let isText: Bool

    init(_ content: JSONValue, at path: String) throws(APIError) {
        switch content {
        case .string(let text): (blocks, isText) = ([["type": "text", "text": .string(text)]], true)
        case .array(let items): (blocks, isText) = (items, false)
        default: throw .invalid(path, "'\(path)' must be a text or an array of blocks.")
        }
    }

    /// What tools answered comes as messages of its own, before what the user adds. Each message also holds the blocks that
    /// it was made of, for Anthropic's own models.
    func messages(_ role: MessageRequest.Turn.Role, _ path: String) throws(APIError) -> [ChatMessage] {
        if role == .system { return [ChatMessage(role: .system, content: try text(path))] }
        var messages: [ChatMessage] = []
        var (parts, calls, own, thoughts): ([JSONValue], [JSONValue], [JSONValue], [JSONValue]) = ([], [], [], [])
        for (index, block) in blocks.enumerated() {
            let place = "\(path)[\(index)]"
            switch block["type"]?.string {
            case "tool_use" where role == .assistant: calls.append(try call(block, place))
            case "tool_result" where role == .user:
                messages.append(try result(block, place))
                continue
            case "thinking" where role == .assistant, "redacted_thinking" where role == .assistant:
                thoughts.append(block)
            // What ran at Anthropic once means nothing to other models.
            case "server_tool_use" where role == .assistant: break
            case let type? where role == .assistant && type.hasSuffix("_tool_result"): break
            default: parts += try Self.parts(block, place)
            }
            own.append(block)
        }
        if !own.isEmpty || messages.isEmpty {
            var message = message(role == .user ? .user : .assistant, parts)
            message.toolCalls = calls.isEmpty ? nil : .array(calls)
            message.blocks = isText ? nil : .array(own)
            let known = Thoughts(blocks: thoughts)
            message.thoughts = known.isEmpty ? nil : known
            messages.append(message)
        }
        return messages
    }

    /// Throws if there is anything but text.
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

    private static func parts(_ block: JSONValue, _ place: String) throws(APIError) -> [JSONValue] {
        let source = block["source"]
        if let file = FileReference(anthropic: block) { return [file.part] }
        switch block["type"]?.string {
        case "text":
            if let text = block["text"]?.string { return [["type": "text", "text": .string(text)]] }
        case "image":
            if source?["type"] == "url", let url = source?["url"]?.string {
                return [["type": "image_url", "image_url": ["url": .string(url)]]]
            }
            if source?["type"] == "base64", let type = source?["media_type"]?.string, let data = source?["data"]?.string
            {
                return [["type": "image_url", "image_url": ["url": .string("data:\(type);base64,\(data)")]]]
            }
        case "document":
            let title = block["title"]?.string.map { "\($0)\n\n" } ?? ""
            if source?["type"] == "text", let text = source?["data"]?.string {
                return [["type": "text", "text": .string(title + text)]]
            }
            if source?["type"] == "content", let content = source?["content"] {
                var inner: [JSONValue] = []
                for block in try AnthropicBlocks(content, at: "\(place).source.content").blocks {
                    inner += try parts(block, "\(place).source.content")
                }
                return inner
            }
        case "search_result":
            if let content = block["content"]?.array {
                let text = content.compactMap { $0["text"]?.string }.joined(separator: "\n")
                let head = ["title", "source"].compactMap { block[$0]?.string }.joined(separator: "\n")
                return [["type": "text", "text": .string("\(head)\n\n\(text)")]]
            }
        default: break
        }
        throw .invalid(
            place,
            "'\(place)' must be a block of text, an image, a document, or a tool's use or result where it may be."
        )
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
            for (index, block) in inner.enumerated() {
                parts += try Self.parts(block, "\(place).content[\(index)]")
            }
        }
        var message = message(.tool, parts)
        message.toolCallID = id
        message.isError = block["is_error"] == true
        message.blocks = .array([block])
        return message
    }
}
