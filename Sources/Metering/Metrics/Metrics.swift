package import HTTPKit
package import HTTPTypes
package import LLM

/// What this process counts for Prometheus. Labels come from bounded sets alone, and never name a user.
package struct Metrics: Sendable {
    package init() {}

    package let requests = Histogram(
        "mynah_http_request_duration_seconds", "Time from a request's head to its answer's head.",
        labels: ["method", "route", "status"])
    package let errors = Counter(
        "mynah_errors_total", "Answers that were errors, by the error's code; limits that were hit among them.",
        labels: ["code"])
    package let exchanges = Histogram(
        "mynah_model_call_duration_seconds", "Time of a call of a model with all its attempts, by how it ended.",
        labels: ["provider", "outcome"], bounds: Histogram.slow)
    package let firstTokens = Histogram(
        "mynah_model_first_token_seconds", "Time until a model's first token.", labels: ["provider"],
        bounds: Histogram.slow)
    package let attempts = Counter(
        "mynah_model_failed_attempts_total", "Single calls of a provider that failed.", labels: ["provider", "kind"])
    package let tokens = Counter(
        "mynah_model_tokens_total", "Tokens read and written by models.", labels: ["provider", "direction"])
    package let cost = Counter(
        "mynah_model_cost_micro_units_total", "What models cost, as settled.", labels: ["provider"])

    package let searches = Counter(
        "mynah_model_searches_total", "Searches that vendors were asked for.", labels: ["provider"])
    package let titles = Counter(
        "mynah_titles_total", "Titles of conversations that a model was asked for.", labels: ["outcome"])

    package func count(_ log: MessageLog) {
        let provider = log.provider ?? "none"
        exchanges.observe([provider, log.outcome.rawValue], log.total)
        if let firstToken = log.firstToken { firstTokens.observe([provider], firstToken) }
        tokens.add([provider, "prompt"], Double(log.usage.promptTokens))
        tokens.add([provider, "completion"], Double(log.usage.completionTokens))
        // Parts of these, which most vendors do not have.
        if log.usage.cachedTokens > 0 { tokens.add([provider, "cached"], Double(log.usage.cachedTokens)) }
        if log.usage.cacheWriteTokens > 0 { tokens.add([provider, "cache_write"], Double(log.usage.cacheWriteTokens)) }
        if log.usage.reasoningTokens > 0 { tokens.add([provider, "reasoning"], Double(log.usage.reasoningTokens)) }
        if log.usage.searches > 0 { searches.add([provider], Double(log.usage.searches)) }
        if log.usage.cost > 0 { cost.add([provider], Double(log.usage.cost)) }
    }

    package func count(_ attempt: Gateway.Attempt) { attempts.add([attempt.provider, "\(attempt.error.kind)"]) }
}

extension Metrics: RequestObserver {
    package func failed(_ code: APIError.Code) { errors.add([code.rawValue]) }

    package func answered(method: String, route: String, status: HTTPResponse.Status, _ duration: Duration) {
        requests.observe([method, route, String(status.code)], duration)
    }
}
