import Chat
import Chatbots
import HTTPKit
import JSON
import LLM
import Platform

extension ClientFileReader {
    /// The request with its files read: each is text, a picture or a PDF then, in parts and in Anthropic's blocks.
    func resolved(_ asked: CompletionRequest) async throws -> CompletionRequest {
        var asked = asked
        for index in asked.messages.indices where asked.messages[index].hasFiles {
            asked.messages[index] = try await resolved(asked.messages[index], at: "messages[\(index)]")
        }
        return asked
    }

    private func resolved(_ message: ChatMessage, at place: String) async throws -> ChatMessage {
        var message = message
        var parts = message.parts?.array ?? []
        for index in parts.indices {
            guard let file = parts[index]["file"] else { continue }
            let place = "\(place).content[\(index)]"
            guard let reference = FileReference(openAI: file) else {
                throw APIError.invalid(place, "'\(place).file' must have a 'file_id', or 'file_data' and a 'filename'.")
            }
            parts[index] = try await part(reference, at: place)
        }
        let texts = parts.compactMap { $0["text"]?.string }
        message.content = texts.joined(separator: "\n")
        message.parts = texts.count == parts.count ? nil : .array(parts)
        if let blocks = message.blocks?.array {
            message.blocks = .array(try await resolved(blocks: blocks, at: "\(place).content"))
        }
        return message
    }

    private func resolved(blocks: [JSONValue], at place: String) async throws -> [JSONValue] {
        var blocks = blocks
        for index in blocks.indices {
            let place = "\(place)[\(index)]"
            if let reference = FileReference(anthropic: blocks[index]) {
                blocks[index] = try await block(blocks[index], reference, at: place)
            } else if blocks[index]["type"] == "tool_result", let inner = blocks[index]["content"]?.array,
                case .object(var members) = blocks[index]
            {
                members["content"] = .array(try await resolved(blocks: inner, at: "\(place).content"))
                blocks[index] = .object(members)
            }
        }
        return blocks
    }
}

extension ChatMessage {
    fileprivate var hasFiles: Bool { parts?.array?.contains { $0["file"] != nil } ?? false }
}
