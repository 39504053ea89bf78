import JSON

/// The marks such as `<|im_start|>` that chat templates put between speakers.
package enum ChatMarks {
    private static let all = [
        "<|", "|>", "<｜", "｜>", "<start_of_turn>", "<end_of_turn>", "<s>", "</s>", "[INST]", "[/INST]", "<<SYS>>",
        "<</SYS>>", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]",
    ].map { Array($0.unicodeScalars) }
    private static let beginnings = Set(all.map { $0[0] })

    /// Nearly every text has none, and bytes are looked through much faster than scalars. The last is how `｜` begins.
    fileprivate static func mayHaveOne(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            // Arithmetic without a way out of the loop, so that many bytes are looked at in one step.
            var found: UInt8 = 0
            for byte in bytes {
                found |= (byte == UInt8(ascii: "<") ? 1 : 0) | (byte == UInt8(ascii: "|") ? 1 : 0)
                found |= (byte == UInt8(ascii: "[") ? 1 : 0) | (byte == 0xEF ? 1 : 0)
            }
            return found != 0
        }
    }

    /// With a blank in each mark, so that a template no longer takes it for one. Scalar by scalar, for a mark's last
    /// character may carry accents.
    package static func broken(_ text: String) -> String {
        guard mayHaveOne(text) else { return text }
        let scalars = Array(text.unicodeScalars)
        var out = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            out.append(scalar)
            if beginnings.contains(scalar), all.contains(where: scalars[index...].starts(with:)) { out.append(" ") }
        }
        return String(out)
    }
}

extension ChatRequest {
    /// For a server that reads marks wherever they stand: what people wrote cannot pass for another speaker. Prompts are left
    /// as they are; a variable's value has had its marks broken before.
    func breakingMarks() -> ChatRequest {
        var request = self
        for index in messages.indices where messages[index].role != .system && messages[index].mayHaveMarks {
            request.messages[index].content = ChatMarks.broken(request.messages[index].content)
            request.messages[index].name = request.messages[index].name.map(ChatMarks.broken)
            request.messages[index].parts = request.messages[index].parts.map(ChatMarks.broken)
            request.messages[index].toolCalls = request.messages[index].toolCalls.map(ChatMarks.broken)
        }
        return request
    }
}

extension ChatMessage {
    fileprivate var mayHaveMarks: Bool {
        ChatMarks.mayHaveOne(content) || name != nil || parts != nil || toolCalls != nil
    }
}

extension ChatMarks {
    fileprivate static func broken(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(broken(text))
        case .array(let items): .array(items.map { broken($0) })
        case .object(let members): .object(members.mapValues { broken($0) })
        default: value
        }
    }
}
