import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import ModelAPI
import NIOCore
import Storage
import Testing
import Texts

@testable import App
@testable import HTTPKit
@testable import Metering
@testable import ModelCalls
@testable import Platform

/// `/v1/embeddings`: shapes, what is taken and refused, and that it is paid for like chat.
@Suite struct EmbeddingTests {
    static let path = "/v1/embeddings"

    /// Uses the scripted model as the one that makes vectors.
    static func run(
        provider: ScriptedProvider = ScriptedProvider(), configure: (inout ServerConfiguration) -> Void = { _ in },
        _ test: @Sendable (TestApp, TestApplication) async throws -> Void
    ) async throws {
        try await TestApp.run(provider: provider) { configuration in
            configuration.metricsToken = "metrics-of-vector-tests"
            configuration.embedding = ModelTarget(provider: provider.name, model: "vectors")
            configure(&configuration)
        } _: { app in
            try await test(app, try await CompletionsTests.application(app))
        }
    }

    /// The numbers of base64, written without the code under test.
    static func numbers(_ base64: String) throws -> [Float] {
        let bytes = try #require(Data(base64Encoded: base64))
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << ($1 * 8) })
        }
    }

    @Test("The name of the caller's chatbot means the default model, and another's chatbot is no model")
    func chatbots() async throws {
        try await Self.run { app, key in
            for name in ["helper", key.chatbotID] {
                let made = try await key.call(.post, Self.path, ["model": .string(name), "input": "ইলিশ"])
                #expect(made.status == 200 && made["model"] == "vectors", "\(made.text)")
            }
            let bob = try await app.user("bob")
            let foreign = try await app.chatbot(["name": "পাখি", "slug": "bird"], as: bob)
            for name in ["bird", foreign, "helper2"] {
                let made = try await key.call(.post, Self.path, ["model": .string(name), "input": "ইলিশ"])
                #expect(made.status == 404 && made.errorCode == "model_not_found", "\(made.text)")
            }
        }
    }

    @Test("An answer has OpenAI's shape; numbers and base64 are the same vectors")
    func shape() async throws {
        try await Self.run { app, key in
            let texts: JSONValue = ["ইলিশ মাছ", "مرحبا", "你好，世界", "👩‍👩‍👧"]
            for path in [Self.path, "/openai" + Self.path] {
                let plain = try await key.call(.post, path, ["model": "vectors", "input": texts])
                #expect(plain.status == 200, "\(plain.text)")
                #expect(plain["object"] == "list" && plain["model"] == "vectors")
                #expect(plain["usage"]?["prompt_tokens"] == plain["usage"]?["total_tokens"])
                let packed = try await key.call(
                    .post, path, ["model": "vectors", "input": texts, "encoding_format": "base64"])
                for index in 0..<4 {
                    let item = try #require(plain["data"]?[index])
                    #expect(item["object"] == "embedding" && item["index"] == .int(Int64(index)))
                    let numbers = try #require(item["embedding"]?.array?.map { Float($0.double ?? .nan) })
                    let base64 = try #require(packed["data"]?[index]?["embedding"]?.string)
                    #expect(try Self.numbers(base64) == numbers && numbers.count == 4)
                }
                #expect(plain["data"]?.array?.count == 4)
            }
            #expect(app.provider.calls.embeddings.map(\.inputs.count) == [4, 4, 4, 4], "one call of the vendor each")
        }
    }

    @Test("Numbers are written as the plain writer would, to the last bit")
    func oracle() throws {
        var random = RandomText(seed: 11)
        let values = (0..<900).map { _ in
            let number = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
            return number.isFinite ? number : 0.1
        }
        let vectors = EmbeddingVectors(dimensions: 9, values: values)
        let result = EmbeddingResult(vectors: vectors, model: "m\"\u{7}é", promptTokens: 3)
        for format in [EmbeddingBody.Format.float, .base64] {
            let body = EmbeddingAnswer.body(result, format)
            let json = try JSONValue(parsing: Array(body.readableBytesView))
            #expect(json["model"] == "m\"\u{7}é" && json["usage"] == ["prompt_tokens": 3, "total_tokens": 3])
            for index in 0..<100 {
                let item = try #require(json["data"]?[index]?["embedding"])
                let numbers = try item.string.map(Self.numbers) ?? item.array?.map { Float($0.double ?? .nan) } ?? []
                #expect(numbers.map(\.bitPattern) == vectors[index].map(\.bitPattern))
            }
        }
    }

    @Test("A text, texts, tokens and arrays of tokens are taken; dimensions, user and purpose arrive")
    func inputs() async throws {
        try await Self.run { app, key in
            for (input, expected) in [
                ("ইলিশ", [.text("ইলিশ")]), (["a", "b"], [.text("a"), .text("b")]), ([1, 2], [.tokens([1, 2])]),
                ([[1, 2], [3]], [.tokens([1, 2]), .tokens([3])]), ([" "], [.text(" ")]),
            ] as [(JSONValue, [EmbeddingInput])] {
                let answer = try await key.call(
                    .post, Self.path,
                    ["input": input, "dimensions": 3, "user": "customer-7", "input_type": "document"])
                #expect(answer.status == 200, "\(answer.text)")
                let sent = try #require(app.provider.calls.embeddings.last)
                #expect(sent.inputs == expected && sent.model == "vectors" && sent.dimensions == 3)
                #expect(sent.user == "customer-7" && sent.use == .document)
                #expect(answer["data"]?[0]?["embedding"]?.array?.count == 3)
            }
        }
    }

    @Test("What is empty, mixed, too much or unknown is refused by name, and no vendor is called")
    func refusals() async throws {
        try await Self.run { app, key in
            let many = JSONValue.array((0..<2049).map { .string("\($0)") })
            for (fields, code, param) in [
                (["input": ""], "invalid_value", "input"), (["input": []], "invalid_value", "input"),
                (["input": ["a", ""]], "invalid_value", "input[1]"),
                (["input": [[1], []]], "invalid_value", "input[1]"),
                (["input": .null], "invalid_value", "input"), ([:], "missing_field", "input"),
                (["input": 7], "invalid_value", "input"), (["input": ["a", 1]], "invalid_value", "input"),
                (["input": [1, 2.5]], "invalid_value", "input"), (["input": [-1]], "invalid_value", "input"),
                (["input": [[1], "a"]], "invalid_value", "input"), (["input": ["a": "b"]], "invalid_value", "input"),
                (["input": [9_000_000_000]], "invalid_value", "input"), (["input": many], "invalid_value", "input"),
                (["input": .array((0..<8193).map { .int($0) })], "context_length_exceeded", "input"),
                (["input": .string(String(repeating: "ক", count: 400_000))], "context_length_exceeded", "input"),
                (
                    ["input": .array((0..<24).map { _ in .array((0..<8000).map { .int($0) }) })],
                    "context_length_exceeded", "input"
                ),
                (["input": "a\u{0}"], "invalid_value", "input"),
                (["input": "a", "encoding_format": "int8"], "invalid_value", "encoding_format"),
                (["input": "a", "dimensions": 0], "invalid_value", "dimensions"),
                (["input": "a", "input_type": "classification"], "invalid_value", "input_type"),
                (["input": "a", "truncate": "END"], "unsupported_input", "truncate"),
                (["input": "a", "অজানা": 1], "unsupported_input", "অজানা"),
            ] as [([String: JSONValue], String, String)] {
                let answer = try await key.call(.post, Self.path, .object(fields))
                #expect(answer.status == 400, "\(fields.keys): \(answer.status) \(answer.text.prefix(300))")
                #expect(answer.errorCode == code && answer["error"]?["param"]?.string == param, "\(answer.text)")
            }
            #expect(app.provider.calls.embeddings.isEmpty)
        }
    }

    @Test("A model that takes no tokens, no purpose or one length alone says so by the field's name")
    func limits() async throws {
        var provider = ScriptedProvider()
        var limits = EmbeddingLimits()
        (limits.takesTokens, limits.takesUse, limits.dimensions, limits.bytes) = (false, false, 4, 10)
        limits.models = ["vectors"]
        provider.embeddingLimits = limits
        try await Self.run(provider: provider) { app, key in
            for (fields, param) in [
                (["input": [1, 2]], "input"), (["input": "a", "input_type": "query"], "input_type"),
                (["input": "a", "dimensions": 5], "dimensions"), (["input": ["123456", "78901"]], "input"),
            ] as [([String: JSONValue], String)] {
                let answer = try await key.call(.post, Self.path, .object(fields))
                #expect(answer.status == 400 && answer["error"]?["param"]?.string == param, "\(answer.text)")
            }
            let fitting = try await key.call(.post, Self.path, ["input": ["12345", "67890"], "dimensions": 4])
            #expect(fitting.status == 200)
            let other = try await key.call(.post, Self.path, ["input": "a", "model": "scripted/other"])
            #expect(other.status == 404 && other.errorCode == "model_not_found")
            #expect(app.provider.calls.embeddings.count == 1)
        }
    }

    @Test("A model is the configured one, provider/model, or a name with a price; plans and prices hold")
    func models() async throws {
        try await Self.run { app, key in
            func asked(_ model: String?) async throws -> (Int, String?) {
                var body: [String: JSONValue] = ["input": "a"]
                if let model { body["model"] = .string(model) }
                let before = app.provider.calls.embeddings.count
                let answer = try await key.call(.post, Self.path, .object(body))
                let embeddings = app.provider.calls.embeddings
                return (answer.status, embeddings.count > before ? embeddings.last?.model : answer.errorCode)
            }
            for (name, status, expected) in [
                (nil, 200, "vectors"), ("", 200, "vectors"), ("vectors", 200, "vectors"),
                ("scripted/vectors", 200, "vectors"), ("scripted/ৱ/large", 200, "ৱ/large"),
                ("unknown", 404, "model_not_found"), ("webhook/x", 404, "model_not_found"),
                ("nobody/x", 404, "model_not_found"), ("helper", 200, "vectors"),
            ] as [(String?, Int, String)] {
                let (got, model) = try await asked(name)
                #expect(got == status && model == expected, "\(name ?? "nil"): \(got) \(model ?? "nil")")
            }
            try await app.setPrice(of: "scripted/large", input: 1)
            #expect(try await asked("large") == (200, "large"))
            #expect(try await asked("scripted/other") == (403, "model_not_priced"))
            try await app.setPrice(of: "bare", input: 1)
            #expect(try await asked("bare") == (200, "bare"))
            let user = try await app.user("bob")
            try await app.limit(user, OwnLimits(models: ["scripted/default", "large"]))
            for (model, status) in [("large", 200), ("vectors", 403), ("bare", 403)] {
                let answer = try await app.call(
                    .post, Self.path, ["model": .string(model), "input": "a"], as: user)
                #expect(answer.status == status, "\(answer.text)")
            }
        }
    }

    @Test("A hundred parallel calls with a budget for one: the vendor is called once")
    func budget() async throws {
        try await Self.run { app, key in
            try await app.setPrice(of: "scripted/vectors", input: 1)
            // The most that the text can take, asked for twice in the worst case.
            let most = PromptSize([.text("ইলিশ")]).most * 2
            let owner = try await app.user("carla")
            let paid = try await TestApplication.make(
                app, chatbotID: try await app.chatbot(["name": "Paid"], as: owner), as: owner)
            let patched = try await app.call(
                .patch, "/chatbots/\(paid.chatbotID)/api-keys/\(paid.keyID)", ["budget": .int(Int64(most + most / 2))],
                as: owner)
            #expect(patched.status == 200, "\(patched.text)")
            let answers = try await app.parallel(100) { _ in
                try await paid.call(.post, Self.path, ["input": "ইলিশ"])
            }
            // One that ends early may leave room for another: it is charged what it really cost.
            let served = answers.filter { $0.status == 200 }.count
            #expect(app.provider.calls.embeddings.count == served && served >= 1)
            #expect(answers.filter { $0.status == 402 }.allSatisfy { $0.errorCode == "budget_exhausted" })
            #expect(served + answers.filter { $0.status == 402 }.count == 100)
            let spent = try #require(try await app.spent(paid.keyID))
            #expect(spent == served * 3, "each cost the three tokens that the vendor counted")
        }
    }

    @Test("While one call is on its way, what it may cost is not there for others")
    func reservation() async throws {
        let gate = Gate()
        var provider = ScriptedProvider()
        provider.embeds = { request, _ in
            try await gate.wait()
            return ScriptedProvider.vectors(of: request)
        }
        try await Self.run(provider: provider) { app, key in
            try await app.setPrice(of: "scripted/vectors", input: 1)
            let most = PromptSize([.text("abcd")]).most * 2
            let user = try await app.user("dora")
            let paid = try await TestApplication.make(
                app, chatbotID: try await app.chatbot(["name": "Paid"], as: user), as: user)
            try await app.call(
                .patch, "/chatbots/\(paid.chatbotID)/api-keys/\(paid.keyID)", ["budget": .int(Int64(most))], as: user)
            async let first = paid.call(.post, Self.path, ["input": "abcd"])
            while gate.arrivals == 0 { try await Task.sleep(for: .milliseconds(5)) }
            let others = try await app.parallel(99) { _ in try await paid.call(.post, Self.path, ["input": "abcd"]) }
            #expect(others.allSatisfy { $0.status == 402 && $0.errorCode == "budget_exhausted" })
            #expect(try await app.spent(paid.keyID) == most)
            gate.open()
            #expect(try await first.status == 200 && gate.arrivals == 1)
            #expect(try await app.spent(paid.keyID) == 1)
        }
    }

    @Test("A call is logged with its texts, tokens and cost, counts as a message, and shows in /metrics")
    func records() async throws {
        try await Self.run { app, key in
            try await app.setPrice(of: "scripted/vectors", input: 2)
            let user = try await app.user("bob")
            try await app.limit(user, OwnLimits(messagesPerDay: 2))
            for status in [200, 200, 429] {
                let answer = try await app.call(.post, Self.path, ["input": ["ইলিশ", "b"]], as: user)
                #expect(answer.status == status, "\(answer.text)")
            }
            #expect(try await app.usedToday(user).messages == 2)
            #expect(app.provider.calls.embeddings.count == 2)
            let log = try await app.database.read(.system) { tx in
                try tx.rows(
                    "SELECT provider, model, prompt_tokens, completion_tokens, cost, outcome, user_id FROM message_logs"
                ) { row in
                    [
                        try row.string("provider"), try row.string("model"), "\(try row.int("prompt_tokens"))",
                        "\(try row.int("completion_tokens"))", "\(try row.int("cost"))", try row.string("outcome"),
                        try row.string("user_id"),
                    ]
                }
            }
            #expect(
                log.count == 2 && log.allSatisfy { $0 == ["scripted", "vectors", "4", "0", "8", "complete", user.id] })
            let metrics = try await app.call(
                .get, "/metrics", headers: [.authorization: "Bearer metrics-of-vector-tests"]
            ).text
            #expect(metrics.contains(#"mynah_model_tokens_total{provider="scripted",direction="prompt"} 8"#))
        }
    }

    @Test("What a vendor sends wrongly is 502 with a name, is logged, and costs what a vendor bills for it")
    func invalid() async throws {
        var provider = ScriptedProvider()
        provider.embeds = { _, _ in
            throw ProviderError(.invalidReply, detail: "the vendor's answer has 1 vectors for 2")
        }
        try await Self.run(provider: provider) { app, key in
            try await app.setPrice(of: "scripted/vectors", input: 1)
            let answer = try await key.call(.post, Self.path, ["input": ["abcdefgh"]])
            #expect(answer.status == 502 && answer.errorCode == "invalid_reply", "\(answer.text)")
            #expect(app.provider.calls.embeddings.count == 1)
            let logged = try await app.database.read(.system) { tx in
                try tx.rows("SELECT outcome, error_code, cost FROM message_logs") {
                    (try $0.string("outcome"), try $0.string("error_code"), try $0.int("cost"))
                }
            }
            #expect(logged.count == 1 && logged[0] == ("failed", "invalid_reply", logged[0].2) && logged[0].2 > 0)
            #expect(try await app.spent(key.keyID) == logged[0].2)
        }
    }

    @Test("Long inputs are sent in parts if the model asks for that, and come back as one answer in order")
    func parts() async throws {
        var provider = ScriptedProvider()
        var limits = EmbeddingLimits()
        limits.bytesPerCall = 10
        provider.embeddingLimits = limits
        try await Self.run(provider: provider) { app, key in
            let texts = ["aaaa", "bbbb", "cccc", String(repeating: "d", count: 30), "eeee"]
            let answer = try await key.call(.post, Self.path, ["input": .array(texts.map { .string($0) })])
            #expect(answer.status == 200, "\(answer.text)")
            #expect(app.provider.calls.embeddings.map(\.inputs.count) == [2, 1, 1, 1])
            let firsts = (0..<5).map { answer["data"]?[$0]?["embedding"]?[0]?.double }
            #expect(firsts == "abcde".utf8.map { Double($0) / 256 })
            #expect(answer["usage"]?["prompt_tokens"] == 12)
        }
    }

    @Test("Another tenant's key, a key without the right, and a stranger are refused as on chat")
    func access() async throws {
        try await Self.run { app, key in
            let stranger = try await app.call(.post, Self.path, ["input": "a"])
            #expect(stranger.status == 401)
            let user = try await app.user("eve")
            let reader = try await TestApplication.make(
                app, chatbotID: try await app.chatbot(["name": "Bot"], as: user), as: user, scopes: ["read"])
            #expect(try await reader.call(.post, Self.path, ["input": "a"]).status == 403)
            let workspace = try await app.call(.post, "/workspaces", ["name": "Team"], as: user).string("id")
            let other = try await app.user("frank")
            let foreign = try await app.call(
                .post, Self.path, ["input": "a"], as: other, headers: [.workspaceID: workspace])
            #expect(foreign.status == 404)
            #expect(app.provider.calls.embeddings.isEmpty)
        }
    }
}
