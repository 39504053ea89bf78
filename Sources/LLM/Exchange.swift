package import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// One call over HTTP whose body is pulled as it arrives. It is a delegate, and not the client's own asynchronous
/// response, because a wait on that ends early only by cancelling the whole task that waits.
final class Exchange: HTTPClientResponseDelegate {
    /// When waiting ends, and what is then said to have timed out.
    struct Deadline {
        var at: NIODeadline
        var name: String
    }

    private struct State {
        var head: HTTPResponseHead?
        var arrived: ByteBuffer?
        var ending: Result<Void, any Error>?
        var waiter: CheckedContinuation<ByteBuffer?, any Error>?
        var deadline: Deadline?
        var timer: Scheduled<Void>?
        var timerAt: NIODeadline?
        var room: EventLoopPromise<Void>?
        var task: HTTPClient.Task<Void>?
        var isReleased = false
        var receivedAfterRelease = 0
    }

    /// Bytes that may lie unread before the vendor is made to wait.
    private static let highWater = 64 * 1024
    /// What a vendor may still send after its last event for the connection to be kept.
    private static let tail = (bytes: 16 * 1024, time: TimeAmount.seconds(5))

    private let state = Mutex(State())

    init(_ request: HTTPClient.Request, by http: HTTPClient) {
        let task = http.execute(request: request, delegate: self)
        state.withLock { state in
            if state.ending == nil { state.task = task }
        }
    }

    /// Known once `next` has returned.
    var head: HTTPResponseHead? { state.withLock { $0.head } }

    /// What has arrived since the last call; `nil` at the end of the body.
    func next(by deadline: Deadline) async throws -> ByteBuffer? {
        guard deadline.at > .now() else { throw Self.timeout(deadline) }
        return try await withCheckedThrowingContinuation { continuation in
            var room: EventLoopPromise<Void>?
            let ready: Result<ByteBuffer?, any Error>? = state.withLock { state in
                room = state.room.take()
                if let arrived = state.arrived.take() { return .success(arrived) }
                if let ending = state.ending { return ending.map { nil } }
                state.waiter = continuation
                state.deadline = deadline
                arm(&state)
                return nil
            }
            room?.succeed()
            if let ready { continuation.resume(with: ready) }
        }
    }

    /// Ends the call now, and closes its connection.
    func cancel() {
        let task = state.withLock { state in
            state.arrived = nil
            return state.task
        }
        finish(.failure(CancellationError()))
        task?.cancel()
    }

    /// Lets the vendor finish, so that the connection can be used again: nothing more is read.
    func release() {
        let room = state.withLock { state in
            state.isReleased = true
            state.arrived = nil
            state.deadline = Deadline(at: .now() + Self.tail.time, name: "tail")
            if state.ending == nil, state.timerAt == nil { arm(&state) }
            return state.room.take()
        }
        room?.succeed()
    }

    // MARK: HTTPClientResponseDelegate, on the event loop

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        state.withLock { $0.head = head }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ part: ByteBuffer) -> EventLoopFuture<Void> {
        enum Next {
            case proceed, hold(EventLoopFuture<Void>), end
            case resume(CheckedContinuation<ByteBuffer?, any Error>)
        }
        let next: Next = state.withLock { state in
            if state.isReleased {
                state.receivedAfterRelease += part.readableBytes
                return state.receivedAfterRelease > Self.tail.bytes ? .end : .proceed
            }
            if let waiter = state.waiter.take() { return .resume(waiter) }
            state.arrived.append(part)
            guard state.arrived?.readableBytes ?? 0 > Self.highWater else { return .proceed }
            let room = state.room ?? task.eventLoop.makePromise()
            state.room = room
            return .hold(room.futureResult)
        }
        switch next {
        case .proceed: break
        case .hold(let room): return room
        case .end: task.cancel()
        case .resume(let waiter): waiter.resume(returning: part)
        }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didFinishRequest(task: HTTPClient.Task<Void>) {
        finish(.success(()))
    }

    func didReceiveError(task: HTTPClient.Task<Void>, _ error: any Error) {
        finish(.failure(ProviderError.transport(error)))
    }

    // MARK: Waiting

    private func finish(_ ending: Result<Void, any Error>) {
        let (waiter, room) = state.withLock { state in
            if state.ending == nil { state.ending = ending }
            state.timer?.cancel()
            state.timer = nil
            state.task = nil
            return (state.waiter.take(), state.room.take())
        }
        room?.succeed()
        waiter?.resume(with: ending.map { nil })
    }

    /// One timer serves every wait: it looks up the deadline when it fires, so moving one costs nothing.
    private func arm(_ state: inout State) {
        guard let deadline = state.deadline?.at, let task = state.task else { return }
        if let timerAt = state.timerAt, timerAt <= deadline { return }
        state.timer?.cancel()
        state.timerAt = deadline
        state.timer = task.eventLoop.scheduleTask(deadline: deadline) { self.timerFired() }
    }

    private func timerFired() {
        enum Next {
            case nothing, end(HTTPClient.Task<Void>?)
            case expire(CheckedContinuation<ByteBuffer?, any Error>, Deadline)
        }
        let next: Next = state.withLock { state in
            state.timerAt = nil
            guard let deadline = state.deadline, state.waiter != nil || state.isReleased else { return .nothing }
            guard deadline.at <= .now() else {
                arm(&state)
                return .nothing
            }
            return state.waiter.take().map { .expire($0, deadline) } ?? .end(state.task)
        }
        switch next {
        case .nothing: break
        case .end(let task): task?.cancel()
        case .expire(let waiter, let deadline): waiter.resume(throwing: Self.timeout(deadline))
        }
    }

    private static func timeout(_ deadline: Deadline) -> ProviderError {
        ProviderError(.timeout, detail: deadline.name)
    }
}

extension Optional<ByteBuffer> {
    fileprivate mutating func append(_ part: ByteBuffer) {
        guard var whole = take() else {
            self = part
            return
        }
        whole.writeImmutableBuffer(part)
        self = whole
    }
}

extension HTTPClient.Configuration {
    /// For the process's one client of vendors: no redirects (they would carry the key along), no decompression, fast
    /// failure on connecting, and as many connections as calls.
    package static func upstream(connect: Duration = Timeouts().connect) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: Timeout(connect: TimeAmount(connect)),
            connectionPool: ConnectionPool(
                idleTimeout: .seconds(55),
                concurrentHTTP1ConnectionsPerHostSoftLimit: 4096
            )
        )
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.tracing.tracer = nil
        return configuration
    }
}
