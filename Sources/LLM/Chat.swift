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
    /// False if only the whole answer matters, which is cheaper.
    package var wantsPieces: Bool
    /// For `WebhookProvider` alone.
    package var webhook: Webhook?
    /// What is left of the time that all attempts have together; set by the `Gateway`.
    package var timeLimit: Duration?
    /// The workspace and account that the call is made for; set by the `Gateway`.
    package var caller: Gateway.Caller?

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

    /// What it holds in memory, roughly.
    package var bytes: Int {
        messages.reduce(webhook?.document.count ?? 0) { $0 + $1.content.utf8.count }
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
    package let promptTokens: Int
    package let completionTokens: Int

    /// Beyond any model's: a vendor's count is only a claim, and sums of it must not overflow.
    package static let highest = 1_000_000_000

    package init(promptTokens: Int, completionTokens: Int) {
        self.promptTokens = min(max(0, promptTokens), Self.highest)
        self.completionTokens = min(max(0, completionTokens), Self.highest)
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
    package var target: Gateway.Target?

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

    /// What it holds in memory, roughly.
    package var bytes: Int {
        switch self {
        case .delta(let text), .refusal(let text), .thoughts(let text): text.utf8.count
        case .toolCalls(let value), .logprobs(let value): value.bytes
        }
    }

    /// Whether the caller has seen something of the answer, so that no other model can be asked.
    package var isAnswer: Bool { if case .thoughts = self { false } else { true } }
}

package protocol ChatProvider: Sendable {
    var name: String { get }
    /// How much of the provider one workspace, or one account, may hold at once.
    var share: CallQueue.Share { get }

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
    package var share: CallQueue.Share { CallQueue.Share() }
    package func limits(of model: String) -> ModelLimits { ModelLimits() }
    package func work(of request: ChatRequest) -> Int { 1 }
}
