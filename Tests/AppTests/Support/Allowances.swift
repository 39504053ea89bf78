import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import Accounts
@testable import App
@testable import HTTPKit
@testable import Metering
@testable import Platform

/// What a test lets its users do, and what that costs.
extension TestApp {
    /// The scripted model's. Without further settings a reply has at most 1,024 tokens.
    static let mostTokens = 1024

    func limit(_ user: TestUser, _ limits: OwnLimits) async throws {
        let text = try limits.stored
        try await database.write(.system) { tx in
            try tx.run("UPDATE users SET limits = ? WHERE id = ?", [text, user.id])
        }
        app.authenticator.forget(userID: user.id)
    }

    func setPlan(_ user: TestUser, _ plan: String) async throws {
        _ = try await UserAdministration(database).setPlan(of: user.name, to: plan)
        app.authenticator.forget(userID: user.id)
    }

    /// Sets prices in micro-units for each token.
    func setPrice(of model: String = "scripted/default", input: Int = 0, output: Int = 0) async throws {
        let price = ModelPrice(
            model: model, inputPerMillion: input * 1_000_000, outputPerMillion: output * 1_000_000, updatedAt: .now)
        try await database.write(.system) { tx in try price.write(tx) }
        app.prices.prices.forget()
    }

    func setCredits(_ user: TestUser, _ balance: Int) async throws {
        try await database.write(.system) { tx in
            _ = try Credits.change(tx, userID: user.id, .set(balance), now: .now)
        }
    }

    func credits(_ user: TestUser, now: Timestamp = .now) async throws -> Credits {
        let subscriber = try await subscriber(user)
        return try await database.read(.system) { tx in try Credits.find(tx, of: subscriber, now: now) }
    }

    func subscriber(_ user: TestUser) async throws -> Subscriber {
        let found = try await database.read(.system) { tx in try Subscriber.find(tx, userID: user.id) }
        return try #require(found)
    }

    func usedToday(_ user: TestUser) async throws -> DailyUsage {
        try await database.read(.system) { tx in try DailyUsage.find(tx, userID: user.id, now: .now) }
    }

    func spent(_ keyID: String) async throws -> Int? {
        try await database.read(.system) { tx in
            try tx.row("SELECT spent FROM api_keys WHERE id = ?", [keyID]) { try $0.int("spent") }
        }
    }

    /// How many rows a table has.
    func count(_ table: String) async throws -> Int {
        try await database.read(.system) { tx in
            try tx.row("SELECT COUNT(*) AS rows FROM \(table)") { try $0.int("rows") }
        } ?? 0
    }

    /// With a model that fails, and another one, `other/spare`, that stands in for it.
    static func runWithSpare(
        _ test: @Sendable (_ app: TestApp, _ failing: ScriptedProvider, _ other: ScriptedProvider) async throws -> Void
    ) async throws {
        let failing = ScriptedProvider(.failure(ProviderError(.unavailable, retryable: false, detail: "")))
        let other = ScriptedProvider(name: "other", .text("from the other"))
        try await run(provider: failing) { configuration in
            configuration.extraProviders.append(other)
            configuration.fallbacks = [.init(provider: "other", model: "spare")]
        } _: { app in
            try await test(app, failing, other)
        }
    }

    /// The ids on `/v1/models`.
    func listedModels(as user: TestUser) async throws -> [String] {
        try await call(.get, "/v1/models", as: user)["data"]?.array?.compactMap { $0["id"]?.string } ?? []
    }

    /// The answers to so many calls at once.
    func parallel(
        _ count: Int, _ call: @escaping @Sendable (Int) async throws -> Answer
    ) async throws -> [Answer] {
        try await withThrowingTaskGroup(of: Answer.self) { group in
            for number in 0..<count { group.addTask { try await call(number) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
