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

    @Test("With a user, an end user and a workspace their conversations' files go, and the export has them before")
    func erasure() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let workspace = try await app.call(.post, "/workspaces", ["name": "Team"], as: alice).string("id")
            let bot = try await app.chatbot(as: alice, headers: [.workspaceID: workspace])
            let key = try await TestApplication.make(app, chatbotID: bot, as: alice)
            for user in ["c1", "c2"] {
                let asked = try await key.query("x", ["user": ["id": .string(user)]])
                let conversation = try asked.string("conversation_id")
                let sent = try await app.sendFile(
                    "গোপন".utf8, to: "/conversations/\(conversation)/files", headers: [.apiKey: key.key])
                #expect(sent.status == 201, "\(sent.text)")
                let named = try await key.query(
                    "পড়ো",
                    [
                        "conversation_id": .string(conversation), "user": ["id": .string(user)],
                        "attachments": [["file_id": .string(try sent.string("id"))]],
                    ])
                #expect(named.status == 200, "\(named.text)")
                #expect(app.provider.calls.requests.last?.messages.last?.content.contains("গোপন") == true)
                // The owner of the workspace may read the messages, but has no file of them.
                let path = "/conversations/\(conversation)/files/\(try sent.string("id"))/content"
                #expect(try await app.call(.get, path, as: alice).status == 404)
            }
            let mine = try await app.conversation(as: bob)
            let long = Array(String(repeating: "দীর্ঘ 🦜 ", count: 300_000).utf8)
            let sent = try await app.sendFile(long, name: "ملف.txt", to: "/conversations/\(mine)/files", as: bob)
            #expect(sent.status == 201)
            _ = try await app.sendFile("vb".utf8, to: "/v1/files", fields: [("purpose", "user_data")], as: bob)
            let own = try await app.chatbot(as: bob)
            _ = try await app.sendFile("knowledge".utf8, name: "ज्ञान.md", to: "/chatbots/\(own)/files", as: bob)
            #expect(try await app.storedObjects() == 6)

            let export = try await app.call(.get, "/users/me/export", as: bob)
            let personal = try #require(export["workspaces"]?[0], "\(export.text.prefix(500))")
            func content(_ file: JSONValue?) -> [UInt8]? {
                #expect(file?["is_complete"] == true)
                return file?["content"]?.string.flatMap { Data(base64Encoded: $0) }.map { Array($0) }
            }
            let conversation = personal["conversations"]?.array?.first { $0["conversation"]?["id"]?.string == mine }
            #expect(conversation?["files"]?[0]?["file"]?["name"] == "ملف.txt")
            #expect(content(conversation?["files"]?[0]) == long)
            #expect(content(personal["client_files"]?[0]) == Array("vb".utf8))
            let chatbot = personal["chatbots"]?.array?.first { $0["chatbot"]?["id"]?.string == own }
            #expect(content(chatbot?["files"]?[0]) == Array("knowledge".utf8))
            let others = try await app.call(.get, "/users/me/export", as: alice)
            #expect(!others.text.contains(Data("গোপন".utf8).base64EncodedString()))

            #expect(try await app.call(.delete, "/chatbots/\(bot)/users/c1", as: alice).status == 204)
            try await app.app.deletions.run()
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 5)
            #expect(try await app.call(.delete, "/workspaces/\(workspace)", as: alice).status == 204)
            try await app.app.deletions.run()
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 4)
            try await app.call(.delete, "/users/me", ["password": .string(TestApp.password)], as: bob)
            try await app.app.deletedUsers.purge(app.app.logger).run(now: .now.adding(.seconds(40 * 86_400)))
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 0)
            #expect(try await app.count("message_files") == 0)
        }
    }

    @Test("Bytes that are lost do not keep a user from the rest of the export")
    func lostBytes() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let conversation = try await app.conversation(as: alice)
            for text in ["first", "second"] {
                _ = try await app.sendFile(text.utf8, to: "/conversations/\(conversation)/files", as: alice)
            }
            let store = app.app.uploads.sweep.store
            let objects = try await store.list(after: nil, limit: 10).filter { !$0.name.text.hasPrefix("00000000") }
            let first = try #require(objects.first { $0.bytes == 5 })
            try await store.remove(first.name)
            let export = try await app.call(.get, "/users/me/export", as: alice)
            let files = export["workspaces"]?[0]?["conversations"]?[0]?["files"]?.array
            #expect(files?.map { $0["is_complete"] } == [true, false], "\(export.text.suffix(600))")
            #expect(files?[0]["content"]?.string == Data("second".utf8).base64EncodedString())
        }
    }

    @Test("Served so that a browser runs nothing, whatever the file says it is")
    func harmless() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let conversation = try await app.conversation(as: alice)
            let path = "/conversations/\(conversation)/files"
            let script = "<script>fetch('/users/me')</script>"
            for (bytes, name) in [
                (Array("<!DOCTYPE html>\(script)".utf8), "ছবি.png"), (Array("<svg onload=alert(1)>".utf8), "a.svg"),
                (Array("alert(1)".utf8), "a.js"), (Array("\u{FEFF}<?xml version='1.0'?><svg/>".utf8), "a.txt"),
                // Valid in two ways: a GIF and a script, a PDF with HTML in it, a picture with HTML after it.
                (Array("GIF89a/*".utf8) + Array("*/=1;alert(1)//".utf8), "a.gif"),
                (Array("%PDF-1.7\n\(script)".utf8), "a.html"), (Self.png + Array(script.utf8), "a.html"),
                (Array("\(script) text".utf8), "صفحة.html"),
            ] {
                let sent = try await app.sendFile(bytes, name: name, to: path, as: alice)
                try #require(sent.status == 201, "\(name): \(sent.text)")
                let content = try await app.bytes("\(path)/\(try sent.string("id"))/content", as: alice)
                #expect(content.bytes == bytes)
                let type = try #require(content.headers[.contentType])
                #expect(
                    !["html", "svg", "javascript", "xml"].contains { type.contains($0) }, "\(name) is served as \(type)"
                )
                #expect(content.headers[.xContentTypeOptions] == "nosniff")
                #expect(content.headers[.contentDisposition]?.hasPrefix("attachment;") == true)
                let policies = content.headers[values: .contentSecurityPolicy]
                #expect(policies.contains { $0.contains("sandbox") && $0.contains("default-src 'none'") })
                #expect(content.headers[.cacheControl]?.contains("no-store") == true)
            }
        }
    }

    @Test("Many who complete one upload at once read it once", .timeLimit(.minutes(2)))
    func sharedHash() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let bytes = UploadTests.bytes(3 * ObjectLimits.maxObject)
            let upload = try await app.upload(bytes, as: alice)
            let made = try await app.parallel(20) { _ in
                try await app.call(.post, "/uploads/\(upload)/complete", as: alice)
            }
            #expect(made.allSatisfy { $0.status == 200 && $0["sha256"]?.string == UploadTests.hash(bytes) })
        }
        let (work, count) = (SharedWork<String, Int>(), Counter())
        let found = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await work.value(of: "one") {
                        try await Task.sleep(for: .milliseconds(100))
                        return count.next()
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(found) == [1])
        #expect(try await work.value(of: "one") { count.next() } == 2)
        await #expect(throws: StoreError.self) {
            try await work.value(of: "two") { throw StoreError(.full, detail: "x") }
        }
        #expect(try await work.value(of: "two") { count.next() } == 3)
    }

    @Test("If the bytes of a file are lost, its turn fails and counts nothing, and others go on")
    func lostFile() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let conversation = try await app.conversation(as: alice)
            let file = try await app.sendFile("x".utf8, to: "/conversations/\(conversation)/files", as: alice)
                .string("id")
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE file_parts SET object = ? WHERE file_id = ?", [ObjectName().text, file])
            }
            let body: JSONValue = ["content": "x", "attachments": [["file_id": .string(file)]]]
            let said = try await app.call(.post, "/conversations/\(conversation)/messages", body, as: alice)
            #expect(said.status == 500, "\(said.text)")
            #expect(try await app.count("messages") == 0)
            #expect(try await app.usedToday(alice).messages == 0)
            #expect(try await app.send("without it", in: conversation, as: alice).status == 200)
        }
    }
}

/// Counts from 1.
private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0

    func next() -> Int {
        lock.withLock {
            count += 1
            return count
        }
    }
}
