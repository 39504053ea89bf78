import Chat
package import HTTPKit
package import LLM
package import Metering
import Synchronization

/// A model's answer on its way to the one client that waits for it. It ends if the client disconnects.
package final class RunningCompletion: RunningCall {
    package enum Step: Sendable {
        /// All that came since the last step.
        case events([ChatEvent])
        /// Nothing has come for a while; the connection should show a sign of life.
        case quiet
        case done(ChatResult)
        case failed(any Error)
    }

    /// The client has closed its connection.
    package struct ClientLeft: Error {
        package init() {}
    }

    private struct State {
        var events: [ChatEvent] = []
        var ending: Result<ChatResult, any Error>?
        var waiter: CheckedContinuation<Void, Never>?
        var task: Task<Void, Never>?
        var whyCancelled: (any Error)?
        var hasReceived = false
        /// Approximate size of the events that the reader has not taken.
        var waitingBytes = 0
        /// When the reader last had something to write.
        var lastStep = ContinuousClock.now
        var isQuiet = false
        var isOpen = false
        var onChange: (@Sendable () -> Void)?

        var isReady: Bool { !events.isEmpty || ending != nil || isQuiet }
        var hasThoughts = false
        /// What the model is sent, if that is more than was asked.
        var sent: PromptSize?
    }

    /// A stream whose model has not begun by then opens, so that proxies see something.
    package static let opening = Duration.seconds(10)
    /// Between two signs of life at most.
    package static let quiet = Duration.seconds(15)
    /// How often `beat` is called.
    package static let beat = Duration.milliseconds(2500)

    package let id: String
    /// The model that is asked first.
    package let model: String
    private let asked: PromptSize
    private let family: TokenFamily
    /// Whether the pieces matter, or the whole alone.
    package let streams: Bool
    /// What a reader that is behind keeps waiting.
    private let backlog: HeldBytes?
    private let state = Mutex(State())

    package init(id: String, _ target: ModelTarget, prompt: PromptSize, streams: Bool, backlog: HeldBytes? = nil) {
        self.backlog = backlog
        self.id = id
        model = target.model
        family = TokenFamily(target)
        asked = prompt
        self.streams = streams
    }

    /// Whether the client ended the call, rather than its vendor or this server.
    package var callerLeft: Bool { state.withLock { $0.whyCancelled is ClientLeft } }

    /// How an ending is logged. A client that left is not logged as an error.
    package func outcome(of ending: Result<ChatResult, any Error>) -> (MessageLog.Outcome, errorCode: String?) {
        guard case .failure(let error) = ending else { return (.complete, nil) }
        let (why, hasReceived) = state.withLock { ($0.whyCancelled ?? error, $0.hasReceived) }
        if why is ClientLeft { return (.partial, nil) }
        return (hasReceived ? .partial : .failed, APIError(any: why).code.rawValue)
    }

    private var prompt: PromptSize { state.withLock { $0.sent } ?? asked }

    /// What the model that is asked first probably reads.
    package var inputTokens: Int { prompt.estimate(family) }

    /// As the vendor counted, or else as estimated.
    package func usage(of result: ChatResult) -> ChatUsage {
        if let usage = result.usage { return usage }
        let family = result.target.map { TokenFamily($0) } ?? family
        return ChatUsage(promptTokens: prompt.estimate(family), completionTokens: max(family.estimate(result), 1))
    }

    /// Tells what the model is sent, with its sources.
    func sends(_ prompt: PromptSize) { state.withLock { $0.sent = prompt } }

    package func run(_ work: @escaping @Sendable (RunningCompletion) async -> Void) {
        let task = Task { await work(self) }
        let isCancelled = state.withLock { state in
            if state.ending == nil { state.task = task }
            return state.whyCancelled != nil
        }
        if isCancelled { task.cancel() }
    }

    /// A reader that is behind gets fewer and larger pieces.
    package func add(_ event: ChatEvent) {
        guard streams else {
            return state.withLock { if event.isAnswer { $0.hasReceived = true } }
        }
        change { state in
            if event.isAnswer { state.hasReceived = true } else { state.hasThoughts = true }
            if case .delta(let text) = event, case .delta(let before)? = state.events.last {
                state.events[state.events.count - 1] = .delta(before + text)
            } else if case .thoughts(let text) = event, case .thoughts(let before)? = state.events.last {
                state.events[state.events.count - 1] = .thoughts(before + text)
            } else {
                state.events.append(event)
            }
            state.waitingBytes += event.bytes
        }
        holdBacklog()
    }

    /// A reader that is behind by more than its account may hold gets no more.
    private func holdBacklog() {
        guard let backlog else { return }
        do {
            try backlog.resize(to: state.withLock { $0.waitingBytes } * 2)
        } catch {
            cancel(error)
        }
    }

    package func end(_ ending: Result<ChatResult, any Error>) {
        change { state in
            state.ending = ending
            if case .failure = ending, let why = state.whyCancelled { state.ending = .failure(why) }
            state.task = nil
        }
    }

    /// Ends the model's call; the waiting client gets this error.
    package func cancel(_ why: any Error) {
        let task = state.withLock { state in
            if state.whyCancelled == nil { state.whyCancelled = why }
            return state.task
        }
        task?.cancel()
    }

    private func change(_ change: (inout State) -> Void) {
        let (waiter, changed) = state.withLock { state in
            change(&state)
            guard state.isReady else {
                return (nil, nil) as (CheckedContinuation<Void, Never>?, (@Sendable () -> Void)?)
            }
            defer { state.waiter = nil }
            return (state.waiter, state.onChange)
        }
        waiter?.resume()
        changed?()
    }

    /// Whether the stream has been opened: its reader has taken something, or waits for it after `begun`.
    package var isOpen: Bool { state.withLock { $0.isOpen } }

    package var hasThoughts: Bool { state.withLock { $0.hasThoughts } }

    /// Wakes a reader that has had nothing for as long, counted to the next beat.
    package func beat(after silence: Duration = quiet - beat, now: ContinuousClock.Instant = .now) {
        let isReading = state.withLock { $0.waiter != nil || $0.onChange != nil }
        guard isReading else { return }
        change { state in
            if now - state.lastStep >= silence { state.isQuiet = true }
        }
    }

    /// Whether `next` has something to return.
    package var isReady: Bool { state.withLock(\.isReady) }

    /// For a reader of several at once, who does not wait for this one alone.
    package func onChange(_ changed: @escaping @Sendable () -> Void) { state.withLock { $0.onChange = changed } }

    /// Returns when the model has begun to think or to answer, or has not for so long that the stream opens without it.
    /// Throws if it fails before that, while there still is a status to say it with.
    package func begun() async throws {
        await wait()
        try state.withLock { state in
            state.isOpen = true
            if state.events.isEmpty, case .failure(let error)? = state.ending { throw error }
        }
    }

    package func next() async -> Step {
        await wait()
        defer { holdBacklog() }
        return state.withLock { state in
            state.lastStep = .now
            defer { state.isQuiet = false }
            guard state.events.isEmpty else {
                defer {
                    state.events = []
                    state.waitingBytes = 0
                }
                return .events(state.events)
            }
            return switch state.ending {
            case .success(let result): .done(result)
            case .failure(let error): .failed(error)
            case nil: .quiet
            }
        }
    }

    /// The whole answer.
    package func result() async throws -> ChatResult {
        while true {
            switch await next() {
            case .events, .quiet: continue
            case .done(let result): return result
            case .failed(let error): throw error
            }
        }
    }

    /// Until there is something to read, which cancelling brings about too.
    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if state.isReady { return true }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            cancel(ClientLeft())
        }
    }
}
