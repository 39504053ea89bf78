package import HTTPTypes
import HummingbirdCore
package import NIOCore
import NIOHTTP1
package import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOWebSocket

/// Lets a route make a WebSocket of its connection by answering 101: from then on each part of the request's body is a
/// message that came, and each part of the answer's body one that goes.
package final class WebSocketSwitch: ChannelDuplexHandler, RemovableChannelHandler {
    package init() {}

    package typealias InboundIn = HTTPRequestPart
    package typealias InboundOut = HTTPRequestPart
    package typealias OutboundIn = HTTPResponsePart
    package typealias OutboundOut = HTTPResponsePart

    private var unanswered = 0
    private var asksForWebSocket = false
    /// The decoder reads nothing after a request for another protocol, so its connection cannot be used again.
    private var isLastRequest = false
    private var isEndHeld = false

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(var request):
            unanswered += 1
            isLastRequest = request.method == .connect || request.headerFields.has("upgrade", in: .connection)
            if isLastRequest, unanswered == 1, request.method == .get,
                request.headerFields.has("websocket", in: .upgrade)
            {
                asksForWebSocket = true
            } else {
                request.headerFields[.upgrade] = nil
            }
            context.fireChannelRead(wrapInboundOut(.head(request)))
        // A WebSocket's request has no body of its own, and does not end before the answer is known.
        case .body where asksForWebSocket: break
        case .end where asksForWebSocket: isEndHeld = true
        case .body, .end: context.fireChannelRead(data)
        }
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let response) where asksForWebSocket && response.status == .switchingProtocols:
            context.writeAndFlush(data, promise: promise)
            speakWebSocket(context)
        case .head(var response):
            refuse(context)
            if isLastRequest, unanswered == 1 { response.headerFields[.connection] = "close" }
            context.write(wrapOutboundOut(.head(response)), promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            unanswered -= 1
            guard isLastRequest, unanswered == 0 else { return context.write(data, promise: promise) }
            context.writeAndFlush(data, promise: promise)
            context.close(promise: nil)
        }
    }

    private func refuse(_ context: ChannelHandlerContext) {
        asksForWebSocket = false
        guard isEndHeld else { return }
        isEndHeld = false
        context.fireChannelRead(wrapInboundOut(.end(nil)))
        context.fireChannelReadComplete()
    }

    private func speakWebSocket(_ context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let removed = [
                pipeline.removeHandler(try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)),
                pipeline.removeHandler(try pipeline.handler(type: ConnectionRules.self)),
                pipeline.removeHandler(try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)),
                pipeline.removeHandler(try pipeline.handler(type: SlowPeers.self)),
                pipeline.removeHandler(try pipeline.handler(type: HTTPConnectionStateHandler.self)),
                pipeline.removeHandler(try pipeline.handler(type: HTTPResponseEncoder.self)),
            ]
            EventLoopFuture.andAllSucceed(removed, on: context.eventLoop).assumeIsolated().whenComplete { result in
                do {
                    try result.get()
                    try pipeline.addHandlers(WebSocketConnection.handlers(), position: .before(self))
                    pipeline.removeHandler(self, promise: nil)
                } catch {
                    context.close(promise: nil)
                }
            }
        } catch {
            context.close(promise: nil)
        }
    }
}

extension HTTPFields {
    /// Whether one of the field's comma-separated words is this one, in any case of letters.
    package func has(_ word: String, in name: HTTPField.Name) -> Bool {
        self[values: name].contains { value in
            value.split { $0 == "," || $0 == " " || $0 == "\t" }.contains { $0.lowercased() == word }
        }
    }
}
