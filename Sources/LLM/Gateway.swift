import Synchronization

/// The one door to the models: finds the provider, bounds how many calls run at once, measures the first token.
package struct Gateway: Sendable {
    private final class Load: Sendable {
        let running = Mutex(0)
    }

    private let providers: [String: any ChatProvider]
    private let maximumConcurrency: Int
    private let load = Load()

    /// Of two providers of one name the later counts.
    package init(providers: [any ChatProvider], maximumConcurrency: Int = 4096) {
        self.providers = Dictionary(providers.map { ($0.name, $0) }) { $1 }
        self.maximumConcurrency = maximumConcurrency
    }

    package var providerNames: [String] { providers.keys.sorted() }

    package var running: Int { load.running.withLock { $0 } }

    package func provider(named name: String) -> (any ChatProvider)? { providers[name] }

    package func stream(
        _ request: ChatRequest,
        provider name: String,
        onEvent: (ChatEvent) async throws -> Void
    ) async throws -> ChatResult {
        guard let provider = providers[name] else {
            throw ProviderError(.misconfigured, detail: "no provider is set up under this name")
        }
        try enter()
        defer { load.running.withLock { $0 -= 1 } }
        return try await call(provider, request, onEvent: onEvent)
    }

    /// One attempt at one provider: what retries, a fallback chain and a circuit breaker would wrap.
    private func call(
        _ provider: any ChatProvider,
        _ request: ChatRequest,
        onEvent: (ChatEvent) async throws -> Void
    ) async throws -> ChatResult {
        let start = ContinuousClock.now
        var timeToFirstToken: Duration?
        var result = try await provider.stream(request) { event in
            if timeToFirstToken == nil { timeToFirstToken = ContinuousClock.now - start }
            try await onEvent(event)
        }
        result.timeToFirstToken = timeToFirstToken
        return result
    }

    private func enter() throws {
        let entered = load.running.withLock { running in
            guard running < maximumConcurrency else { return false }
            running += 1
            return true
        }
        guard entered else {
            throw ProviderError(.unavailable, retryAfter: .seconds(1), detail: "too many calls at once")
        }
    }
}
