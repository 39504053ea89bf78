package import NIOCore
package import NIOHTTP1

/// What HTTP/1 asks of every connection, whatever is asked for on it (RFC 9112, RFC 9110 10.1.1): one `Host` a request,
/// an end to connections that the client does not want kept, and `100 Continue` to those who wait for it.
package final class ConnectionRules: ChannelDuplexHandler, RemovableChannelHandler {
    package typealias InboundIn = HTTPServerRequestPart
    package typealias InboundOut = HTTPServerRequestPart
    package typealias OutboundIn = HTTPServerResponsePart
    package typealias OutboundOut = HTTPServerResponsePart

    private let limits: BodyLimits
    private var unanswered = 0
    private var isOld = false
    private var isRefused = false

    package init(_ limits: BodyLimits) { self.limits = limits }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isRefused { return }
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        isOld = head.version != .http1_1
        let hosts = head.headers["host"].count
        guard hosts == 1 || isOld && hosts == 0 else {
            // Servers that choose differently among the names could be played off against each other.
            isRefused = true
            return context.fireErrorCaught(HTTPParserError.invalidHeaderToken)
        }
        // Old clients learn that an answer has ended by the end of the connection.
        if isOld || !head.isKeepAlive { head.headers.replaceOrAdd(name: "connection", value: "close") }
        unanswered += 1
        // Sent during another answer, it would be read as a part of that answer.
        if unanswered == 1, !isOld, waits(head) {
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where isOld:
            head.version = .http1_0
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            unanswered -= 1
            context.write(data, promise: promise)
        default:
            context.write(data, promise: promise)
        }
    }

    /// A body that is too large need not be sent: its sender gets the refusal instead.
    private func waits(_ head: HTTPRequestHead) -> Bool {
        guard head.headers[canonicalForm: "expect"].contains(where: { $0.lowercased() == "100-continue" }) else {
            return false
        }
        return head.headers["content-length"].first.map { Int($0) ?? .max <= limits.limit(of: head.uri) } ?? true
    }
}
