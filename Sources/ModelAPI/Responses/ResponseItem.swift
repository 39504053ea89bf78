import HTTPKit
import JSON
import Knowledge
import LLM

/// One item of a response's output, as far as it has come.
struct ResponseItem: Sendable {
    enum Kind: Sendable, Equatable {
        case message, reasoning
        /// - Parameter index: the call's in the vendor's stream.
        case call(isCustom: Bool, index: Int64)
    }

    struct Part: Sendable {
        let isRefusal: Bool
        var text = ""
        var logprobs: [JSONValue] = []
        var annotations: [JSONValue] = []
        /// Of the text, in Unicode scalars.
        var length = 0

        var json: JSONValue {
            isRefusal
                ? ["type": "refusal", "refusal": .string(text)]
                : [
                    "type": "output_text", "text": .string(text), "annotations": .array(annotations),
                    "logprobs": .array(logprobs),
                ]
        }

        /// Another answer has other sources, for which the numbers of these would be taken.
        var uncited: String { annotations.isEmpty ? text : CitationScanner.stripped(text) }
    }

    let kind: Kind
    let id: String
    /// Whether no event of it is due any more.
    var isDone = false
    /// Whether it ended before it was whole.
    var isCut = false
    /// The content of a message.
    var parts: [Part] = []
    var thoughts = Thoughts()
    /// The same, encrypted for the client; nil if it has not asked for that.
    var sealed: String?
    var callID = ""
    var name = ""
    /// A call's arguments or input.
    var text = ""

    init(_ kind: Kind, id: String) {
        self.kind = kind
        self.id = id
    }

    private var status: JSONValue { isCut ? "incomplete" : isDone ? "completed" : "in_progress" }

    /// Whether a call's arguments are a whole object, so that the next call may begin.
    var isWhole: Bool { (try? JSONValue(parsing: text.utf8))?.object != nil }

    func json(showsSummary: Bool) -> JSONValue {
        var members: [String: JSONValue] = ["id": .string(id), "status": status]
        switch kind {
        case .message:
            members["type"] = "message"
            members["role"] = "assistant"
            members["content"] = .array(parts.map(\.json))
        case .reasoning:
            members["type"] = "reasoning"
            let shown: [JSONValue] = thoughts.text.isEmpty ? [] : [Self.thought(thoughts.text, isSummary: showsSummary)]
            members["summary"] = showsSummary ? .array(shown) : []
            if !showsSummary { members["content"] = .array(shown) }
            if let sealed { members["encrypted_content"] = .string(sealed) }
        case .call(let isCustom, _):
            members["type"] = isCustom ? "custom_tool_call" : "function_call"
            members["call_id"] = .string(callID)
            members["name"] = .string(name)
            members[isCustom ? "input" : "arguments"] = .string(text)
        }
        return .object(members)
    }

    static func thought(_ text: String, isSummary: Bool) -> JSONValue {
        ["type": isSummary ? "summary_text" : "reasoning_text", "text": .string(text)]
    }

    /// Adds it to what a model gets when the conversation goes on.
    func add(to messages: inout ItemMessages) {
        switch kind {
        case .message: messages.add(text: parts.map(\.uncited).joined(separator: "\n"))
        // Those of an attempt that failed are signed for an answer that never came.
        case .reasoning: if !isCut { messages.add(thoughts) }
        case .call(let isCustom, _):
            if !isCut { messages.add(call: ItemMessages.call(id: callID, custom: isCustom, name: name, text: text)) }
        }
    }
}
