import JSON

/// An API that vendors speak.
package enum VendorFormat: Sendable { case openAI, anthropic }

/// The kinds of servers, by what they understand of a request.
package enum VendorKind: String, Sendable, CaseIterable {
    /// OpenAI's own API.
    case openAI = "openai"
    case groq, openRouter = "openrouter"
    /// Any other server that speaks OpenAI's API: vLLM, SGLang, TGI, llama.cpp, DeepSeek and others.
    case compatible
    case ollama
    /// The llama.cpp process that Mynah runs itself.
    case local
    case anthropic
    /// A chatbot's own endpoint.
    case webhook

    /// The kind of a provider that is set up under this name at this address.
    package init(provider: String, baseURL: String) {
        let hosts = ["api.openai.com": Self.openAI, "api.groq.com": .groq, "openrouter.ai": .openRouter]
        if let kind = Self(rawValue: provider), !hosts.values.contains(kind) {
            self = kind
        } else {
            self = hosts.first { baseURL.hasPrefix("https://\($0.key)/") }?.value ?? .compatible
        }
    }

    /// The API it speaks; nil if it is no vendor's.
    package var format: VendorFormat? {
        switch self {
        case .openAI, .groq, .openRouter, .compatible, .ollama, .local: .openAI
        case .anthropic: .anthropic
        case .webhook: nil
        }
    }

    /// The head of its column in the documents' tables.
    package var title: String {
        switch self {
        case .openAI: "OpenAI"
        case .groq: "Groq"
        case .openRouter: "OpenRouter"
        case .compatible, .local: rawValue
        case .ollama: "Ollama"
        case .anthropic: "Anthropic"
        case .webhook: "own endpoint"
        }
    }

    /// Whether chat templates of all sorts are in use: many take one system message and alternating roles only.
    var hasStrictTemplates: Bool { self != .openAI && self != .anthropic && self != .webhook }

    /// The names under which earlier thoughts go back to the model; none if it must not get them.
    var thoughtsNames: (text: String?, details: String?) {
        switch self {
        case .compatible, .local: ("reasoning_content", nil)
        case .ollama: ("reasoning", nil)
        case .openRouter: ("reasoning", "reasoning_details")
        case .openAI, .groq, .anthropic, .webhook: (nil, nil)
        }
    }

    /// The longest id of a tool's call that the vendor accepts, in bytes.
    var longestCallID: Int { self == .openAI ? 40 : self == .anthropic ? 64 : .max }
}

/// What becomes of a field of a request.
package enum FieldTreatment: String, Sendable {
    /// It reaches the vendor as it is.
    case passed
    /// The vendor gets its own form of it.
    case translated
    /// Mynah acts on it itself.
    case own
    /// The request is refused, and the field is named.
    case refused
    /// The endpoint of the chatbot decides: it is sent the conversation and the chatbot's settings.
    case unused
}

