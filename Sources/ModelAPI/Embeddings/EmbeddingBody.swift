import Chat
package import HTTPKit
package import JSON
package import LLM

/// OpenAI's request for vectors of texts. A field that the model's provider does not have is refused by its name.
package struct EmbeddingBody: DocumentInput, Ruled {
    package let model: String?
    package let input: JSONValue
    package let encodingFormat: Format?
    package let dimensions: Int?
    package let user: String?
    package let inputType: Use?

    package enum Format: String, Choice { case float, base64 }
    package enum Use: String, Choice { case query, document, passage }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case model, input, encodingFormat, dimensions, user, inputType
    }

    /// Inputs of one request, as many as OpenAI takes.
    package static let mostInputs = 2048
    /// Tokens of one input, as many as OpenAI's models read.
    package static let mostTokens = 8192
    /// Tokens of all inputs together: a body has at most 200,000 values.
    package static let mostTokensInAll = 190_000
    /// Bytes of a body: more than the tokens of all inputs need in any script.
    package static let mostBytes = 8 << 20

    package static var rules: [String: Rule] {
        [
            "model": .text(
                0...300,
                note: "`provider/model`, or the name of a model that has a price. Left out: the server's own choice."),
            "input": .note(
                "A text, up to 2,048 texts, an array of tokens, or up to 2,048 arrays of tokens. None is empty, and each "
                    + "has at most 8,192 tokens."),
            "encoding_format": .note("`base64`: numbers of 32 bits, little-endian. Left out: `float`."),
            "dimensions": .number(1...16_384, note: "The length of the vectors, if the model can shorten them."),
            "user": .text(0...512, note: "Passed on to the model's provider."),
            "input_type": .note(
                "What the vectors are for. Some models make other ones of questions than of what answers them."),
        ]
    }

    private static let own: Set = ["model", "input", "encoding_format", "dimensions", "user", "input_type"]

    package mutating func read(
        _ document: [String: JSONValue], _ bytes: UnsafeRawBufferPointer
    ) throws(APIError) {
        let others = document.filter { !Self.own.contains($0.key) && !$0.value.isNull }
        guard let name = others.keys.min() else { return }
        throw APIError(.unsupportedInput, "'\(name)' is no field of this API.", param: name)
    }

    package func asked() throws(APIError) -> EmbeddingRequest {
        let inputs = try inputs()
        guard inputs.count <= Self.mostInputs else {
            throw .invalid("input", "'input' has \(inputs.count) items; send at most \(Self.mostInputs) at once.")
        }
        var tokens = 0
        for (index, input) in inputs.enumerated() {
            let least = try Self.check(input, at: inputs.count == 1 ? "input" : "input[\(index)]")
            tokens = tokens.addingSaturated(least)
        }
        guard tokens <= Self.mostTokensInAll else {
            throw APIError(
                .messageTooLong, "'input' has more than \(Self.mostTokensInAll) tokens. Send fewer items at once.",
                param: "input")
        }
        return EmbeddingRequest(
            model: "", inputs: inputs, dimensions: dimensions,
            use: inputType.flatMap { EmbeddingUse(rawValue: $0.rawValue) }, user: user)
    }

    /// The least number of tokens that it can have. Throws if it is empty or too long for any model.
    private static func check(_ input: EmbeddingInput, at place: String) throws(APIError) -> Int {
        let least =
            switch input {
            case .text(let text): LeastTokens().of(text, upTo: mostTokens)
            case .tokens(let tokens): tokens.count
            }
        guard input.bytes > 0 else { throw .invalid(place, "'\(place)' must not be empty.") }
        guard least <= mostTokens else {
            throw APIError(
                .messageTooLong, "'\(place)' has more than \(mostTokens) tokens. Split it into shorter ones.",
                param: place)
        }
        return least
    }

    private func inputs() throws(APIError) -> [EmbeddingInput] {
        if let text = input.string { return [.text(text)] }
        if let items = input.array, !items.isEmpty {
            if let tokens = Self.tokens(items) { return [.tokens(tokens)] }
            let texts = items.compactMap(\.string)
            if texts.count == items.count { return texts.map { .text($0) } }
            let lists = items.compactMap { $0.array.flatMap(Self.tokens) }
            if lists.count == items.count { return lists.map { .tokens($0) } }
        }
        throw .invalid(
            "input",
            "'input' must be a text, or an array that is not empty: of texts, of tokens, or of arrays of tokens.")
    }

    /// Nil if one of them is no token.
    private static func tokens(_ items: [JSONValue]) -> [Int]? {
        var tokens: [Int] = []
        tokens.reserveCapacity(items.count)
        for item in items {
            guard let token = item.int, (0...Int64(Int32.max)).contains(token) else { return nil }
            tokens.append(Int(token))
        }
        return tokens
    }
}
