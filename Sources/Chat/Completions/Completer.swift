package import Chatbots
import Fairness
import HTTPKit
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

    /// When this returns, the model is being called.
    package func begin(_ client: APIClient, _ asked: CompletionRequest) async throws -> RunningCompletion {
        let offer = try await offer(client, asked)
        let speaker = client.speaker()
        let subscriber = speaker.subscriber
        let choice = try await choose(for: offer.chatbot, offer.model, subscriber.limits)
        try providers.models.requireReady(choice)
        let request = try await request(client, asked, offer, choice)
        try providers.requireTaken(request, by: choice, text: "messages")
        let memory = client.call.memory
        // The messages are held with the body; the chatbot's own prompt is not.
        let held = (
            memory.body,
            try memory.hold((offer.prompt == nil ? 0 : request.messages[0].content.utf8.count) * 2, .prompt)
        )
        let prompt = PromptSize(request.messages, request.options)
        let completion = RunningCompletion(
            id: client.call.id, choice.targets[0], prompt: prompt, streams: asked.streams,
            backlog: try memory.hold(0, .backlog))
        let bill = try await spending.bill(
            speaker, in: offer.tenant, id: Identifier.make(), choice.targets,
            prompt: prompt, maxTokens: request.maxTokens)
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
        let asker = MessageLog.Asker(speaker, in: offer.tenant, externalID: asked.user)
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
            usage: .init(
                promptTokens: counted?.promptTokens ?? 0, completionTokens: counted?.completionTokens ?? 0,
                cost: max(0, cost)),
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

    /// The chatbot's prompt leads, whatever the client sends; the client's own instructions come after it.
    private func request(
        _ client: APIClient, _ asked: CompletionRequest, _ offer: Offer, _ choice: ModelChoice
    ) async throws -> ChatRequest {
        let instructions = asked.messages.filter { $0.role == .system }
        let turns = asked.messages.filter { $0.role != .system }
        let context = try offer.person.map { person in
            try UserContext(person, sessionData: JSONObject(), history: turns.dropLast(), secrets, now: .now)
        }
        let prompt = try offer.prompt.map { try context?.filling($0, of: offer.chatbot) ?? $0 }
        var request = ChatRequest(
            model: choice.model,
            messages: (prompt.map { [ChatMessage(role: .system, content: $0)] } ?? []) + instructions + turns,
            maxTokens: min(asked.maxTokens ?? choice.maxTokens, choice.mostTokens(for: offer.chatbot)),
            temperature: asked.temperature ?? offer.chatbot.temperature, topP: asked.topP, stop: asked.stop,
            user: asked.user, options: asked.options, wantsPieces: asked.streams)
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
