package import Chatbots
import Fairness
import HTTPKit
import HTTPTypes
import JSON
import LLM
package import Logging
package import Metering
import NIOCore
package import Platform
package import Storage

/// Calls models for clients that keep their conversations themselves. Nothing of these is stored but a log, and an answer
/// ends when that is durable.
package struct Completer: Sendable {
    package let database: Database
    package let secrets: Secrets
    package let providers: Providers
    package let spending: Spending
    package let running: RunningCompletions
    package let known: KnownOffers
    package let logs: MessageLogWriter
    package let metrics: Metrics
    package let logger: Logger

    package init(
        database: Database, secrets: Secrets, providers: Providers, spending: Spending, running: RunningCompletions,
        known: KnownOffers, logs: MessageLogWriter, metrics: Metrics, logger: Logger
    ) {
        self.database = database
        self.secrets = secrets
        self.providers = providers
        self.spending = spending
        self.running = running
        self.known = known
        self.logs = logs
        self.metrics = metrics
        self.logger = logger
    }

    /// Those of a chatbot's models that a caller can name: its plan includes them, and they are not without a price.
    package func models(of chatbot: Chatbot, for client: APIClient) async throws -> [String] {
        guard chatbot.llmEndpointURL == nil else { return [] }
        let limits = client.speaker().subscriber.limits
        var callable: [String] = []
        for model in providers.models.offered(by: chatbot) {
            do {
                _ = try await choose(for: chatbot, model, limits)
                callable.append(model)
            } catch let error as APIError where [.modelNotInPlan, .modelNotPriced].contains(error.code) {
                continue
            }
        }
        return callable
    }

    private func choose(for chatbot: Chatbot, _ model: String?, _ limits: EffectiveLimits) async throws -> ModelChoice {
        try await spending.prices.priced(providers.models.choose(for: chatbot, asked: model).allowed(by: limits))
    }

    /// When this returns, the model is being called, as often as answers are wanted.
    package func begin(_ client: APIClient, _ asked: CompletionRequest) async throws -> [RunningCompletion] {
        let offer = try await offer(client, asked)
        let subscriber = client.speaker().subscriber
        let choice = try await choose(for: offer.chatbot, offer.model, subscriber.limits)
        try providers.models.requireReady(choice)
        let request = try await request(client, asked, offer, choice)
        try providers.requireTaken(request, by: choice, text: "messages")
        let call = PreparedCall(
            offer: offer, choice: choice, request: request, prompt: PromptSize(request.messages, request.options),
            externalID: asked.user)
        var running: [RunningCompletion] = []
        do {
            for copy in 0..<max(asked.copies, 1) {
                running.append(try await begin(client, call, id: copy == 0 ? client.call.id : Identifier.make()))
            }
        } catch {
            for completion in running { completion.cancel(error) }
            throw error
        }
        return running
    }

    /// What the model would probably read, chatbot's prompt included.
    package func inputTokens(_ client: APIClient, _ asked: CompletionRequest) async throws -> Int {
        let offer = try await offer(client, asked)
        let choice = try await choose(for: offer.chatbot, offer.model, client.speaker().subscriber.limits)
        let prompt = offer.prompt.map { [ChatMessage(role: .system, content: $0)] } ?? []
        return PromptSize(prompt + asked.messages, asked.options).estimate(TokenFamily(choice.targets[0]))
    }

    /// What is the same for all answers to one request.
    private struct PreparedCall: Sendable {
        let offer: Offer
        let choice: ModelChoice
        let request: ChatRequest
        let prompt: PromptSize
        let externalID: String?
    }

    private func begin(_ client: APIClient, _ prepared: PreparedCall, id: String) async throws -> RunningCompletion {
        let (offer, choice, request, prompt) = (prepared.offer, prepared.choice, prepared.request, prepared.prompt)
        let speaker = client.speaker()
        let subscriber = speaker.subscriber
        let memory = client.call.memory
        // The messages are held with the body; the chatbot's own prompt is not.
        let held = (
            memory.body,
            try memory.hold((offer.prompt == nil ? 0 : request.messages[0].content.utf8.count) * 2, .prompt)
        )
        let completion = RunningCompletion(
            id: id, choice.targets[0], prompt: prompt, streams: request.wantsPieces,
            backlog: try memory.hold(0, .backlog))
        let bill = try await spending.bill(
            speaker, in: offer.tenant, id: Identifier.make(), choice.targets,
            prompt: prompt, maxTokens: request.maxTokens, cacheUse: request.cacheUse)
        try running.add(completion)
        do {
            // Where nothing limits, nothing is written, and the day's messages are not counted.
            if bill?.isReserved == true || subscriber.limits.messagesPerDay != nil {
                let used = try await database.write(client.scope) { tx in
                    let used = try DailyUsage.count(tx, subscriber, messages: 1, now: .now)
                    if let bill { try Spending.reserve(tx, bill, now: .now) }
                    return used
                }
                speaker.show(used)
            }
        } catch {
            running.remove(completion)
            throw error
        }
        let departure = Departure(completion)
        let pipeline = client.call.channel.pipeline
        pipeline.addHandler(departure, position: .first).whenFailure { _ in
            completion.cancel(RunningCompletion.ClientLeft())
        }
        let beats =
            request.wantsPieces
            ? client.call.channel.eventLoop.scheduleRepeatedTask(
                initialDelay: TimeAmount(RunningCompletion.opening), delay: TimeAmount(RunningCompletion.beat)
            ) { _ in
                completion.beat(after: completion.isOpen ? RunningCompletion.quiet - RunningCompletion.beat : .zero)
            } : nil
        let asker = MessageLog.Asker(speaker, in: offer.tenant, externalID: prepared.externalID)
        completion.run { completion in
            var exchange = Exchange(asking: choice.targets[0])
            var ending = await call(
                request, choice, Gateway.Caller(speaker, in: offer.tenant), completion, &exchange, bill)
            do {
                try await settle(bill, ending, prompt, offer, request, asker, completion, exchange)
            } catch {
                logger.error(
                    "exchange not recorded",
                    metadata: ["request_id": .string(completion.id), "cause": .string(String(describing: error))])
                if case .success = ending { ending = .failure(error) }
            }
            withExtendedLifetime(held) {}
            beats?.cancel()
            running.remove(completion)
            completion.end(ending)
            pipeline.removeHandler(departure, promise: nil)
        }
        return completion
    }

    private func offer(_ client: APIClient, _ asked: CompletionRequest) async throws -> Offer {
        guard case .key(let who) = client.who else {
            return try await database.read(client.scope) { tx in
                try Offer.find(tx, client, asked, providers.models, secrets)
            }
        }
        let (known, generation) = self.known.look(who.holder.chatbotID)
        if let known { return try Offer(known, who.holder, named: asked.model, providers.models) }
        let offer = try await database.read(client.scope) { tx in
            try Offer.find(tx, client, asked, providers.models, secrets)
        }
        // What depends on the person is looked up each time.
        if offer.person == nil, offer.signingSecret == nil {
            self.known.remember(offer.chatbot, prompt: offer.prompt, since: generation)
        }
        return offer
    }

    private func call(
        _ request: ChatRequest, _ choice: ModelChoice, _ caller: Gateway.Caller, _ completion: RunningCompletion,
        _ exchange: inout Exchange, _ bill: Spending.Bill?
    ) async -> Result<ChatResult, any Error> {
        do {
            return .success(
                try await providers.gateway.stream(
                    request, via: choice.targets, for: caller,
                    onCall: { exchange.asks($0) },
                    onFailure: { attempt in
                        logger.failedCall(attempt, requestID: completion.id)
                        metrics.count(attempt)
                        bill?.note(attempt)
                        exchange.fails()
                        // What another attempt thinks has a signature of its own.
                        if completion.hasThoughts { completion.add(.thoughtDetails([])) }
                    },
                    onEvent: { event in
                        exchange.receives(event)
                        completion.add(event)
                    }))
        } catch {
            return .failure(error)
        }
    }

    /// Throws if what is to be recorded could not be.
    private func settle(
        _ bill: Spending.Bill?, _ ending: Result<ChatResult, any Error>, _ prompt: PromptSize, _ offer: Offer,
        _ request: ChatRequest, _ asker: MessageLog.Asker, _ completion: RunningCompletion, _ exchange: Exchange
    ) async throws {
        var counted: ChatUsage?
        var isUnfinished = false
        switch ending {
        case .success(let result): counted = completion.usage(of: result)
        case .failure:
            isUnfinished = true
            counted = exchange.unfinishedUsage(
                prompt: prompt, maxTokens: request.maxTokens,
                tokensPerSecond: completion.isLeft ? spending.stopTokensPerSecond : nil)
        }
        let cost = await spending.cost(bill, counted, of: exchange.target, isUnfinished: isUnfinished)
        let (outcome, errorCode) = completion.outcome(of: ending)
        let log = MessageLog(
            id: completion.id, workspaceID: offer.tenant.workspaceID, chatbotID: offer.chatbot.id, asker: asker,
            requestID: completion.id, provider: exchange.target.provider, model: exchange.target.model,
            usage: .init(counted, cost: max(0, cost)),
            firstToken: exchange.firstToken, total: exchange.total, outcome: outcome, errorCode: errorCode,
            content: try logs.content(question: request.messages.last?.text ?? "", answer: exchange.answer),
            createdAt: exchange.beganAt)
        guard let bill, bill.isReserved else {
            metrics.count(log)
            return try await logs.write(log)
        }
        var wait = Duration.milliseconds(200)
        while true {
            do {
                let written = try await database.write(.workspace(offer.tenant.workspaceID)) { tx in
                    var log = log
                    log.usage.cost = try Spending.settle(tx, bill, cost: cost)
                    try log.insert(tx)
                    return log
                }
                return metrics.count(written)
            } catch {
                logger.error(
                    "spending not settled",
                    metadata: [
                        "request_id": .string(completion.id), "cause": .string(String(describing: error)),
                    ])
                guard wait < .seconds(5) else {
                    metrics.count(log)
                    throw error
                }
                let pause = wait
                await Task { try? await Task.sleep(for: pause) }.value
                wait *= 5
            }
        }
    }

    /// The chatbot's prompt leads, whatever the client sends; the client's own instructions keep their places after it.
    private func request(
        _ client: APIClient, _ asked: CompletionRequest, _ offer: Offer, _ choice: ModelChoice
    ) async throws -> ChatRequest {
        let turns = asked.messages.filter { $0.role != .system }
        let context = try offer.person.map { person in
            try UserContext(person, sessionData: JSONObject(), history: turns.dropLast(), secrets, now: .now)
        }
        let prompt = try offer.prompt.map { try context?.filling($0, of: offer.chatbot) ?? $0 }
        var request = ChatRequest(
            model: choice.model,
            messages: (prompt.map { [ChatMessage(role: .system, content: $0)] } ?? []) + asked.messages,
            maxTokens: min(asked.maxTokens ?? choice.maxTokens, choice.mostTokens(for: offer.chatbot)),
            temperature: asked.temperature ?? offer.chatbot.temperature, topP: asked.topP, stop: asked.stop,
            user: asked.user, options: asked.options, wantsPieces: asked.streams)
        request.keyOrders = asked.keyOrders
        request.isTemperatureAsked = asked.temperature != nil
        request.betas = client.call.header(.anthropicBeta)
        if providers.areOwnServers(choice.targets) {
            request.messages = try await Pictures(http: providers.http).included(in: request.messages)
        }
        request.webhook = try await .make(
            offer.chatbot, in: offer.tenant, client.speaker(), choice, message: turns.last?.content ?? "", context,
            signingSecret: offer.signingSecret, id: client.call.id, database, secrets)
        return request
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
