package import Fairness
package import JSON

package struct ChatMessage: Sendable, Equatable {
    package enum Role: String, Sendable, Codable {
        case system, user, assistant, tool
    }

    package var role: Role
    package var content: String
    /// OpenAI's array of text, images and more; replaces `content` if present.
    package var parts: JSONValue?
    /// What the assistant asked for, as in OpenAI's `tool_calls`.
    package var toolCalls: JSONValue?
    /// Which call this message of a tool answers.
    package var toolCallID: String?
    package var name: String?
    /// What the assistant thought before this message; vendors that do not need it back never get it.
    package var thoughts: Thoughts?
    /// The content in Anthropic's own blocks, if the client wrote it so: Anthropic's models get them as they are.
    package var blocks: JSONValue?
    /// Whether a tool's message tells of a failure.
    package var isError = false

    package init(
        role: Role,
        content: String,
        parts: JSONValue? = nil,
        toolCalls: JSONValue? = nil,
        toolCallID: String? = nil,
        name: String? = nil
    ) {
        self.role = role
        self.content = content
        self.parts = parts
        self.toolCalls = toolCalls
        self.toolCallID = toolCallID
        self.name = name
    }
}

package struct ChatRequest: Sendable {
    package var model: String
    package var messages: [ChatMessage]
    package var maxTokens: Int
    package var temperature: Double?
    package var topP: Double?
    package var stop: [String]
    /// An opaque id by which a vendor tells its abusers apart; never a name or an address.
    package var user: String?
    /// Further fields of OpenAI's, which its like get as they are; others get what they understand of them.
    package var options: [String: JSONValue]
    /// Orders of keys of the schemas in `options`, by option: models fill in members in the order of the schema.
    package var keyOrders: [String: KeyOrder] = [:]
    /// Whether the client itself has asked for the temperature. If not, it gives way to what the vendor cannot combine.
    package var isTemperatureAsked = true
    /// The client's `anthropic-beta` header, for Anthropic alone.
    package var betas: String?
    /// Whether an answer without text and without another reason than its end is asked for again.
    package var needsText = false
    /// False if only the whole answer matters, which is cheaper.
    package var wantsPieces: Bool
    /// For `WebhookProvider` alone.
    package var webhook: Webhook?
    /// What is left of the time that all attempts have together; set by the `Gateway`.
    package var timeLimit: Duration?
    /// The workspace and account that the call is made for; set by the `Gateway`.
    package var caller: CallQueue.Caller?

    package init(
        model: String,
        messages: [ChatMessage],
        maxTokens: Int,
        temperature: Double? = nil,
        topP: Double? = nil,
        stop: [String] = [],
        user: String? = nil,
        options: [String: JSONValue] = [:],
        wantsPieces: Bool = true,
        webhook: Webhook? = nil
    ) {
        self.model = model
        self.messages = messages
        self.maxTokens = maxTokens
        self.temperature = temperature
        self.topP = topP
        self.stop = stop
        self.user = user
        self.options = options
        self.wantsPieces = wantsPieces
        self.webhook = webhook
    }

    /// Searches that the client asks the vendor for.
    package var searches: Int {
        switch options["web_search_options"] {
        case nil, .null, false, .array([]): 0
        default: 1
        }
    }

    /// For how long the client asks the vendor to keep some of the prompt, which costs more than reading it.
    package var cacheUse: CacheUse {
        let marks = [options["cache_control"].map { .object(["cache_control": $0]) }, options["tools"]]
        return (marks + messages.map { $0.blocks ?? $0.parts }).reduce(.none) { max($0, $1?.cacheUse ?? .none) }
    }

    package enum CacheUse: Int, Sendable, Comparable {
        case none
        /// Five minutes, as Anthropic's caches keep by themselves.
        case short
        case long

        package static func < (one: CacheUse, other: CacheUse) -> Bool { one.rawValue < other.rawValue }
    }

    /// What it holds in memory, roughly.
    package var bytes: Int {
        messages.reduce(webhook?.document.count ?? 0) { $0 + $1.content.utf8.count + ($1.parts?.bytes ?? 0) }
    }

    /// The endpoint of a chatbot's own, and what it is sent.
    package struct Webhook: Sendable, CustomReflectable {
        package var url: String
        package var document: [UInt8]
        package var secret: [UInt8]
        /// The same for each attempt at one call.
        package var id: String

        package init(url: String, document: [UInt8], secret: [UInt8], id: String) {
            self.url = url
            self.document = document
            self.secret = secret
            self.id = id
        }

        /// Without the secret.
        package var customMirror: Mirror { Mirror(self, children: ["id": id]) }
    }
}

