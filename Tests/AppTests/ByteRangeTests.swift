import HTTPTypes
import JSON
import Testing

@testable import App
@testable import HTTPKit

@Suite struct ByteRangeTests {
    @Test(
        "RFC 9110, 14.1.2: what a header asks of a file of 10,000 bytes",
        arguments: [
            ("bytes=0-499", .part(0...499)), ("bytes=500-", .part(500...9999)), ("bytes=-500", .part(9500...9999)),
            ("bytes=9999-9999", .part(9999...9999)), ("bytes=9500-20000", .part(9500...9999)),
            ("bytes=-20000", .part(0...9999)), ("bytes= 0-1 ", .part(0...1)), ("Bytes=0-0", .part(0...0)),
            ("bytes=0-1,20000-", .part(0...1)), ("bytes=,0-1,", .part(0...1)),
            ("bytes=0-99999999999999999999999", .part(0...9999)), ("bytes=-99999999999999999999", .part(0...9999)),
            ("bytes=10000-", .unsatisfiable), ("bytes=10000-10400", .unsatisfiable), ("bytes=-0", .unsatisfiable),
            ("bytes=99999999999999999999-", .unsatisfiable), ("bytes=20000-,30000-30001", .unsatisfiable),
            ("bytes=99999999999999999999-99999999999999999999", .unsatisfiable),
            ("bytes=0-1,5-6", .whole), ("bytes=0-9999,0-9999", .whole),
            ("bytes=10-5", .whole), ("bytes=99999999999999999999-5", .whole), ("items=0-1", .whole),
            ("bytes=x", .whole),
            ("bytes=", .whole), ("bytes=-", .whole), ("bytes", .whole), ("", .whole), ("bytes=--1", .whole),
            ("bytes=1-2-3", .whole), ("bytes=+1-2", .whole), ("bytes=0-1,x", .whole), ("bytes=১-২", .whole),
            ("bytes=0x1-2", .whole), ("bytes=1 - 2", .whole), ("bytes 0-1", .whole), ("bytes==0-1", .whole),
        ] as [(String, ByteRange)])
    func ranges(header: String, range: ByteRange) {
        #expect(ByteRange(header, size: 10_000) == range)
    }

    @Test("An empty file has no part; many ranges are not looked at")
    func edges() {
        #expect(ByteRange("bytes=0-", size: 0) == .unsatisfiable && ByteRange("bytes=-1", size: 0) == .unsatisfiable)
        #expect(ByteRange("bytes=0-0" + String(repeating: ",0-0", count: 100_000), size: 10) == .whole)
    }

    @Test("A file comes in parts, unchanged only, and each answer is framed as it says")
    func files() async throws {
        try await TestApp.run { app in
            let path = "/assets/mark.svg"
            let whole = try await app.call(.get, path)
            let bytes = Array(whole.text.utf8)
            func get(_ range: String, _ headers: HTTPFields = [:]) async throws -> TestApp.Answer {
                try await app.call(.get, path, headers: headers + [.range: range])
            }
            for (range, part) in [
                ("bytes=0-9", 0...9), ("bytes=-5", bytes.count - 5...bytes.count - 1), ("bytes=7-7", 7...7),
            ] {
                let answer = try await get(range)
                #expect(answer.status == 206 && Array(answer.text.utf8) == Array(bytes[part]), "\(range)")
                #expect(answer.headers[.contentRange] == "bytes \(part.lowerBound)-\(part.upperBound)/\(bytes.count)")
                #expect(answer.headers[.contentLength] == "\(part.count)")
            }
            for range in ["bytes=\(bytes.count)-", "bytes=\(bytes.count)-\(bytes.count + 400)"] {
                let answer = try await get(range)
                #expect(answer.status == 416 && answer.text.isEmpty)
                #expect(answer.headers[.contentRange] == "bytes */\(bytes.count)")
            }
            for range in ["bytes=10-5", "items=0-1", "bytes=x", "bytes=0-1,4-5"] {
                let answer = try await get(range)
                #expect(answer.status == 200 && answer.text == whole.text && answer.headers[.contentRange] == nil)
            }
            // Conditional on what the file was (13.1.5): a weak tag never says that it is the same to the byte.
            let date = try #require(whole.headers[.lastModified])
            let tag = try #require(whole.headers[.eTag])
            #expect(try await get("bytes=0-1", [.ifRange: date]).status == 206)
            for old in [tag, "\"other\"", "Thu, 01 Jan 1970 00:00:00 GMT", "x"] {
                let answer = try await get("bytes=0-1", [.ifRange: old])
                #expect(answer.status == 200 && answer.text == whole.text, "\(old)")
            }
            #expect(try await get("bytes=0-1", [.ifNoneMatch: tag]).status == 304)
            let head = try await app.call(.head, path, headers: [.range: "bytes=0-1"])
            #expect(head.status == 200 && head.headers[.contentRange] == nil)
            #expect(try await app.call(.get, "/assets/nothing.js", headers: [.range: "bytes=0-1"]).status == 404)
            #expect(try await app.call(.get, "/assets/pages", headers: [.range: "bytes=0-1"]).status == 404)
        }
    }
}
