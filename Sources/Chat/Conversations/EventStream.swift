import Chatbots
package import HTTPKit
package import HTTPTypes
package import Hummingbird
import JSON
import NIOCore
import Platform
import Storage

/// A reply as server-sent events: `start`, any number of `delta`, a `citation` before the text that first uses a source, and
/// always `done` or `error` at the end. Each event's
/// id holds the message and the length of the text sent so far, so a client can resume after a disconnect.
package struct EventStream: Output {
    package static var schema: Schema? { nil }
    package static var mediaTypes: [String] { ["text/event-stream"] }

    package let messageID: String
    package let conversationID: String
    package let offset: Int
    package let next: @Sendable (_ offset: Int) async throws -> RunningReply.Piece
    /// The body that the same request would have got without streaming.
    package let done: @Sendable (Message) throws -> [UInt8]
    package let requestID: String
    /// The reader's, asked for only if the stream ends in an error.
    package let language: @Sendable () async -> UserLanguage

    package struct Event: Sendable {
        package let name: String
        /// Nil for what is no part of a reply.
        package let id: String?
        /// JSON.
        package let data: [UInt8]
    }

    /// What comes after an offset, and the offset after it.
    package enum Step: Sendable {
        case events([Event], offset: Int)
        /// Nothing has come for a while; the connection should show a sign of life.
        case quiet(offset: Int)
        case last(Event)
    }

    /// Nil if the client has already received it.
    package var start: Event? {
        get throws {
            guard offset == 0 else { return nil }
            let start = Start(conversationID: conversationID, sessionID: conversationID, messageID: messageID)
            return event("start", id: "0", try JSONWriter.encode(start))
        }
    }

    package func step(after offset: Int) async throws -> Step {
        switch try await next(offset) {
        case .text(let text, let end, let citations):
            // A client that resumes before the text gets its citations again.
            .events(
                try citations.map { Event(name: "citation", id: nil, data: try JSONWriter.encode($0)) }
                    + [event("delta", id: "\(end)", try JSONWriter.encode(Delta(content: text)))], offset: end)
        case .heartbeat: .quiet(offset: offset)
        case .ended(let ending): .last(try await last(ending))
        }
    }

    package func response(_ status: HTTPResponse.Status) -> Response {
        let body = ResponseBody { writer in
            var offset = offset
            if let start = try start { try await writer.write(start.serverSent) }
            while true {
                switch try await step(after: offset) {
                case .events(let events, let end):
                    offset = end
                    for event in events { try await writer.write(event.serverSent) }
                case .quiet:
                    try await writer.write(ByteBuffer(string: ": still here\n\n"))
                case .last(let event):
                    try await writer.write(event.serverSent)
                    try await writer.finish(nil)
                    return
                }
            }
        }
        return Response(
            status: status,
            headers: [
                .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store",
                .replyID: "\(conversationID)/\(messageID)",
                // A buffering proxy would turn the stream into one late answer.
                HTTPField.Name("X-Accel-Buffering")!: "no",
            ], body: body)
    }

    private struct Start: Encodable {
        let conversationID: String
        let sessionID: String
        let messageID: String
    }

    private struct Delta: Encodable {
        let content: String
    }

    private func last(_ ending: RunningReply.Ending) async throws -> Event {
        switch ending {
        case .lost(let error): return try failed(error, in: await language())
        case .message(let message):
            guard let code = message.errorCode.flatMap(APIError.Code.init(rawValue:)) else {
                return event("done", id: "end", try done(message))
            }
            let language = await language()
            let text = message.status == .failed ? message.content : FailureMessages.text(for: code, in: language)
            return try failed(APIError(code, text, bengali: text), in: language)
        }
    }

    private func failed(_ error: APIError, in language: UserLanguage) throws -> Event {
        var error = error
        error.language = language
        return event("error", id: "end", try JSONWriter.encode(ErrorBody(error, requestID: requestID)))
    }

    private func event(_ name: String, id: String, _ data: [UInt8]) -> Event {
        Event(name: name, id: "\(messageID):\(id)", data: data)
    }

    /// The message and offset that a `Last-Event-ID` names.
    package static func position(_ lastEventID: String?) throws -> (messageID: String, offset: Int)? {
        guard let lastEventID else { return nil }
        let parts = lastEventID.split(separator: ":")
        if parts.count == 2, Identifier.isPlausible(parts[0]) {
            if parts[1] == "end" { return (String(parts[0]), .max) }
            if let offset = Int(parts[1]), offset >= 0 { return (String(parts[0]), offset) }
        }
        throw APIError.invalid("Last-Event-ID", "This Last-Event-ID did not come from this stream.")
    }
}

extension EventStream.Event {
    fileprivate var serverSent: ByteBuffer {
        var buffer = ByteBuffer()
        if let id { buffer.writeString("id: \(id)\n") }
        buffer.writeString("event: \(name)\ndata: ")
        buffer.writeBytes(data)
        buffer.writeString("\n\n")
        return buffer
    }
}

/// An answer in JSON, or as a stream of events, as the client asked.
package enum Answer<Body: JSONOutput>: Output {
    case body(Body)
    case stream(EventStream)

    package static var schema: Schema? { Body.schema }
    package static var mediaTypes: [String] { ["application/json", "text/event-stream"] }

    package func response(_ status: HTTPResponse.Status) throws -> Response {
        switch self {
        case .body(let body): try body.response(status)
        case .stream(let stream): stream.response(status)
        }
    }
}
