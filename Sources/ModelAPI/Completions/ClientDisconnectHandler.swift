import Chat
package import NIOCore

/// Ends an answer when its client closes the connection. A stream would notice by itself when it writes; one that has
/// nothing to write yet would not.
package final class ClientDisconnectHandler: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    package typealias InboundIn = NIOAny

    private let completion: any RunningCall

    package init(_ completion: any RunningCall) { self.completion = completion }

    package func channelInactive(context: ChannelHandlerContext) {
        completion.cancel(RunningCompletion.ClientLeft())
        context.fireChannelInactive()
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { completion.cancel(RunningCompletion.ClientLeft()) }
        context.fireUserInboundEventTriggered(event)
    }
}
