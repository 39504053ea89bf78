import Files
import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import NIOCore
import Storage
import Testing

@testable import App
@testable import Chatbots
@testable import HTTPKit
@testable import Platform

/// Files of conversations: who has them, and when they go.
@Suite struct AttachmentTests {
    static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]

    @Test("A file is added, listed, read, attached and removed by who began the conversation")
    func life() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let conversation = try await app.conversation(as: alice)
            let path = "/conversations/\(conversation)/files"
            let text = "মোট: ৪২ টাকা। المجموع ٤٢ 总计四十二 🧾"
            let made = try await app.sendFile(text.utf8, name: "রসিদ فاتورة.txt", to: path, as: alice)
            #expect(made.status == 201, "\(made.text)")
            #expect(made["name"] == "রসিদ فاتورة.txt" && made["content_type"] == "text/plain")
            #expect(made["conversation_id"]?.string == conversation)
            let file = "\(path)/\(try made.string("id"))"
            #expect(try await app.call(.get, file, as: alice).json == made.json)
            let picture = try await app.call(
                .post, path, ["upload_id": .string(try await app.upload(Self.png, name: "图.png", as: alice))], as: alice
            )
            #expect(picture.status == 201 && picture["content_type"] == "image/png", "\(picture.text)")
            #expect(try await app.all(path, limit: 1, as: alice).count == 2)
            #expect(try await app.bytes("\(file)/content", as: alice).bytes == Array(text.utf8))
            let sent = try await app.call(
                .post, "/conversations/\(conversation)/messages",
                [
                    "content": "এটা কত?",
                    "attachments": [
                        ["file_id": .string(try picture.string("id"))], ["file_id": .string(try made.string("id"))],
                    ],
                ], as: alice)
            #expect(sent.status == 200, "\(sent.text)")
            let shown: JSONValue = [
                [
                    "file_id": .string(try picture.string("id")), "name": "图.png", "bytes": 12,
                    "content_type": "image/png",
                ],
                [
                    "file_id": .string(try made.string("id")), "name": "রসিদ فاتورة.txt",
                    "bytes": .int(Int64(text.utf8.count)), "content_type": "text/plain",
                ],
            ]
            #expect(sent.json[0]?["attachments"] == shown && sent.json[1]?["attachments"] == .null)
            let listed = try await app.call(.get, "/conversations/\(conversation)/messages", as: alice)
            #expect(listed["data"]?[0]?["attachments"] == shown, "\(listed.text)")
            let export = try await app.call(.get, "/conversations/\(conversation)/export", as: alice)
            #expect(export["messages"]?[0]?["attachments"] == shown)
            // A file that is removed goes from its message, too.
            #expect(try await app.call(.delete, file, as: alice).status == 204)
            #expect(try await app.call(.get, "\(file)/content", as: alice).status == 404)
            let after = try await app.call(.get, "/conversations/\(conversation)/messages", as: alice)
            #expect(after["data"]?[0]?["attachments"]?.array?.count == 1)
            #expect(try await app.send("আর?", in: conversation, as: alice).status == 200)
            // The rest goes with the conversation.
            #expect(try await app.call(.delete, "/conversations/\(conversation)", as: alice).status == 204)
            #expect(try await app.call(.get, path, as: alice).status == 404)
            #expect(try await app.sendFile([1], to: path, as: alice).status == 404)
            try await app.app.deletions.run()
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 0)
            for table in ["files", "message_files", "file_parts", "uploads"] {
                #expect(try await app.count(table) == 0, "\(table)")
            }
        }
    }

    @Test("A new conversation begins with uploads, which are its files then")
    func uploads() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let upload = try await app.upload(Array("content".utf8), name: "メモ.txt", as: alice)
            let body: JSONValue = ["message": "Read it", "attachments": [["upload_id": .string(upload)]]]
            let said = try await app.call(.post, "/chat", body, as: alice)
            #expect(said.status == 200, "\(said.text)")
            let id = try said.string("conversation_id")
            let listed = try await app.call(.get, "/conversations/\(id)/files", as: alice)
            #expect(listed["data"]?.array?.count == 1 && listed["data"]?[0]?["name"] == "メモ.txt")
            // An upload is used once.
            let again = try await app.call(.post, "/chat", body, as: alice)
            #expect(again.status == 404 && again["error"]?["param"] == "attachments", "\(again.text)")
            #expect(try await app.call(.get, "/conversations", as: alice)["data"]?.array?.count == 1)
        }
    }

    @Test("Nobody else gets a conversation's files: other users, members, editors, keys, conversations")
    func strangers() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let editor = try await app.user("editor")
            let workspace = try await app.call(.post, "/workspaces", ["name": "Team"], as: alice).string("id")
            try await app.add(editor, to: workspace, as: "editor", by: alice)
            let bot = try await app.chatbot(as: alice, headers: [.workspaceID: workspace])
            let conversation = try await app.conversation(with: bot, as: alice)
            let id = try await app.sendFile(Self.png, to: "/conversations/\(conversation)/files", as: alice)
                .string("id")
            let other = try await app.conversation(with: bot, as: alice)
            let file = "/conversations/\(conversation)/files/\(id)"
            for user in [bob, editor] {
                for (method, path) in [
                    (HTTPRequest.Method.get, file), (.get, "\(file)/content"), (.delete, file),
                    (.get, "/conversations/\(conversation)/files"),
                ] {
                    #expect(try await app.call(method, path, as: user).status == 404, "\(path)")
                }
                let sent = try await app.sendFile([1], to: "/conversations/\(conversation)/files", as: user)
                #expect(sent.status == 404)
                let own = try await app.conversation(as: user)
                #expect(try await app.call(.get, "/conversations/\(own)/files/\(id)", as: user).status == 404)
                let said = try await app.call(
                    .post, "/conversations/\(own)/messages",
                    ["content": "x", "attachments": [["file_id": .string(id)]]], as: user)
                #expect(said.status == 404, "\(said.text)")
            }
            // The owner's other conversation does not have it either.
            #expect(try await app.call(.get, "/conversations/\(other)/files/\(id)", as: alice).status == 404)
            for path in ["/conversations/\(other)/messages", "/chat"] {
                let said = try await app.call(
                    .post, path,
                    ["content": "x", "message": "x", "attachments": [["file_id": .string(id)]]], as: alice)
                #expect(said.status == 404 && said["error"]?["param"] == "attachments", "\(said.text)")
            }
            let key = try await TestApplication.make(app, chatbotID: bot, as: alice)
            for path in [file, "\(file)/content", "/conversations/\(conversation)/files"] {
                #expect(try await key.call(.get, path).status == 404)
            }
            #expect(try await app.call(.get, "\(file)/content", as: alice).status == 200)
        }
    }

    @Test("The three kinds of files never mix")
    func kinds() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            let conversation = try await app.conversation(with: bot, as: alice)
            let knowledge = try await app.sendFile("k".utf8, to: "/chatbots/\(bot)/files", as: alice).string("id")
            let client = try await app.sendFile(
                "c".utf8, to: "/v1/files", fields: [("purpose", "user_data")], as: alice
            ).string("id")
            let attachment = try await app.sendFile("a".utf8, to: "/conversations/\(conversation)/files", as: alice)
                .string("id")
            for id in [knowledge, client, "x", "\u{202E}", String(repeating: "a", count: 300)] {
                let said = try await app.call(
                    .post, "/conversations/\(conversation)/messages",
                    ["content": "x", "attachments": [["file_id": .string(id)]]], as: alice)
                #expect(said.status == 404, "\(id): \(said.text)")
            }
            for (path, id) in [
                ("/conversations/\(conversation)/files", knowledge), ("/conversations/\(conversation)/files", client),
                ("/chatbots/\(bot)/files", attachment), ("/chatbots/\(bot)/files", client),
                ("/v1/files", attachment), ("/v1/files", knowledge),
            ] {
                for path in ["\(path)/\(id)", "\(path)/\(id)/content"] {
                    #expect(try await app.call(.get, path, as: alice).status == 404, "\(path)")
                }
                #expect(try await app.call(.delete, "\(path)/\(id)", as: alice).status == 404)
            }
            let asked = try await app.call(
                .post, "/v1/chat/completions",
                [
                    "model": .string(bot),
                    "messages": [
                        ["role": "user", "content": [["type": "file", "file": ["file_id": .string(attachment)]]]]
                    ],
                ], as: alice)
            #expect(asked.status == 404, "\(asked.text)")
            #expect(try await app.count("files") == 3)
        }
    }

    @Test("What no model reads is refused by name before it is kept; so are wrong references")
    func refused() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let conversation = try await app.conversation(as: alice)
            let path = "/conversations/\(conversation)/files"
            for (bytes, name) in [
                ([0x50, 0x4B, 3, 4] + Array("[Content_Types].xml word/".utf8), "চিঠি.docx"), ([0, 1, 2], "برنامج.bin"),
                (Array("ID3".utf8), "声音.mp3"),
            ] as [([UInt8], String)] {
                let sent = try await app.sendFile(bytes, name: name, to: path, as: alice)
                #expect(sent.status == 415 && sent.errorCode == "unsupported_media_type", "\(sent.text)")
                #expect(sent.text.contains(name))
                let upload = try await app.upload(bytes, name: name, as: alice)
                let reference: JSONValue = ["upload_id": .string(upload)]
                let chat: JSONValue = ["message": "x", "attachments": [reference]]
                for (path, body) in [(path, reference), ("/chat", chat)] {
                    #expect(try await app.call(.post, path, body, as: alice).status == 415)
                }
                #expect(try await app.call(.delete, "/uploads/\(upload)", as: alice).status == 204)
            }
            let big = try await app.sendFile(
                Self.png + UploadTests.bytes(ModelFile.most), name: "বড়.png", to: path, as: alice)
            #expect(big.status == 413 && big.errorCode == "too_large", "\(big.text)")
            let file = try await app.sendFile("x".utf8, to: path, as: alice).string("id")
            let reference: JSONValue = ["file_id": .string(file)]
            for attachments in [
                [[:]], [["file_id": .string(file), "upload_id": .string(file)]], [reference, reference],
                .array(Array(repeating: reference, count: 11)), "x", [1],
            ] as [JSONValue] {
                for (path, text) in [("/chat", "message"), ("/conversations/\(conversation)/messages", "content")] {
                    let said = try await app.call(.post, path, [text: "x", "attachments": attachments], as: alice)
                    #expect(said.status == 422, "\(said.text)")
                }
            }
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 1)
            #expect(try await app.count("messages") == 0)
            #expect(try await app.count("uploads") == 0)
        }
    }

    @Test("One upload goes into one conversation, however many ask for it at once")
    func uploadRace() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let conversations = [try await app.conversation(as: alice), try await app.conversation(as: alice)]
            let upload = try await app.upload(Array("x".utf8), as: alice)
            let made = try await app.parallel(12) { number in
                number % 3 == 0
                    ? try await app.call(
                        .post, "/chat", ["message": "x", "attachments": [["upload_id": .string(upload)]]], as: alice)
                    : try await app.call(
                        .post, "/conversations/\(conversations[number % 2])/files", ["upload_id": .string(upload)],
                        as: alice)
            }
            #expect(made.count { $0.status == 200 || $0.status == 201 } == 1, "\(made.map(\.text))")
            #expect(made.allSatisfy { [200, 201, 404].contains($0.status) }, "\(made.map(\.text))")
            #expect(try await app.count("files") == 1)
            #expect(try await app.count("file_parts") == 1)
        }
    }

    @Test("A plan's bytes and a conversation's number of files hold with 50 at once")
    func quota() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let conversation = try await app.conversation(as: alice)
            let path = "/conversations/\(conversation)/files"
            try await app.limit(alice, OwnLimits(storedBytes: 1_000_000))
            let text = Array(String(repeating: "ক", count: 30_000).utf8)
            let sent = try await app.parallel(50) { _ in try await app.sendFile(text, to: path, as: alice) }
            let made = sent.count { $0.status == 201 }
            #expect((9...11).contains(made), "\(made)")
            #expect(sent.allSatisfy { $0.status == 201 || $0.errorCode == "plan_limit_reached" })
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == made)
            try await app.limit(alice, OwnLimits(storedBytes: 100_000_000))
            try await app.database.write(.system) { tx in
                for number in made..<195 {
                    try tx.run(
                        """
                        INSERT INTO files (id, workspace_id, kind, conversation_id, owner, name, bytes, content_type, sha256,
                            state, created_at) VALUES (?, ?, 'attachment', ?, 'x', ?, 0, 'text/plain', ?, 'ready', 1)
                        """,
                        [
                            Identifier.make(), alice.workspaceID, conversation, "\(number)",
                            [UInt8](repeating: 0, count: 32),
                        ])
                }
            }
            let last = try await app.parallel(50) { _ in try await app.sendFile("x".utf8, to: path, as: alice) }
            #expect(last.count { $0.status == 201 } == 5, "\(last.map(\.status))")
            #expect(last.allSatisfy { $0.status == 201 || $0.errorCode == "plan_limit_reached" })
        }
    }
}
