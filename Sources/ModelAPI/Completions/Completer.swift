import Chat
package import Chatbots
import Fairness
package import HTTPKit
import HTTPTypes
import JSON
package import Knowledge
import LLM
import Logging
import Metering
package import ModelCalls
import NIOCore
package import Platform
import Spans
package import Storage

/// Calls models for clients that keep their conversations themselves. Nothing of these is stored but a log, and an answer
/// ends when that is durable.
package struct Completer: Sendable {
    package let calls: MeteredCalls
    package let secrets: Secrets
    package let running: RunningCompletions
    package let chatbotCache: ChatbotCache
    package let knowledge: KnowledgeSearch

    package init(
        calls: MeteredCalls, secrets: Secrets, running: RunningCompletions, chatbotCache: ChatbotCache,
        knowledge: KnowledgeSearch
    ) {
        self.calls = calls
        self.secrets = secrets
        self.running = running
        self.chatbotCache = chatbotCache
        self.knowledge = knowledge
    }

    package var database: Database { calls.database }
    private var providers: Providers { calls.providers }
    private var logger: Logger { calls.logger }

    /// Those of a chatbot's models that a caller can name: its plan includes them, and they are not without a price.
    package func models(of chatbot: Chatbot, for client: APIClient) async throws -> [String] {
        guard chatbot.llmEndpointURL == nil else { return [] }
        let limits = client.requester().subscriber.limits
        var callable: [String] = []
        for model in providers.models.offered(by: chatbot) {
            do {
                _ = try await calls.choose(for: chatbot, asked: model, limits)
                callable.append(model)
            } catch let error as APIError where [.modelNotInPlan, .modelNotPriced].contains(error.code) {
                continue
            }
        }
        return callable
    }

    /// When this returns, the model is being called, as often as answers are wanted.
    /// - Parameters:
    ///   - files: memory of the request's files.
    ///   - record: what is kept of the first completion.
    ///   - isFurther: whether other requests of the same call have begun, one of which has the call's id.
    package func begin(
        _ client: APIClient, _ asked: CompletionRequest, files: HeldBytes? = nil, record: (any CompletionRecord)? = nil,
        isFurther: Bool = false
    ) async throws -> [RunningCompletion] {
        let resolved = try await resolve(client, asked)
        let subscriber = client.requester().subscriber
        let choice = try await calls.choose(for: resolved.chatbot, asked: resolved.model, subscriber.limits)
        try providers.models.requireReady(choice)
        Span.current?.belongs(to: resolved.tenant.workspaceID)
        let (request, room) = try await request(client, asked, resolved, choice)
        try providers.requireTaken(request, by: choice, text: asked.textField)
        let call = PreparedCall(
            resolved: resolved, choice: choice, request: request,
            prompt: PromptSize(request.messages, request.options, adding: room?.bytes ?? 0),
            room: room, sources: sources(room, client, asked, resolved, choice), externalID: asked.user, files: files,
            record: record)
        var running: [RunningCompletion] = []
        do {
            for copy in 0..<max(asked.copies, 1) {
                let id = copy == 0 && !isFurther ? client.call.id : Identifier.make()
                running.append(try await begin(client, call, id: id))
            }
        } catch {
            for completion in running { completion.cancel(error) }
            throw error
        }
        return running
    }

    /// What the model would probably read, chatbot's prompt included.
    package func inputTokens(_ client: APIClient, _ asked: CompletionRequest) async throws -> Int {
        let resolved = try await resolve(client, asked)
        let choice = try await calls.choose(
            for: resolved.chatbot, asked: resolved.model, client.requester().subscriber.limits)
        let prompt = resolved.prompt.map { [ChatMessage(role: .system, content: $0)] } ?? []
        return PromptSize(prompt + asked.messages, asked.options).estimate(TokenFamily(choice.targets[0]))
    }

    /// What is the same for all answers to one request.
    private struct PreparedCall: Sendable {
        let resolved: ResolvedChatbot
        let choice: ModelChoice
        let request: ChatRequest
        let prompt: PromptSize
        let room: SourceRoom?
        /// Nil if the answer is made without files.
        let sources: TurnSources?
        let externalID: String?
        let files: HeldBytes?
        let record: (any CompletionRecord)?
    }

    private func begin(_ client: APIClient, _ prepared: PreparedCall, id: String) async throws -> RunningCompletion {
        let (resolved, choice, request, prompt) = (
            prepared.resolved, prepared.choice, prepared.request, prepared.prompt
        )
        let requester = client.requester()
        let subscriber = requester.subscriber
        let memory = client.call.memory
        // The messages are held with the body; the chatbot's own prompt is not.
        let held = (
            memory.body, prepared.files,
            try memory.hold(
                (resolved.prompt == nil ? 0 : request.messages[0].content.utf8.count) * 2
                    + (prepared.room?.bytes ?? 0) * 4, .prompt)
        )
        let record = prepared.record
        let hasReader = record?.outlivesClient != true
        let completion = RunningCompletion(
            id: id, choice.targets[0], prompt: prompt, streams: request.wantsPieces && hasReader,
            backlog: try memory.hold(0, .backlog))
        let call = try await calls.call(
            request, by: choice, prompt: prompt, requester, in: resolved.tenant, id: Identifier.make())
        try running.add(completion)
        do {
            let beginning = CompletionBeginning(resolved: resolved, model: choice.targets[0].model, id: id)
            let isWritten = try await record?.prepare(beginning) == true
            // Without any limit nothing is written, and the day's messages are not counted.
            if isWritten || call.bill?.isReserved == true || subscriber.limits.messagesPerDay != nil {
                let used = try await database.write(client.scope, as: .reserve) { tx in
                    let used = try DailyUsage.count(tx, subscriber, messages: 1, now: .now)
                    try call.reserve(tx)
                    if isWritten { try record?.begin(tx) }
                    return used
                }
                requester.setDailyUsage(used)
            }
        } catch {
            running.remove(completion)
            await record?.abandon()
            throw error
        }
        record?.onStop { completion.cancel(RunningCompletion.ClientLeft()) }
        let connection = hasReader ? ClientConnection(client.call.channel, of: completion) : nil
        let asker = MessageLog.Asker(requester, in: resolved.tenant, externalID: prepared.externalID)
        completion.run { completion in
            var exchange = Exchange(asking: choice.targets[0])
            var (sent, ending) = await perform(call, prepared.sources, resolved, completion, record, &exchange)
            var failure: (any Error)?
            do {
                try await settle(sent, ending, resolved, asker, completion, record, exchange, request.question)
            } catch {
                failure = error
                logger.error(
                    "exchange not recorded",
                    metadata: ["request_id": .string(completion.id), "cause": .string(String(describing: error))])
                if case .success = ending { ending = .failure(error) }
            }
            withExtendedLifetime(held) {}
            record?.end(failure: failure)
            running.remove(completion)
            completion.end(ending)
            connection?.close()
        }
        return completion
    }

    private func resolve(_ client: APIClient, _ asked: CompletionRequest) async throws -> ResolvedChatbot {
        guard case .key(let who) = client.who else {
            return try await database.read(client.scope) { tx in
                try ResolvedChatbot.find(tx, client, asked, providers.models, secrets)
            }
        }
        let (known, generation) = chatbotCache.look(who.holder.chatbotID)
        if let known { return try ResolvedChatbot(known, who.holder, named: asked.model, providers.models) }
        let resolved = try await database.read(client.scope, as: .load) { tx in
            try ResolvedChatbot.find(tx, client, asked, providers.models, secrets)
        }
        // What depends on the person is looked up each time.
        if resolved.person == nil, resolved.signingSecret == nil {
            chatbotCache.remember(
                resolved.chatbot, prompt: resolved.prompt, hasKnowledge: resolved.hasKnowledge, since: generation)
        }
        return resolved
    }

    /// Returns the call with what the model was sent, too.
    private func perform(
        _ call: MeteredCall, _ wanted: TurnSources?, _ resolved: ResolvedChatbot, _ completion: RunningCompletion,
        _ record: (any CompletionRecord)?, _ exchange: inout Exchange
    ) async -> (MeteredCall, Result<ChatResult, any Error>) {
        @Sendable func tell(_ event: ChatEvent) {
            record?.receive(event)
            completion.add(event)
        }
        func stream(_ call: MeteredCall, onEvent: (ChatEvent) -> Void) async throws -> ChatResult {
            completion.sends(call.prompt)
            return try await call.stream(
                call.request, requestID: completion.id, &exchange,
                onFailure: {
                    // What another attempt thinks has a signature of its own.
                    if completion.hasThoughts { completion.add(.thoughtDetails([])) }
                    record?.attemptFailed()
                }, onEvent: onEvent)
        }
        var answer = SourcedAnswer(call, unsourced: resolved.chatbot.fallbackMessages?.noSource, tell: tell)
        do {
            guard let wanted else { return (call, .success(try await stream(call, onEvent: tell))) }
            answer.use(await wanted.find(by: knowledge, logger))
            return (answer.call, .success(try await answer.run(stream)))
        } catch {
            return (answer.call, .failure(error))
        }
    }

    /// Throws if what is to be recorded could not be.
    private func settle(
        _ call: MeteredCall, _ ending: Result<ChatResult, any Error>, _ resolved: ResolvedChatbot,
        _ asker: MessageLog.Asker,
        _ completion: RunningCompletion, _ record: (any CompletionRecord)?, _ exchange: Exchange, _ question: String
    ) async throws {
        let (counted, isUnfinished): (ChatUsage?, Bool) =
            switch ending {
            case .success(let result): (completion.usage(of: result), false)
            case .failure: (call.unfinishedUsage(exchange, callerLeft: completion.callerLeft), true)
            }
        let cost = await call.cost(counted, exchange, isUnfinished: isUnfinished)
        let (outcome, errorCode) = completion.outcome(of: ending)
        var used = MessageLog.Usage(counted, cost: max(0, cost))
        if counted != nil { used.searches = call.request.searches }
        let log = MessageLog(
            id: completion.id, workspaceID: resolved.tenant.workspaceID, chatbotID: resolved.chatbot.id, asker: asker,
            requestID: completion.id, provider: exchange.target.provider, model: exchange.target.model,
            usage: used,
            firstToken: exchange.firstToken, total: exchange.total, outcome: outcome, errorCode: errorCode,
            content: try calls.logs.content(question: question, answer: exchange.answer),
            createdAt: exchange.beganAt)
        let kept = try record?.settle(ending, counted, callerLeft: completion.callerLeft)
        guard call.bill?.isReserved == true || kept != nil else {
            calls.metrics.count(log)
            return try await calls.logs.write(log)
        }
        let pauses = record?.outlivesClient == true ? MeteredCall.longPauses : MeteredCall.shortPauses
        try await call.settle(log, cost: cost, pauses: pauses, with: kept ?? { _ in }) { error, pause in
            logger.error(
                "spending not settled",
                metadata: ["request_id": .string(completion.id), "cause": .string(String(describing: error))])
            if pause == nil { calls.metrics.count(log) }
            return true
        }
    }

    /// The chatbot's prompt leads, whatever the client sends; the client's own instructions keep their places after it.
    private func request(
        _ client: APIClient, _ asked: CompletionRequest, _ resolved: ResolvedChatbot, _ choice: ModelChoice
    ) async throws -> (ChatRequest, SourceRoom?) {
        let turns = asked.messages.filter { $0.role != .system }
        let context = try resolved.person.map { person in
            try UserContext(person, sessionData: JSONObject(), history: turns.dropLast(), secrets, now: .now)
        }
        let prompt = try resolved.prompt.map { try context?.filling($0, of: resolved.chatbot) ?? $0 }
        var request = ChatRequest(
            model: choice.model,
            messages: (prompt.map { [ChatMessage(role: .system, content: $0)] } ?? []) + asked.messages,
            maxTokens: min(asked.maxTokens ?? choice.maxTokens, choice.mostTokens(for: resolved.chatbot)),
            temperature: asked.temperature ?? resolved.chatbot.temperature, topP: asked.topP, stop: asked.stop,
            user: asked.user, options: asked.options, wantsPieces: asked.streams)
        request.keyOrders = asked.keyOrders
        request.isTemperatureAsked = asked.temperature != nil
        request.betas = client.call.header(.anthropicBeta)
        let room = room(asked, resolved, choice, request.messages)
        if asked.isTruncated {
            request.messages = MessageTruncation.fit(
                request.messages, tokens: choice.promptTokens - (room?.tokens ?? 0), TokenFamily(choice.targets[0]))
        }
        if providers.areOwnServers(choice.targets) {
            request.messages = try await Pictures(http: providers.http).included(in: request.messages)
        }
        request.webhook = try await .make(
            resolved.chatbot, in: resolved.tenant, client.requester(), choice, message: turns.last?.content ?? "",
            context,
            signingSecret: resolved.signingSecret, id: client.call.id, database, secrets)
        return (request, room)
    }
}

extension ModelChoice {
    /// What a client may ask for: as much as the chatbot allows, or else half of what the model can hold.
    fileprivate func mostTokens(for chatbot: Chatbot) -> Int {
        chatbot.maxTokens == nil ? (maxTokens + promptTokens) / 2 : maxTokens
    }
}

extension HTTPField.Name {
    fileprivate static let anthropicBeta = HTTPField.Name("anthropic-beta")!
}
