import HTTPKit
import HTTPTypes
import Hummingbird
import LLM
import NIOCore
import Storage
import Synchronization

/// Follows a response that is written in the background, or was: from the beginning, or after an event of a number.
struct ResponseStream: Sendable {
    let writer: ResponseWriter
    /// What comes after so many of the model's events.
    let next: @Sendable (_ count: Int) async throws -> ResponseStep

    func response(_ status: HTTPResponse.Status) -> Response {
        Response(
            status: status,
            headers: [
                .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store",
                HTTPField.Name("X-Accel-Buffering")!: "no",
            ],
            body: ResponseBody { out in
                try await run(&out)
                try await out.finish(nil)
            })
    }

    @concurrent private func run(_ out: inout any ResponseBodyWriter) async throws {
        var writer = writer
        var bytes = ByteBuffer()
        writer.begin(&bytes)
        var count = 0
        while true {
            if bytes.readableBytes > 0 { try await out.write(bytes) }
            bytes = ByteBuffer()
            switch try await next(count) {
            case .events(let events):
                count += events.count
                for event in events { writer.write(event, &bytes) }
            case .quiet: bytes.writeStaticString(": still here\n\n")
            case .ended(let ending):
                writer.end(ending, &bytes)
                return try await out.write(bytes)
            }
        }
    }
}

/// The events of a response as the database has them, for one that has ended or that another instance writes.
final class StoredResponseEvents: Sendable {
    /// Between two looks at the database.
    private static let pause = Duration.milliseconds(300)

    private let store: ResponseStore
    private let scope: Scope
    private let response: StoredResponse

    init(_ store: ResponseStore, _ scope: Scope, _ response: StoredResponse) {
        self.store = store
        self.scope = scope
        self.response = response
    }

    private struct Seen {
        var partID = ""
        var events = 0
    }

    /// The reader asks for one step after another.
    private let seen = Mutex(Seen())

    @Sendable func next(after count: Int) async throws -> ResponseStep {
        for _ in 0..<50 {
            let after = seen.withLock { $0.partID }
            let (now, parts) = try await store.database.read(scope) { [response] tx in
                // The order matters: what is stored with the ending must not be missed.
                let now = try ResponseQueries.again(tx, response)
                return (now, try ResponseQueries.parts(tx, of: response, after: after))
            }
            if let last = parts.last {
                seen.withLock { $0.partID = last.id }
                let events = try store.parts.events(parts)
                if !events.isEmpty { return .events(events) }
                continue
            }
            if let ending = try now.map({ try store.parts.ending(of: $0) }) ?? Self.deleted { return .ended(ending) }
            try await Task.sleep(for: Self.pause)
        }
        return .quiet
    }

    private static var deleted: ResponseEnding { .cancelled(nil) }
}
