import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Knowledge
@testable import Platform

/// One of everything that a user can own, with the ids that paths and bodies name it by.
struct Owned: Sendable {
    let user: TestUser
    /// The value of each path parameter that leads to something of this user's.
    let parameters: [String: String]
    /// The message that `message_id` answers.
    let questionID: String

    /// The parameters that are no ids: the number of a part and of a citation.
    static let numbers: Set<String> = ["part", "n"]
    var ids: [String] { parameters.filter { !Self.numbers.contains($0.key) }.map(\.value) }

    /// The parameter that each id field of a body or a query stands for.
    static let bodyFields = [
        "chatbot_id": "chatbot_id", "project_id": "chatbot_id", "conversation_id": "conversation_id",
        "session_id": "conversation_id", "upload_id": "upload_id", "message_id": "message_id",
    ]

    /// A team workspace with `member` in it, a chatbot with a prompt, and a conversation with a reply.
    static func make(_ app: TestApp, _ user: TestUser, member: TestUser) async throws -> Owned {
        let workspaceID = try await app.call(.post, "/workspaces", ["name": "Team"], as: user).string("id")
        try await app.add(member, to: workspaceID, as: "viewer", by: user)
        let invitation = try await app.call(
            .post, "/workspaces/\(workspaceID)/invitations", ["role": "viewer"], as: user)
        _ = try await app.call(.patch, "/workspaces/\(workspaceID)", ["allows_sharing": true], as: user)
        let chatbotID = try await app.chatbot(
            ["name": "Private"], as: user, headers: [.workspaceID: workspaceID])
        let prompt = try await app.call(
            .post, "/chatbots/\(chatbotID)/prompts", ["content": "A secret prompt"], as: user)
        let conversationID = try await app.conversation(with: chatbotID, as: user)
        let turn = try await app.send("A secret question", in: conversationID, as: user)
        try #require(turn.status == 200, "\(turn.text)")
        let session = try await app.call(.get, "/auth/sessions", as: user)
        let key = try await app.call(
            .post, "/chatbots/\(chatbotID)/api-keys", ["scopes": ["read", "chat", "write"]], as: user)
        let endUserID = "customer-\(user.id)"
        let told = try await app.call(
            .post, "/users/\(endUserID)/details", ["first_name": "Carla"],
            headers: [.apiKey: try key.string("key")])
        try #require(told.status == 200, "\(told.text)")
        // An empty upload needs no part, so whatever is done with it can be done.
        let uploads = [try await app.upload([], as: user), try await app.upload([], as: user)]
        let file = try await app.call(
            .post, "/chatbots/\(chatbotID)/files", ["upload_id": .string(uploads[1])], as: user)
        let clientFile = try await app.sendFile(
            [1], to: "/v1/files", fields: [("purpose", "user_data")], as: user)
        let attachment = try await app.sendFile("x".utf8, to: "/conversations/\(conversationID)/files", as: user)
        let response = try await app.call(
            .post, "/v1/responses", ["model": .string(chatbotID), "input": "A secret", "background": true], as: user)
        try #require(response.status == 200, "\(response.text)")
        let responseID = try response.string("id")
        try await app.eventually("the response is written") {
            try await app.call(.get, "/v1/responses/\(responseID)", as: user)["status"] == "completed"
        }
        let ownKey = try await app.call(.post, "/users/me/api-keys", as: user)
        let answer = try await app.call(
            .post, "/chatbots/\(chatbotID)/answers", ["question": "A secret?", "answer": "A secret."], as: user)
        let messageID = try #require(turn.json[1]?["id"]?.string)
        try await cite(app, fileID: file.string("id"), of: chatbotID, in: workspaceID, messageID: messageID)
        let imported = try await app.call(
            .post, "/conversations/import", ["upload_id": .string(try await app.upload([], as: user))], as: user)
        let share = try await app.call(.post, "/conversations/\(conversationID)/share", as: user)
        return Owned(
            user: user,
            parameters: [
                "workspace_id": workspaceID, "user_id": member.id, "chatbot_id": chatbotID,
                "prompt_id": try prompt.string("id"), "conversation_id": conversationID,
                "message_id": messageID, "n": "1", "answer_id": try answer.string("id"),
                "session_id": try #require(session["data"]?[0]?["id"]?.string), "key_id": try key.string("id"),
                "own_key_id": try ownKey.string("id"), "id": user.id, "end_user_id": endUserID,
                "invitation_id": try invitation.string("id"), "upload_id": uploads[0], "part": "1",
                "file_id": try file.string("id"), "client_file_id": try clientFile.string("id"),
                "conversation_file_id": try attachment.string("id"),
                "model": chatbotID, "response_id": responseID,
                "import_id": try imported.string("id"), "share_id": try share.string("id"),
            ], questionID: try #require(turn.json[0]?["id"]?.string))
    }

    /// Has a reply cite a passage of a file.
    private static func cite(
        _ app: TestApp, fileID: String, of chatbotID: String, in workspaceID: String, messageID: String
    ) async throws {
        let base = ChunkRows.makeBase(now: .now)
        let citation: JSONValue = [
            "n": 1, "file_id": .string(fileID), "name": "a.md", "start": 0, "end": 8, "chunk": .int(base),
        ]
        try await app.database.write(.system) { [dialect = app.database.dialect] tx in
            try ChunkRows(workspaceID: workspaceID, fileID: fileID).insert(
                tx, [Chunk(range: 0..<8, text: "A secret", page: nil, headings: [])], base: base, title: "a.md",
                keys: WordKeys(chatbotID: chatbotID), dialect)
            // A file that is being read cannot be read again.
            try tx.run("UPDATE files SET state = 'failed', error_code = 'damaged' WHERE id = ?", [fileID])
            try tx.run(
                "UPDATE messages SET citations = ? WHERE id = ?",
                [String(decoding: JSONValue.array([citation]).serialized(), as: UTF8.self), messageID])
        }
    }

    /// The route's path to this owner's things. Only what the user said can be edited.
    func path(_ route: Route) -> String {
        let names = route.id == "edit_message" ? ["message_id": questionID] : [:]
        return route.path(parameters.merging(names) { $1 })
    }

    /// All that its owner sees of it.
    func snapshot(_ app: TestApp) async throws -> [String] {
        let workspace: HTTPFields = [.workspaceID: parameters["workspace_id"]!]
        var all: [String] = []
        for path in [
            "/workspaces", "/workspaces/{workspace_id}", "/workspaces/{workspace_id}/members",
            "/workspaces/{workspace_id}/invitations", "/chatbots",
            "/chatbots/{chatbot_id}", "/chatbots/{chatbot_id}/prompts", "/conversations",
            "/conversations/{conversation_id}", "/conversations/{conversation_id}/messages", "/auth/sessions",
            "/chatbots/{chatbot_id}/answers", "/chatbots/{chatbot_id}/api-keys", "/users/me/api-keys",
            "/chatbots/{chatbot_id}/users",
            "/users/me/details", "/uploads/{upload_id}", "/chatbots/{chatbot_id}/files",
            "/conversations/{conversation_id}/files", "/conversations/{conversation_id}/share",
            "/imports/{import_id}",
        ] {
            let address = parameters.reduce(path) { $0.replacing("{\($1.key)}", with: $1.value) }
            let answer = try await app.call(.get, address, as: user, headers: workspace)
            try #require(answer.status == 200, "\(path): \(answer.text)")
            all.append(answer.text)
        }
        return all
    }
}

extension Route {
    /// Bodies that need more than the fields which the schema requires.
    private static let furtherFields: [String: [String: JSONValue]] = [
        "POST /workspaces/{workspace_id}/members": ["username": "somebody"],
        "POST /chatbots/{chatbot_id}/files": ["upload_id": "x"],
        "POST /projects/{chatbot_id}/files": ["upload_id": "x"],
        "DELETE /users/{id}": ["password": .string(TestApp.password)],
    ]

