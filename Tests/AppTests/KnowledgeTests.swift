import Files
import Foundation
import HTTPTypes
import JSON
import NIOCore
import Storage
import Testing
import Texts

@testable import App
@testable import Chatbots
@testable import HTTPKit
@testable import Platform

/// The files of a chatbot's knowledge.
@Suite struct KnowledgeTests {
    @Test("A file is added, listed, read and removed by editors")
    func life() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            let path = "/chatbots/\(bot)/files"
            let text = "পাখিটি কথা বলে। الطائر يتكلم 会说话的鸟 🦜"
            let made = try await app.sendFile(text.utf8, name: "পাখি.md", to: path, as: alice)
            #expect(made.status == 202, "\(made.text)")
            #expect(made["name"] == "পাখি.md" && made["content_type"] == "text/markdown" && made["state"] == "queued")
            #expect(made["bytes"]?.int == Int64(text.utf8.count) && made["chunks"] == 0)
            let file = "\(path)/\(try made.string("id"))"
            #expect(try await app.call(.get, file, as: alice).json == made.json)
            #expect(try await app.all(path, limit: 1, as: alice).count == 1)
            let content = try await app.bytes("\(file)/content", as: alice)
            #expect(content.bytes == Array(text.utf8))
            #expect(content.headers[.contentType] == "text/markdown; charset=utf-8")
            let disposition = try #require(content.headers[.contentDisposition])
            #expect(disposition.hasPrefix("attachment;") && disposition.contains("filename*=UTF-8''%E0%A6%AA"))
            #expect(content.headers[.xContentTypeOptions] == "nosniff")
            #expect(content.headers[values: .contentSecurityPolicy].contains { $0.contains("sandbox") })
            #expect(try await app.call(.get, "/users/me/usage", as: alice)["used"]?["files"] == 1)
            #expect(try await app.call(.delete, file, as: alice).status == 204)
            #expect(try await app.call(.get, "\(file)/content", as: alice).status == 404)
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 0)
        }
    }

    @Test("Viewers, other tenants and keys without the scope get nothing")
    func roles() async throws {
        try await TestApp.run { app in
            let (alice, viewer) = (try await app.user("alice"), try await app.user("viewer"))
            let owned = try await Owned.make(app, alice, member: viewer)
            let (bot, id) = (owned.parameters["chatbot_id"]!, owned.parameters["file_id"]!)
            let path = "/chatbots/\(bot)/files"
            for (method, path) in [
                (HTTPRequest.Method.get, path), (.get, "\(path)/\(id)"), (.get, "\(path)/\(id)/content"),
                (.delete, "\(path)/\(id)"),
            ] {
                #expect(try await app.call(method, path, as: viewer).errorCode == "forbidden", "\(path)")
            }
            #expect(try await app.sendFile([1], to: path, as: viewer).errorCode == "forbidden")
            #expect(try await app.sendFile([1], to: path, as: app.user("bob")).status == 404)
            let writer = try await TestApplication.make(app, chatbotID: bot, as: alice)
            #expect(try await writer.call(.get, path).errorCode == "key_not_allowed")
            let key = try await TestApplication.make(app, chatbotID: bot, as: alice, scopes: ["knowledge"])
            let sent = try await app.sendFile([1, 2], to: path, headers: [.apiKey: key.key])
            #expect(sent.status == 202, "\(sent.text)")
            #expect(try await key.call(.get, "\(path)/\(id)").status == 200)
            let other = try await app.chatbot(as: alice)
            #expect(try await key.call(.get, "/chatbots/\(other)/files").errorCode == "key_not_for_chatbot")
            try await app.app.uploads.sweep.remove()
            // Two of them are the fixture's own.
            #expect(try await app.storedObjects() == 3)
        }
    }

    @Test("The bytes tell the type, whatever name and type the client gives")
    func types() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]
            for (bytes, name, type, served) in [
                (png, "a.txt", "image/png", "image/png"),
                (Array("<html><script>alert(1)</script>".utf8), "a.png", "text/html", "application/octet-stream"),
                (Array("\u{FEFF} \n<!DOCTYPE html>".utf8), "a.md", "text/html", "application/octet-stream"),
                (Array("<svg onload='x'/>".utf8), "a.png", "image/svg+xml", "application/octet-stream"),
                (Array("let x = 1".utf8), "a.js", "text/javascript", "application/octet-stream"),
                (Array("%PDF-1.7".utf8), "a.docx", "application/pdf", "application/pdf"),
                ([0, 1, 2, 3], "a.txt", "application/octet-stream", "application/octet-stream"),
                (Array("a,b\n1,২\n".utf8), "a.csv", "text/csv", "text/csv; charset=utf-8"),
                (
                    [0x50, 0x4B, 3, 4] + Array("[Content_Types].xml word/document.xml".utf8), "a.docx",
                    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                    "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
                ),
            ] {
                let made = try await app.sendFile(bytes, name: name, to: "/chatbots/\(bot)/files", as: alice)
                #expect(made["content_type"]?.string == type, "\(name): \(made.text)")
                let content = try await app.bytes(
                    "/chatbots/\(bot)/files/\(try made.string("id"))/content", as: alice)
                #expect(content.headers[.contentType] == served && content.bytes == bytes, "\(name)")
            }
        }
    }

    @Test("Names in every script stay, paths are cut off, and names that deceive are refused")
    func names() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let path = "/chatbots/\(try await app.chatbot(as: alice))/files"
            for (sent, kept) in [
                ("প্রতিবেদন ২০২৬.pdf", "প্রতিবেদন ২০২৬.pdf"), ("تقرير.txt", "تقرير.txt"), ("报告.txt", "报告.txt"),
                ("👩‍👩‍👧 🦜.txt", "👩‍👩‍👧 🦜.txt"), ("../../etc/passwd", "passwd"), ("C:\\Users\\a\\b.txt", "b.txt"),
                ("/abs/x", "x"), ("a/", "a"), ("ফোল্ডার/ছবি.png", "ছবি.png"), ("مجلد\\صورة.png", "صورة.png"),
                ("say \"hi\".txt", "say \"hi\".txt"), ("a;b=c.txt", "a;b=c.txt"),
                ("100%.txt", "100%.txt"), ("<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt"),
            ] {
                let made = try await app.sendFile("x".utf8, name: sent, to: path, as: alice)
                #expect(made.status == 202 && made["name"]?.string == kept, "\(sent): \(made.text)")
                let content = try await app.bytes("\(path)/\(try made.string("id"))/content", as: alice)
                let disposition = try #require(content.headers[.contentDisposition])
                #expect(!disposition.contains("\r") && disposition.utf8.allSatisfy { $0 < 128 }, "\(disposition)")
            }
            for refused in [
                "", "..", ".", "/", "\u{202E}fdp.exe", "ছবি\u{2067}gpj.exe", "a\r\nSet-Cookie: x", "\u{200B}", "a\u{0}b",
                String(repeating: "ক", count: 256),
            ] {
                let made = try await app.sendFile("x".utf8, name: refused, to: path, as: alice)
                #expect(made.status == 422 && made["error"]?["param"] == "file", "\(refused): \(made.text)")
            }
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 14)
        }
    }

    @Test("Forms that are cut off, hostile or not forms are refused and leave nothing")
    func hostileForms() async throws {
        try await TestApp.run(configure: { $0.maxFileBytes = 5 << 20 }) { app in
            let alice = try await app.user("alice")
            let path = "/chatbots/\(try await app.chatbot(as: alice))/files"
            let type = "multipart/form-data; boundary=X-mynah-boundary"
            let good = TestApp.form(Array("content".utf8), name: "a.txt")
            func send(_ body: ByteBuffer, _ type: String) async throws -> TestApp.Answer {
                try await app.send(.post, path, body: body, headers: [.contentType: type], as: alice)
            }
            for length in stride(from: 0, to: good.readableBytes - 4, by: 7) {
                let cut = try await send(good.getSlice(at: 0, length: length)!, type)
                #expect(cut.status == 400 || cut.status == 422, "\(length): \(cut.text)")
            }
            let line = "--X-mynah-boundary\r\n"
            for (body, status) in [
                ("\(line)Content-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n--X-mynah-boundary--", 422),
                ("\(line)Content-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--X-mynah-boundary--", 422),
                (
                    "\(line)Content-Disposition: attachment; name=\"file\"; filename=\"x\"\r\n\r\nx\r\n--X-mynah-boundary--",
                    400
                ),
                ("\(line)\r\nx\r\n--X-mynah-boundary--", 400),
                ("\(line)no header\r\n\r\nx\r\n--X-mynah-boundary--", 400),
                ("\(line)\(String(repeating: "a", count: 40_000))", 400), ("", 400),
                (String(repeating: "\(line)Content-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n", count: 200), 400),
                (
                    "\(line)Content-Disposition: form-data; name=\"a\"\r\n\r\n\(String(repeating: "y", count: 70_000))",
                    413
                ),
                (
                    String(
                        repeating: "\(line)Content-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nx\r\n",
                        count: 2)
                        + "--X-mynah-boundary--", 422
                ),
            ] {
                let answer = try await send(ByteBuffer(string: body), type)
                #expect(answer.status == status, "\(body.prefix(60)): \(answer.text)")
            }
            for type in [
                "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=X-mynah-boundary",
                "text/plain", "multipart/form-data; boundary=\(String(repeating: "b", count: 71))",
            ] {
                #expect(try await send(good, type).status == 415, "\(type)")
            }
            let large = try await app.sendFile(UploadTests.bytes((5 << 20) + 1), to: path, as: alice)
            #expect(large.status == 413 && large.errorCode == "too_large", "\(large.text)")
            #expect(try await app.sendFile(UploadTests.bytes(5 << 20), to: path, as: alice).status == 202)
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 2)
            #expect(try await app.count("uploads") == 0)
        }
    }

    @Test("The same Idempotency-Key and file give the first answer, another file is refused")
    func idempotency() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let path = "/chatbots/\(try await app.chatbot(as: alice))/files"
            let key: HTTPFields = [.idempotencyKey: "once"]
            let first = try await app.sendFile("one".utf8, to: path, as: alice, headers: key)
            let again = try await app.sendFile("one".utf8, to: path, as: alice, headers: key)
            #expect(first.status == 202 && again.text == first.text)
            let other = try await app.sendFile("two".utf8, to: path, as: alice, headers: key)
            #expect(other.status == 422 && other.errorCode == "idempotency_mismatch")
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 1)
            #expect(try await app.count("files") == 1)
            #expect(try await app.count("uploads") == 0)
        }
    }

    @Test("The plan's number of files holds, also in parallel")
    func quota() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let path = "/chatbots/\(try await app.chatbot(as: alice))/files"
            try await app.limit(alice, OwnLimits(files: 3))
            let sent = try await app.parallel(10) { _ in try await app.sendFile("x".utf8, to: path, as: alice) }
            #expect(sent.filter { $0.status == 202 }.count == 3, "\(sent.map(\.text))")
            #expect(sent.allSatisfy { $0.status == 202 || ($0.status == 402 && $0.errorCode == "plan_limit_reached") })
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 3)
        }
    }

    @Test("With a chatbot and with a user, their files and bytes go")
    func erasure() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let bots = [try await app.chatbot(as: alice), try await app.chatbot(as: alice)]
            for bot in bots {
                for _ in 0..<3 { _ = try await app.sendFile("x".utf8, to: "/chatbots/\(bot)/files", as: alice) }
            }
            _ = try await app.upload([1, 2, 3], as: alice)
            try await app.call(.delete, "/chatbots/\(bots[0])", as: alice)
            #expect(try await app.call(.get, "/chatbots/\(bots[0])/files", as: alice).status == 404)
            try await app.app.deletions.run()
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 4)
            try await app.call(.delete, "/users/me", ["password": .string(TestApp.password)], as: alice)
            try await app.app.deletedUsers.purge(app.app.logger).run(now: .now.adding(.seconds(40 * 86_400)))
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 0)
            #expect(try await app.count("file_parts") == 0)
            #expect(try await app.count("files") == 0)
        }
    }

    @Test("If the store fails, the answer is a clear 503 and nothing is counted")
    func storeAway() async throws {
        try await TestApp.run(configure: { $0.files = .folder("/proc/mynah-files") }) { app in
            let alice = try await app.user("alice")
            let path = "/chatbots/\(try await app.chatbot(as: alice))/files"
            let sent = try await app.sendFile("x".utf8, to: path, as: alice)
            #expect(sent.status == 503 && sent.errorCode == "file_store_unavailable", "\(sent.text)")
            #expect(sent.headers[.retryAfter] != nil && !sent.text.contains("/proc"))
            #expect(try await app.count("files") == 0)
            #expect(try await app.count("uploads") == 0)
        }
    }

    @Test("A client's files are the key's or the user's alone, in OpenAI's shape")
    func clientFiles() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let bot = try await app.chatbot(as: alice)
            let key = try await TestApplication.make(app, chatbotID: bot, as: alice, scopes: ["chat"])
            let other = try await TestApplication.make(app, chatbotID: bot, as: alice, scopes: ["chat"])
            let purpose = [("purpose", "user_data")]
            let made = try await app.sendFile(
                "ডেটা".utf8, name: "ডেটা.txt", to: "/v1/files", fields: purpose, headers: [.apiKey: key.key])
            #expect(made.status == 200 && made["object"] == "file" && made["filename"] == "ডেটা.txt", "\(made.text)")
            #expect(made["purpose"] == "user_data" && made["bytes"]?.int == Int64("ডেটা".utf8.count))
            #expect(try await app.entries(of: made).map(\.action) == ["POST /v1/files"])
            let path = "/openai/v1/files/\(try made.string("id"))"
            #expect(try await key.call(.get, path).json == made.json)
            #expect(try await key.call(.get, "\(path)/content").text == "ডেটা")
            #expect(try await key.call(.get, "/v1/files")["data"]?.array?.count == 1)
            #expect(try await other.call(.get, "/v1/files")["data"] == [])
            for path in [path, "\(path)/content"] {
                #expect(try await other.call(.get, path).status == 404)
                #expect(try await app.call(.get, path, as: alice).status == 404)
                #expect(try await app.call(.get, path, as: bob).status == 404)
            }
            #expect(try await app.call(.get, "/chatbots/\(bot)/files", as: alice)["data"] == [])
            #expect(
                try await app.call(.get, "/chatbots/\(bot)/files/\(try made.string("id"))", as: alice).status == 404)
            let picture = try await app.sendFile(
                AttachmentTests.png, name: "图.png", to: "/v1/files", fields: [("purpose", "vision")],
                headers: [.apiKey: key.key])
            #expect(picture.status == 200 && picture["purpose"] == "user_data", "\(picture.text)")
            #expect(
                try await key.call(.delete, "/v1/files/\(try picture.string("id"))")["deleted"] == true)
            // `vision` is for pictures.
            for fields in [[], [("purpose", "assistants")], [("purpose", "vision")]] {
                let refused = try await app.sendFile(
                    "x".utf8, to: "/v1/files", fields: fields, headers: [.apiKey: key.key])
                #expect(refused.status == 400 && refused["error"]?["param"] == "purpose", "\(refused.text)")
            }
            let own = try await app.sendFile("x".utf8, to: "/v1/files", fields: purpose, as: bob)
            #expect(try await app.call(.get, "/v1/files?limit=1", as: bob)["data"]?[0]?["id"] == own["id"])
            #expect(try await key.call(.delete, path)["deleted"] == true)
            #expect(try await key.call(.get, path).status == 404)
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 1)
            #expect(try await app.count("uploads") == 0)
        }
    }
}
