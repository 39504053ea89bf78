import NIOCore

/// Ends an answer when its client closes the connection. A stream would notice by itself when it writes; one that has
/// nothing to write yet would not.
final class Departure: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = NIOAny

    private let completion: RunningCompletion

    init(_ completion: RunningCompletion) { self.completion = completion }

    func channelInactive(context: ChannelHandlerContext) {
        completion.cancel(RunningCompletion.ClientLeft())
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { completion.cancel(RunningCompletion.ClientLeft()) }
        context.fireUserInboundEventTriggered(event)
    }
}
