import Fairness
import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The system's own resolver. A look-up blocks a thread until a name server answers or the system's time-out passes, up
/// to 30 s with the usual settings. Threads are therefore shared: one workspace, or one account, gets a few of them,
/// and its further names wait in a queue of their own. Answers and failures are cached for a short time.
final class SystemResolver: AddressResolver {
    typealias LookUp = @Sendable (_ name: String) throws -> [SocketAddress]
    private typealias Waiter = CheckedContinuation<[SocketAddress], any Error>

    private struct Known {
        var result: Result<[SocketAddress], any Error>
        var until: ContinuousClock.Instant
    }

    /// A name that is not known yet.
    private struct Pending {
        var waiters: [Waiter] = []
        var isRunning = false
        /// Callers whose queues hold the name.
        var callers: Set<CallQueue.Caller> = []
        var lastAskedAt: ContinuousClock.Instant
    }

    /// A place in the queue.
    private struct Ticket {
        let name: String
        let caller: CallQueue.Caller
    }

    private struct State {
        var queue: CallQueue
        var known: [String: Known] = [:]
        var pending: [String: Pending] = [:]
        var tickets: [UInt64: Ticket] = [:]
        var lastTicket: UInt64 = 0

        mutating func remember(
            _ result: Result<[SocketAddress], any Error>, of name: String, now: ContinuousClock.Instant
        ) {
            if known.count >= maximum.known {
                known = known.filter { now < $0.value.until }
                if known.count >= maximum.known { known.removeAll(keepingCapacity: true) }
            }
            let isAnswer = if case .success = result { true } else { false }
            known[name] = Known(result: result, until: now + (isAnswer ? memory.answers : memory.failures))
        }
    }

    private enum Entry {
        case known(Result<[SocketAddress], any Error>)
        case waiting(starts: Bool)
    }

    /// How long answers and failures are cached: the system does not report the name server's TTL.
    private static let memory = (answers: Duration.seconds(30), failures: Duration.seconds(10))
    private static let maximum = (known: 1024, waiters: 4096, queuedEach: 32)
    /// A name not asked for within this time is no longer looked up: its callers have given up the connection.
    private static let patience = Duration.seconds(10)
    private static let operatorsOwn = CallQueue.Caller(workspace: "", account: "")

    private let threadCount: Int
    private let lookUp: LookUp
    private let now: @Sendable () -> ContinuousClock.Instant
    /// Created for the first name: most servers look up no name, or one.
    private let threads = Mutex<NIOThreadPool?>(nil)
    private let state: Mutex<State>

    /// - Parameter each: threads that one workspace, or one account, may hold at once.
    init(
        threads: Int = 4,
        each: Int = .max,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        lookUp: @escaping LookUp = SystemResolver.askSystem
    ) {
        threadCount = threads
        self.lookUp = lookUp
        self.now = now
        state = Mutex(
            State(
                queue: CallQueue(
                    capacity: threads, most: CallQueue.Share(calls: each), waitingEach: Self.maximum.queuedEach)))
    }

    deinit {
        threads.withLock { $0?.shutdownGracefully { _ in } }
    }

    func addresses(of name: String) async throws -> [SocketAddress] {
        try await addresses(of: name, for: nil)
    }

    func addresses(of name: String, for caller: CallQueue.Caller?) async throws -> [SocketAddress] {
        let ticket = Ticket(name: name, caller: caller ?? Self.operatorsOwn)
        return try await withCheckedThrowingContinuation { waiter in
            switch enter(ticket, waiter) {
            case .known(let result): waiter.resume(with: result)
            case .waiting(let starts): if starts { start(ticket) }
            }
        }
    }

    private func enter(_ ticket: Ticket, _ waiter: Waiter) -> Entry {
        let now = now()
        return state.withLock { state in
            if let known = state.known[ticket.name], now < known.until { return .known(known.result) }
            var pending = state.pending[ticket.name] ?? Pending(lastAskedAt: now)
            guard pending.waiters.count < Self.maximum.waiters else { return .known(.failure(Self.crowded)) }
            var starts = false
            if !pending.isRunning, !pending.callers.contains(ticket.caller) {
                if state.queue.enter(ticket.caller) {
                    starts = true
                    pending.isRunning = true
                } else if state.queue.wait(state.lastTicket + 1, of: ticket.caller) {
                    state.lastTicket += 1
                    state.tickets[state.lastTicket] = ticket
                    pending.callers.insert(ticket.caller)
                } else if pending.callers.isEmpty {
                    return .known(.failure(Self.crowded))
                }
            }
            pending.waiters.append(waiter)
            pending.lastAskedAt = now
            state.pending[ticket.name] = pending
            return .waiting(starts: starts)
        }
    }

    private func start(_ ticket: Ticket) {
        pool.submit { _ in
            let result = Result { try self.lookUp(ticket.name) }
            self.finish(ticket, with: result)
        }
    }

    private func finish(_ ticket: Ticket, with result: Result<[SocketAddress], any Error>) {
        let now = now()
        var answered: [Waiter] = []
        var givenUp: [Waiter] = []
        var started: [Ticket] = []
        state.withLock { state in
            state.remember(result, of: ticket.name, now: now)
            answered = state.pending.removeValue(forKey: ticket.name)?.waiters ?? []
            var granted = state.queue.leave(ticket.caller)
            while let id = granted.popLast() {
                guard let next = state.tickets.removeValue(forKey: id) else { continue }
                if let pending = state.pending[next.name], !pending.isRunning {
                    if now - pending.lastAskedAt < Self.patience {
                        state.pending[next.name]?.isRunning = true
                        started.append(next)
                        continue
                    }
                    givenUp += pending.waiters
                    state.pending[next.name] = nil
                }
                granted += state.queue.leave(next.caller)
            }
        }
        for waiter in answered { waiter.resume(with: result) }
        for waiter in givenUp { waiter.resume(throwing: Self.crowded) }
        for next in started { start(next) }
    }

    /// Names that are being looked up or wait for it.
    var pendingNames: Int { state.withLock { $0.pending.count } }

    private static var crowded: UpstreamError {
        UpstreamError(.unavailable, detail: "too many names to look up")
    }

    private var pool: NIOThreadPool {
        threads.withLock { threads in
            if let threads { return threads }
            let made = NIOThreadPool(numberOfThreads: threadCount)
            made.start()
            threads = made
            return made
        }
    }

    static func askSystem(_ name: String) throws -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var first: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(name, nil, &hints, &first)
        guard status == 0 else {
            throw UpstreamError(
                .unavailable, detail: "the host name is not known: \(String(cString: gai_strerror(status)))")
        }
        defer { freeaddrinfo(first) }
        return sequence(first: first, next: { $0?.pointee.ai_next }).compactMap { $0?.pointee.socketAddress }
    }
}

extension addrinfo {
    fileprivate var socketAddress: SocketAddress? {
        switch ai_family {
        case AF_INET:
            ai_addr.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) }
        case AF_INET6:
            ai_addr.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) }
        default: nil
        }
    }
}
