import DatabaseMigrations
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JSON
import LLM
import LLMTesting
import Logging
import NIOCore
import NIOFoundationEssentialsCompat
import Storage
import Testing
import Upstream

@testable import Accounts
@testable import App
@testable import Chat
@testable import HTTPKit
@testable import ModelAPI
@testable import Platform

/// A whole Mynah inside the test: a database of its own, a scripted model, and everything between as it is served.
struct TestApp: Sendable {
    let app: App
    let database: Database
    let provider: ScriptedProvider
    let client: any TestClientProtocol
    let log: RecordedLog

    static let resources = Resources(
        path: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path())

    static func run(
        provider: ScriptedProvider = ScriptedProvider(), keepsReplies: Bool = true,
        configure: (inout ServerConfiguration) -> Void = { _ in },
        _ test: @Sendable (TestApp) async throws -> Void
    ) async throws {
        let testDatabase = try await TestDatabase.make()
        var configuration = ServerConfiguration(resources: resources)
        testDatabase.configure(&configuration)
        configuration.extraProviders = [provider]
        configuration.defaultProvider = provider.name
        configuration.refusalTick = .milliseconds(1)
        configuration.passwordScheme = .bcrypt(rounds: 4)
        configuration.shutdownGrace = .milliseconds(200)
        // All tests come from one address.
        configuration.rates = Rates(
            address: RateLimit(100_000, per: .second), signIn: RateLimit(100_000, per: .second))
        configure(&configuration)
        do {
            try await serve(configuration, provider, keepsReplies: keepsReplies, test)
        } catch {
            try? await testDatabase.remove()
            throw error
        }
        try await testDatabase.remove()
    }

    /// Another instance on the same database, with keys in common.
    func another(
        _ configuration: ServerConfiguration? = nil, _ test: @Sendable (TestApp) async throws -> Void
    ) async throws {
        try await Self.serve(configuration ?? app.configuration, provider, test)
    }

