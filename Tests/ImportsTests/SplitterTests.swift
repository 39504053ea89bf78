import JSON
import Testing
import Texts

@testable import Imports

/// Files cut into conversations.
@Suite struct SplitterTests {
    @Test("An array, an object with conversations, and one object")
    func forms() async throws {
        #expect(
            try await elements(of: #" [ {"a": "[]{}\",\\"} , {"b":[1,2]} , 5 , "x" ] "#.utf8)
                == [#"{"a": "[]{}\",\\"} "#, #"{"b":[1,2]} "#, "5 ", #""x" "#])
        #expect(
            try await elements(
                of: #"{"version": {"conversations": [9]}, "conversations": [{"পাখি": 1}, 2], "x": [3]}"#.utf8)
                == [#"{"পাখি": 1}"#, "2"])
        let one = #"{"conversationId": "১", "messages": [{"text": "conversations"}], "more": []}"#
        #expect(try await elements(of: one.utf8) == [one])
        #expect(try await elements(of: "[]".utf8) == [])
        #expect(try await elements(of: "\u{FEFF}[1]".utf8) == ["1"])
    }

    @Test("What is no JSON, and what is cut off, is named")
    func failures() async throws {
        for text in ["", "hello", "<html>", "5", "\"text\""] {
            await #expect(throws: FileFailure.unknownFormat, "\(text)") { try await elements(of: text.utf8) }
        }
        for text in ["[", "[{}", "[{},", #"{"a": "#, #"["abc"#, #"[{"a": "\"#, "{"] {
            await #expect(throws: FileFailure.damaged, "\(text)") { try await elements(of: text.utf8) }
        }
    }

    @Test("A conversation that is not valid costs no other")
    func broken() async throws {
        let found = try await elements(of: #"[{"a": 1}, {"b": 01, nul}, {"c": }, {"d": 4}]"#.utf8)
        #expect(found.count == 4)
        #expect(found.map { (try? JSONValue(parsing: ($0 ?? "").utf8)) != nil } == [true, false, false, true])
    }

    @Test("A conversation that is too long is passed over")
    func tooLong() {
        var (splitter, found) = (ElementSplitter(most: 20), [ElementSplitter.Element]())
        let text = #"[{"a": "x"}, {"b": "0123456789012345678901234567890]"}, {"c": 3}]"#
        try? splitter.take(Array(text.utf8), into: &found)
        #expect(found == [.bytes(Array(#"{"a": "x"}"#.utf8)), .tooLong, .bytes(Array(#"{"c": 3}"#.utf8))])
        #expect(!splitter.isCutOff)
    }

    @Test("Random documents come out as a parser reads them, however their bytes arrive")
    func property() throws {
        var random = Chance(seed: 21)
        for _ in 0..<300 {
            let values = (0..<Int.random(in: 0...8, using: &random)).map { _ in Self.value(&random, depth: 3) }
            let text = try JSONWriter.encode(JSONValue.array(values))
            var (splitter, found) = (ElementSplitter(most: 1 << 20), [ElementSplitter.Element]())
            var rest = text[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...20, using: &random))
                try splitter.take(Array(piece), into: &found)
                rest = rest.dropFirst(piece.count)
            }
            let read = try found.map { element -> JSONValue in
                guard case .bytes(let bytes) = element else { return .null }
                return try JSONValue(parsing: bytes)
            }
            #expect(read == values && !splitter.isCutOff)
        }
    }

    private static func value(_ random: inout Chance, depth: Int) -> JSONValue {
        let pieces = ["{", "}", "[", "]", ",", "\"", "\\", "পাখি", "🦜", "conversations", "\u{E200}", "طائر", "\n"]
        func text() -> String {
            (0..<Int.random(in: 0...4, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined()
        }
        switch Int.random(in: 0...(depth > 0 ? 4 : 2), using: &random) {
        case 0: return .int(Int64.random(in: .min ... .max, using: &random))
        case 1: return .string(text())
        case 2: return .bool(true)
        case 3: return .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(&random, depth: depth - 1) })
        default:
            let count = Int.random(in: 0...3, using: &random)
            return .object(
                Dictionary((0..<count).map { _ in (text(), value(&random, depth: depth - 1)) }) { $1 })
        }
    }
}
