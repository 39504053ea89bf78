import Chat
import HTTPKit
import LLM
import NIOCore

/// A response's events while its client waits for them.
struct ResponseEvents: CompletionEvents {
    private var writer: ResponseWriter
    private let running: RunningResponse

    init(_ writer: ResponseWriter, of running: RunningResponse) {
        self.writer = writer
        self.running = running
    }

    mutating func begin(_ out: inout ByteBuffer) { writer.begin(&out) }

    func alive(_ out: inout ByteBuffer) { out.writeStaticString(": still here\n\n") }

    mutating func write(_ event: ChatEvent, of index: Int, _ out: inout ByteBuffer) {
        writer.write(event, &out)
    }

    mutating func finish(_ result: ChatResult, _ usage: ChatUsage, of index: Int, _ out: inout ByteBuffer) {
        writer.end(running.settled ?? ResponseEnding(result, usage), &out)
    }

    mutating func end(_ usage: ChatUsage, _ out: inout ByteBuffer) {}

    func fail(_ error: APIError, _ out: inout ByteBuffer) {
        var last = writer
        last.end(ResponseEnding(error, nil), &out)
    }
}
