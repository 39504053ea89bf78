import Chat
import Chatbots
import JSON
import Knowledge
import LLM
import Metering
import ModelCalls

/// An answer that is made from a chatbot's files: what the model is sent besides the client's request, and what it answers,
/// with its citations.
struct SourcedAnswer {
    /// What the model is sent.
    private(set) var call: MeteredCall
    private let plain: MeteredCall
    private var sources: [Source] = []
    /// What is said in place of an answer that cites nothing; nil if any answer may be given.
    private let unsourced: String?
    /// Gets the events that the client is to get.
    private let tell: @Sendable (ChatEvent) -> Void

    init(_ call: MeteredCall, unsourced: String?, tell: @escaping @Sendable (ChatEvent) -> Void) {
        (self.call, plain) = (call, call)
        self.unsourced = unsourced
        self.tell = tell
    }

    mutating func use(_ sources: [Source]) {
        self.sources = sources
        var request = plain.request
        // The numbers of earlier answers are those of other sources.
        for index in request.messages.indices where request.messages[index].role == .assistant {
            request.messages[index].content = CitationScanner.stripped(request.messages[index].content)
        }
        SourcePrompt.put(sources, into: &request)
        call = sources.isEmpty ? plain : plain.with(request)
    }

    /// Asks without sources if the model finds them too long: their estimate is no promise.
    mutating func run(
        _ stream: (MeteredCall, (ChatEvent) -> Void) async throws -> ChatResult
    ) async throws -> ChatResult {
        do {
            return try await ask(stream)
        } catch let error as ProviderError where error.kind == .contextTooLong && !sources.isEmpty {
            use([])
            return try await ask(stream)
        }
    }

    private func ask(
        _ stream: (MeteredCall, (ChatEvent) -> Void) async throws -> ChatResult
    ) async throws -> ChatResult {
        if sources.isEmpty, let unsourced {
            try Task.checkCancellation()
            tell(.delta(unsourced))
            return .given(unsourced, by: call.choice)
        }
        var citing = CitingEvents(sources, unsourced: unsourced)
        var isWhole = false
        defer { for event in citing.finish(isWhole: isWhole) { tell(event) } }
        let result = try await stream(call) { event in for event in citing.add(event) { tell(event) } }
        isWhole = true
        return result
    }
}

/// Makes of a model's events those that a client gets: each citation follows the piece of text that ends with its marker.
struct CitingEvents: Sendable {
    private let sources: [Source]
    private let unsourced: String?
    private var text: CitationScanner
    private var refusal = CitationScanner(sources: 0)
    private var hasRefused = false
    /// Unicode scalars of the text so far.
    private var length = 0
    /// What came before the first citation, as long as nothing else may be shown.
    private var held: [ChatEvent] = []

    /// - Parameter unsourced: what is said in place of a text that cites nothing; nil if any text may be said.
    init(_ sources: [Source], unsourced: String?) {
        self.sources = sources
        self.unsourced = unsourced
        text = CitationScanner(sources: sources.count)
    }

    mutating func add(_ event: ChatEvent) -> [ChatEvent] {
        switch event {
        case .delta(let piece): return shown(text.add(piece))
        case .refusal(let piece):
            hasRefused = true
            return [refusal.add(piece)].filter { !$0.isEmpty }.map { .refusal($0) }
        case .toolCalls, .logprobs, .thoughts, .thoughtDetails, .citation: return [event]
        }
    }

    /// - Parameter isWhole: whether the model ended its answer itself.
    mutating func finish(isWhole: Bool) -> [ChatEvent] {
        let rest = [refusal.finish()].filter { !$0.isEmpty }.map { ChatEvent.refusal($0) } + shown(text.finish())
        guard isWhole, !hasRefused, let unsourced, text.uses.isEmpty else { return rest }
        return rest + [.delta(unsourced)]
    }

    private mutating func shown(_ piece: String) -> [ChatEvent] {
        let events = held + cut(piece)
        let waits = unsourced != nil && text.uses.isEmpty
        held = waits ? events : []
        return waits ? [] : events
    }

    private mutating func cut(_ piece: String) -> [ChatEvent] {
        var events: [ChatEvent] = []
        var rest = piece.unicodeScalars[...]
        for marker in text.takeMarkers() {
            let end = rest.index(rest.startIndex, offsetBy: marker.end - length)
            events += [.delta(String(rest[..<end])), .citation(sources[marker.number - 1].annotation)]
            rest = rest[end...]
            length = marker.end
        }
        length += rest.count
        return events + (rest.isEmpty ? [] : [.delta(String(rest))])
    }
}

extension Source {
    /// As an answer tells of it: where the passage is. What it says is its file's, and goes with it.
    fileprivate var annotation: JSONValue {
        [
            "file_id": .string(fileID), "filename": .string(name), "n": .int(Int64(number)),
            "page": page.map { .int(Int64($0)) } ?? .null, "heading": heading.map { .string($0) } ?? .null,
            "start": .int(Int64(range.lowerBound)), "end": .int(Int64(range.upperBound)),
        ]
    }
}

extension Completer {
    /// How much of the prompt sources may take; nil if there are to be none.
    func room(
        _ asked: CompletionRequest, _ resolved: ResolvedChatbot, _ choice: ModelChoice, _ messages: [ChatMessage]
    ) -> SourceRoom? {
        guard asked.takesSources, resolved.hasKnowledge, messages.contains(where: { $0.role == .user }) else {
            return nil
        }
        // Of a conversation that is truncated, half is left to the rest of it.
        let certain = asked.isTruncated ? messages.filter { $0.role == .system } + messages.suffix(1) : messages
        return SourceRoom(choice, besides: certain.map(\.text))
    }

    func sources(
        _ room: SourceRoom?, _ client: APIClient, _ asked: CompletionRequest, _ resolved: ResolvedChatbot,
        _ choice: ModelChoice
    ) -> TurnSources? {
        guard let room else { return nil }
        return TurnSources(
            room: room, client.requester(), in: resolved.tenant, chatbotID: resolved.chatbot.id,
            conversation: asked.messages, by: choice)
    }
}

extension ChatRequest {
    /// What a log keeps as the question.
    var question: String { messages.last?.text ?? "" }
}
