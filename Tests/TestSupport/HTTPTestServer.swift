import Foundation
package import NIOCore
import NIOHTTP1
import NIOPosix
package import NIOSSL
import NIOTLS
import Synchronization

/// A proper server on loopback, for what needs TLS, or thousands of connections.
package final class HTTPTestServer: Sendable {
    package struct Seen {
        package var connections = 0
        package var requests = 0
        package var serverNames: [String?] = []
        package var protocols: [String?] = []
        package var waiting: [any Channel] = []
    }

    package enum Answer {
        case ok, drop, later
    }

    private final class Record: Sendable {
        let seen = Mutex(Seen())
    }

    package let port: Int
    private let record = Record()
    private let channel: any Channel

    /// `answer` is asked with the request's number, from 1.
    package init(
        tls: TLSConfiguration? = nil, answer: @escaping @Sendable (_ number: Int) -> Answer = { _ in .ok }
    ) async throws {
        let record = record
        var tls = tls
        tls?.sslContextCallback = { values, promise in
            record.seen.withLock { $0.serverNames.append(values.serverHostname) }
            promise.succeed(.noChanges)
        }
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let context { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(Handler(record, answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    package var seen: Seen { record.seen.withLock { $0 } }

    package func close() async throws {
        try await channel.close()
    }

    package static func answer(_ channel: any Channel) {
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Length": "2"])
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: "ok"))), promise: nil)
        channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart

        private let record: Record
        private let answer: @Sendable (Int) -> Answer

        init(_ record: Record, _ answer: @escaping @Sendable (Int) -> Answer) {
            (self.record, self.answer) = (record, answer)
            record.seen.withLock { $0.connections += 1 }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .handshakeCompleted(let name) = event as? TLSUserEvent {
                record.seen.withLock { $0.protocols.append(name) }
            }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = unwrapInboundIn(data) else { return }
            let number = record.seen.withLock { seen in
                seen.requests += 1
                return seen.requests
            }
            switch answer(number) {
            case .ok: HTTPTestServer.answer(context.channel)
            case .drop: context.close(promise: nil)
            case .later: record.seen.withLock { $0.waiting.append(context.channel) }
            }
        }
    }
}

/// A certificate that only a test trusts.
package struct TestCertificate {
    package let certificate: NIOSSLCertificate
    package let key: NIOSSLPrivateKey

    package static let openssl = ["/usr/bin/openssl", "/usr/local/bin/openssl", "/opt/homebrew/bin/openssl"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    package init(names: String) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = Self.openssl.map { URL(filePath: $0) }
        process.currentDirectoryURL = folder
        process.standardError = FileHandle.nullDevice
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=test", "-addext", "subjectAltName=\(names)",
        ]
        try process.run()
        process.waitUntilExit()
        certificate = try NIOSSLCertificate(
            bytes: Array(Data(contentsOf: folder.appending(path: "cert.pem"))), format: .pem)
        key = try NIOSSLPrivateKey(bytes: Array(Data(contentsOf: folder.appending(path: "key.pem"))), format: .pem)
    }

    package var server: TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(certificate)], privateKey: .privateKey(key))
        configuration.applicationProtocols = ["h2", "http/1.1"]
        return configuration
    }
}
