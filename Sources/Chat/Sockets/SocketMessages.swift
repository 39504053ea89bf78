import Hummingbird
import NIOCore

/// The messages that come in. Read by one task at a time: the next read begins when the last one has ended.
final class SocketMessages: @unchecked Sendable {
    private var iterator: RequestBody.AsyncIterator

    init(_ body: RequestBody) { iterator = body.makeAsyncIterator() }

    /// The next message; nil at the end.
    func next() async -> ByteBuffer? { (try? await iterator.next()) ?? nil }
}
