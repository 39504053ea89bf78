import JSON

/// The marks such as `<|im_start|>` that chat templates put between speakers, and around tools and thoughts.
package enum ChatMarks {
    /// Written as the templates do; found in any case, and with full-width signs, which some tokenizers make plain.
    static let all = [
        // Most templates: ChatML, Llama 3 and 4, Phi, Qwen, GLM, Granite, EXAONE; DeepSeek's with full-width bars.
        "<|", "|>", "[|", "|]",
        // Gemma.
        "<start_of_turn>", "<end_of_turn>", "<start_of_image>", "<end_of_image>", "<bos>", "<eos>", "<unused",
        // Llama 2 and Mistral.
        "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[AVAILABLE_TOOLS]",
        "[/AVAILABLE_TOOLS]", "[TOOL_CALLS]", "[/TOOL_CALLS]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[TOOL_CONTENT]",
        "[/TOOL_CONTENT]", "[CALL_ID]", "[ARGS]", "[THINK]", "[/THINK]", "[IMG]", "[IMG_BREAK]", "[IMG_END]",
        "[MODEL_SETTINGS]", "[/MODEL_SETTINGS]", "[BEGIN_AUDIO]", "[PREFIX]", "[SUFFIX]", "[MIDDLE]",
        // Qwen, Hermes, DeepSeek and others: tools and thoughts.
        "<tool_call>", "</tool_call>", "<tool_calls>", "</tool_calls>", "<tool_response>", "</tool_response>",
        "<tool_result>", "</tool_result>", "<tools>", "</tools>", "<toolcall>", "</toolcall>", "<tool_sep>", "<think>",
        "</think>", "<arg_key>", "</arg_key>",
        "<arg_value>", "</arg_value>", "<function_calls>", "</function_calls>", "<function=", "</function>",
        "<parameter=", "</parameter>", "<minimax:", "</minimax:", "<seed:", "</seed:",
        // Cohere, GLM, InternLM, Baichuan, Nemotron, MiniMax, Kimi.
        "<BOS_TOKEN>", "<EOS_TOKEN>", "<PAD_TOKEN>", "[gMASK]", "[sMASK]", "<sop>", "<eop>", "[BOS]", "[EOS]",
        "[UNUSED_TOKEN_", "<reserved_", "<SPECIAL_", "<extra_id_", "]~b]", "]~!b[", "[e~[",
        // Code models, SmolLM's among them.
        "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<fim_pad>", "<file_sep>", "<repo_name>", "<reponame>",
        "<filename>", "<gh_stars>", "<issue_start>", "<issue_comment>", "<issue_closed>", "<jupyter_start>",
        "<jupyter_text>", "<jupyter_code>", "<jupyter_output>", "<jupyter_script>", "<empty_output>",
        "<commit_before>", "<commit_msg>", "<commit_after>",
    ].map { $0.unicodeScalars.map(plain) }
    /// Found as they are written alone: in other cases they are HTML.
    static let exact = ["<s>", "</s>", "<pad>", "<unk>", "<EOT>", "<PRE>", "<SUF>", "<MID>"]
        .map { Array($0.unicodeScalars) }
    private static let beginnings = Set((all + exact).map { $0[0] })
    /// Those that begin with two scalars, so that a text full of `<` is compared with few.
    private static let candidates = Dictionary(grouping: all) { Pair($0[0], $0[1]) }

    private struct Pair: Hashable {
        let first, second: Unicode.Scalar

        init(_ first: Unicode.Scalar, _ second: Unicode.Scalar) {
            self.first = first
            self.second = second
        }
    }

    /// The scalar in lower case, with an ASCII sign in place of its full-width or small form.
    static func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0x41...0x5A: Unicode.Scalar(scalar.value + 0x20)!
        case 0xFF01...0xFF5E: plain(Unicode.Scalar(scalar.value - 0xFEE0)!)
        case 0xFE64: "<"
        case 0xFE65: ">"
        // Cut-off and vertical forms.
        case 0xFE47: "["
        case 0xFE48: "]"
        default: scalar
        }
    }

    private static func beginsMark(_ scalars: ArraySlice<Unicode.Scalar>) -> Bool {
        guard scalars.count > 1, let first = scalars.first else { return false }
        let pair = Pair(plain(first), plain(scalars[scalars.startIndex + 1]))
        if candidates[pair]?.contains(where: { scalars.lazy.map(plain).starts(with: $0) }) == true { return true }
        return first == "<" && exact.contains { scalars.starts(with: $0) }
    }

    /// Nearly every text has none, and bytes are looked through much faster than scalars. The last is how `｜` and the
    /// other full-width signs begin.
    fileprivate static func mayHaveOne(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            // Arithmetic without a way out of the loop, so that many bytes are looked at in one step.
            var found: UInt8 = 0
            for byte in bytes {
                found |= (byte == UInt8(ascii: "<") ? 1 : 0) | (byte == UInt8(ascii: "|") ? 1 : 0)
                found |= (byte == UInt8(ascii: "[") ? 1 : 0) | (byte == UInt8(ascii: "]") ? 1 : 0)
                found |= byte == 0xEF ? 1 : 0
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
            if beginnings.contains(plain(scalar)), beginsMark(scalars[index...]) { out.append(" ") }
        }
        return String(out)
    }
}

extension ChatRequest {
    /// For a server that reads marks wherever they stand: what people wrote cannot pass for another requester. Prompts are left
    /// as they are; a variable's value has had its marks broken before.
    func breakingMarks() -> ChatRequest {
        var request = self
        for index in messages.indices where messages[index].role != .system && messages[index].mayHaveMarks {
            request.messages[index].content = ChatMarks.broken(request.messages[index].content)
            request.messages[index].name = request.messages[index].name.map(ChatMarks.broken)
            request.messages[index].parts = request.messages[index].parts.map(ChatMarks.broken)
            if let thoughts = request.messages[index].thoughts {
                request.messages[index].thoughts?.text = ChatMarks.broken(thoughts.text)
            }
            request.messages[index].toolCalls = request.messages[index].toolCalls.map(ChatMarks.broken)
        }
        return request
    }
}

extension ChatMessage {
    fileprivate var mayHaveMarks: Bool {
        ChatMarks.mayHaveOne(content) || name != nil || parts != nil || toolCalls != nil || thoughts != nil
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
