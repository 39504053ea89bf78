package import NIOCore
import NIOPosix
package import NIOSSL
import NIOTLS
import Upstream

/// One connection to a mail server, on its event loop only. A reply is read for each command, and whatever comes unasked
/// ends it: an attacker must not put answers before the encryption that count after it.
package final class SMTPConnection: ChannelInboundHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    package enum Failure: Error { case closed, timeout, unasked, certificateOfAnother }

    private let host: String
    private let timeout: TimeAmount
    private var parser = SMTPReplyParser()
    private var reply: EventLoopPromise<SMTPReply>?
    private var secured: EventLoopPromise<Void>?
    private var timer: Scheduled<Void>?
    private var failure: (any Error)?
    private var context: ChannelHandlerContext?

    private init(_ settings: SMTPSettings) {
        host = settings.host
        timeout = TimeAmount(settings.timeout)
    }

    /// A connection on which nothing has been read.
    package static func open(_ settings: SMTPSettings) async throws -> NIOLoopBound<SMTPConnection> {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(settings.timeout)).channelOption(.autoRead, value: false)
        return try await bootstrap.connect(host: settings.host, port: settings.port).flatMapThrowing { channel in
            let connection = SMTPConnection(settings)
            try channel.pipeline.syncOperations.addHandler(connection)
            return NIOLoopBound(connection, eventLoop: channel.eventLoop)
        }.get()
    }

    /// What the server says by itself at first, which may follow the encryption at once.
    package func greeting(_ tls: NIOSSLContext?) -> EventLoopFuture<SMTPReply> {
        guard let tls else { return exchange(nil) }
        let secured = secure(tls)
        let greeting = exchange(nil)
        return secured.flatMap { greeting }
    }

    /// The reply to `command`.
    package func exchange(_ command: ByteBuffer?) -> EventLoopFuture<SMTPReply> {
        guard let context, failure == nil else { return failed(SMTPReply.self) }
        let promise = context.eventLoop.makePromise(of: SMTPReply.self)
        reply = promise
        startTimer(context)
        if let command {
            context.writeAndFlush(wrapOutboundOut(command), promise: nil)
        } else {
            context.channel.setOption(.autoRead, value: true).assumeIsolated().whenFailure { self.end($0) }
        }
        return promise.futureResult
    }

    /// Encrypts all that follows, and succeeds when the certificate has been found to be the host's.
    package func secure(_ tls: NIOSSLContext) -> EventLoopFuture<Void> {
        guard let context, failure == nil else { return failed(Void.self) }
        let promise = context.eventLoop.makePromise(of: Void.self)
        secured = promise
        startTimer(context)
        do {
            let name = isAddress ? nil : host
            try context.pipeline.syncOperations.addHandler(
                NIOSSLClientHandler(context: tls, serverHostname: name), position: .first)
            context.channel.setOption(.autoRead, value: true).assumeIsolated().whenFailure { self.end($0) }
        } catch {
            end(error)
        }
        return promise.futureResult
    }

    /// Closes the connection. Sends QUIT first if there was no failure, without waiting for the reply.
    package func close() {
        guard let context else { return }
        if failure == nil, reply == nil, secured == nil {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "QUIT\r\n")), promise: nil)
        }
        end(Failure.closed)
    }

    private var isAddress: Bool { (try? SocketAddress(ipAddress: host, port: 0)) != nil }

    private func failed<Value>(_ type: Value.Type) -> EventLoopFuture<Value> {
        let loop = context?.eventLoop ?? MultiThreadedEventLoopGroup.singleton.any()
        return loop.makeFailedFuture(failure ?? Failure.closed)
    }

    private func startTimer(_ context: ChannelHandlerContext) {
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) { self.end(Failure.timeout) }
    }

    private func end(_ error: any Error) {
        if failure == nil { failure = error }
        timer?.cancel()
        timer = nil
        reply.take()?.fail(error)
        secured.take()?.fail(error)
        context?.close(promise: nil)
    }

    package func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    package func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        end(Failure.closed)
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .handshakeCompleted? = event as? TLSUserEvent, let secured = secured.take() else { return }
        if reply == nil { timer?.cancel() }
        let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
        if isAddress || certificate?.certifies(host) == true {
            secured.succeed()
        } else {
            secured.fail(Failure.certificateOfAnother)
            end(Failure.certificateOfAnother)
        }
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var complete: SMTPReply?
        for byte in unwrapInboundIn(data).readableBytesView {
            guard failure == nil else { break }
            guard reply != nil, complete == nil else {
                failure = Failure.unasked
                break
            }
            do {
                complete = try parser.take(byte)
            } catch {
                failure = error
            }
        }
        if let complete {
            timer?.cancel()
            reply.take()?.succeed(complete)
        }
        if let failure { end(failure) }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) { end(error) }

    package func channelInactive(context: ChannelHandlerContext) { end(Failure.closed) }
}
