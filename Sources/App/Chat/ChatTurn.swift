import JSON
import LLM
import Logging
import Storage

/// One turn: load, reserve, stream, store. The user's message is durable before the model is called, no database handle
/// is held while it answers, and the reply is finished and stored whether or not anyone stays to read it.
struct ChatTurn: Sendable {
    let database: Database
    let secrets: Secrets
    let gateway: Gateway
    let models: Models
    let replies: RunningReplies
    let logger: Logger

    struct Begin: Sendable {
        let wanted: TurnQueries.Wanted
        /// Nil where the last message is to be answered again.
        let message: String?
        let model: String?
        /// Merged into what the conversation has.
        var sessionData: JSONObject?
        /// Whether the answer tells what is known of the person.
        var wantsContext = false
    }

    /// A turn that has begun.
    struct Begun: Sendable {
        let reply: RunningReply
        let chatbot: Chatbot
        /// Nil where nothing asked for it.
        let context: UserContext?
    }

    /// In bytes, of one conversation.
    private static let longestSessionData = 65_536

    /// Begins a turn: when this returns, the user's message is stored and the reply is on its way.
    func begin(_ speaker: Speaker, _ begin: Begin) async throws -> Begun {
        guard !replies.isClosing else { throw APIError(.shuttingDown, retryAfter: 5) }
        // Whoever reads and then finds the conversation changed reads again; each round somebody has got ahead.
        for _ in 0..<3 {
            let plan = try await database.read(speaker.scope) { tx in
                try TurnQueries.plan(tx, speaker, begin.wanted, wantsPerson: begin.wantsContext)
            }
            let choice = try models.choose(for: plan.chatbot, asked: begin.model)
            try models.requireReady(choice)
            let (sessionData, encrypted) = try sessionData(plan, adding: begin.sessionData)
            let context = try plan.person.map {
                try UserContext($0, sessionData: sessionData, history: plan.history, secrets, now: .now)
            }
            let reserved = try await database.write(speaker.scope) { tx in
                try TurnQueries.reserve(
                    tx, plan, owner: speaker.owner, message: begin.message, sessionData: encrypted,
                    model: choice.model, now: .now)
            }
            guard let reserved else { continue }
            let reply = RunningReply(
                tenant: plan.tenant, conversationID: reserved.conversationID, messageID: reserved.reply.id,
                beganAt: reserved.reply.createdAt, userMessage: reserved.userMessage)
            replies.add(reply)
            let turn = Turn(
                plan: plan, choice: choice, message: begin.message, context: context, reply: reply,
                requestID: speaker.call.id)
            let task = Task { await run(turn) }
            reply.onStop { task.cancel() }
            return Begun(reply: reply, chatbot: plan.chatbot, context: context)
        }
        throw APIError(.conversationBusy)
    }

    /// The conversation's session data with what this call adds, and its encrypted form where it changes.
    private func sessionData(
        _ plan: TurnQueries.Plan, adding new: JSONObject?
    ) throws -> (data: JSONObject, encrypted: String?) {
        guard new != nil || plan.person != nil else { return (JSONObject(), nil) }
        var data = JSONObject()
        if let stored = plan.conversation?.sessionData {
            data = try secrets.decryptJSON(JSONObject.self, stored)
        }
        guard let new else { return (data, nil) }
        data.members.merge(new.members) { $1 }
        let bytes = try JSONWriter.encode(data)
        guard bytes.count <= Self.longestSessionData else {
            throw APIError.invalid("session_data", "A conversation's session data is limited to 64 KiB in all.")
        }
        return (data, try secrets.encrypt(bytes))
    }

    private struct Turn: Sendable {
        let plan: TurnQueries.Plan
        let choice: Models.Choice
        let message: String?
        let context: UserContext?
        let reply: RunningReply
        let requestID: String

        private var prompt: String? {
            guard let context else { return plan.prompt }
            return plan.prompt.map { PromptTemplate.fill($0) { context.value(of: $0, chatbot: plan.chatbot) } }
        }

