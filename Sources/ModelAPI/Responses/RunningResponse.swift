import Chat
import Chatbots
import HTTPKit
import JSON
import LLM
import Platform
import Storage
import Synchronization

/// A response while it is being written: what has come so far, and who waits for more.
final class RunningResponse: CompletionRecord {
    /// What decides how the response is kept.
    struct Plan: Sendable {
        let id: String
        let request: ResponseRequest
        let input: ResponseInput
        let owner: ResponseOwner
        /// What it continues.
        let chain: [StoredResponse]
        let references: ResponseReferences
        /// The user whose limits apply.
        let account: String
        /// Nil: for ever.
        let lifetime: Duration?
        let options: [String: JSONValue]
        /// The memory of what is continued.
        let held: HeldBytes?
    }

    /// Openings beyond this size are stored before the model is called, part by part, in bytes.
    private static let large = 256 << 10

    private struct State {
        var opening: ResponseOpening?
        var new: ResponseQueries.New?
        var events: [ChatEvent] = []
        var hasThoughts = false
        var ending: ResponseEnding?
        /// Whether the ending is stored.
        var isEnded = false
        var stop: (@Sendable () -> Void)?
        var isStopped = false
    }

    let plan: Plan
    private let store: ResponseStore
    private let state = Mutex(State())
    private let readers = WaitingReaders()

    init(_ plan: Plan, _ store: ResponseStore) {
        self.plan = plan
        self.store = store
    }

    var outlivesClient: Bool { plan.request.isBackground }
    var workspaceID: String { state.withLock { $0.new?.tenant.workspaceID ?? "" } }
    /// Known from `prepare` on.
    var opening: ResponseOpening {
        guard let opening = state.withLock({ $0.opening }) else { preconditionFailure("it has not begun") }
        return opening
    }

    // MARK: What the completion tells

    func prepare(_ completion: CompletionBeginning) async throws -> Bool {
        let tenant = completion.resolved.tenant
        guard plan.chain.allSatisfy({ $0.workspaceID == tenant.workspaceID }) else {
            throw ResponseQueries.unknown(plan.chain.last?.id ?? "")
        }
        try plan.references.require(workspaceID: tenant.workspaceID)
        let now = Timestamp.now
        let response = ResponseObject(
            id: plan.id, plan.request, model: completion.model,
            chatbotTemperature: completion.resolved.chatbot.temperature, options: plan.options, now: now)
        let opening = ResponseOpening(
            response: response, input: plan.input.items,
            includesEncryptedReasoning: plan.request.includesEncryptedReasoning)
        state.withLock { $0.opening = opening }
        guard plan.request.isStored else { return false }
        let bytes = try JSONWriter.encode(opening)
        let isOpened = plan.request.isBackground || bytes.count > Self.large
        let new = ResponseQueries.New(
            id: plan.id, tenant: tenant, chatbotID: completion.resolved.chatbot.id, owner: plan.owner,
            account: plan.account, logID: completion.id, model: completion.model,
            previousID: plan.request.previousResponseID, isBackground: plan.request.isBackground, bytes: bytes.count,
            createdAt: now, expiresAt: plan.lifetime.map { now.adding($0) },
            instance: isOpened ? store.database.name : nil)
        state.withLock { $0.new = new }
        try await store.requireRoom(in: tenant, plan.owner.scope)
        guard bytes.count > Self.large else {
            parts.withLock { $0 = (bytes, false) }
            return isOpened
        }
        try await store.open(new, bytes)
        store.running.add(self)
        return plan.request.isBackground
    }

    /// The opening's bytes, and whether they are stored.
    private let parts = Mutex<(opening: [UInt8], isStored: Bool)>(([], true))

    func begin(_ tx: Transaction) throws {
        guard let new = state.withLock({ $0.new }) else { return }
        if new.isBackground { try ResponseQueries.requireRoomInBackground(tx, new) }
        let opening = parts.withLock { $0 }
        guard !opening.isStored else { return }
        try ResponseQueries.insert(tx, new)
        try ResponseQueries.append(
            tx, store.parts.split(opening.opening, .opening), to: new.id, in: new.tenant.workspaceID)
    }

    func abandon() async {
        guard let new = state.withLock({ $0.new }), new.instance != nil else { return }
        store.running.remove(self)
        await store.remove(new)
    }

