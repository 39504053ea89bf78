package import Chatbots
import Fairness
package import HTTPKit
package import Knowledge
import LLM
import Logging
import Metering
package import ModelCalls
package import Platform
import Spans
package import Storage

/// One turn: load, reserve, stream, store. The user's message is durable before the model is called, no database handle
/// is held while it answers, and the reply is finished and stored whether or not anyone stays to read it.
package struct ChatTurn: Sendable {
    package let calls: MeteredCalls
    package let secrets: Secrets
    package let replies: RunningReplies
    package let files: ConversationFiles
    package let knowledge: KnowledgeSearch
    /// How long a call waits for the reply before it.
    package let patience: Duration

    package init(
        calls: MeteredCalls, secrets: Secrets, replies: RunningReplies, files: ConversationFiles,
        knowledge: KnowledgeSearch, patience: Duration
    ) {
        self.calls = calls
        self.secrets = secrets
        self.replies = replies
        self.files = files
        self.knowledge = knowledge
        self.patience = patience
    }

    package var database: Database { calls.database }
    package var providers: Providers { calls.providers }
    private var logger: Logger { calls.logger }

    package struct Begin: Sendable {
        package let wanted: TurnQueries.TurnTarget
        /// Nil if the last message is answered again.
        package let message: String?
        package let model: String?
        /// Merged into what the conversation has.
        package var sessionData: JSONObject?
        package var attachments: [Attachment.Reference] = []
        /// Whether the answer tells what is known of the person.
        package var wantsContext = false
        /// The end user, if there is something to store of it when the turn begins.
        package var endUser: EndUser.Pending?
    }

    /// A turn that has begun.
    package struct StartedTurn: Sendable {
        package let reply: RunningReply
        package let chatbot: Chatbot
        /// Nil if nothing needs it.
        package let context: UserContext?
    }

    /// Begins a turn: when this returns, the user's message is stored and the reply is on its way.
    package func begin(_ requester: TurnRequester, _ begin: Begin) async throws -> StartedTurn {
        try replies.enter()
        defer { replies.leave() }
        let attaching = try await attachments(begin.attachments, requester)
        // If another call changes the conversation after it was read, it is read again.
        for _ in 0..<3 {
            let input = try await database.read(requester.scope, as: .load) { tx in
                try TurnQueries.input(
                    tx, requester, begin.wanted, secrets, person: begin.endUser?.person,
                    wantsPerson: begin.wantsContext, attaching: attaching, message: begin.message)
            }
            let choice = try await calls.choose(
                for: input.chatbot, asked: begin.model, requester.subscriber.limits)
            if input.curatedAnswer == nil { try providers.models.requireReady(choice) }
            let (sessionData, encrypted) = try sessionData(input, adding: begin.sessionData)
            let context = try input.person.map {
                try UserContext($0, sessionData: sessionData, history: input.history, secrets, now: .now)
            }
            let replyID = Identifier.make()
            let held = try requester.call.memory.hold(input.files.heldBytes, .prompt)
            let (request, room) = try await request(
                requester, input, choice, begin.message, context, replyID: replyID)
            try providers.requireTaken(request, by: choice, text: "message")
            try held.resize(
                to: request.bytes * 2 + (room?.bytes ?? 0) * 4
                    + (context == nil ? 0 : input.history.reduce(0) { $0 + $1.content.utf8.count }))
            var call = try await calls.call(
                request, by: choice, prompt: PromptSize(request.messages, adding: room?.bytes ?? 0), requester,
                in: input.tenant, id: replyID)
            if input.curatedAnswer != nil { call = call.unbilled }
            let subscriber = requester.subscriber
            let reserved = try await database.write(requester.scope, as: .reserve) {
                [call] tx -> (TurnQueries.Reserved, DailyUsage, endUserID: String?)? in
                let endUserID = try begin.endUser?.save(tx, in: input.tenant, now: .now)
                let reserved = try TurnQueries.reserve(
                    tx, input, owner: endUserID.map { .application(endUserID: $0) } ?? requester.owner,
                    message: begin.message, sessionData: encrypted,
                    model: choice.model, replyID: replyID, instance: database.name, attaching: attaching, now: .now)
                guard let reserved else { return nil }
                let used = try DailyUsage.count(
                    tx, subscriber, messages: 1, conversations: input.conversation == nil ? 1 : 0,
                    byVisitor: requester.isVisitor, now: .now)
                try call.reserve(tx)
                return (reserved, used, endUserID)
            }
            guard let (reserved, used, endUserID) = reserved else { continue }
            requester.setDailyUsage(used)
            let reply = RunningReply(
                tenant: input.tenant, conversationID: reserved.conversationID, messageID: reserved.reply.id,
                beganAt: reserved.reply.createdAt, userMessage: reserved.userMessage)
            replies.add(reply)
            Span.current?.belongs(to: input.tenant.workspaceID, conversation: reserved.conversationID)
            var asker = MessageLog.Asker(requester, in: input.tenant, endUserID: input.conversation?.endUserID)
            asker.endUserID = endUserID ?? asker.endUserID
            // What the model does not get of the history is let go before it is called.
            var kept = input
            kept.history = []
            kept.files = MessageFiles()
            let sources =
                input.hasKnowledge
                ? TurnSources(
                    room: room, requester, in: input.tenant, chatbotID: input.chatbot.id,
                    conversation: input.conversation(begin.message), by: choice) : nil
            let turn = Turn(
                input: kept, held: held, wanted: sources, call: call,
                question: begin.message ?? input.history.last?.content ?? "",
                reply: reply, began: reserved.reply, asker: asker,
                recipient: Recipient(requester, endUserID: endUserID ?? input.conversation?.endUserID),
                requestID: requester.call.id)
            let task = Task { await run(turn) }
            reply.onStop { task.cancel() }
            return StartedTurn(reply: reply, chatbot: input.chatbot, context: context)
        }
        throw APIError(.conversationBusy)
    }

    /// Completes the uploads that the call names.
    private func attachments(
        _ references: [Attachment.Reference], _ requester: TurnRequester
    ) async throws -> TurnAttachments {
        if references.isEmpty { return TurnAttachments() }
        let owner = FileOwner(requester)
        return TurnAttachments(
            references: references, uploads: try await files.uploaded(references, by: owner), owner: owner)
    }

    private struct Turn: Sendable {
        let input: TurnQueries.TurnInput
        let held: HeldBytes
        /// Nil if the chatbot knows no files.
        let wanted: TurnSources?
        var call: MeteredCall
        /// Nil if the chatbot knows no files.
        var sources: [Source]?
        /// Without the files that came with it.
        let question: String
        let reply: RunningReply
        /// The reply as it was stored when the turn began.
        let began: Message
        let asker: MessageLog.Asker
        let recipient: Recipient
        let requestID: String
    }

    /// What the model is asked, or the chatbot's own endpoint is sent.
    private func request(
        _ requester: TurnRequester, _ input: TurnQueries.TurnInput, _ choice: ModelChoice, _ message: String?,
        _ context: UserContext?, replyID: String
    ) async throws -> (ChatRequest, SourceRoom?) {
        let prompt = try input.prompt.map { try context?.filling($0, of: input.chatbot) ?? $0 }
        let history = input.conversation(message)
        let shown = try await withFiles(input, history, choice)
        let room = input.hasKnowledge ? SourceRoom(choice, besides: [prompt ?? "", shown.last?.content ?? ""]) : nil
        var request = ChatRequest(
            model: choice.model,
            messages: ContextWindow.fit(
                prompt: prompt, shown, tokens: choice.promptTokens - (room?.tokens ?? 0),
                TokenFamily(choice.targets[0])),
            maxTokens: choice.maxTokens, temperature: input.chatbot.temperature)
        request.needsText = true
        request.webhook = try await .make(
            input.chatbot, in: input.tenant, requester, choice, message: message ?? history.last?.content ?? "",
            context,
            signingSecret: input.signingSecret, id: replyID, database, secrets)
        return (request, room)
    }

    /// The history with what the model is given of its files.
    private func withFiles(
        _ input: TurnQueries.TurnInput, _ history: [ChatMessage], _ choice: ModelChoice
    ) async throws -> [ChatMessage] {
        if input.files.isEmpty { return history }
        let limits = providers.gateway.limits(via: choice.targets)
        return try await input.files.added(
            to: history, from: files.uploads.objects, model: ModelRefusal.subject(choice),
            takes: { kind in
                switch kind {
                case .text: choice.provider != WebhookProvider.usualName
                case .picture: limits.contains { $0.takesPictures }
                case .document: limits.contains { $0.takesDocuments }
                }
            })
    }

    private func run(_ turn: Turn) async {
        // A stop cancels this task; the reply is stored all the same, since database calls ignore cancellation.
        let turn = await withSources(turn)
        var exchange = Exchange(asking: turn.call.choice.targets[0])
        let outcome = await answer(turn, &exchange)
        await settle(turn, outcome, exchange)
        replies.remove(turn.reply)
    }

    private func withSources(_ turn: Turn) async -> Turn {
        guard let wanted = turn.wanted else { return turn }
        var turn = turn
        let sources = await wanted.find(by: knowledge, logger)
        var request = turn.call.request
        SourcePrompt.put(sources, into: &request)
        turn.sources = sources
        turn.call = turn.call.with(request)
        return turn
    }

    /// How a turn ended.
    private struct Outcome {
        let message: Message
        /// Nil if nothing is charged for.
        let usage: ChatUsage?
        let cost: Int64
    }

    /// Calls the model and says how it went, in the form that is stored, and what it cost.
    private func answer(_ turn: Turn, _ exchange: inout Exchange) async -> Outcome {
        let reply = turn.reply
        var answered: ChatUsage?
        do {
            let result = try await call(turn, &exchange)
            answered = exchange.usage(of: result, prompt: turn.call.prompt)
            let text = reply.text
            guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
                switch result.finishReason {
                case .length: throw APIError(.replyLimitReached)
                case .filtered: throw ProviderError(.refused, detail: "content filter")
                default: throw ProviderError(.emptyReply, detail: "nothing but white space")
                }
            }
            var message = message(
                turn, .complete, content: text, model: result.model,
                usage: result.usage.map { .init(promptTokens: $0.promptTokens, completionTokens: $0.completionTokens) })
            message.finishReason = result.finishReason.openAI
            return await outcome(turn, message, answered, exchange, isUnfinished: false)
        } catch {
            let usage = answered ?? turn.call.unfinishedUsage(exchange, callerLeft: reply.callerLeft)
            if reply.isStopped {
                let message = message(turn, .partial, content: reply.text)
                return await outcome(turn, message, usage, exchange, isUnfinished: answered == nil)
            }
            let error = APIError(any: error)
            logger.warning(
                "reply failed",
                metadata: [
                    "request_id": .string(turn.requestID), "code": .string(error.code.rawValue),
                    "cause": .string(error.cause.map { String(describing: $0) } ?? "none"),
                ])
            let code = error.code.rawValue
            if reply.length > 0, ![.emptyReply, .replyLimitReached].contains(error.code) {
                let message = message(turn, .partial, content: reply.text, errorCode: code)
                return await outcome(turn, message, usage, exchange, isUnfinished: answered == nil)
            }
            let language = await language(of: turn.recipient, in: turn.input.tenant)
            let text = FailureMessages.text(for: error.code, of: turn.input.chatbot, in: language)
            var message = message(turn, .failed, content: text, errorCode: code)
            if error.code == .replyLimitReached { message.finishReason = FinishReason.length.openAI }
            return await outcome(turn, message, answered, exchange, isUnfinished: false)
        }
    }

    private func outcome(
        _ turn: Turn, _ message: Message, _ usage: ChatUsage?, _ exchange: Exchange, isUnfinished: Bool
    ) async -> Outcome {
        var message = message
        if let time = exchange.thinkingTime, !exchange.thoughts.isEmpty {
            message.reasoning = .init(
                // PostgreSQL takes no NUL.
                content: exchange.thoughts.replacing("\0", with: ""),
                seconds: (time / .milliseconds(1)).rounded() / 1000)
        }
        return Outcome(
            message: message, usage: usage,
            cost: await turn.call.cost(usage, exchange, isUnfinished: isUnfinished))
    }

    /// Asks with less of the conversation if the model finds it too long: the estimate is no promise.
    private func call(_ turn: Turn, _ exchange: inout Exchange) async throws -> ChatResult {
        var request = turn.call.request
        while true {
            do {
                return try await call(turn, request, &exchange)
            } catch let error as ProviderError where error.kind == .contextTooLong && turn.reply.length == 0 {
                let shorter = ContextWindow.shortened(request.messages, tokens: turn.call.choice.promptTokens)
                guard let shorter else { throw error }
                request.messages = shorter
            }
        }
    }

    private func call(
        _ turn: Turn, _ request: ChatRequest, _ exchange: inout Exchange
    ) async throws -> ChatResult {
        let unsourced = turn.input.chatbot.fallbackMessages?.noSource
        if let text = turn.input.curatedAnswer ?? (turn.sources?.isEmpty == true ? unsourced : nil) {
            try Task.checkCancellation()
            exchange.receives(.delta(text))
            turn.reply.append(text)
            return .given(text, by: turn.call.choice)
        }
        var writer = ReplyWriter(turn.reply, turn.sources, unsourced: unsourced)
        var isWhole = false
        defer { writer.finish(isWhole: isWhole) }
        let result = try await turn.call.stream(request, requestID: turn.requestID, &exchange) { event in
            switch event {
            case .delta(let text), .refusal(let text): writer.write(text)
            case .toolCalls, .logprobs, .thoughts, .thoughtDetails, .citation: break
            }
        }
        isWhole = true
        return result
    }

    private func message(
        _ turn: Turn, _ status: Message.Status, content: String, model: String? = nil, usage: Message.Usage? = nil,
        errorCode: String? = nil
    ) -> Message {
        Message(
            id: turn.reply.messageID, conversationID: turn.reply.conversationID, sender: .ai,
            content: content, status: status, errorCode: errorCode,
            model: turn.input.curatedAnswer == nil ? model ?? turn.call.choice.model : nil,
            usage: usage,
            rating: nil, comment: nil,
            createdAt: turn.reply.beganAt, parentID: turn.began.parentID, siblings: turn.began.siblings,
            citations: turn.sources == nil || status == .failed ? nil : turn.reply.citations)
    }

    private func log(_ turn: Turn, _ outcome: Outcome, _ exchange: Exchange) throws -> MessageLog {
        let message = outcome.message
        var usage = MessageLog.Usage(cost: max(0, outcome.cost))
        if message.status != .failed { usage = .init(outcome.usage, cost: max(0, outcome.cost)) }
        return MessageLog(
            id: message.id, workspaceID: turn.input.tenant.workspaceID, chatbotID: turn.input.chatbot.id,
            asker: turn.asker, conversationID: message.conversationID, messageID: message.id,
            requestID: turn.requestID, provider: exchange.target.provider, model: exchange.target.model, usage: usage,
            firstToken: exchange.firstToken, total: exchange.total, outcome: .init(message.status),
            errorCode: message.errorCode,
            content: try calls.logs.content(
                question: turn.question, answer: exchange.answer),
            createdAt: exchange.beganAt)
    }

    private func settle(_ turn: Turn, _ outcome: Outcome, _ exchange: Exchange) async {
        let message = outcome.message
        let (tenant, fallback) = (turn.input.tenant, turn.input.place.fallback)
        let log: MessageLog
        do {
            log = try self.log(turn, outcome, exchange)
        } catch {
            logger.error("reply not logged", metadata: ["request_id": .string(turn.requestID), "cause": "\(error)"])
            return turn.reply.end(.lost(APIError(any: error)))
        }
        var waited = Duration.zero
        func failed(_ error: any Error, _ pause: Duration?) -> Bool {
            let failure = APIError(any: error)
            logger.error(
                "reply not stored",
                metadata: [
                    "request_id": .string(turn.requestID), "message_id": .string(message.id),
                    "cause": .string(String(describing: error)),
                ])
            // A short fault is not shown. After a second the readers are told, and storing is still tried.
            if failure.code == .internalError || waited > .seconds(1) { turn.reply.end(.lost(failure)) }
            waited += pause ?? .zero
            return failure.code != .internalError
        }
        do {
            try await turn.call.settle(
                log, cost: outcome.cost, pauses: MeteredCall.longPauses,
                with: { tx in try TurnQueries.settle(tx, tenant, message, fallback: fallback) },
                onFailure: failed)
            turn.reply.end(.message(message))
        } catch {
            turn.reply.end(.lost(APIError(any: error)))
        }
    }
}
