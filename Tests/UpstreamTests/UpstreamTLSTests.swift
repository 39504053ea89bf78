import Foundation
import NIOCore
import NIOSSL
import TestSupport
import Testing

@testable import Upstream

@Suite(.enabled(if: TestCertificate.openssl != nil || ProcessInfo.processInfo.environment["CI"] != nil))
struct UpstreamTLSTests {
    /// Every name is this machine.
    private struct Here: AddressResolver {
        func addresses(of name: String) async throws -> [SocketAddress] {
            [try SocketAddress(ipAddress: "127.0.0.1", port: 0)]
        }
    }

    private let certificate: TestCertificate
    private let client: UpstreamClient

    private static let certificate = Result {
        try TestCertificate(names: "DNS:vendor.example,DNS:*.wild.example,IP:127.0.0.1")
    }

    init() throws {
        certificate = try Self.certificate.get()
        client = UpstreamClient(
            connectTimeout: patient, resolver: Here(), trustRoots: .certificates([certificate.certificate]))
    }

    @Test func callsByName() async throws {
        let server = try await HTTPTestServer(tls: certificate.server)
        for _ in 0..<5 { #expect(try await client.get("https://Vendor.example.:\(server.port)/").text == "ok") }
        let seen = server.seen
        #expect(seen.requests == 5)
        #expect(seen.connections == 1)
        #expect(seen.serverNames == ["vendor.example"])
        #expect(seen.protocols == ["http/1.1"])
        client.shutdown()
        try await server.close()
    }

    @Test func callsByWildcard() async throws {
        let server = try await HTTPTestServer(tls: certificate.server)
        #expect(try await client.get("https://a.wild.example:\(server.port)/").text == "ok")
        client.shutdown()
        try await server.close()
    }

    @Test func callsByAddress() async throws {
        let server = try await HTTPTestServer(tls: certificate.server)
        #expect(try await client.get("https://127.0.0.1:\(server.port)/").text == "ok")
        client.shutdown()
        try await server.close()
    }

    /// Though the certificate does hold for the address that each of them leads to.
    @Test(arguments: [
        "other.example", "vendor.example.org", "a.vendor.example", "localhost", "example", "wild.example",
        "a.b.wild.example",
    ])
    func refusesAnotherName(_ host: String) async throws {
        let server = try await HTTPTestServer(tls: certificate.server)
        let error = await #expect(throws: UpstreamError.self) {
            try await client.get("https://\(host):\(server.port)/")
        }
        #expect(error?.kind == .unavailable)
        #expect(server.seen.requests == 0)
        try await server.close()
    }

    @Test func refusesAnotherAddress() async throws {
        let certificate = try TestCertificate(names: "DNS:127.0.0.1,IP:127.0.0.2")
        let client = UpstreamClient(connectTimeout: patient, trustRoots: .certificates([certificate.certificate]))
        let server = try await HTTPTestServer(tls: certificate.server)
        await #expect(throws: UpstreamError.self) { try await client.get("https://127.0.0.1:\(server.port)/") }
        #expect(server.seen.requests == 0)
        try await server.close()
    }

    @Test func refusesACertificateThatNobodyVouchesFor() async throws {
        let server = try await HTTPTestServer(tls: certificate.server)
        let client = UpstreamClient(connectTimeout: patient, resolver: Here())
        await #expect(throws: UpstreamError.self) { try await client.get("https://vendor.example:\(server.port)/") }
        #expect(server.seen.requests == 0)
        try await server.close()
    }

    @Test func refusesOldTLS() async throws {
        var old = certificate.server
        old.minimumTLSVersion = .tlsv1
        old.maximumTLSVersion = .tlsv11
        let server = try await HTTPTestServer(tls: old)
        await #expect(throws: UpstreamError.self) { try await client.get("https://vendor.example:\(server.port)/") }
        try await server.close()
    }

    @Test func makesACallOnAStaleConnectionOnceMore() async throws {
        let server = try await HTTPTestServer(tls: certificate.server) { $0 == 2 ? .drop : .ok }
        for _ in 0..<2 { #expect(try await client.get("https://vendor.example:\(server.port)/").text == "ok") }
        let seen = server.seen
        #expect(seen.requests == 3)
        #expect(seen.connections == 2)
        client.shutdown()
        try await server.close()
    }

    @Test func aServerThatDoesNotShakeHands() async throws {
        let vendor = TestServer { $0.waitUntilClientLeaves() }
        let client = UpstreamClient(connectTimeout: .seconds(5), resolver: Here())
        let error = await #expect(throws: UpstreamError.self) {
            try await client.get("https://vendor.example:\(vendor.port)/")
        }
        #expect(error == UpstreamError(.timeout, isConnecting: true, detail: "connect"))
        #expect(await eventually { vendor.count.left == vendor.count.connections })
        #expect(vendor.count.connections <= 1)
    }

    @Test func aServerWithoutTLS() async throws {
        let vendor = TestServer { connection in
            _ = connection.receive()
            connection.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        }
        let error = await #expect(throws: UpstreamError.self) {
            try await client.get("https://vendor.example:\(vendor.port)/")
        }
        #expect(error?.kind == .unavailable)
    }
}

@Suite struct UpstreamLoadTests {
    @Test func twoThousandCallsAtOnce() async throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let count = 2000
        let server = try await HTTPTestServer { $0 <= count ? .later : .ok }
        let client = UpstreamClient(connectTimeout: patient, idleTimeout: .seconds(600))
        let url = "http://127.0.0.1:\(server.port)/"
        try await withThrowingTaskGroup(of: String.self) { group in
            // Sent in batches, to leave processor time for other tests.
            for calls in stride(from: 100, through: count, by: 100) {
                for _ in 0..<100 { group.addTask { try await client.get(url).text } }
                #expect(await eventually { server.seen.requests == calls })
            }
            for channel in server.seen.waiting {
                channel.eventLoop.execute { HTTPTestServer.answer(channel) }
                let text = try await group.next()
                #expect(text == "ok")
            }
        }
        #expect(server.seen.connections == count)
        #expect((1000...1024).contains(client.idleConnections))
        #expect(try await client.get(url).text == "ok")
        #expect(server.seen.connections == count)
        client.shutdown()
        try await server.close()
    }
}
