import TestSupport
import Testing

@testable import LLM

@Suite struct VendorErrorTests {
    @Test(arguments: [
        ("400 Bad Request", #"{"error":{"message":"no","type":"invalid_request_error"}}"#, ProviderError.Kind.refused),
        ("400 Bad Request", #"{"error":{"code":"context_length_exceeded","message":"x"}}"#, .contextTooLong),
        ("400 Bad Request", #"{"error":{"code":400,"type":"exceed_context_size_error"}}"#, .contextTooLong),
        ("400 Bad Request", #"{"error":{"message":"This model's maximum context length is 5"}}"#, .contextTooLong),
        ("400 Bad Request", #"{"error":{"code":"content_filter","message":"x"}}"#, .refused),
        ("401 Unauthorized", #"{"error":{"message":"Incorrect API key provided: sk-secret"}}"#, .misconfigured),
        ("402 Payment Required", "", .misconfigured),
        ("403 Forbidden", "", .misconfigured),
        ("404 Not Found", "<html>", .misconfigured),
        ("302 Found", "", .misconfigured),
        ("408 Request Timeout", "", .timeout),
        ("413 Too Large", "", .refused),
        ("422 Unprocessable", #"{"detail":[]}"#, .refused),
        ("429 Too Many Requests", #"{"error":"slow down"}"#, .rateLimited),
        ("500 Internal Server Error", "oops", .unavailable),
        ("500 Error", #"{"error":{"code":500,"message":"image input is not supported - hint: …"}}"#, .refused),
        ("500 Error", #"{"error":{"message":"Failed to parse tools: Unsupported tool type: {}"}}"#, .refused),
        ("503 Service Unavailable", "", .unavailable),
        ("503 Service Unavailable", #"{"error":{"code":503,"message":"Loading model"}}"#, .loading),
        ("529 Overloaded", "{", .unavailable),
    ])
    func mapsEachStatus(_ status: String, _ body: String, _ kind: ProviderError.Kind) async throws {
        let error = try #require(try await Vendor.answering(status: status, body).ask().error)
        #expect(error.kind == kind)
        #expect(error.retryable == [.timeout, .rateLimited, .unavailable, .loading].contains(kind))
        #expect(error.detail.hasPrefix("status \(status.prefix(3))"))
        #expect(!error.detail.contains("sk-secret"))
    }

    @Test(arguments: [
        ("401 Unauthorized", #"{"error":{"code":"invalid_api_key"}}"#, ProviderError.Origin.credentials),
        ("401 Unauthorized", "", .credentials),
        ("401 Unauthorized", #"{"error":{"code":"401","type":"key_model_access_denied"}}"#, .permission),
        ("403 Forbidden", "", .permission), ("404 Not Found", "", .call), ("402 Payment Required", "", .call),
        ("400 Bad Request", "", .call), ("500 Oops", "", .call), ("408 Request Timeout", "", .call),
    ])
    func tellsWhoseFaultItIs(_ status: String, _ body: String, _ origin: ProviderError.Origin) async throws {
        #expect(try await Vendor.answering(status: status, body).ask().error?.origin == origin)
    }

    @Test func waitsAsLongAsTheVendorAsks() async throws {
        let vendor = Vendor.answering(status: "429 Too Many Requests", headers: "Retry-After: 17\r\n", "{}")
        let error = try #require(try await vendor.ask().error)
        #expect(error.retryAfter == .seconds(17))
    }

    @Test(
        arguments: [
            ("120", 120.0), (" ", nil), ("1.5", 1.5), ("-3", 0), ("soon", nil), ("inf", nil), ("1e9", 86400),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 37), ("Sun, 06 Nov 1994 08:48:37 GMT", 0),
            ("Tue, 29 Feb 2000 00:00:00 GMT", 86400), ("Sun, 06 Foo 1994 08:49:37 GMT", nil),
            ("Sun, 06 Nov 1994 99:49:37 GMT", nil), ("Sun, 06 Nov 999999999999 08:49:37 GMT", nil),
        ] as [(String, Double?)])
    func readsRetryAfter(_ text: String, _ expected: Double?) {
        // 784111740 is 08:49:00 of that day.
        #expect(RetryAfter.parse(text, now: 784_111_740) == expected.map { .seconds($0) })
    }

    @Test(arguments: [
        (#"{"error":{"code":429,"message":"x"}}"#, ProviderError.Kind.rateLimited),
        (#"{"error":{"code":"rate_limit_exceeded","message":"x"}}"#, .rateLimited),
        (#"{"error":{"code":"502","message":"x"}}"#, .unavailable),
        (#"{"error":{"type":"server_error"}}"#, .unavailable),
        (#"{"error":{"type":"authentication_error"}}"#, .misconfigured),
        (#"{"error":{"type":"invalid_request_error","message":"exceeds the context window"}}"#, .contextTooLong),
        (#"{"error":"something"}"#, .unavailable),
        (#"{"error":{}}"#, .unavailable),
    ])
    func mapsAnErrorWithinTheStream(_ event: String, _ kind: ProviderError.Kind) async throws {
        let answer = try await Vendor.streaming(OpenAIProviderTests.chunk(#"{"content":"Hel"}"#), event).ask()
        #expect(answer.error?.kind == kind)
        #expect(answer.text == "Hel")
    }

    @Test(arguments: [
        ([], ProviderError.Kind.emptyReply),
        ([OpenAIProviderTests.chunk(#"{"content":""}"#)], .emptyReply),
        ([OpenAIProviderTests.chunk(#"{"content":"Hel"}"#, finish: #""error""#)], .unavailable),
        ([#"{"object":"error","message":"out of memory","code":500}"#], .unavailable),
        ([#"{"detail":"Internal error"}"#], .unavailable),
        (["not JSON"], .unavailable),
        (["[1]"], .unavailable),
    ])
    func tellsAnAnswerWithoutText(_ events: [String], _ kind: ProviderError.Kind) async throws {
        let vendor = Vendor { connection in
            guard connection.request() != nil else { return }
            connection.startStream()
            for event in events + ["[DONE]"] { connection.event(event) }
            connection.endStream()
        }
        #expect(try await vendor.ask().error?.kind == kind)
    }

    @Test(arguments: [
        ("", ProviderError.Kind.emptyReply),
        ("<html>Welcome</html>", .unavailable),
        ("{", .unavailable),
        ("{}", .unavailable),
        (#"{"error":{"code":429,"message":"x"}}"#, .rateLimited),
        (#"{"object":"error","message":"no such model","code":"model_not_found"}"#, .notFound),
    ])
    func tellsABodyWithoutAnAnswer(_ body: String, _ kind: ProviderError.Kind) async throws {
        #expect(try await Vendor.answering(body).ask().error?.kind == kind)
    }
}
