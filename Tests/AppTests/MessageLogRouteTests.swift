import Foundation
import HTTPTypes
import Hummingbird
import JSON
import LLM
import NIOCore
import Storage
import Testing

@testable import App
@testable import Chat
@testable import HTTPKit
@testable import Metering
@testable import Platform

/// What operators see of the logs: filtered, in pages, as files.
@Suite struct MessageLogRouteTests {
    /// So many logs, one a minute, the last one now; every third failed.
    static func fill(
        _ app: TestApp, _ count: Int, chatbotID: String = "bot", workspaceID: String = "w",
        question: String = "canary-question"
    ) async throws -> [MessageLog] {
        let secrets = app.app.people.secrets
        let logs = try (0..<count).map { number in
            let content = MessageLog.Content(question: "\(question) \(number)", answer: "=1+\(number)")
            return MessageLog(
                id: Identifier.make(), workspaceID: workspaceID, chatbotID: chatbotID,
                asker: .init(
                    userID: number % 2 == 0 ? "u\(number % 4)" : nil, keyID: number % 2 == 0 ? nil : "k\(number % 4)",
                    payerID: "payer"),
                conversationID: number % 5 == 0 ? "v" : nil, messageID: nil, requestID: "r\(number)",
                provider: number % 2 == 0 ? "openai" : "groq", model: "m\(number % 3)",
                usage: .init(promptTokens: 10, completionTokens: number, cost: Int64(number)),
                firstToken: number % 3 == 0 ? nil : .milliseconds(number), total: .milliseconds(2 * number),
                outcome: number % 3 == 0 ? .failed : .complete, errorCode: number % 3 == 0 ? "provider_timeout" : nil,
                content: try secrets.encrypt(try JSONWriter.encode(content)),
                createdAt: .now.adding(.seconds(-60 * (count - 1 - number))))
        }
        for part in stride(from: 0, to: count, by: 500) {
            try await app.database.write(.system) { tx in
                for log in logs[part..<min(count, part + 500)] { try log.insert(tx) }
            }
        }
        return logs
    }

