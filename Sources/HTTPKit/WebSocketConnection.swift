package import HTTPTypes
package import NIOCore
package import NIOHTTPTypes
package import NIOWebSocket

/// The server's side of a WebSocket (RFC 6455): text messages come and go as parts of bodies; pings, the farewell and
/// whatever breaks the protocol are dealt with here.
package final class WebSocketConnection: ChannelDuplexHandler {
    package typealias InboundIn = WebSocketFrame
    package typealias InboundOut = HTTPRequestPart
    package typealias OutboundIn = HTTPResponsePart
    package typealias OutboundOut = WebSocketFrame

    package struct Limits: Sendable {
        /// Maximum length of a message, fragmented or not, in bytes.
        package var message = 256 * 1024
        package var pingInterval = TimeAmount.seconds(20)
        /// A peer that has sent nothing for so long, and no pong, is gone.
        package var silence = TimeAmount.seconds(60)
        /// How long the peer gets to say goodbye, too.
        package var farewell = TimeAmount.seconds(2)
        /// How long a stopping server waits for its own replies to be read.
        package var drain = TimeAmount.seconds(5)
    }

    package static func handlers(_ limits: Limits = Limits()) -> [any ChannelHandler] {
        [
            WebSocketFrameEncoder(), ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: limits.message)),
            WebSocketConnection(limits),
        ]
    }

    private let limits: Limits
    private var isOpen = true
    /// The fragments of a message that is not whole yet.
    private var begun: ByteBuffer?
    private var heardAt = NIODeadline.uptimeNanoseconds(0)
    private var nextPing: Scheduled<Void>?
    private var end: Scheduled<Void>?

    package init(_ limits: Limits) { self.limits = limits }

    package func handlerAdded(context: ChannelHandlerContext) {
        heardAt = context.eventLoop.now
        schedulePing(context)
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        nextPing?.cancel()
        end?.cancel()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        heardAt = context.eventLoop.now
        guard isOpen else {
            if frame.opcode == .connectionClose { context.close(promise: nil) }
            return
        }
        guard frame.maskKey != nil, !frame.rsv1, !frame.rsv2, !frame.rsv3 else { return close(context, .protocolError) }
        switch frame.opcode {
        case .text:
            guard begun == nil else { return close(context, .protocolError) }
            take(context, frame.unmaskedData, isWhole: frame.fin)
        case .continuation:
            guard var whole = begun else { return close(context, .protocolError) }
            guard whole.readableBytes + frame.length <= limits.message else { return close(context, .messageTooLarge) }
            begun = nil
            whole.writeImmutableBuffer(frame.unmaskedData)
            take(context, whole, isWhole: frame.fin)
        case .binary:
            close(context, .unacceptableData)
        case .ping:
            // A peer that reads nothing is owed no answers, which would pile up.
            guard context.channel.isWritable else { return }
            send(context, .pong, frame.unmaskedData)
        case .pong:
            break
        case .connectionClose:
            close(context, Self.answer(to: frame.unmaskedData), isAnswer: true)
        default:
            close(context, .protocolError)
        }
    }

    private func take(_ context: ChannelHandlerContext, _ text: ByteBuffer, isWhole: Bool) {
        guard isWhole else {
            begun = text
            return
        }
        guard text.isUTF8 else { return close(context, .dataInconsistentWithMessage) }
        context.fireChannelRead(wrapInboundOut(.body(text)))
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // No other handler reads by now, and a connection with unread bytes ends in a reset that loses the close frame.
        if !isOpen { context.read() }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? NIOWebSocketError else {
            if isOpen { context.fireErrorCaught(error) }
            return
        }
        guard isOpen else { return }
        if case .invalidFrameLength = error { close(context, .messageTooLarge) } else { close(context, .protocolError) }
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            guard isOpen else { return }
            // The reader of the messages takes it from here, and says goodbye when its replies have been sent.
            context.fireChannelRead(wrapInboundOut(.end(nil)))
            context.fireChannelReadComplete()
            scheduleEnd(context, in: limits.drain)
        case ChannelEvent.inputClosed:
            context.close(promise: nil)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard isOpen else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head:
            promise?.succeed()
        case .body(let text):
            context.write(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .text, data: text)), promise: promise)
        case .end(let trailers):
            let code = trailers?[.closeCode].flatMap(Int.init) ?? 1000
            close(context, WebSocketErrorCode(codeNumber: code))
            promise?.succeed()
        }
    }

    private func send(_ context: ChannelHandlerContext, _ opcode: WebSocketOpcode, _ data: ByteBuffer) {
        context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, data: data)), promise: nil)
    }

    private func close(_ context: ChannelHandlerContext, _ code: WebSocketErrorCode, isAnswer: Bool = false) {
        isOpen = false
        var data = ByteBuffer()
        data.write(webSocketErrorCode: code)
        send(context, .connectionClose, data)
        context.fireChannelRead(wrapInboundOut(.end(nil)))
        context.fireChannelReadComplete()
        if isAnswer { return context.close(promise: nil) }
        context.read()
        scheduleEnd(context, in: limits.farewell)
    }

    /// The code that answers a peer's close frame.
    private static func answer(to farewell: ByteBuffer) -> WebSocketErrorCode {
        var farewell = farewell
        guard farewell.readableBytes > 0 else { return .normalClosure }
        guard let code = farewell.readInteger(as: UInt16.self) else { return .protocolError }
        guard farewell.isUTF8 else { return .dataInconsistentWithMessage }
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: return WebSocketErrorCode(codeNumber: Int(code))
        default: return .protocolError
        }
    }

    private func schedulePing(_ context: ChannelHandlerContext) {
        nextPing = context.eventLoop.assumeIsolated().scheduleTask(in: limits.pingInterval) { self.ping(context) }
    }

    private func ping(_ context: ChannelHandlerContext) {
        guard context.eventLoop.now - heardAt < limits.silence else { return context.close(promise: nil) }
        if isOpen, context.channel.isWritable { send(context, .ping, ByteBuffer()) }
        schedulePing(context)
    }

    private func scheduleEnd(_ context: ChannelHandlerContext, in time: TimeAmount) {
        end?.cancel()
        end = context.eventLoop.assumeIsolated().scheduleTask(in: time) { context.close(promise: nil) }
    }
}

extension ByteBuffer {
    fileprivate var isUTF8: Bool { (try? getUTF8ValidatedString(at: readerIndex, length: readableBytes)) != nil }
}

extension HTTPField.Name {
    /// How an answer's end tells the connection why it closes: a status code of RFC 6455.
    package static let closeCode = HTTPField.Name("Close-Code")!
}
