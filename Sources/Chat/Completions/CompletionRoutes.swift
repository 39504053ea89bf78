import Chatbots
package import HTTPKit
import HTTPTypes
import LLM
import Platform
import Storage

/// OpenAI's and Anthropic's APIs, for their SDKs and all that speak them.
package struct CompletionRoutes: Sendable {
    package let completer: Completer

    package init(completer: Completer) {
        self.completer = completer
    }

    package func models(_ client: APIClient) async throws -> ModelList {
        let chatbots = try await completer.database.read(client.scope) { tx in
            switch client.who {
            case .key(let who): [try Chatbot.find(tx, of: who.holder)]
            case .user(let who): try Chatbot.callable(tx, who)
            }
        }
        var offers: [(chatbot: Chatbot, models: [String])] = []
        for chatbot in chatbots { offers.append((chatbot, try await completer.models(of: chatbot, for: client))) }
        return ModelList(offers)
    }

    package func chatCompletion(
        _ client: APIClient, _ input: ChatCompletionRequest
    ) async throws -> CompletionAnswer<ChatCompletion> {
        try await answer(client, try input.asked()) { completion, result in
            ChatCompletion(id: Self.id("chatcmpl-", completion), result, completion.usage(of: result), now: .now)
        } events: { completion in
            ChatCompletionEvents(
                id: Self.id("chatcmpl-", completion), model: completion.model, now: .now,
                showsUsage: input.streamOptions?.includeUsage ?? false, requestID: completion.id)
        }
    }

    package func message(_ client: APIClient, _ input: MessageRequest) async throws -> CompletionAnswer<
        AnthropicMessage
    > {
        try await answer(client, try input.asked()) { completion, result in
            AnthropicMessage(id: Self.id("msg_", completion), result, completion.usage(of: result))
        } events: { completion in
            AnthropicMessageEvents(
                id: Self.id("msg_", completion), model: completion.model, inputTokens: completion.inputTokens,
                requestID: completion.id)
        }
    }

    /// A stream begins when the model has: what fails before that is an answer with a status of its own.
    private func answer<Body: JSONOutput>(
        _ client: APIClient, _ asked: CompletionRequest, body: (RunningCompletion, ChatResult) -> Body,
        events: (RunningCompletion) -> any CompletionEvents
    ) async throws -> CompletionAnswer<Body> {
        let completion = try await completer.begin(client, asked)
        do {
            guard asked.streams else { return .body(body(completion, try await completion.result())) }
            try await completion.begun()
            return .stream(completion, events(completion))
        } catch is RunningCompletion.ClientLeft {
            return .nobody
        }
    }

    /// By which the answer is found in the log.
    private static func id(_ prefix: String, _ completion: RunningCompletion) -> String {
        prefix + completion.id.replacing("-", with: "")
    }
}

extension CompletionRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/v1/models", .readChat, id: "list_models", "List models",
                about: "In the form of OpenAI's and Anthropic's API: the chatbots and models that `model` may name.",
                models,
                errors: [.notFound]),
            Route(
                .post, "/v1/chat/completions", .completion, id: "create_chat_completion", "Create a chat completion",
                about: "OpenAI's API. `model` is a chatbot's id or slug, `slug/model`, or a model of the key's "
                    + "chatbot. No conversation is stored.",
                chatCompletion,
                errors: .ofCompletions),
            Route(
                .post, "/v1/messages", .completion, id: "create_message", "Create a message",
                about: "Anthropic's API, with the same names of models. No conversation is stored.",
                message,
                errors: .ofCompletions),
        ].tagged(.completions)
    }
}

extension [APIError.Code] {
    /// What a completion can be refused with.
    fileprivate static var ofCompletions: [APIError.Code] {
        [
            .notFound, .modelNotFound, .modelAmbiguous, .modelNotInPlan, .modelNotPriced, .messageTooLong,
            .unsupportedInput, .budgetExhausted, .insufficientCredits, .dailyLimitReached, .emptyReply,
            .providerRefused, .providerTimeout, .providerRateLimited, .providerUnavailable, .modelLoading,
            .shuttingDown,
        ]
    }
}
