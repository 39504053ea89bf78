import Foundation
import Testing
import Texts

@testable import JSON

/// The plain versions of what the parser and the writer do by bytes, compared with them on text of all of Unicode.
@Suite struct PlainJSONTests {
    // MARK: Writing

    private static func plainlyWritten(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\u{8}": out += "\\b"
            case "\t": out += "\\t"
            case "\n": out += "\\n"
            case "\u{C}": out += "\\f"
            case "\r": out += "\\r"
            case "\0"..<" ", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }

    @Test("A string is written as scalar by scalar, wherever in a word of eight bytes its characters are")
    func writesStrings() throws {
        var random = RandomText(seed: 1)
        for round in 0..<3000 {
            let text = String(repeating: "x", count: round % 17) + random.text(length: 0...40)
            #expect(String(decoding: JSONValue.string(text).serialized(), as: UTF8.self) == Self.plainlyWritten(text))
            // A string that is bridged or not contiguous is written alike.
            let copy = String(text.unicodeScalars.reversed().map(Character.init).reversed())
            #expect(try JSONWriter.encode([copy]) == Array("[\(Self.plainlyWritten(text))]".utf8))
            #expect(try JSONValue(parsing: JSONWriter.encode([text: text])) == [text: .string(text)])
        }
    }

    @Test("Each scalar of Unicode is written and read at the beginning, in the middle and at the end of a word")
    func writesEachScalar() throws {
        for value in UInt32(0)...0x10FFFF {
            // Every one of the first plane, and every 61st beyond it.
            guard value <= 0xFFFF || value % 61 == 0, let scalar = Unicode.Scalar(value) else { continue }
            let text = "\(scalar)abc\(scalar)defg\(scalar)"
            let written = JSONValue.string(text).serialized()
            guard try JSONValue(parsing: written) == .string(text),
                written.elementsEqual(Self.plainlyWritten(text).utf8)
            else {
                Issue.record("U+\(String(value, radix: 16))")
                return
            }
        }
    }

