import HTTPTypes
import JSON
import LLM
import LLMTesting
import Reading
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Knowledge

/// Files of a chatbot's knowledge, and a model that finds by meaning.
extension TestApp {
    /// A file of these blocks in the state that reading ends with.
    func readFile(
        _ blocks: [DocumentBlock], name: String = "handbook.md", in chatbotID: String, as user: TestUser
    ) async throws -> String {
        let made = try await sendFile("x".utf8, name: name, to: "/chatbots/\(chatbotID)/files", as: user)
        try #require(made.status == 202, "\(made.text)")
        let id = try made.string("id")
        let lines = blocks.map { String(decoding: $0.line, as: UTF8.self) }.joined(separator: "\n")
        try await database.write(.system) { tx in
            try tx.run(
                """
                INSERT INTO file_texts (workspace_id, file_id, position, blocks)
                SELECT workspace_id, id, 0, CAST(? AS TEXT) FROM files WHERE id = ?
                """, [lines, id])
            try tx.run("UPDATE files SET state = 'embedding' WHERE id = ?", [id])
        }
        return id
    }

    /// A file that can be searched, with a chunk for each text.
    @discardableResult
    func knowledge(
        _ texts: [String], name: String = "handbook.md", in chatbotID: String, as user: TestUser
    ) async throws -> String {
        let blocks = texts.enumerated().map { DocumentBlock(.paragraph, $1, page: $0 + 1) }
        let id = try await readFile(blocks, name: name, in: chatbotID, as: user)
        try await app.indexing.run()
        return id
    }

    func search(_ query: String, limit: Int? = nil, in chatbotID: String, as user: TestUser) async throws -> Answer {
        var body: [String: JSONValue] = ["query": .string(query)]
        if let limit { body["limit"] = .int(Int64(limit)) }
        return try await call(.post, "/chatbots/\(chatbotID)/knowledge/search", .object(body), as: user)
    }

    /// Uses the scripted model as the one that makes vectors.
    static func runKnowledge(
        provider: ScriptedProvider = .meanings(), configure: (inout ServerConfiguration) -> Void = { _ in },
        _ test: @Sendable (TestApp) async throws -> Void
    ) async throws {
        try await run(provider: provider) { configuration in
            configuration.embedding = ModelTarget(provider: provider.name, model: "vectors")
            configure(&configuration)
        } _: { app in
            try await test(app)
        }
    }
}

extension ScriptedProvider {
    /// Words that mean the same in this model.
    private static let meanings = [
        "bird": "পাখি", "طائر": "পাখি", "鸟": "পাখি", "parrot": "পাখি", "price": "দাম", "سعر": "দাম", "costs": "দাম",
    ]

    /// Makes vectors that are alike for texts whose words mean the same.
    static func meanings(
        before: @escaping @Sendable (_ request: EmbeddingRequest) async throws -> Void = { _ in }
    ) -> ScriptedProvider {
        var provider = ScriptedProvider()
        provider.embeds = { request, _ in
            try await before(request)
            let vectors = request.inputs.map { input -> [Float] in
                guard case .text(let text) = input else { return Array(repeating: 0, count: 64) }
                return vector(of: text)
            }
            return EmbeddingResult(
                vectors: EmbeddingVectors(dimensions: 64, values: vectors.flatMap(\.self)), model: request.model,
                promptTokens: request.inputs.reduce(0) { $0 + ($1.bytes + 3) / 4 })
        }
        return provider
    }

    private static func vector(of text: String) -> [Float] {
        var vector = [Float](repeating: 0.001, count: 64)
        for word in text.lowercased().split(whereSeparator: { " \n.,?!।؟。›".contains($0) }) {
            let meaning = meanings[String(word)] ?? String(word)
            vector[Int(meaning.utf8.reduce(UInt32(7)) { $0 &* 31 &+ UInt32($1) } % 64)] += 1
        }
        return vector
    }
}