        func request(historyBudget: Int?) -> ChatRequest {
            var history = plan.history
            if let message { history.append(ChatMessage(role: .user, content: message)) }
            return ChatRequest(
                model: choice.model,
                messages: ContextWindow.fit(prompt: prompt, history, tokens: historyBudget ?? choice.promptTokens),
                maxTokens: choice.maxTokens, temperature: plan.chatbot.temperature)
        }
    }

    private func run(_ turn: Turn) async {
        // Storing outlives a stop: the database does not mind that the task is cancelled.
        await settle(turn, await answer(turn))
        replies.remove(turn.reply)
    }

    /// Calls the model and says how it went, in the form that is stored.
    private func answer(_ turn: Turn) async -> Message {
        let reply = turn.reply
        do {
            let result: ChatResult
            do {
                result = try await call(turn, turn.request(historyBudget: nil))
            } catch let error as ProviderError where error.kind == .contextTooLong && reply.length == 0 {
                // The estimate was too hopeful: the last message alone is what must fit.
                result = try await call(turn, turn.request(historyBudget: 0))
            }
            let text = reply.text
            guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace && $0 != "\0" }) else {
                throw ProviderError(.emptyReply, detail: "nothing but white space")
            }
            return message(
                turn, .complete, content: text, model: result.model,
                usage: result.usage.map { .init(promptTokens: $0.promptTokens, completionTokens: $0.completionTokens) })
        } catch {
            if reply.isStopped { return message(turn, .partial, content: reply.text) }
            let error = APIError(any: error)
            logger.warning(
                "model call failed",
                metadata: [
                    "request_id": .string(turn.requestID), "provider": .string(turn.choice.provider),
                    "code": .string(error.code.rawValue),
                    "cause": .string(error.cause.map { String(describing: $0) } ?? "none"),
                ])
            let code = error.code.rawValue
            if reply.length > 0, error.code != .emptyReply {
                return message(turn, .partial, content: reply.text, errorCode: code)
            }
            let text = Fallback.text(for: error.code, of: turn.plan.chatbot)
            return message(turn, .failed, content: text, errorCode: code)
        }
    }

    private func call(_ turn: Turn, _ request: ChatRequest) async throws -> ChatResult {
        try await gateway.stream(request, provider: turn.choice.provider) { event in
            switch event {
            case .delta(let text): turn.reply.append(text)
            }
        }
    }

    private func message(
        _ turn: Turn, _ status: Message.Status, content: String, model: String? = nil, usage: Message.Usage? = nil,
        errorCode: String? = nil
    ) -> Message {
        Message(
            id: turn.reply.messageID, conversationID: turn.reply.conversationID, sender: .ai,
            // A model may write what no database column may hold.
            content: content.utf8.contains(0) ? content.filter { $0 != "\0" } : content, status: status,
            errorCode: errorCode, model: model ?? turn.choice.model, usage: usage, rating: nil, comment: nil,
            createdAt: turn.reply.beganAt)
    }

    private func settle(_ turn: Turn, _ message: Message) async {
        var wait = Duration.milliseconds(200)
        while true {
            do {
                try await database.write(.workspace(turn.plan.tenant.workspaceID)) { tx in
                    try TurnQueries.settle(tx, turn.plan.tenant, message, replacing: turn.plan.replacedID)
                }
                turn.reply.end(.message(message))
                return
            } catch {
                let failure = APIError(any: error)
                logger.error(
                    "reply not stored",
                    metadata: [
                        "request_id": .string(turn.requestID), "message_id": .string(message.id),
                        "cause": .string(String(describing: error)),
                    ])
                // What a moment mends, nobody need hear of. After that whoever waits is told, and storing is still tried.
                if failure.code == .internalError || wait > .seconds(1) { turn.reply.end(.lost(failure)) }
                guard failure.code != .internalError, wait < .seconds(30) else { return }
                let pause = wait
                await Task { try? await Task.sleep(for: pause) }.value
                wait *= 2
            }
        }
    }
}
