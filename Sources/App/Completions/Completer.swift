import JSON
import LLM
import Logging
import NIOCore
import Storage

/// Calls models for clients that keep their conversations themselves. Nothing of these is stored, and where the key has
/// no budget nothing is written at all.
struct Completer: Sendable {
    let database: Database
    let secrets: Secrets
    let gateway: Gateway
    let models: Models
    let spending: Spending
    let running: RunningCompletions
    let known: KnownOffers
    let logger: Logger

    /// When this returns, the model is being called.
    func begin(_ client: APIClient, _ asked: CompletionRequest) async throws -> RunningCompletion {
        let offer = try await offer(client, asked)
        let choice = try models.choose(for: offer.chatbot, asked: offer.model)
        try models.requireReady(choice)
        let request = try await request(client, asked, offer, choice)
        let completion = RunningCompletion(
            id: client.call.id, model: choice.model,
            inputTokens: CompletionRequest.estimate(request.messages, request.options), streams: asked.streams)
        let bill = try await spending.bill(
            client.speaker().key, id: Identifier.make(), choice.targets, inputTokens: completion.inputTokens,
            maxTokens: request.maxTokens)
        try running.add(completion)
        do {
            if let bill {
                try await database.write(client.scope) { tx in try Spending.reserve(tx, bill, now: .now) }
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
        completion.run { completion in
            let ending = await call(request, choice, offer.tenant, completion)
            if let bill { await settle(bill, ending, choice, offer.tenant, completion) }
            running.remove(completion)
            completion.end(ending)
            pipeline.removeHandler(departure, promise: nil)
        }
        return completion
    }

    private func offer(_ client: APIClient, _ asked: CompletionRequest) async throws -> Offer {
        guard case .key(let who) = client.who else {
            return try await database.read(client.scope) { tx in
                try Offer.find(tx, client, asked, models, secrets)
            }
        }
        let (known, generation) = self.known.look(who.holder.chatbotID)
        if let known { return try Offer(known, who.holder, named: asked.model, models) }
        let offer = try await database.read(client.scope) { tx in
            try Offer.find(tx, client, asked, models, secrets)
        }
        // What depends on the person is looked up each time.
        if offer.person == nil, offer.signingSecret == nil {
            self.known.remember(offer.chatbot, prompt: offer.prompt, since: generation)
        }
        return offer
    }

    private func call(
        _ request: ChatRequest, _ choice: Models.Choice, _ tenant: Tenant, _ completion: RunningCompletion
    ) async -> Result<ChatResult, any Error> {
        do {
            return .success(
                try await gateway.stream(
                    request, via: choice.targets, for: tenant.workspaceID,
                    onFailure: { logger.failedCall($0, requestID: completion.id) },
                    onEvent: { completion.add($0) }))
        } catch {
            return .failure(error)
        }
    }

    /// An answer that broke off costs what came of it; one of which nothing came is free, unless the client left.
    private func settle(
        _ bill: Spending.Bill, _ ending: Result<ChatResult, any Error>, _ choice: Models.Choice, _ tenant: Tenant,
        _ completion: RunningCompletion
    ) async {
        var cost: Int64 = 0
        switch ending {
        case .success(let result):
            cost = (try? await spending.cost(of: result, inputTokens: completion.inputTokens)) ?? bill.amount
        case .failure(let error):
            if completion.hasReceived || error is CancellationError {
                let part = ChatResult(
                    content: "", model: choice.model, provider: choice.provider, finishReason: .other,
                    usage: completion.usage(of: nil))
                cost = (try? await spending.cost(of: part, inputTokens: completion.inputTokens)) ?? bill.amount
            }
        }
        for wait in [Duration.milliseconds(200), .seconds(1), .seconds(5), .zero] {
            do {
                return try await database.write(.workspace(tenant.workspaceID)) { [cost] tx in
                    try Spending.settle(tx, bill, cost: cost)
                }
            } catch {
                logger.error(
                    "spending not settled",
                    metadata: [
                        "request_id": .string(completion.id), "cause": .string(String(describing: error)),
                    ])
                await Task { try? await Task.sleep(for: wait) }.value
            }
        }
    }

    /// The chatbot's prompt leads, whatever the client sends; the client's own instructions come after it.
    private func request(
        _ client: APIClient, _ asked: CompletionRequest, _ offer: Offer, _ choice: Models.Choice
    ) async throws -> ChatRequest {
        let instructions = asked.messages.filter { $0.role == .system }
        let turns = asked.messages.filter { $0.role != .system }
        let context = try offer.person.map { person in
            try UserContext(person, sessionData: JSONObject(), history: turns.dropLast(), secrets, now: .now)
        }
        let prompt = offer.prompt.map { context?.filling($0, of: offer.chatbot) ?? $0 }
        var request = ChatRequest(
            model: choice.model,
            messages: (prompt.map { [ChatMessage(role: .system, content: $0)] } ?? []) + instructions + turns,
            maxTokens: min(asked.maxTokens ?? choice.maxTokens, choice.mostTokens(for: offer.chatbot)),
            temperature: asked.temperature ?? offer.chatbot.temperature, topP: asked.topP, stop: asked.stop,
            user: asked.user, options: asked.options, wantsPieces: asked.streams)
        request.webhook = try await .make(
            offer.chatbot, in: offer.tenant, client.speaker(), choice, message: turns.last?.content ?? "", context,
            signingSecret: offer.signingSecret, id: client.call.id, database, secrets)
        return request
    }
}

extension Models.Choice {
    /// What a client may ask for: as much as the chatbot allows, or else half of what the model can hold.
    fileprivate func mostTokens(for chatbot: Chatbot) -> Int {
        chatbot.maxTokens == nil ? (maxTokens + promptTokens) / 2 : maxTokens
    }
}
