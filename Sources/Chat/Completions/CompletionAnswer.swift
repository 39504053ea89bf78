package import HTTPKit
package import HTTPTypes
package import Hummingbird
package import LLM
package import NIOCore

/// How one API writes a streamed answer, into the bytes that go out next.
package protocol CompletionEvents: Sendable {
    mutating func begin(_ out: inout ByteBuffer)
    mutating func write(_ event: ChatEvent, _ out: inout ByteBuffer)
    mutating func end(_ result: ChatResult, _ usage: ChatUsage, _ out: inout ByteBuffer)
    func fail(_ error: APIError, _ out: inout ByteBuffer)
}

/// An answer in JSON or as a stream of events, as the client asked.
package enum CompletionAnswer<Body: JSONOutput>: Output {
    case body(Body)
    case stream(RunningCompletion, any CompletionEvents)
    /// The client has left.
    case nobody

    package static var schema: Schema? { Body.schema }
    package static var mediaTypes: [String] { ["application/json", "text/event-stream"] }

    package func response(_ status: HTTPResponse.Status) throws -> Response {
        switch self {
        case .body(let body): try body.response(status)
        // Nobody reads it but the log, which calls it by the name that proxies use.
        case .nobody: Response(status: .init(code: 499, reasonPhrase: "Client Closed Request"))
        case .stream(let completion, let events):
            Response(
                status: status,
                headers: [
                    .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store",
                    // A buffering proxy would turn the stream into one late answer.
                    HTTPField.Name("X-Accel-Buffering")!: "no",
                ],
                body: ResponseBody { writer in
                    var events = events
                    var out = ByteBuffer()
                    events.begin(&out)
                    var isOver = false
                    do {
                        while !isOver {
                            isOver = Self.write(await completion.next(), of: completion, &events, &out)
                            try await writer.write(out)
                            out = ByteBuffer()
                        }
                        try await writer.finish(nil)
                    } catch {
                        completion.cancel(RunningCompletion.ClientLeft())
                        throw error
                    }
                })
        }
    }

    /// Whether it was the last step.
    private static func write(
        _ step: RunningCompletion.Step, of completion: RunningCompletion, _ events: inout any CompletionEvents,
        _ out: inout ByteBuffer
    ) -> Bool {
        switch step {
        case .events(let pieces):
            for piece in pieces { events.write(piece, &out) }
            return false
        case .done(let result): events.end(result, completion.usage(of: result), &out)
        case .failed(let error): events.fail(APIError(any: error), &out)
        }
        return true
    }
}
