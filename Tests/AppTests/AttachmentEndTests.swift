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

/// When files of conversations go, and what happens if their bytes are lost.
@Suite struct AttachmentEndTests {
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
                (Array("%PDF-1.7\n\(script)".utf8), "a.html"), (AttachmentTests.png + Array(script.utf8), "a.html"),
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
