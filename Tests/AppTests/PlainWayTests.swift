import Foundation
import HTTPTypes
import JSON
import Storage
import Testing
import Texts

@testable import App
@testable import Chatbots
@testable import HTTPKit
@testable import Metering
@testable import Platform

/// What is done byte by byte, against a plain way to do the same, on text of all of Unicode.
@Suite struct PlainWayTests {
    @Test("Base64URL is Base64 with another alphabet and without padding")
    func base64URL() {
        var random = Texts.RandomText(seed: 21)
        for _ in 0..<3000 {
            let bytes = Array(random.text(length: 0...60).utf8)
            let plain = Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
                .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
            #expect(Base64URL.encode(bytes) == plain)
            #expect(Base64URL.decode(plain) == bytes)
            // Any text at all is refused or read, and what is read is written the same way but for loose bits at its end.
            let text = random.text(length: 0...12)
            guard let read = Base64URL.decode(text) else { continue }
            #expect(text.allSatisfy { $0.isASCII } && read.count == text.utf8.count * 3 / 4)
        }
    }

    @Test("An id that can be one is short, plain ASCII")
    func identifiers() {
        var random = Texts.RandomText(seed: 22)
        let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".unicodeScalars)
        for _ in 0..<5000 {
            var text = random.text(length: 0...3)
            if Bool.random(using: &random) {
                text += String(repeating: "x", count: Int.random(in: 0...70, using: &random))
            }
            let plain = (1...64).contains(text.unicodeScalars.count) && text.unicodeScalars.allSatisfy(allowed.contains)
            #expect(Identifier.isPlausible(text) == plain, "\(text.debugDescription)")
            #expect((Cursor(Cursor(key: 1, id: text).text) != nil) == plain)
        }
    }

    /// Fills the prompt scalar by scalar, and with a new text for each variable.
    private static func plainFill(_ prompt: String, _ value: (String) -> String?) -> String {
        var scalars = Array(prompt.unicodeScalars)
        var filled = String.UnicodeScalarView()
        func pair(_ scalar: Unicode.Scalar, from start: Int) -> Int? {
            var index = start
            while index + 1 < scalars.count {
                if scalars[index] == scalar, scalars[index + 1] == scalar { return index }
                index += 1
            }
            return nil
        }
        while let open = pair("{", from: 0), let close = pair("}", from: open + 2) {
            filled.append(contentsOf: scalars[..<open])
            let name = String(String.UnicodeScalarView(scalars[(open + 2)..<close]))
            let trimmed = name.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
            filled.append(contentsOf: (value(String(trimmed)).map(PromptTemplate.plain) ?? "").unicodeScalars)
            scalars.removeFirst(close + 2)
        }
        filled.append(contentsOf: scalars)
        return String(filled)
    }

