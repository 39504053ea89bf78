import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOTLS

/// One connection, on its event loop only: opened for a call, and kept for further ones. It is the last handler of its
/// channel.
final class UpstreamConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPClientRequestPart

    enum Failure: Error {
        case closed, connectTimeout, certificateOfAnother, protocolSwitched, encoded
    }

    private enum Phase {
        case opening(until: NIODeadline)
        case busy
        case idle(until: NIODeadline)
        case closed
    }

    /// What has been read of an answer and not been handed over: all that one reading brings goes over at once.
    private struct Reading {
        var head: HTTPResponseHead?
        var body: ByteBuffer?
        var isComplete = false
    }

    /// The timer looks at what it is for at least this often, so that hardly ever one has to be moved for a call.
    private static let lookAhead = TimeAmount.seconds(10)

    private let client: UpstreamClient
    private let destination: UpstreamRequest.Destination
    private let eventLoop: any EventLoop
    private let firstByte = FirstByte()
    private var phase = Phase.closed
    private var exchange: UpstreamExchange?
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?
    private var timerAt = NIODeadline.distantFuture
    private var reading = Reading()
    private var isReused = false
    private var isSent = false
    private var isPersistent = false
    private var isHeld = false
    private var wantsRead = false

    init(_ client: UpstreamClient, _ destination: UpstreamRequest.Destination, on eventLoop: any EventLoop) {
        self.client = client
        self.destination = destination
        self.eventLoop = eventLoop
    }

    // MARK: Opening

    func open(for exchange: UpstreamExchange) {
        let deadline = NIODeadline.now() + client.connectTimeout
        phase = .opening(until: deadline)
        arm(by: deadline)
        guard attach(exchange) else { return close() }
        if let address = destination.address {
            connect(Result { try client.route(to: destination, at: [address]) }, until: deadline)
        } else {
            let (client, destination, caller) = (client, destination, exchange.request.caller)
            eventLoop.makeFutureWithTask {
                try await client.route(to: destination, at: client.lookUp(destination, for: caller))
            }.assumeIsolated().whenComplete { self.connect($0, until: deadline) }
        }
    }

    private func connect(_ route: Result<UpstreamClient.Route, any Error>, until deadline: NIODeadline) {
        guard case .opening = phase else { return }
        do {
            let route = try route.get()
            let left = deadline - .now()
            guard left > .zero else { throw Failure.connectTimeout }
            let bootstrap = ClientBootstrap(group: eventLoop).connectTimeout(left)
            let channel =
                route.addresses.count == 1
                ? bootstrap.connect(to: route.addresses[0])
                : bootstrap.resolver(SettledAddresses(addresses: route.addresses, eventLoop: eventLoop))
                    .connect(host: destination.host, port: destination.port)
            channel.assumeIsolated().whenComplete { channel in
                do { try self.connected(channel.get(), route.tls) } catch { self.fail(error) }
            }
        } catch {
            fail(error)
        }
    }

    private func connected(_ channel: any Channel, _ tls: NIOSSLContext?) throws {
        guard case .opening = phase else { return channel.close(promise: nil) }
        do {
            let pipeline = channel.pipeline.syncOperations
            if let tls {
                let name = destination.address == nil ? destination.host : nil
                try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
            }
            var encoding = HTTPRequestEncoder.Configuration()
            encoding.automaticallySetFramingHeaders = false
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderListSize = 128 * 1024
            try pipeline.addHandlers(
                firstByte, HTTPRequestEncoder(configuration: encoding),
                ByteToMessageHandler(HTTPResponseDecoder(limitConfiguration: limits)), self)
        } catch {
            channel.close(promise: nil)
            throw error
        }
        if tls == nil { send() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .handshakeCompleted? = event as? TLSUserEvent, case .opening = phase else { return }
        let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
        guard destination.address != nil || certificate?.certifies(destination.host) == true else {
            return fail(Failure.certificateOfAnother)
        }
        send()
    }

    // MARK: Calls

    /// Takes a call, on a connection that was idle: it may have closed since.
    func begin(_ exchange: UpstreamExchange) {
        guard case .idle = phase else { return client.startAnew(exchange, on: eventLoop) }
        isReused = true
        guard attach(exchange) else { return park() }
        send()
    }

    private func attach(_ exchange: UpstreamExchange) -> Bool {
        guard let deadline = exchange.attach(NIOLoopBound(self, eventLoop: eventLoop), lookedAfterAt: timerAt) else {
            return false
        }
        self.exchange = exchange
        arm(by: deadline)
        return true
    }

    private func send() {
        guard let exchange, let context else { return fail(Failure.closed) }
        phase = .busy
        firstByte.isSeen = false
        isSent = false
        isPersistent = false
        reading = Reading()
        let sent = eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success: self.isSent = true
            case .failure(let error): self.fail(error)
            }
        }
        let body = exchange.request.body
        context.write(wrapOutboundOut(.head(exchange.request.head)), promise: nil)
        if body.readableBytes > 0 { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
    }

    /// The exchange's reader waits until this time and no longer.
    func arm(_ exchange: UpstreamExchange, by deadline: NIODeadline) {
        if self.exchange === exchange { arm(by: deadline) }
    }

    func resume(_ exchange: UpstreamExchange) {
        guard self.exchange === exchange else { return }
        isHeld = false
        if wantsRead {
            wantsRead = false
            context?.read()
        }
    }

    func cancel(_ exchange: UpstreamExchange) {
        if self.exchange === exchange { close() }
    }

    // MARK: Answers

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    /// Nothing more is read while too much lies unread.
    func read(context: ChannelHandlerContext) {
        if isHeld { wantsRead = true } else { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard exchange != nil, !reading.isComplete else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): takeHead(head)
        case .body(let part): reading.body.append(part)
        case .end: reading.isComplete = true
        }
    }

    private func takeHead(_ head: HTTPResponseHead) {
        guard head.status != .switchingProtocols else { return fail(Failure.protocolSwitched) }
        reading.head = head
        isPersistent = head.isKeepAlive && exchange?.request.isPersistent == true
        guard head.headers.first(name: "Content-Encoding").map({ $0.lowercased() != "identity" }) == true else {
            return
        }
        // The status of a refusal tells enough without its body.
        guard head.status.code >= 300 else { return fail(Failure.encoded) }
        isPersistent = false
        reading.isComplete = true
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        handOver()
    }

    private func handOver() {
        guard let exchange, reading.head != nil || reading.body != nil || reading.isComplete else { return }
        let read = reading
        reading = Reading()
        if read.isComplete {
            self.exchange = nil
            // An answer that came before the question was out leaves the rest of it on the connection.
            if isPersistent, isSent { park() } else { close() }
        }
        switch exchange.receive(head: read.head, body: read.body, isLast: read.isComplete) {
        case .proceed: break
        case .hold: isHeld = true
        case .stop: close()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(with: error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(with: Failure.closed)
    }

    /// An answer that was complete before, or as the connection ended, is one all the same.
    private func end(with error: any Error) {
        isPersistent = false
        handOver()
        fail(error)
    }

    // MARK: Ending

    private func park() {
        exchange = nil
        isHeld = false
        phase = .idle(until: .now() + client.idleTimeout)
        if !client.keep(NIOLoopBound(self, eventLoop: eventLoop), for: destination) { close() }
    }

    private func fail(_ error: any Error) {
        let exchange = exchange.take()
        let wasStale = isReused && !firstByte.isSeen
        var failure = UpstreamError(error)
        if case .opening = phase { failure.isConnecting = true }
        close()
        guard let exchange else { return }
        // A server may close an idle connection at the moment that it is reused; a new one cannot be idle.
        if wasStale {
            client.startAnew(exchange, on: eventLoop)
        } else {
            exchange.finish(.failure(failure))
        }
    }

    func close() {
        if case .idle = phase { client.forget(self, for: destination) }
        if case .closed = phase { return }
        phase = .closed
        exchange = nil
        timer?.cancel()
        timer = nil
        context?.close(promise: nil)
    }

    // MARK: Time

    /// One timer serves everything: it looks up what is due when it fires, so that moving that costs nothing.
    private func arm(by deadline: NIODeadline) {
        let at = min(deadline, .now() + Self.lookAhead)
        guard timer == nil || at < timerAt else { return }
        timer?.cancel()
        timerAt = at
        timer = eventLoop.assumeIsolated().scheduleTask(deadline: at) { self.timerFired() }
    }

    private func timerFired() {
        timer = nil
        let now = NIODeadline.now()
        var next = NIODeadline.distantFuture
        switch phase {
        case .closed: return
        case .opening(let deadline):
            guard deadline > now else { return fail(Failure.connectTimeout) }
            next = deadline
        case .idle(let deadline):
            guard deadline > now else { return close() }
            next = deadline
        case .busy: break
        }
        if let exchange {
            next = min(next, now + Self.lookAhead)
            guard let due = exchange.expire(now, lookedAfterAt: next) else { return close() }
            next = min(next, due)
        }
        arm(by: next)
    }
}

/// Sees the answer before it is parsed: a call is never repeated once a byte of its answer has arrived.
private final class FirstByte: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    var isSeen = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isSeen = true
        context.fireChannelRead(data)
    }
}

extension Optional<ByteBuffer> {
    mutating func append(_ part: ByteBuffer) {
        guard var whole = take() else {
            self = part
            return
        }
        whole.writeImmutableBuffer(part)
        self = whole
    }
}
