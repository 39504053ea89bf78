package struct ChatMessage: Sendable, Codable, Equatable {
    package enum Role: String, Sendable, Codable {
        case system, user, assistant
    }

    package var role: Role
    package var content: String

    package init(role: Role, content: String) {
        self.role = role
        self.content = content
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

    package init(
        model: String,
        messages: [ChatMessage],
        maxTokens: Int,
        temperature: Double? = nil,
        topP: Double? = nil,
        stop: [String] = [],
        user: String? = nil
    ) {
        self.model = model
        self.messages = messages
        self.maxTokens = maxTokens
        self.temperature = temperature
        self.topP = topP
        self.stop = stop
        self.user = user
    }
}

package struct ChatUsage: Sendable, Codable, Equatable {
    package var promptTokens: Int
    package var completionTokens: Int

    package init(promptTokens: Int, completionTokens: Int) {
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
    }
}

package enum FinishReason: String, Sendable, Codable {
    case stop, length, filtered, other
}

package struct ChatResult: Sendable {
    package var content: String
    /// The model that answered, as the vendor names it.
    package var model: String
    package var provider: String
    package var finishReason: FinishReason
    /// `nil` where the vendor did not count.
    package var usage: ChatUsage?
    /// Set by the `Gateway`.
    package var timeToFirstToken: Duration?

    package init(
        content: String,
        model: String,
        provider: String,
        finishReason: FinishReason,
        usage: ChatUsage?
    ) {
        self.content = content
        self.model = model
        self.provider = provider
        self.finishReason = finishReason
        self.usage = usage
    }
}

package enum ChatEvent: Sendable, Equatable {
    /// Never empty. What arrived together may come as one piece.
    case delta(String)
}

package protocol ChatProvider: Sendable {
    var name: String { get }

    /// Calls `onEvent` for each piece in order and awaits it, so a slow reader slows the vendor down. Cancelling the
    /// calling task ends the upstream call at once. Throws `ProviderError`, `CancellationError` or what `onEvent` threw.
    func stream(
        _ request: ChatRequest, onEvent: (ChatEvent) async throws -> Void
    ) async throws -> ChatResult
}
