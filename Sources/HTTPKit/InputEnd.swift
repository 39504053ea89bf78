package import NIOCore

/// Remembers that a connection's client sends nothing more, for handlers that are added after that: the event comes once.
package final class InputEnd: ChannelInboundHandler, RemovableChannelHandler {
    package typealias InboundIn = NIOAny

    package private(set) var hasCome = false

    package init() {}

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { hasCome = true }
        context.fireUserInboundEventTriggered(event)
    }
}
