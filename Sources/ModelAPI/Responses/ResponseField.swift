import LLM

/// Every field of a request for a response, and what becomes of it at each kind of vendor.
struct ResponseField: Sendable {
    let name: String
    /// The field of a chat completion that it is put into; nil if there is none.
    let becomes: String?
    /// What holds if there is none.
    private let treatment: FieldTreatment

    private init(_ name: String, _ treatment: FieldTreatment) {
        (self.name, self.treatment, becomes) = (name, treatment, nil)
    }

    private init(_ name: String, as field: String? = nil) {
        (self.name, treatment, becomes) = (name, .translated, field ?? name)
    }

    func treatment(at kind: VendorKind) -> FieldTreatment {
        guard let becomes, let field = RequestField.named(becomes) else {
            return name == "instructions" && kind == .webhook ? .unused : treatment
        }
        let treatment = field.treatment(at: kind)
        return treatment == .passed && name != becomes ? .translated : treatment
    }

    static let all: [ResponseField] =
        ["model", "stream", "stream_options", "previous_response_id", "store", "background", "include", "truncation"]
        .map { .init($0, .own) }
        + ["metadata", "max_tool_calls", "reasoning.summary"].map { .init($0, .own) }
        + [
            .init("input", as: "messages"), .init("instructions", .translated),
            .init("max_output_tokens", as: "max_completion_tokens"), .init("temperature"), .init("top_p"),
            .init("user"), .init("tools (Responses)", as: "tools"), .init("tool_choice (Responses)", as: "tool_choice"),
            .init("parallel_tool_calls"), .init("text.format", as: "response_format"),
            .init("text.verbosity", as: "verbosity"), .init("reasoning.effort", as: "reasoning_effort"),
            .init("top_logprobs"), .init("presence_penalty"), .init("frequency_penalty"), .init("service_tier"),
            .init("safety_identifier"), .init("prompt_cache_key"), .init("prompt_cache_retention"),
        ]
        // They keep what a response says elsewhere, choose another model, or have no equivalent.
        + ["conversation", "prompt", "context_management", "moderation", "prompt_cache_options", "background_options"]
        .map { .init($0, .refused) }

    /// A field of this API, or an extension of other servers, which chat completions take too. Nil for parts of fields, and
    /// for what is no field.
    static func named(_ name: String) -> ResponseField? {
        if let known = all.first(where: { $0.name == name }) { return name.contains(".") ? nil : known }
        guard name != "reasoning", RequestField.named(name)?.apis.contains(.extensions) == true else { return nil }
        return ResponseField(name)
    }

    /// The name in this API of a field of chat completions.
    static func name(ofField field: String) -> String {
        let name = all.first { $0.becomes == field }?.name ?? field
        return String(name.prefix { $0 != " " })
    }
}
