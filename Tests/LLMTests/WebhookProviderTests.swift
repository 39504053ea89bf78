import Fairness
import JSON
import TestSupport
import Testing
import Upstream

@testable import LLM

/// A client that may call the vendors of tests.
private let everywhere = UpstreamClient(allowsPrivate: true)

@Suite struct WebhookProviderTests {
    static let document = Array(#"{"message":"Hi"}"#.utf8)

    static func request(_ url: String) -> ChatRequest {
        ChatRequest(
            model: "webhook", messages: [], maxTokens: 1,
            webhook: .init(url: url, document: document, secret: Array("s3cret".utf8), id: "call-1"))
    }

    static func ask(
        _ vendor: Vendor, timeouts: Timeouts = Timeouts()
    ) async throws -> (result: ChatResult?, text: String, error: ProviderError?) {
        let provider = WebhookProvider(timeouts: timeouts, http: everywhere) { 1_700_000_000 }
        var text = ""
        do {
            let result = try await provider.stream(request("http://127.0.0.1:\(vendor.port)/hook?x=1")) { event in
                if case .delta(let piece) = event { text += piece }
            }
            return (result, text, nil)
        } catch let error as ProviderError {
            return (nil, text, error)
        }
    }

    @Test func sendsTheDocumentAsItIsAndSigned() async throws {
        let vendor = Vendor.answering(#"{"response":"Hello"}"#)
        let result = try #require(try await Self.ask(vendor).result)
        #expect(result.content == "Hello")
        #expect(result.model == "webhook")
        #expect(result.usage == nil)
        let sent = try #require(vendor.count.received.first)
        #expect(sent.body == Self.document)
        let head = sent.head.lowercased()
        #expect(head.hasPrefix("post /hook?x=1 http/1.1\r\n"))
        // printf '1700000000.{"message":"Hi"}' | openssl dgst -sha256 -hmac s3cret
        let signature = "029935d2d770bc2b74ecd4b6e788d1678a9c4cfc0c86f2e131af6e36c780b1c1"
        for line in [
            "content-type: application/json", "mynah-timestamp: 1700000000", "mynah-signature: v1=\(signature)",
            "idempotency-key: call-1", "accept: text/event-stream, application/json",
        ] {
            #expect(head.contains("\(line)\r\n"))
        }
    }

    @Test(arguments: [
        ("application/json", #"{"response":"Hello"}"#), ("application/json", #"{"id":1,"content":"Hello"}"#),
        ("application/json; charset=utf-8", #"{"message":"Hello"}"#), ("application/json", #"{"reply":"Hello"}"#),
        ("application/json", #" {"error":null,"text":"Hello"}"#), ("application/json", #""Hello""#),
        ("application/json", #"{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}"#),
        ("application/json", #"{"choices":[{"message":{"content":"Hello"}}]}"#),
        ("text/plain; charset=utf-8", "Hello"), ("text/plain", "\nHello"),
    ])
    func readsAWholeAnswer(_ type: String, _ body: String) async throws {
        for status in ["200 OK", "201 Created"] {
            let vendor = Vendor.answering(status: status, headers: "Content-Type: \(type)\r\n", body)
            let answer = try await Self.ask(vendor)
            #expect(answer.text == "Hello")
            #expect(answer.result?.content == "Hello")
            #expect(answer.result?.finishReason == .stop)
        }
    }

    @Test(arguments: [
        ["Hel", "lo"], [#"{"content":"Hel"}"#, #"{"content":"lo"}"#],
        [#"{"delta":"Hel"}"#, #"{"x":1}"#, #"{"delta":"lo"}"#],
        [#""Hel""#, #""lo""#], ["Hello", "[DONE]", "never"],
        [
            #"{"choices":[{"delta":{"content":"Hel"}}]}"#,
            #"{"choices":[{"delta":{"content":"lo"},"finish_reason":"stop"}]}"#, "[DONE]",
        ],
    ])
    func readsAStream(_ events: [String]) async throws {
        let vendor = Vendor { connection in
            guard connection.request() != nil else { return }
            connection.startStream()
            for event in events { connection.event(event) }
            connection.endStream()
        }
        let answer = try await Self.ask(vendor)
        #expect(answer.text == "Hello")
        #expect(answer.result?.content == "Hello")
    }

    @Test(arguments: [
        ("200 OK", "application/json", "", ProviderError.Kind.emptyReply),
        ("204 No Content", "text/plain", "", .emptyReply),
        ("200 OK", "application/json", "{}", .emptyReply),
        ("200 OK", "application/json", #"{"content":7}"#, .emptyReply),
        ("200 OK", "application/json", "[1]", .unavailable), ("200 OK", "text/html", "<html>", .unavailable),
        ("200 OK", "application/json", #"{"error":"no"}"#, .unavailable),
        ("302 Found", "text/plain", "x", .misconfigured), ("401 Unauthorized", "text/plain", "x", .misconfigured),
        ("404 Not Found", "text/plain", "x", .misconfigured), ("422 Unprocessable", "text/plain", "x", .refused),
        ("429 Too Many Requests", "text/plain", "x", .rateLimited), ("500 Oops", "text/plain", "x", .unavailable),
    ])
    func tellsAnAnswerThatIsNone(
        _ status: String, _ type: String, _ body: String, _ kind: ProviderError.Kind
    ) async throws {
        let vendor = Vendor.answering(status: status, headers: "Content-Type: \(type)\r\n", body)
        #expect(try await Self.ask(vendor).error?.kind == kind)
    }

    @Test func isBounded() async throws {
        let vendor = Vendor { connection in
            guard connection.request() != nil else { return }
            connection.startStream(type: "text/plain")
            let text = String(repeating: "x", count: 10_000)
            for _ in 0..<10_000 where !connection.chunk(text) { return }
        }
        #expect(try await Self.ask(vendor).error?.detail == "the answer is larger than allowed")
        #expect(vendor.count.sentBytes < 50_000_000)
    }

    @Test func aStreamThatIsResetIsNotComplete() async throws {
        let vendor = Vendor { connection in
            guard connection.request() != nil else { return }
            connection.startStream()
            connection.event("Hel")
        }
        let answer = try await Self.ask(vendor)
        #expect(answer.text == "Hel")
        #expect(answer.error?.kind == .unavailable)
    }

    @Test(arguments: ["", "not a url", "ftp://example.com", "file:///etc/passwd"])
    func refusesAnAddressThatIsNone(_ url: String) async {
        let provider = WebhookProvider(http: everywhere) { 0 }
        let error = await #expect(throws: ProviderError.self) { try await provider.stream(Self.request(url)) { _ in } }
        #expect(error?.kind == .misconfigured)
    }

    @Test func callsNothingWithin() async throws {
        let vendor = Vendor.answering(#"{"text":"Hello"}"#)
        let provider = WebhookProvider(http: http) { 0 }
        let error = await #expect(throws: ProviderError.self) {
            try await provider.stream(Self.request("http://127.0.0.1:\(vendor.port)/")) { _ in }
        }
        #expect(error?.kind == .misconfigured)
        #expect(vendor.count.connections == 0)
    }

    @Test func showsNoSecret() {
        var dumped = ""
        dump(Self.request("https://example.com"), to: &dumped)
        #expect(!dumped.contains("115"), "the first byte of the secret")
    }

    @Test func whatOneTenantsEndpointBreaksIsItsOwn() async throws {
        let broken = Vendor.answering(status: "500 Oops", "")
        let well = Vendor.answering(#"{"text":"Hello"}"#)
        let clock = TestClock(skips: true)
        let gateway = Gateway(providers: [WebhookProvider(http: everywhere) { 0 }], timeSource: clock.timeSource)
        func ask(_ vendor: Vendor, for tenant: String) async throws -> ChatResult {
            let request = Self.request("http://127.0.0.1:\(vendor.port)/hook")
            return try await gateway.stream(
                request, via: [.init(provider: "webhook", model: "webhook")], for: Gateway.Caller(tenant)
            ) { _ in }
        }
        for _ in 0..<3 { await #expect(throws: ProviderError.self) { try await ask(broken, for: "a") } }
        #expect(broken.count.requests == 5)
        #expect(gateway.snapshot.map(\.breaker) == [.open])
        #expect(try await ask(well, for: "a").content == "Hello")
        await #expect(throws: ProviderError.self) { try await ask(broken, for: "b") }
        #expect(broken.count.requests == 8, "another tenant may have better luck")
    }
}