    @Test("Variables of a prompt are found in every language, whatever follows them without a space")
    func prompts() {
        var random = Texts.RandomText(seed: 23)
        let pieces = ["{{user.first_name}}", "{{", "}}", "{", "}", "{{ user.role }}", "\u{301}", "ের", "👩‍👧", "\u{200d}"]
        for _ in 0..<3000 {
            let prompt = (0..<Int.random(in: 0...8, using: &random)).map { _ in
                Bool.random(using: &random) ? pieces.randomElement(using: &random)! : random.text(length: 0...6)
            }.joined()
            let value: (String) -> String? = { $0 == "user.first_name" ? "আদা" : $0 == "user.role" ? "{{x}}" : nil }
            #expect(
                PromptTemplate.fill(prompt, with: value) == Self.plainFill(prompt, value), "\(prompt.debugDescription)")
            #expect(PromptTemplate.hasVariables(prompt) == prompt.unicodeScalars.contains("{{".unicodeScalars))
        }
        // A Bengali ending, a Hebrew point, an accent and a joiner right after the braces.
        for ending in ["ের দোকান", "\u{5b8}", "\u{301}", "\u{200d}", "ा", "่"] {
            let prompt = "{{user.first_name}}\(ending) {{user.first_name}}"
            #expect(PromptTemplate.fill(prompt) { _ in "Ada" } == "Ada\(ending) Ada")
        }
    }

    @Test("A field of CSV is read as it was written, whatever stands after a quotation mark")
    func csv() {
        var random = Texts.RandomText(seed: 24)
        let pieces = ["\"", "\"\u{301}", ",", "\r\n", "\n\u{308}", "=1+1", ",\u{200d}", "'", "ক"]
        for _ in 0..<3000 {
            let fields = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                (0..<Int.random(in: 0...5, using: &random)).map { _ in
                    Bool.random(using: &random) ? pieces.randomElement(using: &random)! : random.text(length: 0...4)
                }.joined()
            }
            var read: [[UInt8]] = [[]]
            var isQuoted = false
            var line = Array(CSV.line(fields).utf8)[...]
            #expect(line.suffix(2) == [13, 10])
            line = line.dropLast(2)
            while let byte = line.popFirst() {
                switch byte {
                case 34 where isQuoted && line.first == 34:
                    line.removeFirst()
                    read[read.count - 1].append(34)
                case 34: isQuoted.toggle()
                case 44 where !isQuoted: read.append([])
                default: read[read.count - 1].append(byte)
                }
            }
            let expected = fields.map { Array(Self.plainlySafe($0).utf8) }
            #expect(read == expected, "\(fields.map(\.debugDescription))")
        }
    }

    /// Inserts an apostrophe before each place that a spreadsheet may read as a formula.
    private static func plainlySafe(_ field: String) -> String {
        let ends = "\t\r\n;|؛،\u{2028}\u{2029}\u{85}".unicodeScalars
        var out = String.UnicodeScalarView()
        var rest = Array(field.unicodeScalars)[...]
        while let scalar = rest.first {
            let begins = out.last.map { ends.contains($0) } ?? true
            let sign = rest.first { sign in
                ends.contains(sign)
                    || !(sign == "\"" || sign.properties.isWhitespace || sign.properties.isDefaultIgnorableCodePoint
                        || sign.properties.generalCategory == .control)
            }
            let isFormula = sign.map { "=+-@＝＋－＠﹦﹢﹣﹫".unicodeScalars.contains($0) } ?? false
            let isControl = out.isEmpty && "\t\r\n".unicodeScalars.contains(scalar)
            if begins && isFormula || isControl { out.append("'") }
            out.append(scalar)
            rest = rest.dropFirst()
        }
        return String(out)
    }

    @Test("What is escaped is escaped with a mark on it, too")
    func escaping() {
        for mark in ["", "\u{301}", "\u{200d}", "\u{5b8}", "া"] {
            #expect(
                MailContent.escaped("<\(mark)b>\(mark)&\(mark)\"\(mark)'").utf8.allSatisfy {
                    ![60, 62, 34, 39].contains($0)
                })
            var page = MetricsPage()
            page.sample("m", [("model", "a\"\(mark)b\r\n\(mark)c\\\(mark)")], 1)
            #expect(page.text.utf8.count { $0 == 10 } == 1 && page.text.utf8.contains(#"a\""#.utf8), "\(page.text)")
        }
        var random = Texts.RandomText(seed: 25)
        for _ in 0..<2000 {
            let text = random.text(length: 0...30)
            let plain = text.unicodeScalars.map { $0 == "a" ? "<b>" : $0 == "়" ? "" : String($0) }
            let replaced = text.replacing(scalars: ["a": "<b>", "়": ""])
            #expect(Array(replaced.utf8) == plain.flatMap { Array($0.utf8) })
        }
    }

    @Test("Form fields are percent-decoded as Foundation does it")
    func forms() {
        var random = Texts.RandomText(seed: 26)
        for _ in 0..<2000 {
            let (name, value) = (random.text(length: 1...20), random.text())
            func escaped(_ text: String) -> String {
                text.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
            }
            let fields = FormFields.parse("\(escaped(name))=\(escaped(value))&b=1+2".utf8)
            guard name != "b" else { continue }
            #expect(fields?[name]?.string.map { Array($0.utf8) } == Array(value.utf8))
            #expect(fields?["b"] == "1 2")
            // Raw bytes are read or refused.
            _ = FormFields.parse(Array(value.utf8) + [37])
        }
    }

    @Test("An address is in a network if its first bits are the network's")
    func networks() throws {
        var random = Texts.RandomText(seed: 27)
        for _ in 0..<3000 {
            let size = Bool.random(using: &random) ? 4 : 16
            let address = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            let bits = Int.random(in: 0...size * 8, using: &random)
            var other = address
            let flipped = Int.random(in: 0..<size * 8, using: &random)
            other[flipped / 8] ^= 0x80 >> UInt8(flipped % 8)
            func binary(_ bytes: [UInt8]) -> String {
                bytes.map { byte in
                    let digits = String(byte, radix: 2)
                    return String(repeating: "0", count: 8 - digits.count) + digits
                }.joined()
            }
            // An IPv4 address in IPv6's clothes is another matter.
            guard size == 4 || address[0] != 0 else { continue }
            let range = try #require(AddressRange("\(IPAddress.text(address))/\(bits)"))
            for each in [address, other] {
                #expect(range.contains(each) == (binary(each).prefix(bits) == binary(address).prefix(bits)))
            }
            #expect(AddressRange(range.text) == range)
        }
    }
}