    private static func serve(
        _ configuration: ServerConfiguration, _ provider: ScriptedProvider, keepsReplies: Bool = true,
        _ test: @Sendable (TestApp) async throws -> Void
    ) async throws {
        let log = RecordedLog()
        let logger = Logger(label: "test") { _ in log.handler }
        let database = try Database(url: configuration.databaseURL, logger: logger)
        let http = UpstreamClient(allowsPrivate: configuration.allowsPrivateEndpoints)
        defer { http.shutdown() }
        do {
            _ = try await Migrator(database, Migrations.all).migrate()
            try await database.write(.system) { tx in
                try tx.run("UPDATE plans SET requests_per_minute = 100000 WHERE requests_per_minute = 120", [])
            }
            let app = try App(configuration, database: database, http: http, logger: logger)
            let application = Application(responder: app.router.buildResponder(), logger: logger)
            // Services that run beside the server, also with several instances on one database.
            var beside = [
                Task { try await RemoteStops(database: database, replies: app.replies, logger: logger).run() }
            ]
            if keepsReplies {
                beside.append(
                    Task { try await ReplyKeeper(database: database, replies: app.replies, logger: logger).run() })
                beside.append(
                    Task { try await ResponseKeeper(store: app.responses.store, logger: logger).run() })
            }
            defer { for task in beside { task.cancel() } }
            try await application.test(.router) { client in
                try await test(
                    TestApp(app: app, database: database, provider: provider, client: client, log: log))
            }
            await app.finishReplies()
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPFields
        let text: String

        /// Null if there is no body.
        var json: JSONValue {
            var text = text
            return text.isEmpty
                ? .null : (try? text.withUTF8 { try JSONValue(parsing: UnsafeRawBufferPointer($0)) }) ?? .null
        }
        var errorCode: String? { json["error"]?["code"]?.string }
        subscript(_ key: String) -> JSONValue? { json[key] }
        func string(_ key: String) throws -> String { try #require(json[key]?.string, "no \(key) in \(text)") }

        /// The server-sent events in it, in order.
        var events: [(id: String, name: String, data: JSONValue)] {
            text.components(separatedBy: "\n\n").filter { !$0.isEmpty && !$0.hasPrefix(":") }.map { block in
                var fields: [String: String] = [:]
                for line in block.split(separator: "\n") {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    fields[String(parts[0])] = String(parts[1].dropFirst())
                }
                var data = fields["data"] ?? ""
                let value = try? data.withUTF8 { try JSONValue(parsing: UnsafeRawBufferPointer($0)) }
                return (fields["id"] ?? "", fields["event"] ?? "", value ?? .null)
            }
        }
    }

    @discardableResult
    func call(
        _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil, as user: TestUser? = nil,
        headers: HTTPFields = [:]
    ) async throws -> Answer {
        try await send(
            method, path, body: body.map { ByteBuffer(bytes: $0.serialized()) },
            headers: (body == nil ? [:] : [.contentType: "application/json"]) + headers, as: user)
    }

    func form(_ path: String, _ fields: String) async throws -> Answer {
        try await send(
            .post, path, body: ByteBuffer(string: fields),
            headers: [.contentType: "application/x-www-form-urlencoded"])
    }

    /// A body as it stands, whether or not it is JSON.
    func raw(
        _ method: HTTPRequest.Method, _ path: String, _ body: some Sequence<UInt8>, type: String? = "application/json",
        as user: TestUser? = nil
    ) async throws -> Answer {
        try await send(
            method, path, body: ByteBuffer(bytes: Array(body)), headers: type.map { [.contentType: $0] } ?? [:],
            as: user)
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, body: ByteBuffer?, headers: HTTPFields = [:],
        as user: TestUser? = nil
    ) async throws -> Answer {
        var headers = headers
        if let user { headers[.authorization] = "Bearer \(user.token)" }
        let response = try await client.executeRequest(uri: path, method: method, headers: headers, body: body)
        return Answer(
            status: response.status.code, headers: response.headers, text: String(buffer: response.body))
    }

    static let password = "correct horse battery"

    /// A registered user who is signed in.
    func user(_ name: String) async throws -> TestUser {
        let registered = try await call(
            .post, "/auth/register", ["username": .string(name), "password": .string(Self.password)])
        try #require(registered.status == 201, "\(registered.text)")
        let grant = try await call(
            .post, "/auth/token", ["username": .string(name), "password": .string(Self.password)])
        return TestUser(
            id: try registered.string("id"), name: name, workspaceID: try registered.string("workspace_id"),
            token: try grant.string("access_token"), refreshToken: try grant.string("refresh_token"))
    }

    /// All items of a list, page by page.
    func all(_ path: String, limit: Int = 50, as user: TestUser) async throws -> [JSONValue] {
        var items: [JSONValue] = []
        var after = ""
        repeat {
            let page = try await call(.get, "\(path)?limit=\(limit)\(after)", as: user)
            items += try #require(page["data"]?.array, "\(page.text)")
            try #require(items.count < 1000, "the list does not end")
            after = page["next"]?.string.map { "&after=\($0)" } ?? ""
        } while !after.isEmpty
        return items
    }

    /// Invites a user, who accepts and is a member then.
    func add(_ user: TestUser, to workspaceID: String, as role: String, by owner: TestUser) async throws {
        let invited = try await call(
            .post, "/workspaces/\(workspaceID)/members", ["user_id": .string(user.id), "role": .string(role)],
            as: owner)
        try #require(invited.status == 202, "\(invited.text)")
        let accepted = try await call(
            .post, "/invitations/accept", ["id": .string(try invited.string("id"))], as: user)
        try #require(accepted.status == 200 && accepted["role"]?.string == role, "\(accepted.text)")
    }

    /// Accepts to be an owner.
    func accept(_ workspaceID: String, _ role: String, as user: TestUser) async throws {
        let accepted = try await call(
            .post, "/workspaces/\(workspaceID)/accept", ["role": .string(role)], as: user)
        try #require(accepted.status == 200 && accepted["role"]?.string == role, "\(accepted.text)")
        #expect(accepted["accepted_at"] != .null)
    }

    /// A chatbot with this prompt.
    func chatbot(
        _ fields: JSONValue = ["name": "Bot"], prompt: String? = nil, as user: TestUser, headers: HTTPFields = [:]
    ) async throws -> String {
        let id = try await call(.post, "/chatbots", fields, as: user, headers: headers).string("id")
        if let prompt {
            let created = try await call(.post, "/chatbots/\(id)/prompts", ["content": .string(prompt)], as: user)
            try #require(created.status == 201)
        }
        return id
    }

    func conversation(with chatbotID: String? = nil, as user: TestUser) async throws -> String {
        let body: JSONValue = chatbotID.map { ["chatbot_id": .string($0)] } ?? [:]
        return try await call(.post, "/conversations", body, as: user).string("id")
    }

    @discardableResult
    func send(_ content: String, in conversationID: String, as user: TestUser) async throws -> Answer {
        try await call(.post, "/conversations/\(conversationID)/messages", ["content": .string(content)], as: user)
    }

    /// Waits until this many readers follow a reply: a stream is in the log as soon as it has begun.
    func eventuallyFollowed(by readers: Int) async throws {
        try await eventually("\(readers) readers follow") {
            log.lines.filter { $0.hasPrefix("info request ") && $0.contains("/stream") }.count == readers
        }
    }

    func sweep() async throws {
        try await app.housekeeping.sweep()
    }

    /// Waits for something that another task brings about.
    func eventually(_ what: Comment, _ condition: () async throws -> Bool) async throws {
        for _ in 0..<3000 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record(what)
    }
}

struct TestUser: Sendable {
    let id: String
    let name: String
    let workspaceID: String
    let token: String
    let refreshToken: String
}

extension HTTPFields {
    static func + (a: HTTPFields, b: HTTPFields) -> HTTPFields {
        var all = a
        for field in b { all[field.name] = field.value }
        return all
    }
}
