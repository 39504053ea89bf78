import Foundation
import Synchronization

/// Stands between a client and a server, and does with what the client sends as a test asks.
final class TCPProxy: Sendable {
    enum Fate: Sendable {
        case pass
        case cut
        /// The server receives it; its answer does not arrive.
        case passAndCut
        /// Forwards nothing more in either direction, without telling the client or the server.
        case stall
    }

    let port: UInt16
    private let listener: Int32
    private let serverPort: UInt16
    private let decide: @Sendable (Data) -> Fate
    private let sockets = Mutex<[Int32]>([])

    init(to serverPort: UInt16, _ decide: @escaping @Sendable (Data) -> Fate) {
        self.serverPort = serverPort
        self.decide = decide
        (listener, port) = Self.listen()
        listenForClients()
    }

    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        for socket in sockets.withLock(\.self) { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    private static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func withAddress<R>(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> R
    ) -> R {
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
        }
    }

    private static func listen() -> (Int32, UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = address(0)
        precondition(withAddress(&address) { bind(listener, $0, $1) } == 0)
        precondition(Glibc.listen(listener, 16) == 0)
        _ = withAddress(&address) { getsockname(listener, $0, &$1) }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    private func listenForClients() {
        Thread.detachNewThread { [self] in
            while case let client = accept(listener, nil, nil), client >= 0 {
                let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                var address = Self.address(serverPort)
                guard Self.withAddress(&address, { connect(server, $0, $1) }) == 0 else {
                    Glibc.close(client)
                    Glibc.close(server)
                    continue
                }
                sockets.withLock { $0 += [client, server] }
                let state = State()
                Thread.detachNewThread { [self] in pump(client, server, state, decide) }
                Thread.detachNewThread { [self] in
                    pump(server, client, state) { _ in
                        state.cutsAtAnswer.load(ordering: .sequentiallyConsistent) ? .cut : .pass
                    }
                }
            }
            Glibc.close(listener)
        }
    }

    private final class State: Sendable {
        let isStalled = Atomic(false)
        let cutsAtAnswer = Atomic(false)
    }

    private func pump(
        _ source: Int32, _ target: Int32, _ state: State, _ decide: @Sendable (Data) -> Fate
    ) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        defer {
            shutdown(source, Int32(SHUT_RDWR))
            shutdown(target, Int32(SHUT_RDWR))
        }
        while case let count = read(source, &buffer, buffer.count), count > 0 {
            if state.isStalled.load(ordering: .relaxed) { continue }
            let fate = decide(Data(buffer[..<count]))
            switch fate {
            case .cut: return
            case .stall:
                state.isStalled.store(true, ordering: .relaxed)
                continue
            case .pass, .passAndCut: break
            }
            // The server has done it by the time it says so.
            if fate == .passAndCut { state.cutsAtAnswer.store(true, ordering: .sequentiallyConsistent) }
            guard send(target, buffer, count, Int32(MSG_NOSIGNAL)) == count else { return }
        }
    }
}
