import Foundation
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import Files

@Suite struct S3StoreTests {
    /// The examples of Amazon's own documentation of S3.
    @Test func signsAsAmazonDoes() throws {
        let signature = S3Signature(
            region: "us-east-1", accessKey: "AKIAIOSFODNN7EXAMPLE",
            secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        let date = try Date("2013-05-24T00:00:00Z", strategy: .iso8601)
        func sign(_ request: S3Signature.Request) -> String? {
            signature.headers(for: request, at: date).last?.value.split(separator: "Signature=").last.map(String.init)
        }
        let host = "examplebucket.s3.amazonaws.com"
        let empty = S3Signature.hash([])
        #expect(
            sign(
                .init(
                    method: "GET", host: host, path: "/test.txt", headers: [("Range", "bytes=0-9")], bodyHash: empty))
                == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
        #expect(
            sign(.init(method: "GET", host: host, path: "/", query: [("lifecycle", "")], bodyHash: empty))
                == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
        #expect(
            sign(
                .init(
                    method: "GET", host: host, path: "/", query: [("prefix", "J"), ("max-keys", "2")], bodyHash: empty))
                == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
        #expect(
            sign(
                .init(
                    method: "PUT", host: host, path: "/" + S3Signature.escape("test$file.text"),
                    headers: [
                        ("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                    ], bodyHash: S3Signature.hash(Array("Welcome to Amazon S3.".utf8))))
                == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
        #expect(S3Signature.escape("a b/বা") == "a%20b%2F%E0%A6%AC%E0%A6%BE")
    }

    @Test func tellsAWrongKeyAndBucket() async throws {
        let server = try await S3Server.shared(.rclone)
        let wrong = server.store(prefix: "", secretKey: "another")
        #expect(await storeError { try await wrong.check() } == .misconfigured)
        let moto = try await S3Server.shared(.moto)
        let nowhere = moto.store(prefix: "", bucket: "nowhere")
        #expect(await storeError { _ = try await nowhere.get(ObjectName()) } == .misconfigured)
        #expect(await storeError { try await nowhere.check() } == .misconfigured)
    }

    @Test func keepsPrefixesApart() async throws {
        let server = try await S3Server.shared(.moto)
        let (a, b) = (server.store(prefix: "a"), server.store(prefix: "ab"))
        let name = ObjectName()
        try await a.put(ByteBuffer(string: "a"), as: name)
        #expect(try await b.get(name) == nil)
        #expect(try await b.list(after: nil, limit: 10) == [])
        #expect(try await a.list(after: nil, limit: 10).map(\.name) == [name])
    }

    @Test func listsManyPages() async throws {
        let server = try await S3Server.shared(.moto)
        let store = server.store(prefix: "many")
        let names = (0..<1100).map { _ in ObjectName() }.sorted()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for part in 0..<8 {
                group.addTask {
                    for at in stride(from: part, to: names.count, by: 8) {
                        try await store.put(ByteBuffer(string: "x"), as: names[at])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await store.list(after: nil, limit: 2000).map(\.name) == names)
        #expect(try await store.list(after: names[1049], limit: 2000).map(\.name) == Array(names[1050...]))
    }

    private static func store(_ server: TestServer) -> S3Store {
        S3Store(
            .init(endpoint: "http://127.0.0.1:\(server.port)", region: "r", bucket: "bucket", prefix: ""),
            accessKey: "key", secretKey: "secret", http: http)
    }

    private static func answer(_ status: String, _ body: String = "") -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test func repeatsWhatMaySucceed() async throws {
        let server = TestServer { connection in
            for (at, answer) in [
                Self.answer("503 Slow Down", "<Error><Code>SlowDown</Code></Error>"), Self.answer("500 Oh"),
                Self.answer("200 OK"),
            ].enumerated() {
                guard connection.request() != nil else { return }
                if at == 1 { usleep(1000) }
                connection.send(answer)
            }
        }
        try await Self.store(server).put(ByteBuffer(string: "x"), as: ObjectName())
        #expect(server.count.requests == 3)
        #expect(Set(server.count.received.map(\.body)) == [Array("x".utf8)])
    }

    @Test(arguments: [
        ("403 Forbidden", "AccessDenied", StoreError.Kind.misconfigured),
        ("403 Forbidden", "RequestTimeTooSkewed", .unavailable),
        ("404 Not Found", "NoSuchBucket", .misconfigured), ("301 Moved", "PermanentRedirect", .misconfigured),
        ("507 Insufficient Storage", "XMinioStorageFull", .full), ("503 Slow Down", "SlowDown", .unavailable),
        ("200 OK", nil, nil), ("204 No Content", nil, .unavailable),
    ])
    func tellsWhatIsWrong(_ status: String, _ code: String?, _ kind: StoreError.Kind?) async throws {
        let body = code.map { "<?xml version=\"1.0\"?><Error><Code>\($0)</Code><Message>m</Message></Error>" } ?? ""
        let server = TestServer { connection in
            while connection.request() != nil {
                connection.send(Self.answer(status, status.hasPrefix("204") ? "" : body))
            }
        }
        #expect(
            await storeError { try await Self.store(server).put(ByteBuffer(string: "x"), as: ObjectName()) } == kind)
    }

    @Test func isUnavailableWhereNobodyListens() async throws {
        let store = S3Store(
            .init(endpoint: "http://127.0.0.1:1", region: "r", bucket: "bucket", prefix: ""), accessKey: "k",
            secretKey: "s", http: http)
        #expect(await storeError { try await store.put(ByteBuffer(), as: ObjectName()) } == .unavailable)
    }

    @Test(arguments: [
        "", "<html>", "<ListBucketResult></Contents><Contents>", "<ListBucketResult",
        "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>",
    ])
    func readsNoWrongList(_ text: String) { #expect(S3List(text)?.entries.isEmpty ?? true) }

    @Test func refusesALongAnswer() async throws {
        let server = TestServer.answering(String(repeating: "x", count: ObjectLimits.maxObject + 1))
        #expect(await storeError { _ = try await Self.store(server).get(ObjectName()) } != nil)
    }
}
