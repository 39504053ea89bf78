package import Fairness
package import JSON
import Synchronization

@testable package import LLM

/// Answers from a script, the same way every time: the vendor of tests.
package struct ScriptedProvider: ChatProvider, EmbeddingProvider {
    package enum Step: Sendable {
        case delta(String)
        case toolCalls(JSONValue)
        case thoughts(String)
        case thoughtDetails([JSONValue])
        case pause(Duration)
        /// Holds the reply until the closure returns, so that a test need not guess at times.
        case wait(@Sendable () async throws -> Void)
        case fail(ProviderError)
    }

    package struct Reply: Sendable {
        package var steps: [Step]
        package var finishReason: FinishReason
        package var usage: ChatUsage?

        package init(_ steps: [Step], finishReason: FinishReason = .stop, usage: ChatUsage? = nil) {
            self.steps = steps
            self.finishReason = finishReason
            self.usage = usage
        }

        package static func text(_ pieces: String..., usage: ChatUsage? = nil) -> Reply {
            Reply(pieces.map { .delta($0) }, usage: usage)
        }

        package static func failure(_ error: ProviderError) -> Reply {
            Reply([.fail(error)])
        }
    }

    package struct Calls: Sendable {
        package var requests: [ChatRequest] = []
        package var embeddings: [EmbeddingRequest] = []
        package var running = 0
        package var finished = 0
        package var failed = 0
        package var cancelled = 0
    }

    private final class Record: Sendable {
        let calls = Mutex(Calls())
    }

    package let name: String
    package var share = CallQueue.Share()
    package var modelLimits = ModelLimits(fields: RequestField.names(of: .openAI))
    /// What it makes of texts; by default, vectors that tell texts apart.
    package var embeds: @Sendable (_ request: EmbeddingRequest, _ number: Int) async throws -> EmbeddingResult = {
        request, _ in ScriptedProvider.vectors(of: request)
    }
    package var embeddingLimits: EmbeddingLimits? = EmbeddingLimits()
    private let record = Record()
    private let reply: @Sendable (_ request: ChatRequest, _ number: Int) -> Reply

    /// `number` counts the calls from 0.
    package init(
        name: String = "scripted", reply: @escaping @Sendable (_ request: ChatRequest, _ number: Int) -> Reply
    ) {
        self.name = name
        self.reply = reply
    }

    /// Plays the replies in order; the last one repeats. With none, it echoes the last message word by word.
    package init(name: String = "scripted", _ replies: Reply...) {
        self.init(name: name) { request, number in
            replies.isEmpty ? Self.echo(request) : replies[min(number, replies.count - 1)]
        }
    }

    package func limits(of model: String) -> ModelLimits { modelLimits }

    package var calls: Calls { record.calls.withLock { $0 } }

    package func stream(
        _ request: ChatRequest, onEvent: (ChatEvent) async throws -> Void
    ) async throws -> ChatResult {
        let number = record.calls.withLock { calls in
            calls.requests.append(request)
            calls.running += 1
            return calls.requests.count - 1
        }
        do {
            let result = try await play(reply(request, number), for: request, onEvent: onEvent)
            record.calls.withLock {
                $0.running -= 1
                $0.finished += 1
            }
            return result
        } catch {
            record.calls.withLock {
                $0.running -= 1
                if error is CancellationError { $0.cancelled += 1 } else { $0.failed += 1 }
            }
            throw error
        }
    }

    package func embed(_ request: EmbeddingRequest) async throws -> EmbeddingResult {
        let number = record.calls.withLock { calls in
            calls.embeddings.append(request)
            return calls.embeddings.count - 1
        }
        return try await embeds(request, number)
    }

    /// The first bytes of each text, or the first tokens, as numbers.
    package static func vectors(of request: EmbeddingRequest) -> EmbeddingResult {
        let dimensions = request.dimensions ?? 4
        let vectors = request.inputs.map { input in
            let numbers =
                switch input {
                case .text(let text): text.utf8.map { Float($0) / 256 }
                case .tokens(let tokens): tokens.map { Float($0) }
                }
            return Array((numbers + Array(repeating: 0, count: dimensions)).prefix(dimensions))
        }
        return EmbeddingResult(
            vectors: EmbeddingVectors(dimensions: dimensions, values: vectors.flatMap(\.self)), model: request.model,
            promptTokens: request.inputs.reduce(0) { $0 + ($1.bytes + 3) / 4 })
    }

    private func play(
        _ reply: Reply, for request: ChatRequest, onEvent: (ChatEvent) async throws -> Void
    ) async throws -> ChatResult {
        var content = ""
        var toolCalls = ToolCalls()
        var thoughts = Thoughts()
        for step in reply.steps {
            try Task.checkCancellation()
            switch step {
            case .delta(let text):
                content += text
                try await onEvent(.delta(text))
            case .toolCalls(let pieces):
                try toolCalls.add(pieces)
                try await onEvent(.toolCalls(pieces))
            case .thoughts(let text):
                thoughts.text += text
                try await onEvent(.thoughts(text))
            case .thoughtDetails(let details):
                thoughts.add(details: details)
                try await onEvent(.thoughtDetails(details))
            case .pause(let duration): try await Task.sleep(for: duration)
            case .wait(let condition): try await condition()
            case .fail(let error): throw error
            }
        }
        let isCut = [.length, .filtered].contains(reply.finishReason)
        guard !content.isEmpty || toolCalls.value != nil || isCut else {
            throw ProviderError(.emptyReply, detail: "the script has no text")
        }
        var result = ChatResult(
            content: content,
            toolCalls: toolCalls.value,
            model: request.model,
            provider: name,
            finishReason: reply.finishReason,
            usage: reply.usage ?? Self.count(request, content)
        )
        result.thoughts = thoughts.isEmpty ? nil : thoughts
        return result
    }

    private static func echo(_ request: ChatRequest) -> Reply {
        let words = (request.messages.last?.content ?? "").split(separator: " ")
        return Reply(words.enumerated().map { .delta($0 == 0 ? String($1) : " \($1)") })
    }

    private static func count(_ request: ChatRequest, _ content: String) -> ChatUsage {
        func words(_ text: String) -> Int { text.split(separator: " ").count }
        return ChatUsage(
            promptTokens: request.messages.reduce(0) { $0 + words($1.content) },
            completionTokens: words(content)
        )
    }
}
