package import Fairness
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

/// Resolves a host's name to its addresses, in the order to try them.
package protocol AddressResolver: Sendable {
    func addresses(of name: String) async throws -> [SocketAddress]

    /// - Parameter caller: whose share of the look-ups this one counts in; nil for the operator's own.
    func addresses(of name: String, for caller: CallQueue.Caller?) async throws -> [SocketAddress]
}

extension AddressResolver {
    package func addresses(of name: String, for caller: CallQueue.Caller?) async throws -> [SocketAddress] {
        try await addresses(of: name)
    }
}

/// Hands NIO the addresses that are settled already, so that it tries them in turn without a look-up.
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
