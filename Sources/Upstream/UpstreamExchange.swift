package import NIOCore
package import NIOHTTP1
import Spans
import Synchronization

/// One call over HTTP, whose body is pulled as it arrives. Its reader and its connection's event loop meet in here.
package final class UpstreamExchange: Sendable {
    /// When waiting ends, and what is then said to have timed out.
    package struct Deadline {
        package var at: NIODeadline
        package var name: String

        package init(at: NIODeadline, name: String) {
            self.at = at
            self.name = name
        }
    }

    /// What the connection does next.
    enum Demand {
        case proceed, hold, stop
    }

    fileprivate struct State {
        var head: HTTPResponseHead?
        var arrived: ByteBuffer?
        var ending: Result<Void, any Error>?
        var waiter: CheckedContinuation<ByteBuffer?, any Error>?
        var deadline: Deadline?
        var connection: NIOLoopBound<UpstreamConnection>?
        /// When the connection looks at the deadline without being told to.
        var lookedAfterAt = NIODeadline.distantFuture
        var isHeld = false
        var isReleased = false
        var receivedAfterRelease = 0
    }

    /// Maximum unread bytes before the server is made to wait.
    private static let highWater = 64 * 1024
    /// What the server may still send after its last event for the connection to be kept.
    private static let tail = (bytes: 16 * 1024, time: TimeAmount.seconds(5))

    let request: UpstreamRequest
    private let state = Mutex(State())

    package init(_ request: UpstreamRequest, by client: UpstreamClient) {
        // The server that is called can go on with the trace.
        self.request = Span.current.map { request.adding(header: "traceparent", $0.place.text) } ?? request
        client.start(self)
    }

    /// Known once `next` has returned.
    package var head: HTTPResponseHead? { state.withLock { $0.head } }

    /// What has arrived since the last call; `nil` at the end of the body.
    package func next(by deadline: Deadline) async throws -> ByteBuffer? {
        guard deadline.at > .now() else { throw Self.timeout(deadline) }
        if let ready = takeReady() { return try ready.get() }
        return try await withCheckedThrowingContinuation { continuation in
            var late: NIOLoopBound<UpstreamConnection>?
            // Something may have come since.
            let ready = takeReady { state in
                state.waiter = continuation
                state.deadline = deadline
                if deadline.at < state.lookedAfterAt {
                    state.lookedAfterAt = deadline.at
                    late = state.connection
                }
            }
            late?.run { $0.arm(self, by: deadline.at) }
            if let ready { continuation.resume(with: ready) }
        }
    }

    /// What `next` can answer at once; the connection may then read on. `orElse` is done under the same lock.
    private func takeReady(orElse wait: (inout State) -> Void = { _ in }) -> Result<ByteBuffer?, any Error>? {
        let (ready, held) = state.withLock { state in
            let ready: Result<ByteBuffer?, any Error>? =
                state.arrived.take().map { .success($0) } ?? state.ending.map { $0.map { ByteBuffer?.none } }
            if ready == nil { wait(&state) }
            return (ready, state.takeHeld())
        }
        held?.run { $0.resume(self) }
        return ready
    }

    /// Ends the call now, and closes its connection.
    package func cancel() {
        // Ends the call first: a connection that attached in between would continue a call that has no caller.
        let (connection, waiter) = state.withLock { state in
            defer { state.end(.failure(CancellationError())) }
            state.arrived = nil
            return (state.connection, state.waiter.take())
        }
        waiter?.resume(throwing: CancellationError())
        connection?.run { $0.cancel(self) }
    }

    /// Lets the server finish, so that the connection can be used again: nothing more is read.
    package func release() {
        let held = state.withLock { state in
            state.isReleased = true
            state.arrived = nil
            state.deadline = Deadline(at: .now() + Self.tail.time, name: "tail")
            return state.takeHeld()
        }
        held?.run { $0.resume(self) }
    }

    // MARK: For the connection, on its event loop

    /// The time to look at the deadline; `nil` if the call is over. Another connection may have had the call before.
    func attach(_ connection: NIOLoopBound<UpstreamConnection>, lookedAfterAt: NIODeadline) -> NIODeadline? {
        state.withLock { state in
            guard state.ending == nil else { return nil }
            state.connection = connection
            state.lookedAfterAt = lookedAfterAt
            return state.deadline?.at ?? .distantFuture
        }
    }

    func receive(head: HTTPResponseHead?, body: ByteBuffer?, isLast: Bool) -> Demand {
        let (demand, waiter) = state.withLock { state -> (Demand, CheckedContinuation<ByteBuffer?, any Error>?) in
            if let head { state.head = head }
            if isLast { state.end(.success(())) }
            guard !state.isReleased else {
                state.receivedAfterRelease += body?.readableBytes ?? 0
                return (isLast || state.receivedAfterRelease <= Self.tail.bytes ? .proceed : .stop, nil)
            }
            if body != nil || isLast, let waiter = state.waiter.take() { return (.proceed, waiter) }
            if let body { state.arrived.append(body) }
            state.isHeld = !isLast && state.arrived?.readableBytes ?? 0 > Self.highWater
            return (state.isHeld ? .hold : .proceed, nil)
        }
        waiter?.resume(returning: body)
        return demand
    }

    func finish(_ ending: Result<Void, any Error>) {
        let waiter = state.withLock { state in
            state.end(ending)
            return state.waiter.take()
        }
        waiter?.resume(with: ending.map { nil })
    }

    /// Ends a wait that is over. Returns when to look again; `nil` if the connection is to be closed.
    func expire(_ now: NIODeadline, lookedAfterAt: NIODeadline) -> NIODeadline? {
        let (next, waiter, deadline) = state.withLock { state in
            state.lookedAfterAt = lookedAfterAt
            guard let deadline = state.deadline, state.waiter != nil || state.isReleased else {
                return (NIODeadline?.some(.distantFuture), state.waiter, Deadline?.none)
            }
            guard deadline.at <= now else { return (deadline.at, nil, nil) }
            return (state.isReleased ? nil : .distantFuture, state.waiter.take(), deadline)
        }
        if let deadline { waiter?.resume(throwing: Self.timeout(deadline)) }
        return next
    }

    private static func timeout(_ deadline: Deadline) -> UpstreamError {
        UpstreamError(.timeout, detail: deadline.name)
    }
}

extension UpstreamExchange.State {
    fileprivate mutating func takeHeld() -> NIOLoopBound<UpstreamConnection>? {
        guard isHeld else { return nil }
        isHeld = false
        return connection
    }

    /// The first ending counts.
    fileprivate mutating func end(_ result: Result<Void, any Error>) {
        if ending == nil { ending = result }
        connection = nil
        isHeld = false
    }
}
