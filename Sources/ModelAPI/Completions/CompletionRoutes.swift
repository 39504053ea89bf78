import Chat
package import Chatbots
import Foundation
package import HTTPKit
import HTTPTypes
import LLM
import ModelCalls
import Platform
import Storage

/// OpenAI's and Anthropic's APIs, for their SDKs and all that speak them.
package struct CompletionRoutes: Sendable {
    package let completer: Completer
    private let uploads: Uploads

    package init(completer: Completer, uploads: Uploads) {
        self.completer = completer
        self.uploads = uploads
    }

    package func models(_ client: APIClient) async throws -> ModelList { ModelList(try await offers(client)) }

    private func offers(_ client: APIClient) async throws -> [(chatbot: Chatbot, models: [String])] {
        let chatbots = try await completer.database.read(client.scope) { tx in
            switch client.who {
            case .key(let who): [try Chatbot.find(tx, of: who.holder)]
            case .user(let who): try Chatbot.callable(tx, who)
            }
        }
        var offers: [(chatbot: Chatbot, models: [String])] = []
        for chatbot in chatbots { offers.append((chatbot, try await completer.models(of: chatbot, for: client))) }
        return offers
    }

    /// One of them. A model's name may have slashes, so that it takes several parts of the path.
    package func model(_ client: APIClient) async throws -> ModelList.Model {
        let prefix = "/v1/models/"
        let path = client.call.path
        let rest = path.range(of: prefix).map { path[$0.upperBound...] } ?? ""
        let name = (rest.hasSuffix("/") ? rest.dropLast() : rest).removingPercentEncoding ?? ""
        guard let model = ModelList.model(named: name, of: try await offers(client)) else {
            throw APIError(.modelNotFound, param: "model")
        }
        return model
    }

    /// An estimate: vendors' vocabularies are not known here.
    package func countTokens(_ client: APIClient, _ input: MessageRequest) async throws -> TokenCount {
        let asked = try await files(of: client).resolved(try input.asked())
        return TokenCount(inputTokens: try await completer.inputTokens(client, asked))
    }

    package func chatCompletion(
        _ client: APIClient, _ input: ChatCompletionRequest
    ) async throws -> CompletionAnswer<ChatCompletion> {
        try await answer(client, try input.asked()) { completion, results, usage in
            ChatCompletion(id: Self.id("chatcmpl-", completion), results, usage, now: .now)
        } events: { completion in
            ChatCompletionEvents(
                id: Self.id("chatcmpl-", completion), model: completion.model, now: .now,
                showsUsage: input.streamOptions?.includeUsage ?? false, copies: input.n ?? 1, requestID: completion.id)
        }
    }

    package func message(
        _ client: APIClient, _ input: MessageRequest
    ) async throws -> CompletionAnswer<AnthropicMessage> {
        let asked = try input.asked()
        return try await answer(client, asked) { completion, results, usage in
            var result = results[0]
            if !asked.showsThoughts { result.thoughts = nil }
            return AnthropicMessage(id: Self.id("msg_", completion), result, usage)
        } events: { completion in
            AnthropicMessageEvents(
                id: Self.id("msg_", completion), model: completion.model, inputTokens: completion.inputTokens,
                requestID: completion.id, showsThoughts: asked.showsThoughts)
        }
    }

    package func textCompletion(
        _ client: APIClient, _ input: TextCompletionRequest
    ) async throws -> CompletionAnswer<TextCompletion> {
        var completions: [RunningCompletion] = []
        do {
            for asked in try input.asked() {
                completions += try await completer.begin(client, asked, isFurther: !completions.isEmpty)
            }
        } catch {
            for completion in completions { completion.cancel(error) }
            throw error
        }
        return try await answer(completions, streams: input.stream ?? false) { completion, results, usage in
            TextCompletion(id: Self.id("cmpl-", completion), results, usage, now: .now)
        } events: { completion in
            TextCompletionEvents(
                id: Self.id("cmpl-", completion), model: completion.model, now: .now,
                showsUsage: input.streamOptions?.includeUsage ?? false, requestID: completion.id)
        }
    }

    private func answer<Body: JSONOutput>(
        _ client: APIClient, _ asked: CompletionRequest,
        body: (RunningCompletion, [ChatResult], ChatUsage) -> Body,
        events: (RunningCompletion) -> any CompletionEvents
    ) async throws -> CompletionAnswer<Body> {
        let files = files(of: client)
        return try await answer(
            try await completer.begin(client, try await files.resolved(asked), files: files.held),
            streams: asked.streams,
            body: body, events: events)
    }

    /// A stream begins when the model has, or after a while without it: what fails before that is an answer with a status
    /// of its own.
    /// - Parameter completions: at least one.
    private func answer<Body: JSONOutput>(
        _ completions: [RunningCompletion], streams: Bool,
        body: (RunningCompletion, [ChatResult], ChatUsage) -> Body,
        events: (RunningCompletion) -> any CompletionEvents
    ) async throws -> CompletionAnswer<Body> {
        do {
            guard streams else {
                var results: [ChatResult] = []
                for completion in completions { results.append(try await completion.result()) }
                let usage = ChatUsage(sum: zip(completions, results).map { $0.usage(of: $1) })
                return .body(body(completions[0], results, usage))
            }
            try await completions[0].begun()
            return .stream(completions, events(completions[0]))
        } catch {
            for completion in completions { completion.cancel(RunningCompletion.ClientLeft()) }
            if error is RunningCompletion.ClientLeft { return .clientLeft }
            throw APIError(ofCompletion: error)
        }
    }

    private func files(of client: APIClient) -> ClientFileReader {
        ClientFileReader(client.who, uploads: uploads, http: completer.calls.providers.http)
    }

    /// Id of the answer in the log.
    private static func id(_ prefix: String, _ completion: RunningCompletion) -> String {
        prefix + String(decoding: completion.id.utf8.filter { $0 != UInt8(ascii: "-") }, as: UTF8.self)
    }
}

