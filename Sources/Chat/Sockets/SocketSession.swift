import HTTPKit
package import Hummingbird
import JSON
import Logging
import Metering
import NIOCore
package import Platform
import Spans
import Storage

/// One WebSocket for as long as it is open: what the client says, and the replies that it follows. One task writes, and
/// only as fast as the client reads; a reply is asked for its next piece when the last one has gone.
package struct SocketSession: Sendable {
    /// Replies followed at once.
    package static let mostReplies = 8
    /// Without a reply to follow.
    package static let idleTime = Duration.seconds(900)

    package let chat: ChatRoutes
    package let who: UserCaller
    package let sockets: OpenSockets
    package let gate: AddressGate
    package let sessionID: String
    package let place: OpenSockets.Place
    /// The span of the request that opened the socket; nil if that is not traced.
    private let span = Span.current

    /// Why the socket closes, by the status codes of RFC 6455.
    package enum End: Int, Sendable {
        case normal = 1000
        case serverStops = 1001
        case sessionEnded = 1008
    }

    private enum Happening: Sendable {
        /// Nil: there will be no more.
        case received(ByteBuffer?)
        case sessionEnded
        case idle
        case found(Int, EventStream)
        case step(Int, EventStream.Step)
        case done(Int)
        case failed(Int, APIError)
    }

    private struct PendingReply {
        let replyTo: String?
        var stream: EventStream?
    }

    package func run(_ writer: inout any ResponseBodyWriter) async throws -> End {
        let (socket, sessionEnded) = sockets.add(sessionID: sessionID)
        defer { sockets.remove(socket) }
        let messages = SocketMessages(who.call.request.body)
        return try await withThrowingTaskGroup(of: Happening.self) { group in
            defer { group.cancelAll() }
            group.addTask { .received(await messages.next()) }
            group.addTask {
                for await _ in sessionEnded { break }
                return .sessionEnded
            }
            group.addTask { await Self.idle(for: Self.idleTime) }
            var exchanges: [Int: PendingReply] = [:]
            var last = 0
            var quietSince = ContinuousClock.now
            var isEnding = false
            while let happening = try await group.next() {
                switch happening {
                case .received(let message?):
                    do {
                        let (request, replyTo) = try SocketRequest.parse(message)
                        guard exchanges.count < Self.mostReplies else {
                            throw SocketRequest.Refused(error: Self.tooMany, replyTo: replyTo)
                        }
                        last += 1
                        let number = last
                        exchanges[number] = PendingReply(replyTo: replyTo)
                        group.addTask { await begin(request, number) }
                    } catch let refused as SocketRequest.Refused {
                        try await writer.write(text(who.call.spoken(refused.error), refused.replyTo))
                    }
                    group.addTask { .received(await messages.next()) }
                case .received(nil):
                    // Either the client has gone, or the server stops: then what has been written is still sent.
                    guard chat.turn.replies.isClosing else { return .normal }
                    isEnding = true
                case .sessionEnded:
                    return .sessionEnded
                case .idle:
                    let left = exchanges.isEmpty ? quietSince + Self.idleTime - .now : Self.idleTime
                    guard left > .zero else { return .normal }
                    group.addTask { await Self.idle(for: left) }
                case .found(let number, let stream):
                    exchanges[number]?.stream = stream
                    if let start = try stream.start {
                        try await writer.write(text(start, exchanges[number]?.replyTo))
                    }
                    group.addTask { await step(number, stream, after: stream.offset) }
                case .step(let number, .events(let events, let offset)):
                    guard let exchange = exchanges[number], let stream = exchange.stream else { continue }
                    for event in events { try await writer.write(text(event, exchange.replyTo)) }
                    group.addTask { await step(number, stream, after: offset) }
                case .step(let number, .quiet(let offset)):
                    guard let stream = exchanges[number]?.stream else { continue }
                    group.addTask { await step(number, stream, after: offset) }
                case .step(let number, .last(let event)):
                    try await writer.write(text(event, exchanges.removeValue(forKey: number)?.replyTo))
                case .done(let number):
                    exchanges[number] = nil
                case .failed(let number, let error):
                    try await writer.write(text(error, exchanges.removeValue(forKey: number)?.replyTo))
                }
                if !exchanges.isEmpty { quietSince = .now }
                if isEnding, exchanges.isEmpty { return .serverStops }
            }
            return .normal
        }
    }

    private static let tooMany = APIError(
        .rateLimited, "A WebSocket follows \(mostReplies) replies at once. Wait for one of them to end.", retryAfter: 1)

    private static func idle(for time: Duration) async -> Happening {
        try? await Task.sleep(for: time)
        return .idle
    }

    /// A trace goes from the message to the end of its reply, in the trace of the request that opened the socket.
    private func begin(_ request: SocketRequest, _ number: Int) async -> Happening {
        await Span.working(in: span) { await traced(.socketMessage) { _ in await answer(request, number) } }
    }

    private func answer(_ request: SocketRequest, _ number: Int) async -> Happening {
        do {
            try await gate.admit(who.call.remoteAddress)
            guard
                let subscriber = try await chat.database.read(
                    .system, { [id = who.caller.userID] tx in try Subscriber.find(tx, userID: id) })
            else { throw APIError(.invalidToken) }
            let who = who.with(subscriber.limits)
            try await who.call.count(who.caller)
            switch request {
            case .message(let message):
                let reply = try await chat.begin(who, message)
                return .found(number, chat.events(who, of: reply) { ChatRoutes.Reply($0) })
            case .stop(let conversationID):
                try await chat.requestStop(who, conversationID: conversationID)
                return .done(number)
            case .resume(let conversationID, let lastEventID):
                return .found(
                    number, try await chat.follow(who, conversationID: conversationID, lastEventID: lastEventID))
            }
        } catch {
            return .failed(number, await who.call.spoken(error))
        }
    }

    private func step(_ number: Int, _ stream: EventStream, after offset: Int) async -> Happening {
        do {
            return .step(number, try await stream.step(after: offset))
        } catch {
            return .failed(number, await who.call.spoken(error))
        }
    }

    private func text(_ error: APIError, _ replyTo: String?) throws -> ByteBuffer {
        if error.status.code >= 500 {
            who.call.logger.error(
                "message on a socket failed",
                metadata: [
                    "code": .string(error.code.rawValue),
                    "cause": .string(error.cause.map { String(describing: $0) } ?? "none"),
                ])
        }
        let body = try JSONWriter.encode(ErrorBody(error, requestID: who.call.id))
        return text(EventStream.Event(name: "error", id: nil, data: body), replyTo)
    }

    private func text(_ event: EventStream.Event, _ replyTo: String?) -> ByteBuffer {
        var buffer = ByteBuffer(string: "{\"event\":\"\(event.name)\"")
        if let id = event.id { buffer.writeString(",\"id\":\"\(id)\"") }
        buffer.writeString(",\"data\":")
        buffer.writeBytes(event.data)
        if let replyTo {
            buffer.writeString(",\"reply_to\":")
            buffer.writeBytes(JSONValue.string(replyTo).serialized())
        }
        buffer.writeString("}")
        return buffer
    }
}
