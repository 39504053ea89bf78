package import Foundation
import NIOCore
import Synchronization

/// A server of a test's own on loopback, down at the socket, so that it can misbehave in every way. Each connection runs
/// the script on a thread of its own, and may block.
package final class TestServer: Sendable {
    package struct Count {
        package var connections = 0
        package var received: [Request] = []
        package var requests: Int { received.count }
        package var sentBytes = 0
        /// Connections that the client closed while the script waited for that.
        package var left = 0
    }

    package let port: UInt16
    private let listener: Int32
    private let counts = Mutex(Count())

    package var baseURL: String { "http://127.0.0.1:\(port)/v1" }
    package var count: Count { counts.withLock { $0 } }

    package init(_ script: @escaping @Sendable (Connection) -> Void) {
        (listener, port) = listen(backlog: 128)
        let (listener, server) = (listener, self)
        Thread.detachNewThread { [weak server] in
            while true {
                let socket = accept(listener, nil, nil)
                guard socket >= 0 else { break }
                guard let server else {
                    close(socket)
                    continue
                }
                let number = server.counts.withLock { counts in
                    counts.connections += 1
                    return counts.connections
                }
                let connection = Connection(socket: socket, number: number) { [weak server] change in
                    server?.counts.withLock { change(&$0) }
                }
                Thread.detachNewThread {
                    script(connection)
                    connection.close()
                }
            }
            close(listener)
        }
    }

    /// Only ends the accepting: its thread closes the socket, whose number could else be another's by then.
    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// A server that answers each request with the same bytes and keeps the connection.
    package static func answering(status: String = "200 OK", headers: String = "", _ body: String) -> TestServer {
        TestServer { connection in
            while connection.request() != nil {
                connection.send(
                    "HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
            }
        }
    }

    package struct Request {
        package var head: String
        package var body: [UInt8]
    }

    package final class Connection: Sendable {
        /// Counts from 1.
        package let number: Int
        private let socket: Int32
        private let record: @Sendable ((inout Count) -> Void) -> Void
        private let isOpen = Mutex(true)

        package init(socket: Int32, number: Int, record: @escaping @Sendable ((inout Count) -> Void) -> Void) {
            self.socket = socket
            self.number = number
            self.record = record
        }

        /// `nil` once the client has gone.
        package func request() -> Request? {
            var bytes: [UInt8] = []
            var headEnd: Int?
            var length = 0
            while true {
                if headEnd == nil, let range = bytes.firstRange(of: Array("\r\n\r\n".utf8)) {
                    headEnd = range.upperBound
                    let head = String(decoding: bytes[..<range.lowerBound], as: UTF8.self).lowercased()
                    length =
                        head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                        .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
                }
                if let headEnd, bytes.count >= headEnd + length {
                    let request = Request(
                        head: String(decoding: bytes[..<headEnd], as: UTF8.self), body: Array(bytes[headEnd...]))
                    record { $0.received.append(request) }
                    return request
                }
                guard let more = receive() else { return nil }
                bytes += more
            }
        }

        /// Whether the client still listens.
        @discardableResult
        package func send(_ text: String) -> Bool {
            send(Array(text.utf8))
        }

        @discardableResult
        package func send(_ bytes: [UInt8]) -> Bool {
            var sent = 0
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes {
                    Foundation.send(socket, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return false }
                sent += count
                record { $0.sentBytes += count }
            }
            return true
        }

        /// The last answer on this connection.
        package func answer(_ status: String, headers: String = "", _ body: String = "") {
            send(
                "HTTP/1.1 \(status)\r\nConnection: close\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n"
                    + body)
        }

        package func startStream(type: String = "text/event-stream") {
            send("HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nTransfer-Encoding: chunked\r\n\r\n")
        }

        @discardableResult
        package func chunk(_ text: String) -> Bool {
            send("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n")
        }

        @discardableResult
        package func event(_ data: String) -> Bool {
            chunk("data: \(data)\n\n")
        }

        package func endStream() {
            send("0\r\n\r\n")
        }

        package func waitUntilClientLeaves() {
            while receive() != nil {}
            record { $0.left += 1 }
        }

        /// Closes with a reset instead of a proper end.
        package func reset() {
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
            close()
        }

        package func close() {
            let wasOpen = isOpen.withLock { isOpen in
                defer { isOpen = false }
                return isOpen
            }
            if wasOpen { Foundation.close(socket) }
        }

        package func receive() -> [UInt8]? {
            var buffer = [UInt8](repeating: 0, count: 64 * 1024)
            let count = recv(socket, &buffer, buffer.count, 0)
            return count > 0 ? Array(buffer[..<count]) : nil
        }
    }
}

/// A loopback socket that need not accept connections.
package func listen(backlog: Int32) -> (socket: Int32, port: UInt16) {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    // The port's two bytes come third in an address.
    var bound = [UInt8](repeating: 0, count: 128)
    loopback(port: 0) { address, length in
        precondition(bind(socket, address, length) == 0)
        precondition(Foundation.listen(socket, backlog) == 0)
        bound.withUnsafeMutableBytes { bytes in
            var length = socklen_t(bytes.count)
            bytes.withMemoryRebound(to: sockaddr.self) { address in
                precondition(getsockname(socket, address.baseAddress!, &length) == 0)
            }
        }
    }
    return (socket, UInt16(bound[2]) << 8 | UInt16(bound[3]))
}

package func loopback(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Void) {
    guard let address = try? SocketAddress(ipAddress: "127.0.0.1", port: Int(port)) else { preconditionFailure() }
    address.withSockAddr { body($0, socklen_t($1)) }
}

/// Waits until something is so, for as long as a loaded machine may need.
package func eventually(_ condition: () async -> Bool) async -> Bool {
    for _ in 0..<2000 {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return false
}
