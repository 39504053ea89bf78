package import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// From a host's name to its addresses, in the order to try them.
package protocol AddressResolver: Sendable {
    func addresses(of name: String) async throws -> [SocketAddress]
}

/// The system's own resolver on a few threads. Who asks for a name that is being looked up waits for that answer.
final class SystemResolver: AddressResolver {
    private typealias Waiter = CheckedContinuation<[SocketAddress], any Error>

    private static let maximumNames = 64
    /// Made for the first name: most servers look up none, or one.
    private let threads = Mutex<NIOThreadPool?>(nil)
    private let waiting = Mutex<[String: [Waiter]]>([:])

    deinit {
        threads.withLock { $0?.shutdownGracefully { _ in } }
    }

    func addresses(of name: String) async throws -> [SocketAddress] {
        try await withCheckedThrowingContinuation { waiter in
            let isFirst = waiting.withLock { waiting -> Bool? in
                guard waiting[name] != nil || waiting.count < Self.maximumNames else { return nil }
                waiting[name, default: []].append(waiter)
                return waiting[name]?.count == 1
            }
            switch isFirst {
            case nil: waiter.resume(throwing: ProviderError(.unavailable, detail: "too many names to look up"))
            case false?: break
            case true?: pool.submit { _ in self.answer(name, with: Result { try Self.lookUp(name) }) }
            }
        }
    }

    private var pool: NIOThreadPool {
        threads.withLock { threads in
            if let threads { return threads }
            let made = NIOThreadPool(numberOfThreads: 4)
            made.start()
            threads = made
            return made
        }
    }

    private func answer(_ name: String, with result: Result<[SocketAddress], any Error>) {
        let waiters = waiting.withLock { $0.removeValue(forKey: name) } ?? []
        for waiter in waiters { waiter.resume(with: result) }
    }

    private static func lookUp(_ name: String) throws -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var first: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(name, nil, &hints, &first)
        guard status == 0 else {
            throw ProviderError(
                .unavailable, detail: "the host name is not known: \(String(cString: gai_strerror(status)))")
        }
        defer { freeaddrinfo(first) }
        return sequence(first: first, next: { $0?.pointee.ai_next }).compactMap { $0?.pointee.socketAddress }
    }
}

extension addrinfo {
    fileprivate var socketAddress: SocketAddress? {
        switch ai_family {
        case AF_INET:
            ai_addr.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) }
        case AF_INET6:
            ai_addr.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) }
        default: nil
        }
    }
}

/// Hands NIO the addresses that are settled already, so that it tries them in turn and asks nobody.
struct SettledAddresses: Resolver {
    let addresses: [SocketAddress]
    let eventLoop: any EventLoop

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        eventLoop.makeSucceededFuture(addresses.filter { $0.protocol == .inet })
    }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        eventLoop.makeSucceededFuture(addresses.filter { $0.protocol == .inet6 })
    }

    func cancelQueries() {}
}