extension CompletionRoutes {
    package var table: [Route] {
        let getModel = Route(
            .get, "/v1/models/{model}", .readChat, id: "get_model", "Get a model",
            about: "One of the list, by its `id`.", model, errors: [.modelNotFound])
        return [
            Route(
                .get, "/v1/models", .readChat, id: "list_models", "List models",
                about: "In the form of OpenAI's and Anthropic's API: the chatbots and models that `model` may name.",
                models,
                errors: [.notFound]),
            // Some models have a slash in their name.
            getModel, getModel.also(at: "/v1/models/{model}/**"),
            Route(
                .post, "/v1/messages/count_tokens", .completion, id: "count_message_tokens",
                "Count tokens of a message",
                about: "Anthropic's API. An estimate of what the model would read, without a call.", countTokens,
                errors: [.notFound, .modelNotFound, .modelAmbiguous, .modelNotInPlan, .modelNotPriced]),
            Route(
                .post, "/v1/chat/completions", .completion, id: "create_chat_completion", "Create a chat completion",
                about: "OpenAI's API. `model` is a chatbot's id or slug, `slug/model`, or a model of the key's "
                    + "chatbot. No conversation is stored.",
                chatCompletion,
                errors: .ofCompletions),
            Route(
                .post, "/v1/completions", .completion, id: "create_completion", "Create a completion",
                about: "OpenAI's older API, for editors: the model continues a text. No conversation is stored.",
                textCompletion,
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
    package static var ofCompletions: [APIError.Code] {
        [
            .notFound, .modelNotFound, .modelAmbiguous, .modelNotInPlan, .modelNotPriced, .messageTooLong,
            .unsupportedInput, .budgetExhausted, .insufficientCredits, .dailyLimitReached, .emptyReply,
            .providerRefused, .providerTimeout, .providerRateLimited, .providerUnavailable, .modelLoading,
            .shuttingDown,
        ]
    }
}
