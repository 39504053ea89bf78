import Chat
package import HTTPKit
package import HTTPTypes
package import Hummingbird
import JSON
package import LLM
package import NIOCore

/// How one API writes a streamed answer, into the bytes that go out next.
package protocol CompletionEvents: Sendable {
    mutating func begin(_ out: inout ByteBuffer)
    /// A sign of life while nothing comes.
    func alive(_ out: inout ByteBuffer)
    /// - Parameter index: which of the answers it belongs to.
    mutating func write(_ event: ChatEvent, of index: Int, _ out: inout ByteBuffer)
    /// The end of one of the answers.
    mutating func finish(_ result: ChatResult, _ usage: ChatUsage, of index: Int, _ out: inout ByteBuffer)
    /// The end of them all.
    mutating func end(_ usage: ChatUsage, _ out: inout ByteBuffer)
    func fail(_ error: APIError, _ out: inout ByteBuffer)
}

/// Events of OpenAI's API, whose streams end and fail alike.
protocol OpenAIEvents: CompletionEvents {
    /// The beginning of each event, up to its choices.
    var head: [UInt8] { get }
    var showsUsage: Bool { get }
    var requestID: String { get }
}

extension OpenAIEvents {
    package mutating func end(_ usage: ChatUsage, _ out: inout ByteBuffer) {
        if showsUsage {
            out.writeBytes(head)
            out.writeStaticString("],\"usage\":")
            out.writeBytes((try? JSONWriter.encode(ChatCompletion.Usage(usage))) ?? [])
            out.writeStaticString("}\n\n")
        }
        out.writeStaticString("data: [DONE]\n\n")
    }

    package func fail(_ error: APIError, _ out: inout ByteBuffer) {
        out.writeStaticString("data: ")
        out.writeBytes((try? JSONWriter.encode(ErrorBody(error.told(by: .openAI), requestID: requestID))) ?? [])
        out.writeStaticString("\n\n")
    }
}

/// An answer in JSON or as a stream of events, as the client asked.
package enum CompletionAnswer<Body: JSONOutput>: Output {
    case body(Body)
    case stream([RunningCompletion], any CompletionEvents)
    /// The client has left.
    case clientLeft

    package static var schema: Schema? { Body.schema }
    package static var mediaTypes: [String] { ["application/json", "text/event-stream"] }

    package func response(_ status: HTTPResponse.Status) throws -> Response {
        switch self {
        case .body(let body): try body.response(status)
        // For the access log only, under the name that proxies use.
        case .clientLeft: Response(status: .init(code: 499, reasonPhrase: "Client Closed Request"))
        case .stream(let completions, let events):
            Response(
                status: status,
                headers: [
                    .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store",
                    // A buffering proxy would turn the stream into one late answer.
                    HTTPField.Name("X-Accel-Buffering")!: "no",
                ],
                body: ResponseBody { writer in
                    var stream = CompletionStream(completions, events)
                    do {
                        try await stream.run(&writer)
                        try await writer.finish(nil)
                    } catch {
                        for completion in completions { completion.cancel(RunningCompletion.ClientLeft()) }
                        throw error
                    }
                })
        }
    }
}

/// Writes the answers to one call, which run side by side, into one stream.
private struct CompletionStream {
    private let completions: [RunningCompletion]
    private var events: any CompletionEvents
    private var usages: [ChatUsage] = []
    private var hasBegun = false
    private var isOver = false
    private var lastWrite = ContinuousClock.now

    init(_ completions: [RunningCompletion], _ events: any CompletionEvents) {
        self.completions = completions
        self.events = events
    }

    @concurrent mutating func run(_ writer: inout any ResponseBodyWriter) async throws {
        if completions.count == 1 {
            while !isOver {
                let bytes = shown(await completions[0].next(), of: 0)
                if bytes.readableBytes > 0 { try await writer.write(bytes) }
            }
            return
        }
        let (rings, bell) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        for completion in completions { completion.onChange { bell.yield() } }
        var ringing = rings.makeAsyncIterator()
        var open = Set(completions.indices)
        while !isOver {
            let ready = open.sorted().filter { completions[$0].isReady }
            for index in ready where !isOver {
                let step = await completions[index].next()
                switch step {
                case .events, .quiet: break
                case .done, .failed: open.remove(index)
                }
                let bytes = shown(step, of: index)
                if bytes.readableBytes > 0 { try await writer.write(bytes) }
            }
            if ready.isEmpty, await ringing.next() == nil { throw CancellationError() }
        }
    }

    /// What is to be written now; empty if there is nothing.
    private mutating func shown(_ step: RunningCompletion.Step, of index: Int) -> ByteBuffer {
        var bytes = bytes(of: step, at: index)
        // Not all that comes is shown, so that a stream may have events and be silent.
        if bytes.readableBytes == 0, ContinuousClock.now - lastWrite > RunningCompletion.quiet { events.alive(&bytes) }
        if bytes.readableBytes > 0 { lastWrite = .now }
        return bytes
    }

    private mutating func bytes(of step: RunningCompletion.Step, at index: Int) -> ByteBuffer {
        var out = ByteBuffer()
        if case .quiet = step, !hasBegun {
            // A comment, since a first event would need data that is not known yet.
            out.writeStaticString(": waiting for the model\n\n")
            return out
        }
        if !hasBegun {
            hasBegun = true
            events.begin(&out)
        }
        switch step {
        case .events(let pieces): for piece in pieces { events.write(piece, of: index, &out) }
        case .quiet: events.alive(&out)
        case .done(let result):
            let usage = completions[index].usage(of: result)
            usages.append(usage)
            events.finish(result, usage, of: index, &out)
            if usages.count == completions.count {
                events.end(ChatUsage(sum: usages), &out)
                isOver = true
            }
        case .failed(let error):
            for completion in completions { completion.cancel(RunningCompletion.ClientLeft()) }
            events.fail(APIError(ofCompletion: error), &out)
            isOver = true
        }
        return out
    }
}

extension APIError {
    /// As clients of `/v1` are told, whose libraries try 5xx again.
    package init(ofCompletion error: any Error) {
        guard let failure = error as? ProviderError else {
            self.init(any: error)
            return
        }
        let retryAfter = APIError(any: failure).retryAfter
        switch failure.kind {
        case .notFound:
            self.init(
                .modelNotFound, "The model's provider has no model of this name.", param: "model",
                retryAfter: retryAfter, cause: failure)
        case .refused:
            let field = failure.param.map { " It names '\($0)'." } ?? ""
            self.init(
                .providerRefused, "The model's provider refused this request.\(field)", param: failure.param,
                retryAfter: retryAfter, cause: failure)
        default: self.init(any: failure)
        }
        vendorCode = failure.vendorCode
    }
}
