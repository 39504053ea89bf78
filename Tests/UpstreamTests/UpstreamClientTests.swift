import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import Upstream

@Suite struct UpstreamClientTests {
    private static func vendor(sending answer: String, thenClosing: Bool = false) -> TestServer {
        TestServer { connection in
            while connection.request() != nil {
                connection.send(answer)
                if thenClosing { return }
            }
        }
    }

    private static func post(_ vendor: TestServer, _ body: ByteBuffer) throws -> UpstreamRequest {
        var request = try UpstreamRequest(url: vendor.baseURL, method: .POST)
        request.body = body
        return request
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1;x=y\r\nk\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 2\r\n\r\nok",
    ])
    func keepsTheConnection(_ answer: String) async throws {
        let vendor = Self.vendor(sending: answer)
        let client = UpstreamClient(connectTimeout: patient)
        for _ in 0..<5 { #expect(try await client.get(vendor.baseURL) == (200, "ok")) }
        #expect(vendor.count.connections == 1)
        #expect(client.idleConnections == 1)
        client.shutdown()
        #expect(client.idleConnections == 0)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.0 200 OK\r\n\r\nok", "HTTP/1.1 200 OK\r\n\r\nok",
    ])
    func doesNotKeepWhatTheServerCloses(_ answer: String) async throws {
        let vendor = Self.vendor(sending: answer, thenClosing: true)
        let client = UpstreamClient(connectTimeout: patient)
        for _ in 0..<3 { #expect(try await client.get(vendor.baseURL) == (200, "ok")) }
        #expect(vendor.count.connections == 3)
        #expect(await eventually { client.idleConnections == 0 })
    }

    @Test func doesNotKeepWhatTheRequestCloses() async throws {
        let vendor = TestServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            connection.waitUntilClientLeaves()
        }
        let request = try UpstreamRequest(url: vendor.baseURL, headers: ["connection": "Close"])
        _ = try await http.answer(to: request, upTo: 10, within: .seconds(60))
        #expect(await eventually { vendor.count.left == 1 })
    }

    @Test(arguments: [204, 304]) func noBody(_ status: UInt) async throws {
        let vendor = Self.vendor(sending: "HTTP/1.1 \(status) X\r\nContent-Length: 2\r\n\r\n")
        let client = UpstreamClient(connectTimeout: patient)
        for _ in 0..<3 { #expect(try await client.get(vendor.baseURL) == (status, "")) }
        #expect(vendor.count.connections == 1)
        client.shutdown()
    }

    @Test func followsNoRedirect() async throws {
        let other = TestServer.answering("secret")
        let vendor = TestServer.answering(status: "302 Found", headers: "Location: \(other.baseURL)\r\n", "moved")
        #expect(try await http.get(vendor.baseURL) == (302, "moved"))
        #expect(other.count.connections == 0)
    }

    @Test(arguments: ["gzip", "br", "deflate, gzip"]) func decompressesNothing(_ encoding: String) async throws {
        let vendor = TestServer.answering(headers: "Content-Encoding: \(encoding)\r\n", "bomb")
        let error = await #expect(throws: UpstreamError.self) { try await http.get(vendor.baseURL) }
        #expect(error?.kind == .unreadable)
        let limited = TestServer.answering(
            status: "429 Too Many Requests", headers: "Content-Encoding: \(encoding)\r\n", "bomb")
        #expect(try await http.get(limited.baseURL) == (429, ""))
    }

    @Test func asksForNothingCompressed() async throws {
        let (heads, seen) = AsyncStream.makeStream(of: String.self)
        let vendor = TestServer { connection in
            while let request = connection.request() {
                seen.yield(request.head)
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }
        }
        var request = try UpstreamRequest(
            url: "\(vendor.baseURL)?a=b", method: .POST,
            headers: [
                "Accept-Encoding": "gzip", "Content-Length": "99", "Transfer-Encoding": "chunked", "host": "x",
                "X-A": "b",
            ])
        request.body = ByteBuffer(string: "body")
        _ = try await http.answer(to: request, upTo: 10, within: .seconds(60))
        var iterator = heads.makeAsyncIterator()
        let head = try #require(await iterator.next())
        #expect(
            head.components(separatedBy: "\r\n").sorted() == [
                "", "", "Accept-Encoding: identity", "Content-Length: 4", "Host: 127.0.0.1:\(vendor.port)",
                "POST /v1?a=b HTTP/1.1", "X-A: b",
            ])
    }

    @Test(arguments: [
        "\0\u{1}\u{2}garbage\r\n\r\n", "SSH-2.0-OpenSSH_9.6\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nokk",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n", "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 20", "",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
        "HTTP/1.1 200 OK\r\nX: \(String(repeating: "x", count: 200_000))\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n" + (0..<300).map { "X\($0): y\r\n" }.joined() + "Content-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n" + (0..<4).map { "X\($0): \(String(repeating: "x", count: 40_000))\r\n" }.joined()
            + "\r\n",
    ])
    func garbageAndHalvesAreNoAnswer(_ answer: String) async throws {
        let vendor = Self.vendor(sending: answer, thenClosing: true)
        let client = UpstreamClient(connectTimeout: patient)
        let error = await #expect(throws: UpstreamError.self) { try await client.get(vendor.baseURL) }
        #expect(error?.kind == .unavailable)
        #expect(vendor.count.connections == 1, "the call is not made again")
        #expect(client.idleConnections == 0)
    }

    /// The reader and the connection meet at every step: neither may wait for what the other has already done.
    @Test func aReaderAsFastAsTheVendorReachesTheEnd() async throws {
        let length = 256 * 1024 * 1024
        let vendor = TestServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\n")
            let piece = [UInt8](repeating: 0, count: 1 << 20)
            for _ in 0..<length / piece.count where !connection.send(piece) { return }
        }
        for _ in 0..<20 {
            let exchange = UpstreamExchange(try UpstreamRequest(url: vendor.baseURL), by: http)
            var read = 0
            while let bytes = try await exchange.next(by: .init(at: .now() + .seconds(30), name: "stalled")) {
                read += bytes.readableBytes
            }
            #expect(read == length)
        }
    }

    @Test func whatFollowsAnAnswerSpoilsTheConnection() async throws {
        let vendor = Self.vendor(
            sending: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        let client = UpstreamClient(connectTimeout: patient)
        for _ in 0..<3 { #expect(try await client.get(vendor.baseURL).text == "ok") }
        #expect(vendor.count.connections == 3)
    }

    @Test func aConnectionThatClosedWhileIdleIsForgotten() async throws {
        let vendor = TestServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            usleep(50_000)
        }
        let client = UpstreamClient(connectTimeout: patient)
        _ = try await client.get(vendor.baseURL)
        #expect(await eventually { client.idleConnections == 0 })
        #expect(try await client.get(vendor.baseURL).text == "ok")
    }

    @Test(arguments: [true, false]) func aCallOnAStaleConnectionIsMadeOnceMore(withReset: Bool) async throws {
        let served = Mutex(0)
        let vendor = TestServer { connection in
            while connection.request() != nil {
                let number = served.withLock { served in
                    served += 1
                    return served
                }
                // The first connection goes away at the moment of its second request.
                if number == 2 { return withReset ? connection.reset() : () }
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        }
        let client = UpstreamClient(connectTimeout: patient)
        for _ in 0..<2 {
            let request = try Self.post(vendor, ByteBuffer(string: "body"))
            let answer = try await client.answer(to: request, upTo: 10, within: .seconds(60))
            #expect(String(buffer: answer.body) == "ok")
        }
        #expect(vendor.count.requests == 3)
        #expect(vendor.count.connections == 2)
        client.shutdown()
    }

    @Test(arguments: ["H", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"])
    func aCallThatWasAnsweredWithAnythingIsNotMadeAgain(_ beginning: String) async throws {
        let served = Mutex(0)
        let vendor = TestServer { connection in
            while connection.request() != nil {
                let number = served.withLock { served in
                    served += 1
                    return served
                }
                guard number == 1 else {
                    connection.send(beginning)
                    return
                }
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        }
        let client = UpstreamClient(connectTimeout: patient)
        _ = try await client.get(vendor.baseURL)
        await #expect(throws: UpstreamError.self) { try await client.get(vendor.baseURL) }
        #expect(vendor.count.requests == 2)
    }

    @Test func anAnswerBeforeTheQuestionWasOut() async throws {
        let answered = Barrier(2)
        let vendor = TestServer { connection in
            _ = connection.receive()
            connection.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
            answered.wait()
            connection.waitUntilClientLeaves()
        }
        let client = UpstreamClient(connectTimeout: patient)
        let request = try Self.post(vendor, ByteBuffer(repeating: 0x78, count: 50_000_000))
        let answer = try await client.answer(to: request, upTo: 10, within: .seconds(60))
        answered.wait()
        #expect(answer.head.status == .payloadTooLarge)
        #expect(String(buffer: answer.body) == "big")
        #expect(client.idleConnections == 0)
        #expect(await eventually { vendor.count.left == 1 })
    }

    @Test func aLargeQuestionArrivesWhole() async throws {
        let vendor = TestServer { connection in
            while let request = connection.request() {
                let answer = "\(request.body.count) \(request.body.reduce(0) { $0 &+ Int($1) })"
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(answer.utf8.count)\r\n\r\n\(answer)")
            }
        }
        let request = try Self.post(vendor, ByteBuffer(repeating: 1, count: 3_000_000))
        let answer = try await http.answer(to: request, upTo: 100, within: .seconds(60))
        #expect(String(buffer: answer.body) == "3000000 3000000")
    }

    @Test func anAnswerLargerThanExpectedEndsTheCall() async throws {
        let vendor = TestServer { connection in
            _ = connection.request()
            connection.startStream()
            while connection.chunk(String(repeating: "x", count: 10_000)) {}
            connection.waitUntilClientLeaves()
        }
        let request = try UpstreamRequest(url: vendor.baseURL)
        let error = await #expect(throws: UpstreamError.self) {
            try await http.answer(to: request, upTo: 100_000, within: .seconds(60))
        }
        #expect(error?.isRetryable == false)
        #expect(await eventually { vendor.count.left == 1 })
    }

    @Test func idleConnectionsAreBoundedAndClose() async throws {
        let barrier = Barrier(8)
        let vendor = TestServer { connection in
            while connection.request() != nil {
                barrier.wait()
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        }
        let client = UpstreamClient(connectTimeout: patient, idleTimeout: .milliseconds(300), maximumIdle: 3)
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<8 { group.addTask { try await client.get(vendor.baseURL).text } }
            for try await text in group { #expect(text == "ok") }
        }
        #expect(vendor.count.connections == 8)
        #expect(client.idleConnections <= 3)
        #expect(await eventually { client.idleConnections == 0 })
    }

    @Test func afterShutdownNothingIsKept() async throws {
        let vendor = TestServer.answering("ok")
        let client = UpstreamClient(connectTimeout: patient)
        client.shutdown()
        for _ in 0..<2 { #expect(try await client.get(vendor.baseURL).text == "ok") }
        #expect(vendor.count.connections == 2)
        #expect(client.idleConnections == 0)
    }

    @Test func cancellingWhileConnecting() async throws {
        struct Never: AddressResolver {
            func addresses(of name: String) async throws -> [SocketAddress] {
                try await Task.sleep(for: .seconds(3600))
                return []
            }
        }
        let client = UpstreamClient(connectTimeout: .seconds(60), resolver: Never())
        let call = Task { try await client.get("http://never.example/") }
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
    }
}

/// Holds those who come until so many have come.
private final class Barrier: Sendable {
    private let missing: Mutex<Int>

    init(_ count: Int) { missing = Mutex(count) }

    func wait() {
        missing.withLock { $0 -= 1 }
        while missing.withLock({ $0 > 0 }) { usleep(1000) }
    }
}
