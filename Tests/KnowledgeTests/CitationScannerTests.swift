import Testing

@testable import Knowledge

/// How citations are read out of a reply that comes in pieces.
@Suite struct CitationScannerTests {
    private func scan(_ pieces: [String], sources: Int) -> (shown: [String], uses: [CitationScanner.Use]) {
        var scanner = CitationScanner(sources: sources)
        var shown: [String] = []
        var scalars: [Unicode.Scalar] = []
        for piece in pieces + [nil] {
            shown.append(piece.map { scanner.add($0) } ?? scanner.finish())
            scalars += shown.last!.unicodeScalars
            for marker in scanner.takeMarkers() {
                let text = "[\(marker.number)]".unicodeScalars
                #expect(scalars[..<marker.end].suffix(text.count).elementsEqual(text), "\(shown) \(marker)")
            }
        }
        return (shown, scanner.uses)
    }

    @Test(
        "Markers of every form become plain ones, and numbers of no source are left out",
        arguments: [
            ("দাম ৫০ টাকা [১]।", "দাম ৫০ টাকা [1]।", [1]), ("السعر [٢، ٣].", "السعر [2][3].", [2, 3]),
            ("图书馆星期天开门【1】。", "图书馆星期天开门[1]。", [1]), ("［３］ 🦜", "[3] 🦜", [3]),
            ("one [[2]] two [1-3] three [3–1]", "one [2] two [1][2][3] three [1][2][3]", [2, 1, 3]),
            ("gone [4] and [0], [99]. [2024]", "gone and,.", []), ("both [9, 2, 2]", "both [2]", [2]),
            ("[4]", "", []), ("a [1][4][1] b", "a [1][1] b", [1]),
            ("[a] [1a] [1 2] [] [ ] [-1]", "[a] [1a] [1 2] [] [ ] [-1]", []),
            ("`x[0]` and\n```c\nargv[7];\n```\n[1]", "`x[0]` and\n```c\nargv[7];\n```\n[1]", [1]),
            ("an open ` mark [2]\nthen [2]", "an open ` mark [2]\nthen [2]", [2]), ("[1234567890]", "[1234567890]", []),
            ("cut off [1", "cut off", []), ("cut off [[2]", "cut off", []), ("an end [", "an end [", []),
            ("a link [1](https://example.org)", "a link [1](https://example.org)", [1]), ("[[1] x", "[[1] x", [1]),
        ])
    func forms(text: String, expected: String, numbers: [Int]) throws {
        let whole = scan([text], sources: 3)
        #expect(whole.shown.joined() == expected && whole.uses.map(\.number) == numbers)
        let scalars = scan(text.unicodeScalars.map { String($0) }, sources: 3)
        #expect(scalars.shown.joined() == expected && scalars.uses == whole.uses)
        let oracle = try CitationOracle(text, sources: 3)
        #expect(oracle.text == expected && oracle.numbers == numbers)
    }

    @Test("On random texts of many scripts, cut anywhere, the scanner does what the oracle does with the whole text")
    func random() throws {
        let parts = [
            "[", "]", "[[", "]]", "【", "】", "［", "］", "1", "2", "12", "১", "٣", "三", "0", "999999999", ",", ", ", "،",
            "、",
            "-", "–", " ", "  ", "\n", "\t", "`", "``", "```", "\n```\n", "টাকা", "كتاب", "图书馆", "🦜", "👨‍👩‍👧", "a", ";",
            "é", "[1]", " [2]", "[3, 1]", "[৯]", "\r\n", "(", "ক্ষ",
        ]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<3000 {
            let sources = Int.random(in: 0...12, using: &random)
            let text = (0..<Int.random(in: 0...40)).map { _ in parts.randomElement(using: &random)! }.joined()
            let scalars = Array(text.unicodeScalars)
            var pieces: [String] = []
            var start = 0
            while start < scalars.count {
                let end = min(scalars.count, start + Int.random(in: 1...9, using: &random))
                pieces.append(String(String.UnicodeScalarView(scalars[start..<end])))
                start = end
            }
            let oracle = try CitationOracle(text, sources: sources)
            let found = scan(pieces, sources: sources)
            let shown = found.shown.joined()
            let isSame = shown.unicodeScalars.elementsEqual(oracle.text.unicodeScalars)
            #expect(isSame, "\(text.debugDescription) of \(pieces)")
            #expect(found.uses.map(\.number) == oracle.numbers, "\(text.debugDescription)")
            for use in found.uses {
                let rest = String(decoding: Array(shown.utf8)[use.offset...], as: UTF8.self)
                #expect(rest.hasPrefix("[\(use.number)]"), "\(text.debugDescription) at \(use.offset)")
            }
        }
    }

    @Test("No marker is split between two pieces, wherever the model's pieces end")
    func whole() {
        let text = "দাম ৫০ টাকা [১]। السعر [٢، ٣] 图书馆【1】🦜 [[2]] done [7] [1 , 3]."
        let scalars = Array(text.unicodeScalars)
        for first in 0...scalars.count {
            for second in first...scalars.count {
                let pieces = [0..<first, first..<second, second..<scalars.count].map {
                    String(String.UnicodeScalarView(scalars[$0]))
                }
                let shown = scan(pieces, sources: 3).shown
                #expect(shown.joined() == "দাম ৫০ টাকা [1]। السعر [2][3] 图书馆[1]🦜 [2] done [1][3].")
                for piece in shown { #expect(piece.count { $0 == "[" } == piece.count { $0 == "]" }, "\(shown)") }
            }
        }
    }

    @Test("What was shown is read again the same, and nothing of it can be read twice")
    func again() {
        let text = "ক [1] খ [3][1] `[2]` 🦜"
        #expect(CitationScanner.uses(in: text) == scan([text], sources: 3).uses)
        #expect(CitationScanner.stripped(text) == "ক খ `[2]` 🦜")
    }
}
