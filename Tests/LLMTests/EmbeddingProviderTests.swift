import Fairness
import Foundation
import JSON
import LLMTesting
import TestSupport
import Testing
import Texts

@testable import LLM

/// Vectors of a vendor's model: what it is sent, and that nothing but whole vectors in order is believed.
@Suite struct EmbeddingProviderTests {
    static func provider(_ vendor: Vendor, _ kind: VendorKind = .openAI) throws -> OpenAIProvider {
        try OpenAIProvider(name: "openai", baseURL: vendor.baseURL, apiKey: "k", kind: kind, http: http)
    }

    static func request(_ texts: String..., dimensions: Int? = nil) -> EmbeddingRequest {
        EmbeddingRequest(model: "m", inputs: texts.map { .text($0) }, dimensions: dimensions)
    }

    static func items(_ vectors: [(index: Int?, vector: String)]) -> String {
        let data = vectors.map { index, vector in
            #"{"object":"embedding","#
                + (index.map { "\"index\":\($0)," } ?? "") + "\"embedding\":\(vector)}"
        }
        return #"{"object":"list","model":"m-1","data":["# + data.joined(separator: ",")
            + #"],"usage":{"prompt_tokens":5,"total_tokens":6}}"#
    }

    static func base64(_ numbers: [Float]) -> String {
        let bytes = numbers.flatMap { number in
            (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> ($0 * 8)) }
        }
        return Data(bytes).base64EncodedString()
    }

    @Test(
        "A request has the inputs, in the vendor's form, and nothing else than was asked for",
        arguments: EmbeddingField.kinds)
    func sent(kind: VendorKind) async throws {
        let vendor = Vendor.answering(Self.items([(0, "[1,2]"), (1, "[3,4]")]))
        var request = Self.request("ইলিশ \u{0}\"", "👩‍👩‍👧 مرحبا", dimensions: 2)
        request.user = "u"
        request.use = .passage
        let result = try await Self.provider(vendor, kind).embed(request)
        #expect(result.vectors == EmbeddingVectors(dimensions: 2, values: [1, 2, 3, 4]))
        #expect(result.model == "m-1" && result.promptTokens == 5)
        let received = try #require(vendor.count.received.first)
        #expect(received.head.hasPrefix("POST /v1/embeddings "))
        let body = try #require(try JSONValue(parsing: received.body).object)
        #expect(body["input"] == ["ইলিশ \u{0}\"", "👩‍👩‍👧 مرحبا"] && body["model"] == "m" && body["dimensions"] == 2)
        #expect(body["encoding_format"] == (kind == .openAI || kind == .local ? "base64" : nil))
        #expect(body["user"] == (kind == .local ? nil : "u") && body["input_type"] == "passage")
    }

    @Test("Tokens are sent as they are")
    func tokens() async throws {
        let vendor = Vendor.answering(Self.items([(0, "[1]"), (1, "[2]")]))
        let inputs: [EmbeddingInput] = [.tokens([1, 2, 99_999]), .tokens([7])]
        _ = try await Self.provider(vendor).embed(EmbeddingRequest(model: "m", inputs: inputs))
        let body = try JSONValue(parsing: try #require(vendor.count.received.first).body)
        #expect(body["input"] == [[1, 2, 99_999], [7]])
    }

    @Test("Vectors come as numbers or as base64, whatever was asked for; both are read alike")
    func forms() async throws {
        var random = RandomText(seed: 7)
        let numbers = (0..<300).map { _ in Float.random(in: -1...1, using: &random) } + [0, -0.0, 1e-40, 3.4e38, -7]
        let text = "[" + numbers.map(\.description).joined(separator: " , ") + "]"
        for written in ["\"\(Self.base64(numbers))\"", text] {
            let vendor = Vendor.answering(Self.items([(0, written)]))
            let result = try await Self.provider(vendor).embed(Self.request("a"))
            #expect(result.vectors[0].map(\.bitPattern) == numbers.map(\.bitPattern))
        }
    }

    @Test(
        "An answer that is short, doubled, out of order, of several lengths or no numbers is an error that is named",
        arguments: [
            ([(0, "[1]")], "1 vectors for 2"), ([], "0 vectors for 2"),
            ([(0, "[1]"), (1, "[2]"), (2, "[3]")], "more vectors"),
            ([(0, "[1]"), (0, "[1]")], "index 0 in place of 1"), ([(1, "[1]"), (0, "[2]")], "index 1 in place of 0"),
            ([(0, "[1]"), (1, "[1,2]")], "several lengths"), ([(0, "[]"), (1, "[]")], "no vector at index 0"),
            ([(0, "[1]"), (1, "null")], "no vector at index 1"), ([(0, "[1]"), (1, "{}")], "no vector at index 1"),
            ([(0, "[1]"), (1, "[NaN]")], "than a number at index 1"), ([(0, "[null]"), (1, "[1]")], "than a number"),
            ([(0, "[\"1\"]"), (1, "[1]")], "than a number"), ([(0, "[1e999]"), (1, "[1]")], "than a number"),
            ([(0, "[0x10]"), (1, "[1]")], "than a number"), ([(0, "[Infinity]"), (1, "[1]")], "than a number"),
            ([(0, "\"\(base64([.nan]))\""), (1, "\"\(base64([1]))\"")], "than a number at index 0"),
            ([(0, "\"\(base64([-.infinity]))\""), (1, "\"\(base64([1]))\"")], "than a number at index 0"),
            ([(0, "\"AAA=\""), (1, "[1]")], "no vector at index 0"),
            ([(0, "\"#!\""), (1, "[1]")], "no vector at index 0"),
        ] as [([(Int?, String)], String)])
    func wrong(vectors: [(Int?, String)], named: String) async throws {
        let vendor = Vendor.answering(Self.items(vectors.map { (index: $0.0, vector: $0.1) }))
        await #expect {
            _ = try await Self.provider(vendor).embed(Self.request("a", "b"))
        } throws: { error in
            guard let error = error as? ProviderError else { return false }
            return error.kind == .invalidReply && !error.retryable && error.detail.contains(named)
        }
    }

    @Test("Vectors of another length than was asked for are an error, too; without indexes the order counts")
    func lengths() async throws {
        let vendor = Vendor.answering(Self.items([(nil, "[1,2]"), (nil, "[3,4]")]))
        let result = try await Self.provider(vendor).embed(Self.request("a", "b"))
        #expect(result.vectors[1] == [3, 4])
        await #expect(throws: ProviderError.self) {
            _ = try await Self.provider(vendor).embed(Self.request("a", "b", dimensions: 3))
        }
    }

    @Test(
        "What is no JSON, an error inside of 200, a status and a silent vendor are errors of their kinds",
        arguments: [
            ("200 OK", "", .invalidReply), ("200 OK", "[]", .invalidReply), ("200 OK", "{\"data\":[{", .invalidReply),
            ("200 OK", #"{"data":"x"}"#, .invalidReply),
            ("200 OK", #"{"error":{"code":"rate_limit_exceeded"}}"#, .rateLimited),
            (
                "400 Bad Request", #"{"error":{"message":"This model's maximum context length is 8192 tokens"}}"#,
                .contextTooLong
            ),
            ("404 Not Found", #"{"error":{"code":"model_not_found"}}"#, .notFound),
            ("401 Unauthorized", "{}", .misconfigured), ("500 X", "{}", .unavailable),
        ] as [(String, String, ProviderError.Kind)])
    func failures(status: String, body: String, kind: ProviderError.Kind) async throws {
        let vendor = Vendor.answering(status: status, body)
        await #expect {
            _ = try await Self.provider(vendor).embed(Self.request("a"))
        } throws: { ($0 as? ProviderError)?.kind == kind }
    }

    @Test("A vendor that says nothing is left when the time is over, and when the caller leaves")
    func silence() async throws {
        let vendor = Vendor { connection in
            _ = connection.request()
            connection.waitUntilClientLeaves()
        }
        var request = Self.request("a")
        request.timeLimit = .milliseconds(100)
        await #expect {
            _ = try await Self.provider(vendor).embed(request)
        } throws: { ($0 as? ProviderError)?.kind == .timeout }
        let provider = try Self.provider(vendor)
        let task = Task { try await provider.embed(Self.request("b")) }
        #expect(await eventually { vendor.count.requests == 2 })
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        #expect(await eventually { vendor.count.left == 2 })
    }

    @Test("The gateway asks three times while that may help, keeps away from what is broken, and asks no other model")
    func gateway() async throws {
        var failing = ScriptedProvider(name: "openai")
        failing.embeds = { request, number in
            if number < 2 { throw ProviderError(.unavailable, detail: "busy") }
            return ScriptedProvider.vectors(of: request)
        }
        let gateway = Gateway(
            providers: [failing, ScriptedProvider(name: "other")], timeSource: TestClock(skips: true).timeSource)
        let caller = Gateway.Caller(workspace: "w", account: "a")
        var (calls, failures) = (0, 0)
        let result = try await gateway.embed(
            Self.request("a"), by: "openai", for: caller, onCall: { _ in calls += 1 }, onFailure: { _ in failures += 1 }
        )
        #expect(result.vectors.count == 1 && calls == 3 && failures == 2)
        failing.embeds = { _, _ in throw ProviderError(.invalidReply, detail: "short") }
        let broken = Gateway(providers: [failing], timeSource: TestClock(skips: true).timeSource)
        await #expect(throws: ProviderError.self) {
            _ = try await broken.embed(Self.request("a"), by: "openai", for: caller)
        }
        #expect(failing.calls.embeddings.count == 4, "an answer that was billed is not asked for again")
        await #expect {
            _ = try await gateway.embed(Self.request("a"), by: "nobody", for: caller)
        } throws: { ($0 as? ProviderError)?.kind == .misconfigured }
        #expect(gateway.embeddingLimits(of: "openai") != nil && gateway.embeddingLimits(of: "nobody") == nil)
    }

    @Test("Groq makes no vectors; tokens and purposes go only to servers that know them")
    func limits() throws {
        let vendor = Vendor.answering("{}")
        #expect(try Self.provider(vendor, .groq).embeddingLimits == nil)
        for kind in EmbeddingField.kinds {
            let limits = try #require(try Self.provider(vendor, kind).embeddingLimits)
            #expect(limits.takesTokens == [.openAI, .openRouter, .compatible].contains(kind))
            #expect(limits.takesUse == [.openRouter, .compatible, .local].contains(kind))
        }
    }

    @Test("The documentation has the table of fields of vectors")
    func documented() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../docs/reference/fields.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let words: [FieldTreatment: String] = [
            .passed: "passed", .translated: "translated", .own: "Mynah", .refused: "refused",
        ]
        for field in EmbeddingField.all {
            let cells = EmbeddingField.kinds.map { words[field.treatment(at: $0)] ?? "" }
            let row = "| `\(field.name)` | \(cells.joined(separator: " | ")) |"
            #expect(text.contains(row), "docs/reference/fields.md needs this row: \(row)")
        }
        #expect(text.contains("| field | OpenAI | OpenRouter | compatible | Ollama | local |"))
    }
}