    func onStop(_ stop: @escaping @Sendable () -> Void) {
        let isStopped = state.withLock { state in
            state.stop = stop
            return state.isStopped
        }
        if plan.request.isBackground {
            parts.withLock { $0 = ([], true) }
            store.running.add(self)
        }
        if isStopped { stop() }
    }

    func receive(_ event: ChatEvent) {
        wake { state in
            if !event.isAnswer { state.hasThoughts = true }
            // An event of a response that is stored while it grows stays as it is.
            guard state.new?.instance == nil else { return state.events.append(event) }
            switch (state.events.last, event) {
            case (.delta(let before), .delta(let text)):
                state.events[state.events.count - 1] = .delta(before + text)
            case (.thoughts(let before), .thoughts(let text)):
                state.events[state.events.count - 1] = .thoughts(before + text)
            default: state.events.append(event)
            }
        }
    }

    func attemptFailed() {
        // What another attempt thinks has a signature of its own.
        wake { state in if state.hasThoughts { state.events.append(.thoughtDetails([])) } }
    }

    func settle(
        _ ending: Result<ChatResult, any Error>, _ usage: ChatUsage?, callerLeft: Bool
    ) throws -> (@Sendable (Transaction) throws -> Void)? {
        let how: ResponseEnding =
            switch ending {
            case .success(let result): ResponseEnding(result, usage ?? ChatUsage(promptTokens: 0, completionTokens: 0))
            case .failure where callerLeft: .cancelled(usage)
            case .failure(let error): ResponseEnding(APIError(ofCompletion: error), usage)
            }
        let (new, events) = state.withLock { state in
            state.ending = how
            return (state.new, state.events)
        }
        // Its client knows no id of a response that failed before it began.
        guard let new, new.instance != nil || how.status != .failed || !events.isEmpty else { return nil }
        return try store.ending(
            how, of: new, opening: parts.withLock { $0.isStored ? nil : $0.opening }, events, plan.chain)
    }

    func end(failure: (any Error)?) {
        store.running.remove(self)
        wake { state in
            if let failure { state.ending = ResponseEnding(APIError(any: failure), nil) }
            state.isEnded = true
        }
    }

    /// Ends the model's call, as its client wants.
    func stop() {
        let stop = state.withLock { state in
            state.isStopped = true
            return state.stop
        }
        stop?()
    }

    /// How it ended, as it is stored, so that retrieving tells the same moment; nil before that.
    var settled: ResponseEnding? { state.withLock { $0.ending } }

    /// All that came, and how it ended.
    var current: (events: [ChatEvent], ending: ResponseEnding?) {
        state.withLock { ($0.events, $0.isEnded ? $0.ending : nil) }
    }

    /// What comes after so many events, as soon as there is something. The ending comes when it is stored.
    func next(after count: Int) async throws -> ResponseStep {
        while true {
            try Task.checkCancellation()
            if let step = state.withLock({ Self.step($0, count) }) { return step }
            let hasMore = await readers.wait { state.withLock { Self.step($0, count) != nil } }
            if !hasMore { return .quiet }
        }
    }

    private static func step(_ state: State, _ count: Int) -> ResponseStep? {
        if count < state.events.count { return .events(Array(state.events[count...])) }
        guard state.isEnded, let ending = state.ending else { return nil }
        return .ended(ending)
    }

    private func wake(_ change: (inout State) -> Void) {
        state.withLock { change(&$0) }
        readers.wake()
    }

    /// Wakes readers that wait with nothing to give.
    func beat() { readers.wake(hasMore: false) }
}

/// What a reader of a response gets next.
enum ResponseStep: Sendable {
    case events([ChatEvent])
    case ended(ResponseEnding)
    /// Nothing has come for a while; the connection should show a sign of life.
    case quiet
}

/// The stored responses that this instance is writing.
package final class RunningResponses: Sendable {
    private let responses = Mutex<[String: RunningResponse]>([:])

    package init() {}

    var all: [RunningResponse] { responses.withLock { Array($0.values) } }

    func add(_ response: RunningResponse) { responses.withLock { $0[response.plan.id] = response } }

    func remove(_ response: RunningResponse) { responses.withLock { $0[response.plan.id] = nil } }

    /// The response if it is this instance's.
    subscript(id: String) -> RunningResponse? { responses.withLock { $0[id] } }
}
