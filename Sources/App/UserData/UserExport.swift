import Accounts
import Chat
import Chatbots
import Foundation
import HTTPKit
import HTTPTypes
import Hummingbird
import JSON
import ModelAPI
import NIOCore
import Platform
import Storage

/// All that is a user's, as one JSON document: written page by page, so that its length takes no memory, and each page
/// read in a transaction of its own. A conversation that goes on meanwhile may stand in it twice, and none is left out.
struct UserExport: Sendable {
    let database: Database
    let secrets: Secrets
    let objects: FileObjects
    let userID: String
    let page = 100

    init(database: Database, secrets: Secrets, objects: FileObjects, userID: String) {
        self.database = database
        self.secrets = secrets
        self.objects = objects
        self.userID = userID
    }

    /// Takes a piece of it.
    typealias Emit = @concurrent (_ bytes: [UInt8]) async throws -> Void

    @concurrent func write(_ emit: Emit) async throws {
        var out = JSONPieces()
        let account = try await read { [self] tx in try Account.find(tx, userID: userID, secrets, now: .now) }
        out.open("{")
        try out.add(name: "exported_at", Timestamp.now)
        try out.add(name: "account", account.user)
        try out.add(name: "details", account.details)
        try out.add(name: "plan", account.plan)
        try out.add(name: "credits", account.credits)
        try out.add(name: "usage", account.usage)
        // These lie in no workspace, or in one that the user has left, and are asked for by the user's id alone.
        try await list("api_keys", &out, emit, scope: .system, from: .newest) { [userID, page] tx, after in
            let keys = try APIKey.list(tx, .user(userID), after: after, limit: page - 1, now: .now)
            return (keys, keys.last.map { Cursor(id: $0.id) })
        }
        try await list("access_log", &out, emit, scope: .system, from: .newest) { [userID, page] tx, after in
            let entries = try AccessLogEntry.list(tx, userID: userID, after: after, limit: page - 1)
            return (entries, entries.last.map { Cursor(id: $0.id) })
        }
        out.open("[", name: "workspaces")
        var after = ""
        while true {
            let (userID, last) = (userID, after)
            guard let tenant = try await read({ tx in try Self.nextTenant(tx, userID: userID, after: last) }) else {
                break
            }
            try await write(tenant, &out, emit)
            after = tenant.workspaceID
        }
        out.close("]")
        out.close("}")
        try await emit(out.take())
    }

    /// A workspace with what the user has in it: as its owner its chatbots, and the user's own conversations.
    @concurrent private func write(
        _ tenant: Tenant, _ out: inout JSONPieces, _ emit: Emit
    ) async throws {
        out.open("{")
        try out.add(name: "workspace", await read { tx in try Workspace.find(tx, tenant) })
        out.open("[", name: "chatbots")
        if tenant.role == .owner {
            try await each(&out, emit, from: .newest) { [page] tx, after in
                let chatbots = try Chatbot.list(tx, in: tenant, after: after, limit: page - 1)
                return (chatbots.items, chatbots.items.last.map { Cursor(id: $0.id) })
            } with: { chatbot, out in
                try await write(chatbot, tenant, &out, emit)
            }
        }
        out.close("]")
        out.open("[", name: "conversations")
        try await each(&out, emit, from: .oldest) { [page] tx, after in
            let conversations = try Conversation.listForExport(tx, in: tenant, after: after, limit: page)
            return (conversations, conversations.last.map { Cursor(key: $0.updatedAt.milliseconds, id: $0.id) })
        } with: { conversation, out in
            try await write(conversation, tenant, &out, emit)
        }
        out.close("]")
        try await writeFiles(
            "client_files", of: .client(chatbotID: nil), by: FileOwner(userID: userID), in: tenant, &out, emit)
        // They may be large.
        try await list("responses", &out, emit, from: .oldest) { [secrets] tx, after in
            try ExportedResponse.list(tx, in: tenant, after: after, limit: 4, secrets)
        }
        out.close("}")
    }

    @concurrent private func write(
        _ chatbot: Chatbot, _ tenant: Tenant, _ out: inout JSONPieces, _ emit: Emit
    ) async throws {
        out.open("{")
        try out.add(name: "chatbot", chatbot)
        try await list("prompts", &out, emit, from: .newest) { [page] tx, after in
            let prompts = try Prompt.list(tx, in: tenant, chatbotID: chatbot.id, after: after, limit: page - 1)
            return (prompts.items, prompts.items.last.map { Cursor(key: Int64($0.version), id: $0.id) })
        }
        try await list("answers", &out, emit, from: .newest) { [page] tx, after in
            let answers = try CuratedAnswer.list(tx, in: tenant, chatbotID: chatbot.id, after: after, limit: page - 1)
            return (answers.items, answers.items.last.map { Cursor(id: $0.id) })
        }
        try await list("api_keys", &out, emit, from: .newest) { [page] tx, after in
            let keys = try APIKey.list(tx, .chatbot(chatbot.id, tenant), after: after, limit: page - 1, now: .now)
            return (keys, keys.last.map { Cursor(id: $0.id) })
        }
        try await writeFiles(of: .chatbot(chatbot.id), in: tenant, &out, emit)
        out.close("}")
    }