package struct ChatUsage: Sendable, Equatable {
    /// All that the model read, cached or not.
    package let promptTokens: Int
    /// All that the model wrote, thoughts included.
    package let completionTokens: Int
    /// Tokens of the prompt that came from the vendor's cache.
    package let cachedTokens: Int
    /// Tokens of the prompt that were written to the vendor's cache.
    package let cacheWriteTokens: Int
    /// Tokens of the completion that were thoughts.
    package let reasoningTokens: Int

    /// Beyond any model's: a vendor's count is only a claim, and sums of it must not overflow.
    package static let highest = 1_000_000_000

    /// A part is never more than its whole.
    package init(
        promptTokens: Int, completionTokens: Int, cachedTokens: Int = 0, cacheWriteTokens: Int = 0,
        reasoningTokens: Int = 0
    ) {
        self.promptTokens = min(max(0, promptTokens), Self.highest)
        self.completionTokens = min(max(0, completionTokens), Self.highest)
        self.cachedTokens = min(max(0, cachedTokens), self.promptTokens)
        self.cacheWriteTokens = min(max(0, cacheWriteTokens), self.promptTokens - self.cachedTokens)
        self.reasoningTokens = min(max(0, reasoningTokens), self.completionTokens)
    }
}

package enum FinishReason: String, Sendable, Codable {
    case stop, length, filtered, toolCalls, other
}

package struct ChatResult: Sendable {
    package var content: String
    /// OpenAI's `tool_calls`, whole.
    package var toolCalls: JSONValue?
    /// What the model says in place of an answer that it will not give.
    package var refusal: String?
    package var logprobs: JSONValue?
    package var thoughts: Thoughts?
    /// Which of the request's stop sequences ended the answer, if the vendor tells.
    package var stopSequence: String?
    /// OpenAI's `service_tier` and `system_fingerprint`.
    package var extras: [String: JSONValue] = [:]
    /// The model that answered, as the vendor names it.
    package var model: String
    package var provider: String
    package var finishReason: FinishReason
    /// `nil` if the vendor did not count.
    package var usage: ChatUsage?
    /// Time to the first token of the attempt that succeeded; set by the `Gateway`.
    package var timeToFirstToken: Duration?
    /// Calls of providers that it took; set by the `Gateway`.
    package var attempts = 1
    /// Which of the chain answered, under the names it was asked by; set by the `Gateway`.
    package var target: ModelTarget?

    package init(
        content: String,
        toolCalls: JSONValue? = nil,
        refusal: String? = nil,
        logprobs: JSONValue? = nil,
        model: String,
        provider: String,
        finishReason: FinishReason,
        usage: ChatUsage?
    ) {
        self.content = content
        self.toolCalls = toolCalls
        self.refusal = refusal
        self.logprobs = logprobs
        self.model = model
        self.provider = provider
        self.finishReason = finishReason
        self.usage = usage
    }
}

package enum ChatEvent: Sendable, Equatable {
    /// Never empty. What arrived together may come as one piece.
    case delta(String)
    /// A piece of `ChatResult.refusal`, never empty.
    case refusal(String)
    /// OpenAI's `delta.tool_calls`: pieces of calls, each with its `index`.
    case toolCalls(JSONValue)
    /// OpenAI's `logprobs` of a choice.
    case logprobs(JSONValue)
    /// A piece of what the model thinks before it answers, never empty. It is billed and not part of the answer.
    case thoughts(String)
    /// Pieces of `Thoughts.details`.
    case thoughtDetails([JSONValue])
    /// A source that the text refers to as it ends so far. Providers send none.
    case citation(JSONValue)

    /// What it holds in memory, roughly.
    package var bytes: Int {
        switch self {
        case .delta(let text), .refusal(let text), .thoughts(let text): text.utf8.count
        case .toolCalls(let value), .logprobs(let value), .citation(let value): value.bytes
        case .thoughtDetails(let details): details.reduce(0) { $0 + $1.bytes }
        }
    }

    /// Whether the caller has seen something of the answer, so that no other model can be asked.
    package var isAnswer: Bool {
        switch self {
        case .thoughts, .thoughtDetails: false
        default: true
        }
    }
}

package protocol ChatProvider: ModelProvider {
    /// What is known of a model; a request beyond these limits is refused without a call.
    func limits(of model: String) -> ModelLimits

    /// How much a call occupies the provider, in a unit of the provider's own.
    func work(of request: ChatRequest) -> Int

    /// Calls `onEvent` for each piece in order and awaits it, so a slow reader slows the vendor down. Cancelling the
    /// calling task ends the upstream call at once. Throws `ProviderError`, `CancellationError` or what `onEvent` threw.
    func stream(
        _ request: ChatRequest, onEvent: (ChatEvent) async throws -> Void
    ) async throws -> ChatResult
}

extension ChatProvider {
    package func limits(of model: String) -> ModelLimits { ModelLimits() }
    package func work(of request: ChatRequest) -> Int { 1 }
}

extension JSONValue {
    /// As the `cache_control` marks in the request say.
    fileprivate var cacheUse: ChatRequest.CacheUse {
        switch self {
        case .array(let items): return items.reduce(.none) { max($0, $1.cacheUse) }
        case .object(let members):
            var use = ChatRequest.CacheUse.none
            for (name, member) in members {
                guard name == "cache_control" else {
                    use = max(use, member.cacheUse)
                    continue
                }
                if member.isNull { continue }
                let time = member["ttl"]
                use = max(use, time == nil || time == "5m" || time == .null ? .short : .long)
            }
            return use
        default: return .none
        }
    }
}

extension FinishReason {
    /// Its name in OpenAI's API.
    package var openAI: String {
        switch self {
        case .stop, .other: "stop"
        case .length: "length"
        case .filtered: "content_filter"
        case .toolCalls: "tool_calls"
        }
    }
}
