import Fairness
package import NIOCore
package import NIOHTTP1
import NIOPosix
package import NIOSSL
import Synchronization

/// The process's one HTTP client for everything that it calls. It speaks HTTP/1.1, keeps connections for the next call,
/// and opens as many as there are calls: how many that may be is the gateway's business. It follows no redirects, which
/// would carry keys along and lead past the check of addresses.
package final class UpstreamClient: Sendable {
    /// The addresses to connect to: no address is looked up after this.
    struct Route: Sendable {
        var addresses: [SocketAddress]
        var tls: NIOSSLContext?
    }

    fileprivate struct Idle {
        var connection: NIOLoopBound<UpstreamConnection>
        var id: ObjectIdentifier
    }

    fileprivate struct Pool {
        var idle: [UpstreamRequest.Destination: [Idle]] = [:]
        var count = 0
        var isShutDown = false
    }

    /// Default limit for the name, the connection and TLS together.
    package static let defaultConnectTimeout = Duration.seconds(5)

    let connectTimeout: TimeAmount
    let idleTimeout: TimeAmount
    private let maximumIdle: Int
    private let rules: AddressRules
    private let eventLoops: any EventLoopGroup
    private let resolver: any AddressResolver
    private let publicResolver: any AddressResolver
    private let trustRoots: NIOSSLTrustRoots
    private let tls = Mutex<NIOSSLContext?>(nil)
    private let pool = Mutex(Pool())

    /// `allowsPrivate` lets URLs from users reach private networks; `idleTimeout` is shorter than most servers' own.
    package init(
        connectTimeout: Duration = UpstreamClient.defaultConnectTimeout,
        idleTimeout: Duration = .seconds(55),
        maximumIdle: Int = 1024,
        allowsPrivate: Bool = false,
        eventLoops: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        resolver: (any AddressResolver)? = nil,
        trustRoots: NIOSSLTrustRoots = .default
    ) {
        self.connectTimeout = TimeAmount(connectTimeout)
        self.idleTimeout = TimeAmount(idleTimeout)
        self.maximumIdle = maximumIdle
        rules = AddressRules(allowsPrivate: allowsPrivate)
        self.eventLoops = eventLoops
        self.resolver = resolver ?? SystemResolver()
        // Names that users choose have separate threads; one workspace gets an eighth of them.
        publicResolver = resolver ?? SystemResolver(threads: 16, each: 2)
        self.trustRoots = trustRoots
    }

    /// Idle connections close now, those in use after their calls.
    package func shutdown() {
        let idle = pool.withLock { pool in
            pool.isShutDown = true
            pool.count = 0
            defer { pool.idle = [:] }
            return pool.idle.values.joined().map(\.connection)
        }
        for connection in idle { connection.run { $0.close() } }
    }

    package var idleConnections: Int { pool.withLock { $0.count } }

    // MARK: For exchanges and connections

    /// On a connection of the thread's own event loop if there is one, else on any idle one, else on a new one.
    func start(_ exchange: UpstreamExchange) {
        let current = MultiThreadedEventLoopGroup.currentEventLoop
        if let connection = takeIdle(for: exchange.request.destination, on: current) {
            connection.run { $0.begin(exchange) }
        } else {
            startAnew(exchange, on: current ?? eventLoops.next())
        }
    }

    func startAnew(_ exchange: UpstreamExchange, on eventLoop: any EventLoop) {
        let open: @Sendable () -> Void = {
            UpstreamConnection(self, exchange.request.destination, on: eventLoop).open(for: exchange)
        }
        if eventLoop.inEventLoop { open() } else { eventLoop.execute(open) }
    }

    func lookUp(
        _ destination: UpstreamRequest.Destination, for caller: CallQueue.Caller?
    ) async throws -> [SocketAddress] {
        let resolver = destination.network == .publicInternet ? publicResolver : resolver
        var addresses = try await resolver.addresses(of: destination.host, for: caller)
        for index in addresses.indices { addresses[index].port = destination.port }
        return addresses
    }

    /// All of the addresses must be allowed: which of them will answer is not known yet.
    func route(to destination: UpstreamRequest.Destination, at addresses: [SocketAddress]) throws -> Route {
        guard !addresses.isEmpty else { throw UpstreamError(.unavailable, detail: "the host name has no address") }
        let rules: AddressRules? =
            switch destination.network {
            case .anywhere: nil
            case .ownNetworks: AddressRules(allowsPrivate: true)
            case .publicInternet: self.rules
            }
        if let rules, let forbidden = addresses.first(where: { !rules.allow($0) }) {
            throw UpstreamError(
                .notAllowed, detail: "the address is not allowed: \(forbidden.ipAddress ?? "not of the internet")")
        }
        return Route(addresses: addresses, tls: destination.isSecure ? try tlsContext() : nil)
    }

    /// Whether the connection is kept: not if there are too many already.
    func keep(_ connection: NIOLoopBound<UpstreamConnection>, for destination: UpstreamRequest.Destination) -> Bool {
        let id = ObjectIdentifier(connection.value)
        return pool.withLock { pool in
            guard !pool.isShutDown, pool.count < maximumIdle else { return false }
            pool.count += 1
            pool.idle[destination, default: []].append(Idle(connection: connection, id: id))
            return true
        }
    }

    func forget(_ connection: UpstreamConnection, for destination: UpstreamRequest.Destination) {
        let id = ObjectIdentifier(connection)
        pool.withLock { pool in
            guard let index = pool.idle[destination]?.lastIndex(where: { $0.id == id }) else { return }
            _ = pool.remove(destination, at: index)
        }
    }

    private func takeIdle(
        for destination: UpstreamRequest.Destination, on eventLoop: (any EventLoop)?
    ) -> NIOLoopBound<UpstreamConnection>? {
        pool.withLock { pool in
            guard let idle = pool.idle[destination] else { return nil }
            let index = eventLoop.flatMap { own in idle.lastIndex { $0.connection.eventLoop === own } }
            return pool.remove(destination, at: index ?? idle.endIndex - 1).connection
        }
    }

    /// Made when first needed, because reading the system's certificates takes a while.
    private func tlsContext() throws -> NIOSSLContext {
        try tls.withLock { tls in
            if let tls { return tls }
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            configuration.trustRoots = trustRoots
            let made = try NIOSSLContext(configuration: configuration)
            tls = made
            return made
        }
    }
}

