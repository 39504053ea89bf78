import HTTPKit
import JSON
import LLM

/// The events of an answer in the short form in which they are stored: a text is a piece of the answer itself.
enum ResponsePieces {
    static func encode(_ events: some Sequence<ChatEvent>) -> JSONValue {
        .array(
            events.map { event in
                switch event {
                case .delta(let text): .string(text)
                case .refusal(let text): ["r": .string(text)]
                case .thoughts(let text): ["t": .string(text)]
                case .thoughtDetails(let details): ["d": .array(details)]
                case .toolCalls(let calls): ["c": calls]
                case .logprobs(let logprobs): ["l": logprobs]
                case .citation(let citation): ["s": citation]
                }
            })
    }

    static func decode(_ value: JSONValue) -> [ChatEvent] {
        (value.array ?? []).compactMap { piece in
            switch piece {
            case .string(let text): return .delta(text)
            case .object(let members):
                guard let (name, value) = members.first else { return nil }
                return switch name {
                case "r": value.string.map(ChatEvent.refusal)
                case "t": value.string.map(ChatEvent.thoughts)
                case "d": value.array.map(ChatEvent.thoughtDetails)
                case "c": .toolCalls(value)
                case "l": .logprobs(value)
                case "s": .citation(value)
                default: nil
                }
            default: return nil
            }
        }
    }
}

/// What of a response is known when it begins, as it is stored.
struct ResponseOpening: Codable, Sendable {
    let response: ResponseObject
    let input: [JSONValue]
    let includesEncryptedReasoning: Bool

    func writer(includingReasoning: Bool, after: Int = -1, seal: ReasoningSeal) -> ResponseWriter {
        ResponseWriter(response, options(includingReasoning, seal), after: after)
    }

    /// Without what only models can read.
    var shownOptions: ResponseWriter.Options { .init(showsSummary: response.reasoning.summary != nil) }

    func options(_ includingReasoning: Bool, _ seal: ReasoningSeal) -> ResponseWriter.Options {
        var options = shownOptions
        if includingReasoning || includesEncryptedReasoning { options.seal = { thoughts in try? seal.seal(thoughts) } }
        return options
    }
}
