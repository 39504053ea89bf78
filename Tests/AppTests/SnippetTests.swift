import Testing
import Texts

@testable import Chat
@testable import Knowledge

/// What of a text is shown, and where its marks are.
@Suite struct SnippetTests {
    private static func marked(_ snippet: Snippet) -> [String] {
        let units = Array(snippet.text.utf16)
        return snippet.marks.map { String(decoding: units[$0], as: UTF16.self) }
    }

    @Test("A long text is cut around the words, on whole characters")
    func cut() {
        let filler = String(repeating: "কথা 👩‍👩‍👧 ", count: 100)
        let snippet = Snippet("\(filler)শুরু\n\(filler)ঢাকা রাজধানী \(filler)", asked: SearchOwner.asked("রাজধানী ঢাকা শুরু"))
        #expect(Self.marked(snippet) == ["ঢাকা", "রাজধানী"] && snippet.text.utf16.count <= 202)
        #expect(snippet.text.hasPrefix("…") && snippet.text.hasSuffix("…") && !snippet.text.contains("\n"))
        let short = Snippet("one\r\ntwo", asked: ["two"])
        #expect(short.text == "one  two" && Self.marked(short) == ["two"])
        #expect(Snippet("", asked: ["a"]).text == "" && Snippet("abc", asked: []).marks.isEmpty)
        #expect(Self.marked(Snippet("京都と東京", asked: SearchOwner.asked("京"))) == ["京", "京"])
        #expect(Self.marked(Snippet("👩‍👩‍👧 x", asked: SearchOwner.asked("👧"))) == ["👩‍👩‍👧"])
    }

    @Test("Of any text, marks are in order, apart, within the snippet and on whole characters")
    func random() {
        var random = RandomText(seed: 5)
        for _ in 0..<400 {
            let part = random.text(length: 1...8)
            let text = random.text(length: 0...300) + " " + part + " " + random.text(length: 0...300)
            let asked = SearchOwner.asked(part)
            let snippet = Snippet(text, asked: asked)
            var (ends, end) = (Set([0]), 0)
            for character in snippet.text {
                end += character.utf16.count
                ends.insert(end)
            }
            var last = -1
            for mark in snippet.marks {
                #expect(mark.lowerBound > last && ends.contains(mark.lowerBound) && ends.contains(mark.upperBound))
                last = mark.upperBound
            }
            #expect(end <= 202)
        }
    }
}
