package import JSON

/// What a model thought before it answered, whichever form its vendor has for it.
package struct Thoughts: Sendable, Equatable {
    package var text: String
    /// OpenRouter's `reasoning_details`, which also hold the signatures of Anthropic's blocks. Some vendors need them
    /// back unchanged while a model calls tools.
    package var details: [JSONValue]

    package init(text: String = "", details: [JSONValue] = []) {
        self.text = text
        self.details = details
    }

    package var isEmpty: Bool { text.isEmpty && details.isEmpty }

    private static let format: JSONValue = "anthropic-claude-v1"

    /// Anthropic's `thinking` and `redacted_thinking` blocks.
    package init(blocks: [JSONValue]) {
        self.init()
        for block in blocks {
            if block["type"] == "redacted_thinking" {
                details.append(["type": "reasoning.encrypted", "data": block["data"] ?? "", "format": Self.format])
            } else {
                text += block["thinking"]?.string ?? ""
                guard let signature = block["signature"], signature.string?.isEmpty == false else { continue }
                details.append([
                    "type": "reasoning.text", "text": block["thinking"] ?? "", "signature": signature,
                    "format": Self.format,
                ])
            }
        }
    }

    /// Blocks that Anthropic accepts in a request: those that its models have signed or encrypted.
    package var signedBlocks: [JSONValue] {
        details.compactMap { detail in
            switch detail["type"] {
            case "reasoning.text":
                guard let signature = detail["signature"], signature.string?.isEmpty == false else { return nil }
                return ["type": "thinking", "thinking": detail["text"] ?? "", "signature": signature]
            case "reasoning.encrypted":
                guard detail["format"] == Self.format, let data = detail["data"]?.string else { return nil }
                return ["type": "redacted_thinking", "data": .string(data)]
            default: return nil
            }
        }
    }

    /// The same for a reader, including thoughts without a signature.
    package var blocks: [JSONValue] {
        let signed = signedBlocks
        if !signed.isEmpty || text.isEmpty { return signed }
        return [["type": "thinking", "thinking": .string(text), "signature": ""]]
    }

    /// Adds pieces of details as they are streamed: a piece of text continues the text before it.
    package mutating func add(details pieces: [JSONValue]) {
        for piece in pieces {
            guard case .object(let fields) = piece, case .object(var last)? = details.last,
                last["type"] == fields["type"], last["index"] == fields["index"], fields["index"] != nil,
                fields["type"] != "reasoning.encrypted"
            else {
                details.append(piece)
                continue
            }
            for (name, value) in fields where !value.isNull {
                if case .string(let more) = value, case .string(let text)? = last[name],
                    ["text", "summary", "signature"].contains(name)
                {
                    last[name] = .string(text + more)
                } else {
                    last[name] = value
                }
            }
            details[details.count - 1] = .object(last)
        }
    }
}

/// Separates thoughts that stand in the text, between marks such as `<think>` at its very beginning, from the answer. Compares
/// by Unicode scalars: a piece may end within a character.
struct ThoughtSplitter {
    private typealias Scalars = String.UnicodeScalarView

    private static let marks: [(begin: Scalars, end: Scalars)] = [
        ("<think>", "</think>"), ("<thinking>", "</thinking>"), ("<thought>", "</thought>"), ("[THINK]", "[/THINK]"),
    ].map { ($0.0.unicodeScalars, $0.1.unicodeScalars) }
    /// White space that may come before a mark, in Unicode scalars.
    static let mostBlanks = 1024

    private enum State {
        /// Nothing but white space, or the beginning of a mark, has come.
        case start(Scalars)
        case thinking(end: Scalars, held: Scalars)
        /// White space between the thoughts and the answer is neither.
        case between
        case answer
    }

    private var state = State.start(Scalars())

    /// Whether all that comes is the answer.
    var isPlain: Bool { if case .answer = state { true } else { false } }

    mutating func add(_ piece: String) -> (thoughts: String, text: String) {
        var rest = piece.unicodeScalars[...]
        var (thoughts, text) = (Scalars(), Scalars())
        while !rest.isEmpty {
            switch state {
            case .answer:
                text.append(contentsOf: rest)
                rest = rest.suffix(0)
            case .start(var held):
                held.append(contentsOf: rest)
                rest = begin(held)
            case .thinking(let end, var held):
                held.append(contentsOf: rest)
                if let range = held.firstRange(of: end) {
                    thoughts.append(contentsOf: held[..<range.lowerBound])
                    rest = held[range.upperBound...]
                    state = .between
                } else {
                    let tail = Self.beginning(of: end, at: held)
                    thoughts.append(contentsOf: held.dropLast(tail))
                    state = .thinking(end: end, held: Scalars(held.suffix(tail)))
                    rest = rest.suffix(0)
                }
            case .between:
                rest = rest.drop { $0.properties.isWhitespace }
                if !rest.isEmpty { state = .answer }
            }
        }
        return (String(thoughts), String(text))
    }

    /// Decides what an answer that begins so is. Returns what of it is still to be read.
    private mutating func begin(_ whole: Scalars) -> Substring.UnicodeScalarView {
        let text = whole.drop { $0.properties.isWhitespace }
        if let mark = Self.marks.first(where: { text.starts(with: $0.begin) }) {
            state = .thinking(end: mark.end, held: Scalars())
            return text.dropFirst(mark.begin.count)
        }
        let blanks = whole.distance(from: whole.startIndex, to: text.startIndex)
        guard blanks <= Self.mostBlanks, text.isEmpty || Self.marks.contains(where: { $0.begin.starts(with: text) })
        else {
            state = .answer
            return whole[...]
        }
        state = .start(whole)
        return whole.suffix(0)
    }

    /// What was held back.
    mutating func finish() -> (thoughts: String, text: String) {
        defer { state = .answer }
        return switch state {
        case .start(let held): ("", String(held))
        case .thinking(_, let held): (String(held), "")
        case .between, .answer: ("", "")
        }
    }

    /// How many scalars at the end of the text begin the mark.
    private static func beginning(of mark: Scalars, at text: Scalars) -> Int {
        for count in stride(from: mark.count - 1, to: 0, by: -1) {
            let tail = text.suffix(count)
            if tail.count == count, mark.starts(with: tail) { return count }
        }
        return 0
    }
}