    /// A body that the route accepts, made from its schema: what is required, and nothing else.
    var sampleBody: JSONValue? {
        guard let input, method != .get else { return nil }
        guard case .object(var members) = input.sample else { return input.sample }
        members.merge(Self.furtherFields[name] ?? [:]) { $1 }
        return .object(members)
    }

    /// The names of the fields of its body or query.
    var inputFields: [String] {
        guard let input, case .object(_, let properties) = input.kind else { return [] }
        return properties.map(\.name)
    }
}

extension Owned {
    /// The route's sample body, with ids of this owner's things.
    func sampleBody(of route: Route) -> JSONValue? {
        guard case .object(var members)? = route.sampleBody else { return route.sampleBody }
        for name in members.keys where ["upload_id", "message_id"].contains(name) {
            members[name] = .string(parameters[name]!)
        }
        return .object(members)
    }
}

extension Schema {
    var sample: JSONValue {
        switch kind {
        case .string where rule.format == "email": "someone@example.com"
        case .string where rule.format == "uri": "https://example.com/"
        case .string where rule.format == "date-time": "2026-01-31T12:34:56.789Z"
        case .string: .string(String(repeating: "a", count: max(1, rule.length.lowerBound)))
        case .integer: .int(Int64(rule.minimum ?? 1))
        case .number: .double(rule.minimum ?? 1)
        case .boolean: true
        case .any: .null
        case .choice(let names): .string(names[0])
        case .array: []
        case .map: [:]
        case .object(_, let properties):
            .object(
                properties.filter(\.isRequired).reduce(into: [:]) { $0[$1.name] = $1.schema.sample })
        }
    }
}