extension UpstreamClient.Pool {
    fileprivate mutating func remove(
        _ destination: UpstreamRequest.Destination, at index: Int
    ) -> UpstreamClient.Idle {
        count -= 1
        guard let removed = idle[destination]?.remove(at: index) else { preconditionFailure("no connection there") }
        if idle[destination]?.isEmpty == true { idle[destination] = nil }
        return removed
    }
}

extension NIOLoopBound {
    /// Now, if this is its event loop.
    func run(_ body: @escaping @Sendable (Value) -> Void) {
        if eventLoop.inEventLoop { body(value) } else { eventLoop.execute { body(value) } }
    }
}

extension UpstreamClient {
    /// Reads a whole answer, for calls whose answer is short.
    package func answer(
        to request: UpstreamRequest, upTo maximumBytes: Int, within time: Duration
    ) async throws -> (head: HTTPResponseHead, body: ByteBuffer) {
        var body = ByteBuffer()
        let head = try await download(request, upTo: maximumBytes, within: time) { _, piece in
            body.writeImmutableBuffer(piece)
        }
        return (head, body)
    }

    /// Reads an answer piece by piece. The server waits while `onPiece` does; what that throws ends the call.
    package func download(
        _ request: UpstreamRequest, upTo maximumBytes: Int, within time: Duration,
        _ onPiece: (HTTPResponseHead, ByteBuffer) async throws -> Void
    ) async throws -> HTTPResponseHead {
        let exchange = UpstreamExchange(request, by: self)
        let deadline = UpstreamExchange.Deadline(at: .now() + TimeAmount(time), name: "total")
        return try await withTaskCancellationHandler {
            do {
                var bytes = 0
                while let piece = try await exchange.next(by: deadline) {
                    bytes += piece.readableBytes
                    guard bytes <= maximumBytes else {
                        throw UpstreamError(.unreadable, detail: "the answer is larger than allowed")
                    }
                    guard let head = exchange.head else { preconditionFailure("an answer without a head") }
                    try await onPiece(head, piece)
                }
                guard let head = exchange.head else { preconditionFailure("an answer without a head") }
                return head
            } catch {
                exchange.cancel()
                throw error
            }
        } onCancel: {
            exchange.cancel()
        }
    }
}
