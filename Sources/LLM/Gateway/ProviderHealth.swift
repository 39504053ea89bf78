import Fairness

/// What calls have shown of a provider: of each workspace at each model, of each model, and of the provider as a whole.
///
/// - A workspace whose calls of a model fail is held back from that model, alone.
/// - A model is held back from everyone when the calls of two parties fail and none succeeds meanwhile. If only one
///   workspace is active, holding that one back is the same.
/// - The whole provider is held back when no connection can be made or the operator's key is refused.
/// - A caller whose own last call of the model succeeded within the last minute is held back by neither: if calls fail
///   for everyone, its next call shows that; if not, its success ends the matter for everyone.
struct ProviderHealth {
    /// Models are named by users, so what is remembered is bounded.
    private static let maximum = (records: 8192, models: 1024)
    /// How long a success counts, and how long a failure that is not repeated is remembered.
    private static let recent = Duration.seconds(60)
    /// What opens a model's breaker: failures in all, of each of two parties; and the same of probes.
    private static let evidence = (all: CircuitBreaker.threshold, each: 2)
    private static let probes = (all: 2, each: 1)
    private static let refusals = 2

    private struct Place: Hashable {
        var model: String
        var workspace: String
    }

    private struct Record {
        var breaker = CircuitBreaker()
        var succeededAt: ContinuousClock.Instant?
        var usedAt: ContinuousClock.Instant
        /// Failures in this run of the model's breaker.
        var failures = 0
        var run: UInt64 = 0
    }

    private var records: [Place: Record] = [:]
    private var models: [String: SharedBreaker] = [:]
    /// Nil while nothing is wrong.
    private var connection: SharedBreaker?
    private var key: SharedBreaker?
    private var lastRun: UInt64 = 0
    private var prunedAt: ContinuousClock.Instant?

    // MARK: Calls

    /// How long to hold a call back; nil if it may go ahead.
    func wait(_ model: String, _ caller: Gateway.Caller, now: ContinuousClock.Instant) -> Duration? {
        let record = records[Place(model: model, workspace: caller.workspace)]
        if let wait = record?.breaker.wait(now: now) { return wait }
        let isHealthy = record?.succeededAt.map { now - $0 < Self.recent } ?? false
        for openUntil in openings(model) {
            if now < openUntil {
                if !isHealthy { return openUntil - now }
            } else if record?.breaker.isProbing == true {
                return CircuitBreaker.probing
            }
        }
        return nil
    }

    /// Whether the call that goes ahead is a probe. Each workspace has a probe of its own, so that no other workspace's
    /// slow one is in its way. `end` has to be told of the outcome.
    mutating func begin(_ model: String, _ caller: Gateway.Caller, now: ContinuousClock.Instant) -> Bool {
        let place = Place(model: model, workspace: caller.workspace)
        let isProbe = openings(model).contains { now >= $0 }
        guard isProbe || records[place]?.breaker.openUntil != nil, makeRoom(for: place, now: now) else { return false }
        return records[place, default: Record(usedAt: now)].breaker.begin(isProbe: isProbe)
    }

    private func openings(_ model: String) -> [ContinuousClock.Instant] {
        if models.isEmpty, connection == nil, key == nil { return [] }
        return [connection?.openUntil, key?.openUntil, models[model]?.openUntil].compactMap(\.self)
    }

    mutating func end(
        _ model: String, _ caller: Gateway.Caller, _ outcome: CircuitBreaker.Outcome, wasProbe: Bool,
        now: ContinuousClock.Instant
    ) {
        let place = Place(model: model, workspace: caller.workspace)
        switch outcome {
        case .success:
            if makeRoom(for: place, now: now) { records[place] = Record(succeededAt: now, usedAt: now) }
            models[model] = nil
            (connection, key) = (nil, nil)
        case .failure:
            connection = nil
            if makeRoom(for: place, now: now) { fail(place, caller, wasProbe: wasProbe, now: now) }
        case .unreachable, .keyRefused, .forbidden:
            records[place]?.succeededAt = nil
            records[place]?.breaker.end(outcome, wasProbe: wasProbe, now: now)
            failAll(caller, outcome, wasProbe: wasProbe, now: now)
        case .answered:
            records[place]?.breaker.end(.answered, wasProbe: wasProbe, now: now)
            (connection, key) = (nil, nil)
            if wasProbe { models[model] = nil }
        case .unknown: records[place]?.breaker.end(.unknown, wasProbe: wasProbe, now: now)
        }
    }

