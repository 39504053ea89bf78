package import NIOCore
import NIOHTTP1
package import NIOHTTPTypes

/// Ends connections whose peer holds a request or an answer up: one that does not send its whole request in time, and
/// one that acknowledges nothing of what it is sent. A stream that is only quiet is neither.
package final class SlowPeers: ChannelInboundHandler, RemovableChannelHandler {
    private let limits: BodyLimits

    package init(_ limits: BodyLimits) { self.limits = limits }

    package typealias InboundIn = HTTPRequestPart
    package typealias InboundOut = HTTPRequestPart

    package static let requestTime = TimeAmount.seconds(60)
    package static let acknowledgementTime = TimeAmount.seconds(120)

    private var deadline: Scheduled<Void>?

    package func handlerAdded(context: ChannelHandlerContext) {
        #if os(Linux)
            // TCP_USER_TIMEOUT, tcp(7): milliseconds that sent data may stay unacknowledged, or the window closed.
            let option = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: 18))
            let milliseconds = Int(Self.acknowledgementTime.nanoseconds / 1_000_000)
            context.channel.setOption(option, value: milliseconds).whenFailure { _ in }
        #endif
        // Only before this does a request still say which version of HTTP it speaks.
        do {
            let pipeline = context.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(ConnectionRules(limits), position: .after(decoder))
        } catch {
            context.close(promise: nil)
        }
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            let channel = context.channel
            deadline = context.eventLoop.scheduleTask(in: Self.requestTime) { channel.close(promise: nil) }
        case .body:
            break
        case .end:
            deadline?.cancel()
            deadline = nil
        }
        context.fireChannelRead(data)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }
}
