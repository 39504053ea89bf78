/// Every field of OpenAI's request for vectors, and what becomes of it at each kind of vendor that makes some.
package struct EmbeddingField: Sendable {
    package let name: String
    private let treatments: [FieldTreatment]

    /// The kinds of vendors that make vectors. Groq and Anthropic have no model for it, and an endpoint of a chatbot's own
    /// is asked for replies only.
    package static let kinds: [VendorKind] = [.openAI, .openRouter, .compatible, .ollama, .local]

    package func treatment(at kind: VendorKind) -> FieldTreatment {
        Self.kinds.firstIndex(of: kind).map { treatments[$0] } ?? .refused
    }

    /// `treatments` has one for each of `kinds`.
    private init(_ name: String, _ treatments: FieldTreatment...) {
        self.name = name
        self.treatments = treatments
        precondition(treatments.count == Self.kinds.count, "a cell for each kind of vendor")
    }

    package static let all: [EmbeddingField] = [
        .init("model", .own, .own, .own, .own, .own),
        .init("input", .passed, .passed, .passed, .passed, .passed),
        .init("input (tokens)", .passed, .passed, .passed, .refused, .refused),
        .init("encoding_format", .own, .own, .own, .own, .own),
        .init("dimensions", .passed, .passed, .passed, .passed, .own),
        .init("user", .passed, .passed, .passed, .passed, .own),
        .init("input_type", .refused, .passed, .passed, .refused, .translated),
    ]

    private static func isTaken(_ name: String, by kind: VendorKind) -> Bool {
        all.first { $0.name == name }?.treatment(at: kind) != .refused
    }

    static func limits(of kind: VendorKind) -> EmbeddingLimits? {
        guard kinds.contains(kind) else { return nil }
        var limits = EmbeddingLimits()
        limits.takesTokens = isTaken("input (tokens)", by: kind)
        limits.takesUse = isTaken("input_type", by: kind)
        return limits
    }
}