    @Test func writesIntegers() {
        var random = RandomText(seed: 2)
        for _ in 0..<2000 {
            let value = Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0...63, using: &random)
            #expect(JSONValue.int(value).serialized() == Array("\(value)".utf8))
        }
    }

    // MARK: Names

    /// Converts word by word: a capital begins a word, and a run of capitals is an acronym or the plural of one.
    private static func plainSnakeCase(_ name: String) -> String {
        let letters = Array(name.unicodeScalars)
        let isLower = { (index: Int) in letters.indices.contains(index) && ("a"..."z").contains(letters[index]) }
        let isCapital = { (index: Int) in letters.indices.contains(index) && ("A"..."Z").contains(letters[index]) }
        guard isLower(0), letters.allSatisfy({ $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0)) })
        else { return name }
        var out = ""
        for index in letters.indices {
            guard isCapital(index) else {
                out.unicodeScalars.append(letters[index])
                continue
            }
            let isPlural =
                letters.indices.contains(index + 1) && letters[index + 1] == "s" && !isLower(index + 2)
                && !(letters.indices.contains(index + 2) && ("0"..."9").contains(letters[index + 2]))
            if !isCapital(index - 1) || (isLower(index + 1) && !isPlural) { out += "_" }
            out += String(letters[index]).lowercased()
        }
        return out
    }

    @Test func namesInSnakeCase() {
        var random = RandomText(seed: 3)
        let letters: [String] = [
            "a", "b", "s", "s", "A", "B", "S", "I", "D", "0", "9", "_", "é", "İ", "ı", "K", "ß", "নাম",
        ]
        for _ in 0..<20_000 {
            let ascii = Int.random(in: 0..<4, using: &random) > 0
            let name = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                (ascii ? letters.prefix(11) : letters[...]).randomElement(using: &random) ?? ""
            }.joined()
            let expected = Self.plainSnakeCase(name)
            #expect(snakeCase(name) == expected, "\(name)")
            let out = JSONBytes(capacity: 1)
            out.append(name: name, isData: false)
            #expect(String(decoding: out.assembled(), as: UTF8.self) == "\(Self.plainlyWritten(expected)):")
        }
    }

    // MARK: Reading

    /// What a string between quotes means, in UTF-16, or nil if it is not JSON.
    private static func plainlyRead(_ text: String) -> String? {
        let scalars = Array(text.unicodeScalars)
        var units: [UInt16] = []
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            guard scalar == "\\" else {
                if scalar.value < 0x20 || scalar == "\"" { return nil }
                units += Array(String(scalar).utf16)
                continue
            }
            guard index < scalars.count else { return nil }
            let kind = scalars[index]
            index += 1
            switch kind {
            case "\"", "\\", "/": units.append(UInt16(kind.value))
            case "b": units.append(8)
            case "f": units.append(12)
            case "n": units.append(10)
            case "r": units.append(13)
            case "t": units.append(9)
            case "u":
                let digits = String(String.UnicodeScalarView(scalars[index..<min(index + 4, scalars.count)]))
                guard digits.utf8.count == 4, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }),
                    let unit = UInt16(digits, radix: 16)
                else { return nil }
                units.append(unit)
                index += 4
            default: return nil
            }
        }
        return String(decoding: units, as: UTF16.self)
    }

    @Test func readsStrings() throws {
        var random = RandomText(seed: 4)
        let pieces = [
            "\\u", "\\ud83d", "\\uDE00", "\\ude00", "\\n", "\\\\", "\\\"", "\\/", "\\x", "\\", "d83d", "12", "\u{FFFD}",
            "é", "\0",
        ]
        for _ in 0..<20_000 {
            var text = ""
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                switch Int.random(in: 0..<4, using: &random) {
                case 0: text += random.text(length: 0...3)
                case 1:
                    let unit = String(UInt16.random(in: .min ... .max, using: &random), radix: 16, uppercase: true)
                    text += "\\u" + String(repeating: "0", count: 4 - unit.count) + unit
                default: text += pieces.randomElement(using: &random) ?? ""
                }
            }
            let read = try? JSONValue(parsing: Array("\"\(text)\"".utf8))
            // As bytes: strings that look alike are equal.
            #expect((read?.string).map { Array($0.utf8) } == Self.plainlyRead(text).map { Array($0.utf8) }, "\(text)")
        }
    }

    @Test("Any cut of UTF-16 comes back with U+FFFD in the place of each half")
    func readsHalves() throws {
        var random = RandomText(seed: 5)
        for _ in 0..<3000 {
            let units = random.units(length: 0...40)
            let escaped = units.map { unit -> String in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined()
            let expected = String(decoding: units, as: UTF16.self)
            let read = try JSONValue(parsing: Array("\"\(escaped)\"".utf8)).string ?? ""
            #expect(Array(read.utf8) == Array(expected.utf8))
            var isTorn = false
            let repaired = try Array("\"\(escaped)\"".utf8).withUnsafeBytes {
                try JSONValue(repairing: $0, isTorn: &isTorn)
            }
            #expect(repaired == .string(expected))
            #expect(isTorn == !Self.isWhole(units))
        }
    }

    private static func isWhole(_ units: [UInt16]) -> Bool {
        var decoder = UTF16()
        var iterator = units.makeIterator()
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue: continue
            case .emptyInput: return true
            case .error: return false
            }
        }
    }

    @Test("Bytes that are no UTF-8 are refused from clients and repaired from vendors")
    func repairsBytes() throws {
        var random = RandomText(seed: 6)
        for _ in 0..<3000 {
            var bytes = Array(random.text(length: 0...12).utf8.filter { $0 != 0x22 && $0 != 0x5C && $0 > 0x1F })
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                bytes.insert(.random(in: 0x80...0xFF, using: &random), at: .random(in: 0...bytes.count, using: &random))
            }
            let json = [0x22] + bytes + [0x22]
            let isValid = String(validating: bytes, as: UTF8.self) != nil
            #expect(((try? JSONValue(parsing: json)) != nil) == isValid)
            var isTorn = false
            let repaired = try json.withUnsafeBytes { try JSONValue(repairing: $0, isTorn: &isTorn) }
            #expect(repaired == .string(String(decoding: bytes, as: UTF8.self)))
            #expect(isTorn == !isValid)
        }
    }

    @Test func readsNumbers() throws {
        var random = RandomText(seed: 7)
        let grammar = /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/
        let characters = Array("0123456789012345678900--+..eE")
        for round in 0..<30_000 {
            var text = String(
                (0..<Int.random(in: 1...8, using: &random)).map { _ in
                    characters.randomElement(using: &random) ?? "0"
                })
            if round % 5 == 0 { text = "\(Int64.random(in: .min ... .max, using: &random))" + text.prefix(2) }
            if round % 7 == 0 { text = "\(Double(bitPattern: random.next()))" }
            let isNumber = text.wholeMatch(of: grammar) != nil
            let isWhole = !text.contains { ".eE".contains($0) }
            let expected: JSONValue? =
                !isNumber
                ? nil
                : isWhole && Int64(text) != nil
                    ? Int64(text).map(JSONValue.int) : Double(text).flatMap { $0.isFinite ? .double($0) : nil }
            #expect((try? JSONValue(parsing: Array(text.utf8))) == expected, "\(text)")
        }
    }
}
