import Chat
import HTTPKit
package import NIOCore

/// Ends an answer when its client closes the connection. A stream would notice by itself when it writes; one that has
/// nothing to write yet would not.
package final class ClientDisconnectHandler: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    package typealias InboundIn = NIOAny

    private let completion: any RunningCall

    package init(_ completion: any RunningCall) { self.completion = completion }

    /// The client may have left before, while what it asked for was looked up.
    package func handlerAdded(context: ChannelHandlerContext) {
        let end = try? context.pipeline.syncOperations.handler(type: InputEnd.self)
        if end?.hasCome == true { completion.cancel(RunningCompletion.ClientLeft()) }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        completion.cancel(RunningCompletion.ClientLeft())
        context.fireChannelInactive()
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { completion.cancel(RunningCompletion.ClientLeft()) }
        context.fireUserInboundEventTriggered(event)
    }
}