/// Every field of OpenAI's chat completions and of Anthropic's messages, and what becomes of it at each kind of vendor.
package struct RequestField: Sendable {
    package let name: String
    /// The APIs that have the field: OpenAI's, Anthropic's, or extensions of other servers.
    package let apis: Set<API>
    private let treatments: [FieldTreatment]

    package enum API: String, Sendable, CaseIterable { case openAI, anthropic, extensions }

    package func treatment(at kind: VendorKind) -> FieldTreatment {
        treatments[VendorKind.allCases.firstIndex(of: kind)!]
    }

    /// `row` has a letter for each kind of vendor, in the order of `VendorKind`.
    private init(_ name: String, _ apis: Set<API>, _ row: StaticString) {
        self.name = name
        self.apis = apis
        treatments = row.description.map { letter in
            switch letter {
            case "p": .passed
            case "t": .translated
            case "o": .own
            case "u": .unused
            default: .refused
            }
        }
        precondition(treatments.count == VendorKind.allCases.count, "a cell for each kind of vendor")
    }

    package static let all: [RequestField] = [
        .init("model", [.openAI, .anthropic], "oooooooo"),
        .init("messages", [.openAI, .anthropic], "tttttttt"),
        .init("system", [.anthropic], "ttttttpu"),
        .init("stream", [.openAI, .anthropic], "oooooooo"),
        .init("stream_options", [.openAI], "oooooooo"),
        .init("n", [.openAI], "oooooooo"),
        .init("max_tokens", [.openAI, .anthropic], "tppppppu"),
        .init("max_completion_tokens", [.openAI], "pttttttu"),
        .init("temperature", [.openAI, .anthropic], "pppppptu"),
        .init("top_p", [.openAI, .anthropic], "pppppppu"),
        .init("stop", [.openAI], "pppppptu"),
        .init("stop_sequences", [.anthropic], "ttttttpu"),
        .init("user", [.openAI], "pppppptt"),
        .init("metadata", [.openAI], "prprrrrr"),
        .init("metadata.user_id", [.anthropic], "ttttttpt"),
        .init("tools", [.openAI], "pppppptr"),
        .init("tools (Anthropic)", [.anthropic], "ttttttpr"),
        .init("tool_choice", [.openAI, .anthropic], "pppppttr"),
        .init("parallel_tool_calls", [.openAI], "pppppptr"),
        .init("response_format", [.openAI], "pppppptr"),
        .init("output_config", [.anthropic], "ttttttpr"),
        .init("thinking", [.anthropic, .extensions], "ttttttpr"),
        .init("reasoning_effort", [.openAI], "pppppptr"),
        .init("verbosity", [.openAI], "prpprrrr"),
        .init("seed", [.openAI], "pppppprr"),
        .init("presence_penalty", [.openAI], "pppppprr"),
        .init("frequency_penalty", [.openAI], "pppppprr"),
        .init("logit_bias", [.openAI], "pppprprr"),
        .init("logprobs", [.openAI], "pppppprr"),
        .init("top_logprobs", [.openAI], "pppppprr"),
        .init("store", [.openAI], "prrrrrrr"),
        .init("service_tier", [.openAI, .anthropic], "pprrrrtr"),
        .init("prompt_cache_key", [.openAI], "tttttttr"),
        .init("prompt_cache_retention", [.openAI], "prrrrrrr"),
        .init("safety_identifier", [.openAI], "prrrrrtr"),
        .init("cache_control", [.anthropic], "ttttttpr"),
        // A search of the vendor's own, which needs a price.
        .init("web_search_options", [.openAI], "prrrrrrr"),
        .init("context_management", [.anthropic], "rrrrrrpr"),
        // They cost more than tokens, choose another model or file, or cannot be carried.
        .init("prediction", [.openAI], "rrrrrrrr"), .init("modalities", [.openAI], "rrrrrrrr"),
        .init("audio", [.openAI], "rrrrrrrr"),
        .init("functions", [.openAI], "rrrrrrrr"), .init("function_call", [.openAI], "rrrrrrrr"),
        .init("moderation", [.openAI], "rrrrrrrr"), .init("container", [.anthropic], "rrrrrrrr"),
        .init("mcp_servers", [.anthropic], "rrrrrrrr"), .init("inference_geo", [.anthropic], "rrrrrrrr"),
        .init("speed", [.anthropic], "rrrrrrrr"),
        // Fields of servers other than the two vendors' own.
        .init("top_k", [.anthropic, .extensions], "rrpppppr"),
        .init("min_p", [.extensions], "rrpppprr"), .init("top_a", [.extensions], "rrpprrrr"),
        .init("typical_p", [.extensions], "rrrprprr"), .init("repetition_penalty", [.extensions], "rrpprrrr"),
        .init("repeat_penalty", [.extensions], "rrrppprr"), .init("repeat_last_n", [.extensions], "rrrppprr"),
        .init("length_penalty", [.extensions], "rrrprrrr"), .init("mirostat", [.extensions], "rrrppprr"),
        .init("mirostat_tau", [.extensions], "rrrppprr"), .init("mirostat_eta", [.extensions], "rrrppprr"),
        .init("dynatemp_range", [.extensions], "rrrprprr"), .init("dynatemp_exponent", [.extensions], "rrrprprr"),
        .init("dry_multiplier", [.extensions], "rrrprprr"), .init("dry_base", [.extensions], "rrrprprr"),
        .init("dry_allowed_length", [.extensions], "rrrprprr"),
        .init("dry_sequence_breakers", [.extensions], "rrrprprr"),
        .init("xtc_probability", [.extensions], "rrrprprr"), .init("xtc_threshold", [.extensions], "rrrprprr"),
        .init("stop_token_ids", [.extensions], "rrrprrrr"), .init("bad_words", [.extensions], "rrrprrrr"),
        .init("include_stop_str_in_output", [.extensions], "rrrprrrr"),
        .init("skip_special_tokens", [.extensions], "rrrprrrr"),
        .init("guided_json", [.extensions], "rrrprrrr"), .init("guided_regex", [.extensions], "rrrprrrr"),
        .init("guided_choice", [.extensions], "rrrprrrr"), .init("guided_grammar", [.extensions], "rrrprrrr"),
        .init("structured_outputs", [.extensions], "rrrprrrr"), .init("regex", [.extensions], "rrrprrrr"),
        .init("ebnf", [.extensions], "rrrprrrr"), .init("grammar", [.extensions], "rrrprprr"),
        .init("json_schema", [.extensions], "rrrprprr"),
        .init("chat_template_kwargs", [.extensions], "rrrprprr"),
        .init("enable_thinking", [.extensions], "rrrprrrr"), .init("thinking_budget", [.extensions], "rrrprrrr"),
        .init("reasoning", [.extensions], "rrpprrrr"), .init("include_reasoning", [.extensions], "rppprrrr"),
        .init("reasoning_format", [.extensions], "rprprprr"), .init("think", [.extensions], "rrrrprrr"),
        .init("safe_prompt", [.extensions], "rrrprrrr"), .init("prompt_mode", [.extensions], "rrrprrrr"),
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// Nil for rows that are parts of a field.
    package static func named(_ name: String) -> RequestField? {
        byName[name].flatMap { $0.name.contains { " .".contains($0) } ? nil : $0 }
    }

    /// Names of fields that would change how much a call may write, where it runs, or what it may read: no setting lets
    /// them pass.
    package static let forbidden: Set<String> = [
        "model", "models", "route", "messages", "prompt", "input", "n", "best_of", "use_beam_search", "num_beams",
        "beam_width", "max_tokens", "max_completion_tokens", "max_new_tokens", "max_output_tokens", "n_predict",
        "num_predict", "max_length", "min_tokens", "min_length", "ignore_eos", "n_keep", "n_discard", "num_ctx",
        "truncate_prompt_tokens", "t_max_predict_ms", "id_slot", "slot_id", "cache_prompt", "cache_salt", "keep_alive",
        "options", "session", "session_id", "conversation", "lora", "lora_request", "lora_path", "adapter",
        "adapter_id", "adapters", "chat_template", "template", "logits_processors", "kv_transfer_params",
        "mm_processor_kwargs", "priority", "stream", "stream_options", "file", "files", "file_ids", "images",
        "plugins", "tools", "functions", "web_search", "search_parameters", "enable_search",
        "mcp_servers", "container", "compound_custom", "provider", "transforms", "extra_body", "extra_headers",
        "extra_args", "vllm_xargs", "speculative", "prefix", "documents", "raw",
    ]

    /// Variables of a chat template that are not the client's to set: some servers let them take the place of the
    /// conversation.
    private static let templateVariables = forbidden.union([
        "add_generation_prompt", "bos_token", "continue_final_message", "eos_token", "system", "system_message",
        "system_prompt",
    ])

    /// The path of a member that a passed object must not have; nil if there is none.
    static func forbiddenPart(of options: [String: JSONValue]) -> String? {
        let variables = options["chat_template_kwargs"]?.object?.keys.sorted() ?? []
        return variables.first { templateVariables.contains($0.lowercased()) }.map { "chat_template_kwargs.\($0)" }
    }

    /// The name of a field that Anthropic has an equivalent of, but not of its value; nil if there is none.
    static func withoutEquivalent(atAnthropic options: [String: JSONValue]) -> String? {
        if options["service_tier"] == "flex" { return "service_tier" }
        if let format = options["response_format"]?["type"], !["text", "json_object", "json_schema"].contains(format) {
            return "response_format"
        }
        return nil
    }

    /// Whether a setting may let the field pass: a plain name that neither Mynah nor the rules above speak for.
    package static func isFree(_ name: String) -> Bool {
        let isPlain = name.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        let isOwn = byName[name].map { field in VendorKind.allCases.contains { field.treatment(at: $0) == .own } }
        return isPlain && (1...64).contains(name.utf8.count) && !forbidden.contains(name.lowercased()) && isOwn != true
            && byName[name]?.apis != [.anthropic]
    }

    /// The options that a vendor of this kind takes.
    static func names(of kind: VendorKind) -> Set<String> {
        Set(all.filter { [.passed, .translated].contains($0.treatment(at: kind)) }.map(\.name))
    }

    /// Whether the value is what the vendors take for granted, so that leaving it out changes nothing.
    static func asksNothing(_ name: String, _ value: JSONValue) -> Bool {
        if value.isNull { return true }
        return switch name {
        case "presence_penalty", "frequency_penalty", "top_logprobs": value.double == 0
        case "logprobs", "store": value == false
        case "parallel_tool_calls": value == true
        case "logit_bias", "metadata": value.object?.isEmpty ?? false
        case "tools": value.array?.isEmpty ?? false
        case "tool_choice": value == "none" || value == "auto"
        case "service_tier": value == "auto" || value == "default" || value == "standard_only"
        case "response_format": value["type"] == "text"
        case "thinking": value["type"] == "disabled"
        case "output_config": value.object?.isEmpty ?? false
        default: false
        }
    }
}
