import Chat
package import HTTPKit
package import JSON
import LLM
import Metering

/// OpenAI's older request for a completion of a text. Models of today chat, so they are told to continue the text; what a
/// conversation has no form for is refused by its name.
package struct TextCompletionRequest: DocumentInput, Ruled {
    package let model: String?
    package let prompt: JSONValue
    package let stream: Bool?
    package let streamOptions: ChatCompletionRequest.StreamOptions?
    package let maxTokens: Int?
    package let temperature: Double?
    package let topP: Double?
    package let stop: JSONValue?
    package let user: String?
    package let n: Int?
    package let seed: Int?
    package let presencePenalty: Double?
    package let frequencyPenalty: Double?
    package let logitBias: JSONValue?
    // Refused: see `refuse`.
    package let suffix: JSONValue?
    package let echo: JSONValue?
    package let bestOf: JSONValue?
    package let logprobs: JSONValue?

    /// Members that are passed on as they are.
    package private(set) var options: [String: JSONValue] = [:]

    private enum CodingKeys: String, CodingKey {
        case model, prompt, stream, streamOptions, maxTokens, temperature, topP, stop, user, n
        case seed, presencePenalty, frequencyPenalty, logitBias, suffix, echo, bestOf, logprobs
    }

    /// Tokens of a completion if the client does not say, as at OpenAI.
    private static let usualTokens = 16
    /// Completions that one request can ask for.
    private static let most = 8
    private static let instruction = """
        Continue the text that the user sends, from where it ends and in its language. Write the continuation alone: no \
        repetition of the text, no comment and no quotation marks around it.
        """

    package static var rules: [String: Rule] {
        [
            "model": .text(0...300, note: "A chatbot's id or slug, `slug/model`, or a model of the key's chatbot."),
            "prompt": .note("A text, or an array of up to 8 texts, each of which is completed."),
            "max_tokens": .number(1...9_000_000_000, note: "Cut to what the chatbot allows. Left out: 16."),
            "temperature": .number(0...2), "top_p": .number(0...1),
            "stop": .note("A text, or an array of up to 16 texts."),
            "user": .text(
                0...512, note: "Passed on; fills the prompt's variables if it is one of the chatbot's users."),
            "n": .number(1...8, note: "Completions of each text, at most 8 in all."),
            "presence_penalty": .number(-2...2), "frequency_penalty": .number(-2...2),
            "suffix": .note("Refused, but for an empty one."), "echo": .note("Refused, but for `false`."),
            "best_of": .note("Refused, but for `n`."), "logprobs": .note("Refused, but for 0."),
        ]
    }

    /// Members that Mynah acts on itself, or refuses.
    private static let own: Set = [
        "model", "prompt", "stream", "stream_options", "max_tokens", "temperature", "top_p", "stop", "user", "n",
        "suffix", "echo", "best_of", "logprobs",
    ]
    private static let passed: Set = ["seed", "presence_penalty", "frequency_penalty", "logit_bias"]

    package mutating func read(
        _ document: [String: JSONValue], _ bytes: UnsafeRawBufferPointer
    ) throws(APIError) {
        for (name, value) in document where !Self.own.contains(name) && !value.isNull {
            let isExtension = RequestField.named(name)?.apis.contains(.extensions) ?? true
            guard Self.passed.contains(name) || isExtension else {
                throw APIError(.unsupportedInput, "'\(name)' is no field of this API.", param: name)
            }
            options[name] = value
        }
    }

    /// A request for each text.
    package func asked() throws(APIError) -> [CompletionRequest] {
        try refuse()
        let (texts, copies) = (try texts(), n ?? 1)
        guard texts.count * copies <= Self.most else {
            throw .invalid("prompt", "'prompt' and 'n' ask for more than \(Self.most) completions.")
        }
        var request = CompletionRequest(model: model, messages: [])
        request.textField = "prompt"
        request.maxTokens = maxTokens ?? Self.usualTokens
        request.temperature = temperature
        request.topP = topP
        request.stop = try ChatCompletionRequest.stops(stop)
        request.user = user
        request.options = options
        request.copies = copies
        request.streams = stream ?? false
        return texts.map { text in
            var one = request
            one.messages = [
                ChatMessage(role: .system, content: Self.instruction), ChatMessage(role: .user, content: text),
            ]
            return one
        }
    }

    private func refuse() throws(APIError) {
        let asksNothing: [(String, JSONValue?, [JSONValue])] = [
            ("suffix", suffix, [""]), ("echo", echo, [false]), ("logprobs", logprobs, [0, false]),
            ("best_of", bestOf, [.int(Int64(n ?? 1))]),
        ]
        for (name, value, harmless) in asksNothing {
            guard let value, !value.isNull, !harmless.contains(value) else { continue }
            throw APIError(
                .unsupportedInput,
                "'\(name)' is not supported: the models behind this API chat, and have no form for it.",
                param: name)
        }
    }

    private func texts() throws(APIError) -> [String] {
        let texts = prompt.string.map { [$0] } ?? prompt.array?.map { $0.string ?? "" } ?? []
        guard !texts.isEmpty, !texts.contains(where: \.isEmpty) else {
            throw .invalid(
                "prompt", "'prompt' must be a text or an array of texts, none of them empty. Tokens are not supported.")
        }
        guard texts.count <= Self.most else {
            throw .invalid("prompt", "'prompt' has \(texts.count) texts; send at most \(Self.most) at once.")
        }
        return texts
    }
}