    private mutating func fail(
        _ place: Place, _ caller: Gateway.Caller, wasProbe: Bool, now: ContinuousClock.Instant
    ) {
        var record = records[place] ?? Record(usedAt: now)
        defer { records[place] = record }
        record.usedAt = now
        record.succeededAt = nil
        record.breaker.end(.failure, wasProbe: wasProbe, now: now)
        guard makeRoom(forModel: place.model, now: now) else { return }
        var shared = models[place.model] ?? SharedBreaker(run: nextRun(), now: now)
        defer { models[place.model] = shared }
        // Calls that began before it opened tell nothing new.
        if shared.isOpen(now: now) || shared.openUntil != nil && !wasProbe { return }
        if shared.openUntil == nil, now - shared.changedAt >= Self.recent {
            shared = SharedBreaker(run: nextRun(), now: now)
        }
        let evidence = shared.openUntil == nil ? Self.evidence : Self.probes
        record.failures = record.run == shared.run ? record.failures + 1 : 1
        record.run = shared.run
        shared.addFailure(now: now)
        if record.failures >= evidence.each { shared.addFailing(caller) }
        if shared.failures >= evidence.all, shared.hasTwoParties { shared.open(run: nextRun(), now: now) }
    }

    /// A failure that has nothing to do with what was asked.
    private mutating func failAll(
        _ caller: Gateway.Caller, _ outcome: CircuitBreaker.Outcome, wasProbe: Bool, now: ContinuousClock.Instant
    ) {
        let isConnection = outcome == .unreachable
        var shared = (isConnection ? connection : key) ?? SharedBreaker(run: nextRun(), now: now)
        defer { if isConnection { connection = shared } else { key = shared } }
        if shared.isOpen(now: now) || shared.openUntil != nil && !wasProbe { return }
        if shared.openUntil == nil, now - shared.changedAt >= Self.recent {
            shared = SharedBreaker(run: nextRun(), now: now)
        }
        let isHalfOpen = shared.openUntil != nil
        shared.addFailure(now: now)
        let suffices: Bool
        switch outcome {
        case .unreachable: suffices = isHalfOpen || shared.failures >= CircuitBreaker.threshold
        case .keyRefused: suffices = isHalfOpen || shared.failures >= Self.refusals
        default:
            // A provider may forbid one prompt or one model, which a single party could make use of.
            shared.addFailing(caller)
            suffices = shared.hasTwoParties
        }
        if suffices { shared.open(run: nextRun(), now: now) }
    }

    private mutating func nextRun() -> UInt64 {
        lastRun += 1
        return lastRun
    }

    // MARK: Bounds

    /// False if there is no room for another record. What is not recorded is never held back.
    private mutating func makeRoom(for place: Place, now: ContinuousClock.Instant) -> Bool {
        if records.count < Self.maximum.records || records[place] != nil { return true }
        prune(now: now)
        return records.count < Self.maximum.records
    }

    private mutating func makeRoom(forModel model: String, now: ContinuousClock.Instant) -> Bool {
        if models.count < Self.maximum.models || models[model] != nil { return true }
        prune(now: now)
        return models.count < Self.maximum.models
    }

    var remembered: Int { records.count + models.count }

    private mutating func prune(now: ContinuousClock.Instant) {
        guard prunedAt.map({ now - $0 >= .seconds(1) }) ?? true else { return }
        prunedAt = now
        records = records.filter { now - $0.value.usedAt < Self.recent || $0.value.breaker.state(now: now) == .open }
        models = models.filter { now - $0.value.changedAt < Self.recent || $0.value.isOpen(now: now) }
    }

    // MARK: For operators

    struct Summary {
        /// The most severe state that affects every active caller.
        var state = CircuitBreaker.State.closed
        /// Models that are held back from everyone.
        var openModels = 0
        /// Workspaces that are held back from a model alone, once for each such model.
        var heldBack = 0
    }

    func summary(now: ContinuousClock.Instant) -> Summary {
        var summary = Summary()
        var states: Set<CircuitBreaker.State> = []
        for shared in [connection, key].compactMap(\.self) { states.insert(shared.state(now: now)) }
        for shared in models.values {
            states.insert(shared.state(now: now))
            if shared.openUntil != nil { summary.openModels += 1 }
        }
        // A model whose only active workspace is held back answers no caller.
        var alone: [String: CircuitBreaker.State] = [:]
        var inUse: Set<String> = []
        for (place, record) in records {
            let state = record.breaker.state(now: now)
            if state != .closed {
                summary.heldBack += 1
                if alone[place.model] != .open { alone[place.model] = state }
            } else if now - record.usedAt < Self.recent {
                inUse.insert(place.model)
            }
        }
        for (model, state) in alone where !inUse.contains(model) { states.insert(state) }
        summary.state = [.open, .halfOpen].first { states.contains($0) } ?? .closed
        return summary
    }
}
