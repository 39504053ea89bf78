package import HTTPTypes
package import Hummingbird
package import NIOCore

/// Sends an answer no faster than its reader takes it, and ends the connection of a reader that takes next to nothing.
/// What a slow reader keeps waiting is held at its account.
package struct PacedWriter: ResponseBodyWriter {
    private static let piece = 32 << 10
    /// A pause that every reader may make, in addition to the time that its rate allows.
    private static let patience = TimeAmount.seconds(20)

    private var inner: any ResponseBodyWriter
    private let channel: any Channel
    private let memory: CallMemory
    /// False if each buffer is a message, or events that stay together.
    private let isDivisible: Bool
    /// Whether the whole answer is held already.
    private let isHeld: Bool
    /// The bytes held for the last write, until the reader has taken most of it.
    private var held: HeldBytes?
    /// Written since the channel was asked whether the reader is behind.
    private var unasked = 0

    package init(_ inner: any ResponseBodyWriter, _ call: Call, isDivisible: Bool, isHeld: Bool) {
        self.inner = inner
        channel = call.channel
        memory = call.memory
        self.isDivisible = isDivisible
        self.isHeld = isHeld
    }

    @concurrent package mutating func write(_ buffer: ByteBuffer) async throws {
        guard buffer.readableBytes > Self.piece else { return try await send(buffer) }
        // If the account holds all that it may, the answer breaks off here.
        let held = isHeld ? nil : try memory.hold(buffer.readableBytes, .answer)
        guard isDivisible else {
            try await send(buffer)
            self.held = held
            return
        }
        var rest = buffer
        while rest.readableBytes > 0, let piece = rest.readBytes(length: min(Self.piece, rest.readableBytes)) {
            // A copy, or what waits for the reader would keep the whole buffer.
            try await send(ByteBuffer(bytes: piece))
        }
        withExtendedLifetime(held) {}
    }

    @concurrent package consuming func finish(_ trailers: HTTPFields?) async throws {
        let timer = try await timer(for: max(unasked, Self.piece))
        defer { timer?.cancel() }
        try await inner.finish(trailers)
        withExtendedLifetime(held) {}
    }

    /// Returns when the reader has taken most of what was sent before.
    @concurrent private mutating func send(_ buffer: ByteBuffer) async throws {
        let timer = unasked > Self.piece ? try await timer(for: unasked) : nil
        defer { timer?.cancel() }
        if unasked > Self.piece { unasked = 0 }
        unasked += buffer.readableBytes
        try await inner.write(buffer)
        held = nil
    }

    /// Nil if the reader is not behind. What was written before is in the channel when this returns.
    @concurrent private func timer(for bytes: Int) async throws -> Scheduled<Void>? {
        let rate = memory.bytes.bounds.slowestRead
        guard rate > 0, channel.isActive else { return nil }
        try await channel.eventLoop.submit {}.get()
        guard !channel.isWritable else { return nil }
        let time = Self.patience + .milliseconds(Int64(bytes) * 1000 / Int64(rate))
        return channel.eventLoop.scheduleTask(in: time) { [channel] in channel.close(promise: nil) }
    }
}

extension Response {
    /// The response as it is sent to a reader who may be slow. Throws if the reader's account holds all that it may, and
    /// the answer can be asked for again.
    ///
    /// - Parameter isStreamed: whether the body is produced while it is sent.
    package func paced(by call: Call, isStreamed: Bool = false) throws(APIError) -> Response {
        let length = body.contentLength
        if let length, length <= BytesInFlight.small { return self }
        let original = body
        let isDivisible =
            status != .switchingProtocols && headers[.contentType]?.hasPrefix("text/event-stream") != true
        var held: HeldBytes?
        // Pages that anyone may read are shared by all who read them.
        if let length, !isStreamed, !call.memory.account.isStranger {
            held = try call.memory.hold(0, .answer)
            try held?.resize(to: length, isRefusable: call.request.method == .get)
        }
        var response = self
        response.body = ResponseBody(contentLength: length) { [held] writer in
            try await original.write(
                PacedWriter(writer, call, isDivisible: isDivisible, isHeld: held != nil))
            withExtendedLifetime(held) {}
        }
        return response
    }
}
