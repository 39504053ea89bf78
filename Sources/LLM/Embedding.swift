import Fairness

/// A text, or the tokens of one in the vocabulary of the vendor's model.
package enum EmbeddingInput: Sendable, Equatable {
    case text(String)
    case tokens([Int])
}

/// What the vectors are for, as servers name it. Some models make different ones of what is searched for and of what is
/// found.
package enum EmbeddingUse: String, Sendable, CaseIterable {
    case query, document, passage
}

/// Texts to make vectors of.
package struct EmbeddingRequest: Sendable {
    package var model: String
    package var inputs: [EmbeddingInput]
    /// Length of the vectors; nil: as long as the model makes them.
    package var dimensions: Int?
    /// Nil: the vendor's default.
    package var use: EmbeddingUse?
    /// An opaque id by which a vendor tells its abusers apart; never a name or an address.
    package var user: String?
    /// What is left of the time that all attempts have together; set by the `Gateway`.
    package var timeLimit: Duration?

    package init(
        model: String, inputs: [EmbeddingInput], dimensions: Int? = nil, use: EmbeddingUse? = nil, user: String? = nil
    ) {
        self.model = model
        self.inputs = inputs
        self.dimensions = dimensions
        self.use = use
        self.user = user
    }
}

/// Vectors of one length, one after the other.
package struct EmbeddingVectors: Sendable, Equatable {
    package private(set) var dimensions: Int
    package private(set) var values: [Float]

    /// - Parameter values: a multiple of `dimensions`, which is positive.
    package init(dimensions: Int, values: [Float]) {
        precondition(dimensions > 0 && values.count % dimensions == 0, "not whole vectors")
        self.dimensions = dimensions
        self.values = values
    }

    package var count: Int { values.count / dimensions }

    package subscript(index: Int) -> ArraySlice<Float> {
        values[index * dimensions..<(index + 1) * dimensions]
    }

    /// False, without a change, if the others have another length.
    package mutating func append(_ others: EmbeddingVectors) -> Bool {
        guard others.dimensions == dimensions else { return false }
        values += others.values
        return true
    }
}

/// A vector for each input, in their order.
package struct EmbeddingResult: Sendable {
    package var vectors: EmbeddingVectors
    /// The model, as the vendor names it.
    package var model: String
    /// Nil if the vendor did not count.
    package var promptTokens: Int?

    package init(vectors: EmbeddingVectors, model: String, promptTokens: Int?) {
        self.vectors = vectors
        self.model = model
        self.promptTokens = promptTokens
    }
}

/// What one model takes.
package struct EmbeddingLimits: Sendable, Equatable {
    /// Whether `EmbeddingInput.tokens` can be sent.
    package var takesTokens = true
    /// Whether `EmbeddingRequest.use` can be sent.
    package var takesUse = true
    /// The only length of its vectors; nil if the vendor decides about what is asked for.
    package var dimensions: Int?
    /// Bytes of text in one request.
    package var bytes = Int.max
    /// Bytes of text in one call of the vendor; a longer input is a call of its own. Calls take turns with other tenants'.
    package var bytesPerCall = Int.max
    /// The only names of models; nil if the vendor decides.
    package var models: Set<String>?

    package init() {}
}

package protocol EmbeddingProvider: ModelProvider {
    /// Nil if it makes no vectors.
    var embeddingLimits: EmbeddingLimits? { get }

    /// How much a call occupies the provider, in a unit of the provider's own.
    func work(of request: EmbeddingRequest) -> Int

    /// Cancelling the calling task ends the upstream call at once. Throws `ProviderError` or `CancellationError`.
    func embed(_ request: EmbeddingRequest) async throws -> EmbeddingResult
}

extension EmbeddingProvider {
    package func work(of request: EmbeddingRequest) -> Int { 1 }
}

extension EmbeddingInput {
    /// Bytes of the text in UTF-8; for tokens, as many as they are in an array.
    package var bytes: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .tokens(let tokens): tokens.count * MemoryLayout<Int>.size
        }
    }
}