    @concurrent private func write(
        _ conversation: Conversation, _ tenant: Tenant, _ out: inout JSONPieces,
        _ emit: Emit
    ) async throws {
        let sessionData = try await read { tx in
            try tx.row(
                "SELECT session_data FROM conversations WHERE workspace_id = ? AND id = ?",
                [tenant.workspaceID, conversation.id]
            ) { try $0.stringIfPresent("session_data") } ?? nil
        }
        out.open("{")
        try out.add(name: "conversation", conversation)
        try out.add(
            name: "session_data", sessionData.map { try secrets.decryptJSON(JSONObject.self, $0) } ?? JSONObject())
        try await list("messages", &out, emit, from: .oldest) { [page] tx, after in
            let placed = try Message.list(
                tx, in: tenant, of: conversation, branch: .all, after: after.key, limit: page
            ).items
            return (placed.map(\.message), placed.last.map { Cursor(key: $0.position, id: $0.message.id) })
        }
        try await list("hidden_messages", &out, emit, from: .oldest) { tx, after in
            let hidden = try HiddenMessage.list(
                tx, in: tenant, conversationID: conversation.id, after: after.id, limit: 20)
            return (hidden, hidden.last.map { Cursor(id: $0.id) })
        }
        try await writeFiles(of: .conversation(conversation.id), in: tenant, &out, emit)
        out.close("}")
    }

    // MARK: Pages

    private func read<Value: Sendable>(
        scope: Scope? = nil, _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        return try await database.read(scope ?? .user(userID), body)
    }

    @concurrent private func list<Item: JSONOutput>(
        _ name: String, _ out: inout JSONPieces, _ emit: Emit, scope: Scope? = nil,
        from start: Cursor,
        _ next: @escaping @Sendable (Transaction, Cursor) throws -> (items: [Item], last: Cursor?)
    ) async throws {
        out.open("[", name: name)
        try await each(&out, emit, scope: scope, from: start, next) { item, out in try out.add(item) }
        out.close("]")
    }

    @concurrent func each<Item: Sendable>(
        _ out: inout JSONPieces, _ emit: Emit, scope: Scope? = nil, from start: Cursor,
        _ next: @escaping @Sendable (Transaction, Cursor) throws -> (items: [Item], last: Cursor?),
        with write: @concurrent (Item, inout JSONPieces) async throws -> Void
    ) async throws {
        var after = start
        while true {
            let before = after
            let found = try await read(scope: scope) { tx in try next(tx, before) }
            for item in found.items {
                try await write(item, &out)
                if out.isFull { try await emit(out.take()) }
            }
            guard let last = found.last else { return }
            after = last
        }
    }
}

/// JSON that is written before all of it is known.
struct JSONPieces {
    /// Size of a piece, in bytes.
    private static let enough = 128 << 10

    private var bytes: [UInt8] = []
    private var isFirst = true

    var isFull: Bool { bytes.count >= Self.enough }

    mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    mutating func open(_ bracket: String, name: String? = nil) {
        begin(name)
        bytes += bracket.utf8
        isFirst = true
    }

    mutating func close(_ bracket: String) {
        bytes += bracket.utf8
        isFirst = false
    }

    mutating func add(name: String? = nil, _ value: some Encodable) throws {
        begin(name)
        bytes += try JSONWriter.encode(value)
    }

    /// Adds bytes to a text that `open` began with a quote.
    mutating func append(_ text: [UInt8]) { bytes += text }

    private mutating func begin(_ name: String?) {
        if !isFirst { bytes += ",".utf8 }
        isFirst = false
        if let name { bytes += "\"\(name)\":".utf8 }
    }
}

/// What is a user's, as a file to keep.
struct UserFile: Output {
    let userID: String
    let write: @Sendable @concurrent (_ emit: UserExport.Emit) async throws -> Void

    static var schema: Schema? { nil }
    static var mediaTypes: [String] { ["application/json"] }

    func response(_ status: HTTPResponse.Status) -> Response {
        Response(
            status: status,
            headers: [
                .contentType: "application/json; charset=utf-8",
                .contentDisposition: "attachment; filename=\"user-\(userID).json\"",
            ],
            body: ResponseBody { writer in
                try await write { bytes in try await writer.write(ByteBuffer(bytes: bytes)) }
                try await writer.finish(nil)
            })
    }
}

extension UserExport {
    var file: UserFile { UserFile(userID: userID) { emit in try await write(emit) } }
}