    @Test("Logs of long texts come in more pages, none left out, and whole in a file")
    func longTexts() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin(permissions: [.logsRead])
            let question = String(repeating: "দীর্ঘ প্রশ্ন ", count: 2000)
            let logs = try await Self.fill(app, 60, question: question)
            let expected = Array(logs.map(\.id).reversed())
            var (ids, after, pages) = ([String](), "", 0)
            repeat {
                let page = try await app.call(
                    .get, "/admin/message-logs?limit=200&content=true\(after)", as: admin)
                #expect(page.text.utf8.count < RowPage<Int>.bytes + 100_000)
                ids += page["data"]?.array?.compactMap { $0["id"]?.string } ?? []
                after = page["next"]?.string.map { "&after=\($0)" } ?? ""
                pages += 1
            } while !after.isEmpty && pages < 60
            #expect(ids == expected && pages > 1)
            // What is not shown is not read, so it does not end a page.
            let short = try await app.call(.get, "/admin/message-logs?limit=200", as: admin)
            #expect(short["data"]?.array?.compactMap { $0["id"]?.string } == expected && short["next"] == .null)
            let file = try await app.call(.get, "/admin/message-logs?format=jsonl&content=true", as: admin)
            #expect(file.text.split(separator: "\n").count == 60)
        }
    }

    @Test("Every filter alone and together, newest first, page by page")
    func filters() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin(permissions: [.logsRead])
            let logs = try await Self.fill(app, 24)
            func ids(_ query: String) async throws -> [String] {
                var ids: [String] = []
                var after = ""
                repeat {
                    let page = try await app.call(
                        .get, "/admin/message-logs?limit=5&\(query)\(after)", as: admin)
                    try #require(page.status == 200, "\(page.text)")
                    ids += page["data"]?.array?.compactMap { $0["id"]?.string } ?? []
                    after = page["next"]?.string.map { "&after=\($0)" } ?? ""
                } while !after.isEmpty && ids.count < 100
                return ids
            }
            func expected(_ isMeant: (Int, MessageLog) -> Bool) -> [String] {
                Array(logs.enumerated().filter { isMeant($0.offset, $0.element) }.map(\.element.id).reversed())
            }
            #expect(try await ids("") == expected { _, _ in true })
            #expect(try await ids("user_id=u2") == expected { number, _ in number % 4 == 2 })
            #expect(try await ids("key_id=k1") == expected { number, _ in number % 4 == 1 })
            #expect(try await ids("chatbot_id=bot&workspace_id=w").count == 24)
            #expect(try await ids("chatbot_id=other").isEmpty)
            #expect(try await ids("workspace_id=other").isEmpty)
            #expect(try await ids("conversation_id=v") == expected { number, _ in number % 5 == 0 })
            #expect(try await ids("model=m1&provider=groq") == expected { n, _ in n % 3 == 1 && n % 2 == 1 })
            #expect(try await ids("outcome=failed&error_code=provider_timeout") == expected { n, _ in n % 3 == 0 })
            let (from, to) = (logs[6].createdAt, logs[12].createdAt)
            #expect(
                try await ids("from=\(from.iso8601)&to=\(to.iso8601)") == expected { n, _ in (6..<12).contains(n) })
            for bad in ["outcome=x", "from=yesterday", "limit=0", "after=x", "format=xml", "content=maybe"] {
                #expect(try await app.call(.get, "/admin/message-logs?\(bad)", as: admin).status == 422, "\(bad)")
            }
        }
    }

    @Test("What was said is shown to who asks for it, and that leaves an audit entry; everything else does not")
    func content() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin(permissions: [.logsRead])
            let log = try #require(try await Self.fill(app, 1).first)
            let one = "/admin/message-logs/\(log.id)"
            for path in [
                "/admin/message-logs", "/admin/message-logs?content=false", one, "/admin/message-logs?format=csv",
                "/admin/message-logs?format=jsonl",
            ] {
                let answer = try await app.call(.get, path, as: admin)
                #expect(answer.status == 200 && !answer.text.contains("canary") && answer.text.contains(log.id))
            }
            func entries() async throws -> [String?] {
                try await app.database.read(.system) { tx in
                    try tx.rows(
                        """
                        SELECT actor, target, detail FROM audit_entries WHERE action = 'message_logs.read_content'
                        ORDER BY id
                        """
                    ) { row in
                        #expect(try row.string("actor") == "operator:\(admin.id)")
                        #expect(try !(row.stringIfPresent("detail") ?? "").contains("canary"))
                        return try row.stringIfPresent("target")
                    }
                }
            }
            #expect(try await entries().isEmpty)
            let shown = try await app.call(.get, "\(one)?content=true", as: admin)
            #expect(shown["content"] == ["question": "canary-question 0", "answer": "=1+0"])
            for query in ["", "&format=csv", "&format=jsonl"] {
                let answer = try await app.call(.get, "/admin/message-logs?content=true\(query)", as: admin)
                #expect(answer.status == 200 && answer.text.contains("canary-question 0"), "\(query)")
            }
            #expect(try await entries() == ["message_log:\(log.id)", nil, nil, nil])
            #expect(try await app.call(.get, "/admin/message-logs/\(Identifier.make())", as: admin).status == 404)
        }
    }

    @Test("Who lacks the permission is told 403; users, keys and staff see nothing")
    func refused() async throws {
        try await TestApp.run { app in
            let other = try await app.admin("other", permissions: [.auditRead, .statsRead])
            let staff = try await app.staff(level: 3)
            let user = try await app.user("alice")
            let key = try await TestApplication.make(app, chatbotID: app.chatbot(as: user), as: user)
            let log = try #require(try await Self.fill(app, 1).first)
            for path in ["/admin/message-logs", "/admin/message-logs/\(log.id)?content=true"] {
                #expect(try await app.call(.get, path, as: other).status == 403)
                #expect(try await app.call(.get, path, as: staff).status == 403)
                #expect(try await app.call(.get, path, as: user).status == 401)
                #expect(try await key.call(.get, path).status == 401)
            }
            let (logs, sums) = (
                try await app.admin("logs", permissions: [.logsRead]),
                try await app.call(.get, "/admin/stats", as: other)
            )
            #expect(sums.status == 200)
            #expect(try await app.call(.get, "/admin/stats", as: logs).status == 403)
        }
    }

    @Test("CSV: RFC 4180, every row once over many pages, and no field that a spreadsheet would run")
    func csv() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            let logs = try await Self.fill(app, 1101, question: "\"canary\",\r\nquestion")
            let answer = try await app.call(.get, "/admin/message-logs?format=csv&limit=3", as: admin)
            #expect(answer.headers[.contentType] == "text/csv; charset=utf-8")
            #expect(answer.headers[.contentDisposition] == "attachment; filename=\"message-logs.csv\"")
            var lines = answer.text.components(separatedBy: "\r\n")
            #expect(lines.removeLast() == "" && lines.removeFirst().hasPrefix("created_at,id,workspace_id,"))
            #expect(lines.map { $0.components(separatedBy: ",")[1] } == logs.reversed().map(\.id))
            let full = try await app.call(
                .get, "/admin/message-logs?format=csv&content=true&from=\(logs[1099].createdAt.iso8601)", as: admin)
            #expect(full.text.contains(",\"\"\"canary\"\",\r\nquestion 1100\",'=1+1100\r\n"), "\(full.text)")
        }
    }

    @Test("JSON lines: one object a line, as the list has them")
    func jsonLines() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            let logs = try await Self.fill(app, 120)
            let answer = try await app.call(
                .get, "/admin/message-logs?format=jsonl&content=true&outcome=failed", as: admin)
            #expect(answer.headers[.contentType] == "application/jsonl; charset=utf-8")
            let lines = answer.text.split(separator: "\n").map { line in
                try? JSONValue(parsing: Array(line.utf8).withUnsafeBytes { UnsafeRawBufferPointer($0) })
            }
            #expect(lines.count == 40 && lines.allSatisfy { $0?["outcome"] == "failed" })
            #expect(lines.first??["content"]?["question"] == "canary-question 117")
            let listed = try await app.call(.get, "/admin/message-logs?outcome=failed&limit=1", as: admin)
            var first = try #require(lines.first??.object)
            first["content"] = .null
            #expect(listed["data"]?[0] == .object(first) && first["id"]?.string == logs[117].id)
        }
    }

    @Test("A file whose next page cannot be read is not ended as if it were whole")
    func cutOff() async throws {
        struct Broken: Error {}
        let export = LineExport(name: "x", format: .jsonl, header: [], start: .newest) { after in
            guard after.id != "1" else { throw Broken() }
            return LineExport.Page(lines: ByteBuffer(string: "{}\n"), next: Cursor(id: "1"))
        }
        let writer = Written()
        await #expect(throws: Broken.self) { try await export.response(.ok).body.write(writer) }
        #expect(writer.box.text == "{}\n" && !writer.box.isFinished)
    }

    private struct Written: ResponseBodyWriter {
        /// Written by the one task that awaits the body.
        final class Box: @unchecked Sendable {
            var text = ""
            var isFinished = false
        }
        let box = Box()
        mutating func write(_ buffer: ByteBuffer) async throws { box.text += String(buffer: buffer) }
        consuming func finish(_ trailingHeaders: HTTPFields?) async throws { box.isFinished = true }
    }

    @Test(
        "A field of CSV",
        arguments: [
            ("plain", "plain"), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("a\nb", "\"a\nb\""), ("=A1", "'=A1"),
            ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\tx", "\"'\tx\""), ("\r\nx", "\"'\r\nx\""), ("", ""),
            ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""), ("a=b", "a=b"), ("é, 🦜", "\"é, 🦜\""),
            ("＝1+1", "'＝1+1"), ("＋1", "'＋1"), ("－1", "'－1"), ("＠x", "'＠x"), (" =1", "' =1"),
            ("\u{FEFF}=1", "'\u{FEFF}=1"),
            ("a;=1", "\"a;'=1\""), ("a;b", "\"a;b\""), ("a\t@x", "\"a\t'@x\""), ("ক\n=১", "\"ক\n'=১\""),
            ("a; \"-1", "\"a;' \"\"-1\""),
            ("a|+1", "\"a|'+1\""), ("e\u{301};=1", "\"e\u{301};'=1\""), ("=\u{301}1", "'=\u{301}1"),
            ("\u{1}=1", "'\u{1}=1"), ("a؛=1", "a؛'=1"), ("سلام،+1", "سلام،'+1"), ("سلام؛ خوبی", "سلام؛ خوبی"),
        ])
    func field(text: String, written: String) {
        #expect(CSV.line([text, nil]) == "\(written),\r\n")
    }

    @Test("No cell begins a formula, whatever separates the cells for the program that opens the file")
    func formulas() {
        var random = RandomJSON(seed: 12)
        let pieces = [
            "=", "+", "-", "@", "＝", ";", ",", "\t", "\n", "\r", "|", "\"", "'", " ", "a", "ক", "🦜", "\u{3000}", "؛",
            "،", "\u{1}",
        ]
        for _ in 0..<3000 {
            let fields = (0..<3).map { _ in (0..<random.below(8)).map { _ in random.pick(pieces) }.joined() }
            let line = CSV.line(fields)
            for separator in [",", ";", "\t", "|", "؛", "،"] as [Character] {
                for cell in Self.cells(line, separator) {
                    let sign = cell.unicodeScalars.first { !$0.properties.isWhitespace && $0 != "\u{1}" }
                    #expect(sign.map { !"=+-@＝".unicodeScalars.contains($0) } ?? true, "\(line.debugDescription)")
                }
            }
        }
    }

    /// As spreadsheets read cells: quotation marks count at a cell's beginning, blanks before them or not, and what comes
    /// after the closing one belongs to the cell.
    private static func cells(_ text: String, _ separator: Character) -> [String] {
        var cells = [""]
        var isQuoted = false
        var isFresh = true
        var rest = Array(text)[...]
        while let character = rest.popFirst() {
            if isQuoted {
                if character == "\"" {
                    if rest.first == "\"" { cells[cells.count - 1].append(rest.popFirst()!) } else { isQuoted = false }
                } else {
                    cells[cells.count - 1].append(character)
                }
            } else if character == "\"", isFresh {
                isQuoted = true
                isFresh = false
            } else if character == separator || character.isNewline {
                cells.append("")
                isFresh = true
            } else {
                cells[cells.count - 1].append(character)
                isFresh = isFresh && character.isWhitespace
            }
        }
        return cells
    }
}
