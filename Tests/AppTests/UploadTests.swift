import Crypto
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

/// Uploads in parts.
@Suite struct UploadTests {
    private static let part = ObjectLimits.maxObject

    static func bytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var random = RandomJSON(seed: seed)
        var out: [UInt8] = []
        out.reserveCapacity(count + 8)
        while out.count < count { withUnsafeBytes(of: random.next()) { out += $0 } }
        return Array(out.prefix(count))
    }

    static func hash(_ bytes: [UInt8]) -> String { SHA256.hash(data: bytes).hexadecimal }

    @Test("A large file comes in parts, in any order and more than once", .timeLimit(.minutes(5)))
    func parts() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let content = Self.bytes(2 * Self.part + 1234)
            let begun = try await app.call(
                .post, "/uploads", ["name": "বই 📚.txt", "bytes": .int(Int64(content.count))], as: alice)
            #expect(begun.status == 201 && begun["part_bytes"]?.int == Int64(Self.part), "\(begun.text)")
            #expect(begun["is_complete"] == false && begun["parts"] == [] && begun["name"] == "বই 📚.txt")
            let path = "/uploads/\(try begun.string("id"))"
            let pieces = [
                content[..<Self.part], content[Self.part..<2 * Self.part], content[(2 * Self.part)...],
            ]
            for number in [3, 1, 3] {
                let sent = try await app.raw(.put, "\(path)/\(number)", pieces[number - 1], type: nil, as: alice)
                #expect(sent.status == 200 && sent["bytes"]?.int == Int64(pieces[number - 1].count), "\(sent.text)")
                #expect(sent["sha256"]?.string == Self.hash(Array(pieces[number - 1])))
            }
            let early = try await app.call(.post, "\(path)/complete", as: alice)
            #expect(early.status == 409 && early.errorCode == "upload_incomplete")
            #expect(try await app.call(.get, path, as: alice)["parts"] == [1, 3])
            // Another content first: the last one sent counts.
            _ = try await app.raw(.put, "\(path)/2", Self.bytes(Self.part, seed: 9), type: nil, as: alice)
            _ = try await app.raw(.put, "\(path)/2", pieces[1], type: nil, as: alice)
            let complete = try await app.call(.post, "\(path)/complete", as: alice)
            #expect(complete.status == 200 && complete["sha256"]?.string == Self.hash(content), "\(complete.text)")
            #expect(complete["is_complete"] == true)
            #expect(try await app.call(.post, "\(path)/complete", as: alice).text == complete.text)
            let late = try await app.raw(.put, "\(path)/2", pieces[1], type: nil, as: alice)
            #expect(late.status == 409 && late.errorCode == "conflict")
            // What was replaced goes.
            #expect(try await app.storedObjects() == 5)
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 3)

            let bot = try await app.chatbot(as: alice)
            let made = try await app.call(
                .post, "/chatbots/\(bot)/files", ["upload_id": .string(String(path.dropFirst(9)))], as: alice)
            #expect(made.status == 202 && made["sha256"]?.string == Self.hash(content), "\(made.text)")
            #expect(try await app.call(.get, path, as: alice).status == 404)
            let file = "/chatbots/\(bot)/files/\(try made.string("id"))/content"
            #expect(try await app.bytes(file, as: alice).bytes == content)
            for (range, wanted) in [
                ("bytes=0-9", content[..<10]), ("bytes=-7", content.suffix(7)),
                ("bytes=\(Self.part - 5)-\(Self.part + 4)", content[(Self.part - 5)..<(Self.part + 5)]),
            ] {
                let answer = try await app.bytes(file, as: alice, headers: [.range: range])
                #expect(answer.status == 206 && answer.bytes == Array(wanted), "\(range)")
            }
            #expect(try await app.bytes(file, as: alice, headers: [.range: "bytes=99999999-"]).status == 416)
        }
    }

    @Test("Parts of another length, and numbers of no part, are refused")
    func wrongParts() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let id = try await app.call(.post, "/uploads", ["name": "a", "bytes": 10], as: alice).string("id")
            for length in [0, 9, 11, 100_000] {
                let sent = try await app.raw(.put, "/uploads/\(id)/1", Self.bytes(length), type: nil, as: alice)
                #expect(sent.status == 422 && sent["error"]?["param"] == "part", "\(length): \(sent.text)")
            }
            for number in ["0", "2", "-1", "01", "+1", "1.0", "99999999999999999999", "x", "%E0%A7%A7"] {
                let sent = try await app.raw(.put, "/uploads/\(id)/\(number)", Self.bytes(10), type: nil, as: alice)
                #expect(sent.status == 404, "\(number): \(sent.text)")
            }
            #expect(try await app.storedObjects() == 0)
            for bytes in [-1, Int64.max, 1 << 40] as [Int64] {
                let refused = try await app.call(.post, "/uploads", ["name": "a", "bytes": .int(bytes)], as: alice)
                #expect(refused.status == 422 || refused.status == 413, "\(refused.text)")
            }
        }
    }

    @Test("An empty upload needs no part")
    func empty() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let id = try await app.upload([], as: alice)
            let complete = try await app.call(.post, "/uploads/\(id)/complete", as: alice)
            #expect(complete["sha256"]?.string == Self.hash([]), "\(complete.text)")
            let bot = try await app.chatbot(as: alice)
            let made = try await app.call(.post, "/chatbots/\(bot)/files", ["upload_id": .string(id)], as: alice)
            #expect(made.status == 202 && made["bytes"] == 0)
            let content = try await app.bytes("/chatbots/\(bot)/files/\(try made.string("id"))/content", as: alice)
            #expect(content.status == 200 && content.bytes.isEmpty)
        }
    }

    @Test("Of many who send the same part and complete at once, one content stays")
    func races() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let id = try await app.call(.post, "/uploads", ["name": "a.txt", "bytes": 20], as: alice).string("id")
            let sent = try await app.parallel(12) { number in
                try await app.raw(.put, "/uploads/\(id)/1", Self.bytes(20, seed: UInt64(number)), type: nil, as: alice)
            }
            #expect(sent.allSatisfy { $0.status == 200 }, "\(sent.map(\.text))")
            let bot = try await app.chatbot(as: alice)
            let made = try await app.parallel(8) { _ in
                try await app.call(.post, "/chatbots/\(bot)/files", ["upload_id": .string(id)], as: alice)
            }
            #expect(made.filter { $0.status == 202 }.count == 1, "\(made.map(\.text))")
            #expect(made.allSatisfy { $0.status == 202 || $0.status == 404 }, "\(made.map(\.text))")
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 1)
            #expect(try await app.count("file_parts") == 1)
        }
    }

    @Test("An upload is its owner's alone, and expires")
    func owners() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let id = try await app.upload(Self.bytes(10), as: alice)
            for (method, path) in [
                (HTTPRequest.Method.get, "/uploads/\(id)"), (.put, "/uploads/\(id)/1"),
                (.post, "/uploads/\(id)/complete"),
            ] {
                #expect(try await app.raw(method, path, Self.bytes(10), type: nil, as: bob).status == 404, "\(path)")
            }
            let bot = try await app.chatbot(as: alice)
            let key = try await TestApplication.make(
                app, chatbotID: bot, as: alice, scopes: ["knowledge"])
            #expect(try await key.call(.get, "/uploads/\(id)").status == 404)
            #expect(try await key.call(.post, "/chatbots/\(bot)/files", ["upload_id": .string(id)]).status == 404)
            try await app.app.uploads.sweep.expire(now: .now)
            #expect(try await app.call(.get, "/uploads/\(id)", as: alice).status == 200)
            try await app.app.uploads.sweep.expire(now: .now.adding(Upload.lifetime))
            #expect(try await app.call(.get, "/uploads/\(id)", as: alice).status == 404)
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 0)
            #expect(try await app.count("removed_objects") == 0)
        }
    }

    @Test("An upload that is deleted goes with its bytes and gives its room back, also while parts arrive")
    func deletion() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            try await app.limit(alice, OwnLimits(storedBytes: 10_000_000))
            let body: JSONValue = ["name": "মুছে যাবে.txt", "bytes": .int(Int64(2 * Self.part))]
            let id = try await app.call(.post, "/uploads", body, as: alice).string("id")
            let path = "/uploads/\(id)"
            #expect(try await app.call(.post, "/uploads", body, as: alice).errorCode == "plan_limit_reached")
            #expect(try await app.call(.delete, path, as: bob).status == 404)
            let part = Self.bytes(Self.part)
            let answers = try await app.parallel(6) { number in
                number == 3
                    ? try await app.call(.delete, path, as: alice)
                    : try await app.raw(.put, "\(path)/\(number % 2 + 1)", part, type: nil, as: alice)
            }
            #expect(answers.allSatisfy { [200, 204, 404].contains($0.status) }, "\(answers.map(\.text))")
            #expect(answers.filter { $0.status == 204 }.count == 1)
            #expect(try await app.call(.delete, path, as: alice).status == 404)
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 0)
            #expect(try await app.call(.post, "/uploads", body, as: alice).status == 201)
        }
    }

    @Test("A plan's bytes bound uploads before they are sent, also in parallel")
    func quota() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            try await app.limit(alice, OwnLimits(storedBytes: 1_000_000))
            let begun = try await app.parallel(20) { _ in
                try await app.call(.post, "/uploads", ["name": "a", "bytes": 100_000], as: alice)
            }
            let made = begun.filter { $0.status == 201 }.count
            #expect((8...9).contains(made), "\(made)")
            #expect(begun.allSatisfy { $0.status == 201 || $0.errorCode == "plan_limit_reached" })
            let bot = try await app.chatbot(as: alice)
            let files = try await app.parallel(10) { number in
                try await app.sendFile(
                    Self.bytes(90_000, seed: UInt64(number)), to: "/chatbots/\(bot)/files", as: alice)
            }
            #expect(files.filter { $0.status == 202 }.count <= 1)
            #expect(files.allSatisfy { $0.status == 202 || $0.errorCode == "plan_limit_reached" })
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == files.filter { $0.status == 202 }.count)
            // Room comes back with what expires.
            try await app.app.uploads.sweep.expire(now: .now.adding(Upload.lifetime))
            #expect(try await app.call(.post, "/uploads", ["name": "a", "bytes": 100_000], as: alice).status == 201)
        }
    }

    @Test("A workspace's total of bytes is what its rows add up to")
    func totals() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            _ = try await app.upload(Self.bytes(500), as: alice)
            let kept = try await app.sendFile(Self.bytes(3000), to: "/chatbots/\(bot)/files", as: alice)
            let gone = try await app.sendFile(Self.bytes(7000), to: "/chatbots/\(bot)/files", as: alice)
            try await app.call(.delete, "/chatbots/\(bot)/files/\(try gone.string("id"))", as: alice)
            #expect(kept.status == 202)
            let total = try await app.database.read(.system) { tx in
                try tx.row("SELECT CAST(SUM(bytes) AS BIGINT) AS bytes FROM workspace_totals WHERE shard IN (16, 17)") {
                    try $0.int("bytes")
                }
            }
            #expect(total == 500 + 3000 + 2 * 200)
        }
    }

    @Test("Bytes without a row go, those with one stay, and another database's are left alone")
    func orphans() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let id = try await app.upload(Self.bytes(10), as: alice)
            let sweep = app.app.uploads.sweep
            for _ in 0..<3 { try await sweep.store.put(ByteBuffer(string: "orphan"), as: ObjectName()) }
            try await sweep.removeOrphans(before: Date(timeIntervalSinceNow: -3600))
            #expect(try await app.storedObjects() == 4)
            try await sweep.removeOrphans(before: Date(timeIntervalSinceNow: 3600))
            #expect(try await app.storedObjects() == 1)
            #expect(try await app.call(.post, "/uploads/\(id)/complete", as: alice).status == 200)
            try await app.database.write(.system) { tx in try tx.run("UPDATE file_store SET id = 'another'") }
            try await sweep.store.put(ByteBuffer(string: "orphan"), as: ObjectName())
            try await sweep.removeOrphans(before: Date(timeIntervalSinceNow: 3600))
            #expect(try await app.storedObjects() == 2)
        }
    }
}
