package import HTTPKit
package import Hummingbird
package import Storage
import Synchronization

/// Keeps out the addresses that the rules refuse, before anything else is done for them.
package final class AddressGate: Sendable {
    /// Rules of this age are read again beside the request, and those of the greatest age before it.
    private static let age = (fresh: Duration.seconds(3), greatest: Duration.seconds(5))

    private struct State {
        var rules: IPRuleSet?
        var readAt: ContinuousClock.Instant?
        var reading: Task<Void, Never>?
        /// Rises with each change: what was read before it is not kept.
        var generation = 0
    }

    package let allowlist: [AddressRange]
    private let database: Database
    private let state = Mutex(State())

    package init(database: Database, allowlist: [AddressRange]) {
        self.database = database
        self.allowlist = allowlist
    }

    package func admit(_ address: String) async throws {
        guard try await current().admits(address) else { throw APIError(.addressRefused) }
    }

    /// Reads the rules anew for the next request.
    package func forget() {
        state.withLock { state in
            state.generation += 1
            state.readAt = nil
            state.reading = nil
        }
    }

    private func current() async throws -> IPRuleSet {
        let (known, age) = state.withLock { ($0.rules, $0.readAt.map { .now - $0 }) }
        if let known, let age, age < Self.age.fresh { return known }
        let reading = state.withLock { state in
            if let reading = state.reading { return reading }
            let reading = Task { [generation = state.generation] in await read(generation) }
            state.reading = reading
            return reading
        }
        if let known, let age, age < Self.age.greatest { return known }
        await reading.value
        guard let rules = state.withLock(\.rules) else { throw APIError(.databaseUnavailable, retryAfter: 1) }
        return rules
    }

    /// Reads the rules. If the database is unavailable, the rules that were read last stay in force.
    private func read(_ generation: Int) async {
        let rules = try? await database.read(.system) { [allowlist] tx in
            IPRuleSet(try IPRule.all(tx), allowlist: allowlist)
        }
        state.withLock { state in
            guard state.generation == generation else { return }
            state.rules = rules ?? state.rules
            state.readAt = .now
            state.reading = nil
        }
    }
}

/// Asks the gate about every request: files and WebSockets too.
package struct AddressRefusals: RouterMiddleware {
    package typealias Context = AppContext

    package let gate: AddressGate

    package init(gate: AddressGate) {
        self.gate = gate
    }
    /// A supervisor on the same machine must see whether the server lives.
    private static let supervised: Set<String> = ["/health/live", "/health/ready"]

    @concurrent package func handle(
        _ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        if !(Self.supervised.contains(request.uri.path) && IPAddress.isLoopback(context.remoteAddress)) {
            try await gate.admit(context.remoteAddress)
        }
        return try await next(request, context)
    }
}
