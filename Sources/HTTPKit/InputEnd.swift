package import NIOCore

/// Remembers that a connection's client sends nothing more, or that the connection has closed, for handlers that are added
/// after that: each of the two events comes once.
package final class InputEnd: ChannelInboundHandler, RemovableChannelHandler {
    package typealias InboundIn = NIOAny

    package private(set) var hasCome = false

    package init() {}

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { hasCome = true }
        context.fireUserInboundEventTriggered(event)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        hasCome = true
        context.fireChannelInactive()
    }
}
