import Foundation
import Testing

@testable import JSON

@Suite struct JSONParserTests {
    @Test("A document of very many values is refused before they fill the memory")
    func manyValues() throws {
        let array = { (count: Int) in Array("[\(Array(repeating: "1", count: count).joined(separator: ","))]".utf8) }
        #expect(try JSONValue(parsing: array(199_999)).array?.count == 199_999)
        #expect(throws: JSONError.self) { try JSONValue(parsing: array(200_000)) }
    }

    @Test(
        arguments: [
            ("null", .null), ("true", true), ("false", false), (" \t\r\n0 ", 0), ("-0", 0), ("-12", -12),
            ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("1.0", 1.0), ("1.5e3", 1500.0),
            ("1E-2", 0.01),
            ("0e+1", 0.0), ("1e-400", 0.0), ("[]", []), ("[ ]", []), ("{}", [:]), ("{ }", [:]),
            ("[1,[2],{}]", [1, [2], [:]]),
            (#"{"a":1 , "b" :[null]}"#, ["a": 1, "b": [.null]]), (#"{"":0}"#, ["": 0]),
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\u0041\u00e9\u20AC""#, "Aé€"),
            (#""\ud83d\ude00""#, "😀"), (#""\uDBFF\uDFFF""#, "\u{10FFFF}"), (#""\u0000""#, "\0"),
            // Half a pair is U+FFFD.
            (#""a\ud800""#, "a\u{FFFD}"), (#""\ud800\u0041""#, "\u{FFFD}A"), (#""\ud800x""#, "\u{FFFD}x"),
            (#""\udc00\ud800""#, "\u{FFFD}\u{FFFD}"), (#""\ud800\ud83d\ude00""#, "\u{FFFD}😀"),
            (#""\ud83d\\ude00""#, "\u{FFFD}\\ude00"), (#""\ud83d😀\ude00""#, "\u{FFFD}😀\u{FFFD}"),
            (#"{"\udc00":"\ud800"}"#, ["\u{FFFD}": "\u{FFFD}"]),
            ("\"😀 é \u{7f}\u{2028}\"", "😀 é \u{7f}\u{2028}"),
            (#"{"a":{"a":{"a":1}}}"#, ["a": ["a": ["a": 1]]]),
        ] as [(String, JSONValue)])
    func accepts(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: Array(text.utf8)) == value)
        #expect(try JSONValue(parsing: text.utf8.lazy.map { $0 }) == value)
    }

    @Test(arguments: [
        ("", 0, "it is empty"), ("  ", 2, "it is empty"), ("\u{FEFF}1", 0, "it begins with a byte order mark"),
        ("nul", 0, "an unknown word"), ("True", 0, "a value should be here"), ("NaN", 0, "a value should be here"),
        ("'a'", 0, "a value should be here"), ("01", 0, "a number begins with a needless zero"),
        ("-01", 0, "a number begins with a needless zero"), ("-", 0, "a number is incomplete"),
        ("1.", 0, "a number is incomplete"), ("[1.e5]", 1, "a number is incomplete"),
        ("1e", 0, "a number is incomplete"),
        ("1e+", 0, "a number is incomplete"), (".5", 0, "a value should be here"), ("+1", 0, "a value should be here"),
        ("1e400", 0, "a number is too large"), ("-1e400", 0, "a number is too large"),
        ("[1,]", 3, "a value should be here"), ("[,1]", 1, "a value should be here"),
        ("[1 2]", 3, "a comma or a closing bracket should be here"), ("[", 1, "it ends where a value should be"),
        ("[1", 2, "it ends where a comma or a closing bracket should be"),
        (#"{"a"}"#, 4, "a colon should be here"), (#"{"a":}"#, 5, "a value should be here"),
        (#"{"a":1,}"#, 7, "a name in double quotes should be here"),
        ("{a:1}", 1, "a name in double quotes should be here"),
        (#"{"a":1"#, 6, "it ends where a comma or a closing brace should be"),
        (#""abc"#, 0, "a string is not closed"), (#""abc\"#, 0, "a string is not closed"),
        (#"["\""#, 1, "a string is not closed"),
        ("\"a\nb\"", 2, "a control character in a string is not escaped"),
        ("\"\0\"", 1, "a control character in a string is not escaped"),
        (#""\x""#, 1, "an escape is unknown"), (#""\u12""#, 1, "an escape is incomplete"),
        (#""\u12G4""#, 1, "an escape is incomplete"), (#""\u+123""#, 1, "an escape is incomplete"),
        (#""\u-000""#, 1, "an escape is incomplete"), (#""\ud83d\ude""#, 7, "an escape is incomplete"),
        (#""\ud83d\u""#, 7, "an escape is incomplete"),
        ("// a\n1", 0, "a value should be here"), ("é", 0, "a value should be here"),
    ])
    func refuses(text: String, offset: Int, message: String) {
        #expect(throws: JSONError(kind: .malformed, message: message, offset: offset)) {
            try JSONValue(parsing: Array(text.utf8))
        }
    }

    @Test(arguments: [("1 2", 2), ("{}}", 2), ("null,", 4), ("\"a\"\0", 3)])
    func refusesWhatFollows(text: String, offset: Int) {
        #expect(throws: JSONError(kind: .trailing, message: "something follows the value", offset: offset)) {
            try JSONValue(parsing: Array(text.utf8))
        }
    }

    @Test(
        arguments: [
            ([0x22, 0x61, 0xFF, 0x22], 2), ([0x22, 0xC0, 0x80, 0x22], 1), ([0x22, 0xED, 0xA0, 0x80, 0x22], 1),
            ([0x22, 0xF5, 0x80, 0x80, 0x80, 0x22], 1), ([0x22, 0x61, 0xE2, 0x82, 0x22], 2),
            ([0x22, 0xE0, 0x80, 0x80, 0x22], 1),
            ([0x22, 0x5C, 0x6E, 0x80, 0x22], 3), ([0x22, 0xC3], 1), ([0xFF, 0xFE, 0x31, 0x00], 0),
            ([0x5B, 0x31, 0x80], 2),
        ] as [([UInt8], Int)])
    func refusesInvalidUTF8(bytes: [UInt8], offset: Int) {
        #expect(throws: JSONError(kind: .notUTF8, message: "it is not valid UTF-8", offset: offset)) {
            try JSONValue(parsing: bytes)
        }
    }

    @Test(arguments: [
        (#"{"a":1,"a":1}"#, 7, "a"), (#"{"a":1,"\u0061":2}"#, 7, "a"), (#"[{"x":{"b":1,"c":2,"b":3}}]"#, 19, "b"),
        // One string to Swift, and to most who compare text: é as one scalar and as two.
        ("{\"\u{E9}\":1,\"e\u{301}\":2}", 8, "e\u{301}"), (#"{"\ud800":1,"\udfff":2}"#, 12, "\u{FFFD}"),
        (#"{"\n":1,"\n":1}"#, 8, "?"),
    ])
    func refusesRepeatedNames(text: String, offset: Int, shown: String) {
        #expect(throws: JSONError(kind: .duplicateKey, message: "the name '\(shown)' appears twice", offset: offset)) {
            try JSONValue(parsing: Array(text.utf8))
        }
    }

    @Test func boundsTheDepth() throws {
        func nested(_ depth: Int, _ open: String, _ close: String) -> [UInt8] {
            Array((String(repeating: open, count: depth) + "0" + String(repeating: close, count: depth)).utf8)
        }
        #expect(throws: Never.self) { try JSONValue(parsing: nested(64, "[", "]")) }
        #expect(throws: Never.self) { try JSONValue(parsing: nested(64, #"{"a":"#, "}")) }
        let tooDeep = "it is nested too deeply"
        #expect(throws: JSONError(kind: .tooDeep, message: tooDeep, offset: 64)) {
            try JSONValue(parsing: nested(65, "[", "]"))
        }
        #expect(throws: JSONError(kind: .tooDeep, message: tooDeep, offset: 64)) {
            try JSONValue(parsing: nested(100_000, "[", "]"))
        }
        #expect(throws: JSONError(kind: .tooDeep, message: tooDeep, offset: 64 * 5)) {
            try JSONValue(parsing: nested(100_000, #"{"a":"#, "}"))
        }
        #expect(throws: JSONError(kind: .tooDeep, message: tooDeep, offset: 2)) {
            try JSONValue(parsing: nested(3, "[", "]"), maxDepth: 2)
        }
        // Depth is what is open, not what was opened.
        let wide = "[" + String(repeating: "[[]],", count: 1000) + "[[]]]"
        #expect(try JSONValue(parsing: Array(wide.utf8), maxDepth: 3).array?.count == 1001)
    }

    @Test func boundsTheLengthOfNames() {
        let name = String(repeating: "a", count: 1024)
        #expect(throws: Never.self) { try JSONValue(parsing: Array("{\"\(name)\":1}".utf8)) }
        #expect(throws: JSONError(kind: .malformed, message: "a name is longer than 1024 bytes", offset: 1)) {
            try JSONValue(parsing: Array("{\"\(name)a\":1}".utf8))
        }
    }

    @Test func takesSlicesAndRawBuffers() throws {
        let bytes = Array("xx[1]yy".utf8)
        #expect(try JSONValue(parsing: bytes[2..<5]) == [1])
        #expect(
            try bytes.withUnsafeBytes { try JSONValue(parsing: UnsafeRawBufferPointer(rebasing: $0[2..<5])) } == [1])
        #expect(throws: JSONError.self) { try JSONValue(parsing: UnsafeRawBufferPointer(start: nil, count: 0)) }
    }

    @Test func agreesWithFoundationOnRandomTrees() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let tree = JSONValue.random(depth: 4, using: &random)
            let bytes = tree.serialized()
            #expect(try JSONValue(parsing: bytes) == tree)
            let foundation = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            let back = try JSONSerialization.data(withJSONObject: foundation, options: .fragmentsAllowed)
            #expect(try JSONValue(parsing: back).isSame(as: tree), "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    /// Neither random bytes nor damaged JSON may crash it, and what it accepts it must be able to write and read again.
    @Test func survivesRandomBytes() throws {
        var random = SystemRandomNumberGenerator()
        let alphabet =
            Array(#"{}[]":,\u0dD8e+-. nulltruefalse"#.utf8) + [0, 0x80, 0xC3, 0xA9, 0xE2, 0xF0, 0x9F, 0xED, 0xFF]
        for round in 0..<20_000 {
            var bytes: [UInt8]
            if round.isMultiple(of: 2) {
                bytes = (0..<Int.random(in: 0...40)).map { _ in alphabet.randomElement(using: &random)! }
            } else {
                bytes = JSONValue.random(depth: 3, using: &random).serialized()
                for _ in 0..<Int.random(in: 1...3) {
                    let index = bytes.indices.randomElement(using: &random)!
                    if Bool.random() {
                        bytes[index] = .random(in: 0...255)
                    } else {
                        bytes = Array(bytes[..<index]) + [0x22]
                    }
                }
            }
            do throws(JSONError) {
                let value = try JSONValue(parsing: bytes)
                #expect(String(validating: bytes, as: UTF8.self) != nil, "\(bytes)")
                #expect((try? JSONValue(parsing: value.serialized())) == value, "\(bytes)")
            } catch {
                #expect((0...bytes.count).contains(error.offset), "\(bytes)")
            }
        }
    }
}

extension JSONValue {
    static func random(depth: Int, using random: inout some RandomNumberGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .int(.random(in: -1000...1000, using: &random))
        case 3: return .int(.random(in: .min ... .max, using: &random))
        case 4: return .double(.random(in: -1e6...1e6, using: &random) * 1.0000001)
        case 5: return .string(randomString(using: &random))
        case 6:
            return .array(
                (0..<Int.random(in: 0...5, using: &random)).map { _ in .random(depth: depth - 1, using: &random) })
        default:
            let pairs = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                (randomString(using: &random), JSONValue.random(depth: depth - 1, using: &random))
            }
            return .object(Dictionary(pairs) { $1 })
        }
    }

    private static func randomString(using random: inout some RandomNumberGenerator) -> String {
        let ranges: [ClosedRange<UInt32>] = [
            0...0x7F, 0x20...0x7E, 0x4E00...0x4EFF, 0x2020...0x2030, 0x1F600...0x1F64F, 0xE000...0xE0FF,
        ]
        let range = ranges.randomElement(using: &random)!
        let scalars = (0..<Int.random(in: 0...20, using: &random)).map { _ in
            Unicode.Scalar(.random(in: range, using: &random))!
        }
        return String(String.UnicodeScalarView(scalars))
    }

    /// As Foundation tells numbers apart: by value, not by how they were written.
    fileprivate func isSame(as other: JSONValue) -> Bool {
        switch (self, other) {
        case (.array(let mine), .array(let theirs)):
            mine.count == theirs.count && zip(mine, theirs).allSatisfy { $0.isSame(as: $1) }
        case (.object(let mine), .object(let theirs)):
            mine.count == theirs.count
                && mine.allSatisfy { key, value in theirs[key].map { value.isSame(as: $0) } ?? false }
        case (.double, _), (_, .double): double == other.double
        default: self == other
        }
    }
}
