/// The spans that are not named after what they call. They are in one table, as are the attributes, because the conventions
/// for calls of models change with their releases.
package enum SpanName: String, Sendable, CaseIterable {
    /// Who is calling: the credential is checked.
    case authenticate = "authenticate"
    /// The request is counted against the caller's rate limits.
    case limit = "count against limits"
    /// What a turn or a completion needs is read.
    case load = "load"
    /// The most that a call can cost is held from the balance, and a turn's message is stored.
    case reserve = "reserve"
    /// A place in the queue of a provider is waited for.
    case queue = "wait for a place"
    /// The cost is charged, the rest refunded, and the reply and its log are stored.
    case settle = "settle"
    case readTransaction = "read transaction"
    case writeTransaction = "write transaction"
    /// A message on a WebSocket, from its arrival until the turn has begun.
    case socketMessage = "websocket message"
}

/// What may be said of a span: names, ids, numbers and states, and never what people or models wrote, nor a key.
package enum SpanAttribute: String, Sendable, CaseIterable {
    case method = "http.request.method"
    case route = "http.route"
    case status = "http.response.status_code"
    /// The code of the error that ended the span.
    case errorType = "error.type"
    case databaseSystem = "db.system.name"
    case operation = "gen_ai.operation.name"
    case provider = "gen_ai.provider.name"
    case requestModel = "gen_ai.request.model"
    case responseModel = "gen_ai.response.model"
    case inputTokens = "gen_ai.usage.input_tokens"
    case outputTokens = "gen_ai.usage.output_tokens"
    case finishReasons = "gen_ai.response.finish_reasons"
    case conversation = "gen_ai.conversation.id"
    /// As in the answer's `X-Request-ID` and in the log.
    case requestID = "mynah.request.id"
    case workspace = "mynah.workspace.id"
    /// The kind of a job.
    case job = "mynah.job.kind"
}

/// A moment within a span.
package enum SpanEvent: String, Sendable, CaseIterable {
    /// The first word or thought of a model's answer has come.
    case firstToken = "first token"
    /// A transaction's statements have run; what remains is the commit.
    case statementsDone = "statements done"
}
