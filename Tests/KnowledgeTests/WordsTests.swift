import Foundation
import Testing
import Texts

@testable import Knowledge

/// The words by which a text is found.
@Suite struct WordsTests {
    @Test("Words of every script are whole, and one however they are written")
    func scripts() {
        #expect(Words.of("বাংলাদেশের রাজধানী ঢাকা।") == ["বাংলাদেশের", "রাজধানী", "ঢাকা"].map(Self.normal))
        #expect(Words.of("মূল্য ৫০ টাকা") == ["মূল্য", "50", "টাকা"].map(Self.normal))
        #expect(Words.of("ক্\u{200D}ষ") == Words.of("ক্ষ") && Words.of("য়") == Words.of("য\u{9BC}"))
        #expect(Words.of("مُحَمَّدٌ") == Words.of("محمد") && Words.of("أحمد") == Words.of("احمد"))
        #expect(Words.of("مدرســة") == Words.of("مدرسه") && Words.of("٢٠٢٦") == ["2026"])
        #expect(Words.of("Café CAFÉ cafe\u{301} ＣＡＦＥ") == ["cafe", "cafe", "cafe", "cafe"])
        #expect(Words.of("don't-stop_42.5") == ["don", "t", "stop", "42", "5"])
        #expect(Words.of("") == [] && Words.of(" \n—…!?") == [])
    }

    @Test("Text without spaces is found by pairs of characters, and an emoji by itself")
    func unspaced() {
        #expect(Words.of("北京大学") == ["北", "京", "大", "学", "北京", "京大", "大学"])
        #expect(Words.asked("北京大学") == ["北京", "京大", "大学"] && Words.asked("京") == ["京"])
        #expect(Words.of("在Linux上") == ["在", "linux", "上"])
        #expect(Words.asked("ภาษาไทย").allSatisfy { $0.unicodeScalars.count == 2 })
        #expect(Words.of("🦜👩‍👩‍👧👍🏽 ok❤️") == ["🦜", "👩", "👩", "👧", "👍", "ok", "❤"])
    }

    @Test("Whatever is asked for is among the words of a text that has it")
    func contained() {
        var random = RandomText(seed: 19)
        for _ in 0..<300 {
            let (before, part, after) = (
                random.text(length: 0...40), random.text(length: 1...20), random.text(length: 0...40)
            )
            let words = Set(Words.of("\(before) \(part) \(after)"))
            #expect(Set(Words.asked(part)).isSubset(of: words), "\(part.unicodeScalars.map(\.value))")
        }
    }

    @Test("Words are at the places that are given for them")
    func located() {
        var random = RandomText(seed: 31)
        for _ in 0..<300 {
            let text = random.text(length: 0...60)
            let (found, units) = (Words.located(text), Array(text.utf16))
            #expect(found.map(\.word) == Words.withBeginnings(text), "\(text.unicodeScalars.map(\.value))")
            for word in found {
                let part = String(decoding: units[word.place], as: UTF16.self)
                #expect(Words.withBeginnings(part).contains(word.word), "\(text.unicodeScalars.map(\.value))")
                #expect(word.place.lowerBound == word.head.lowerBound && word.place.upperBound >= word.head.upperBound)
            }
        }
        #expect(Words.withBeginnings("北京 大") == ["京", "北京", "大"])
    }

    @Test("Endless runs of marks are cut, alike for words with and without places")
    func marks() {
        let run = String(repeating: "\u{592}\u{591}", count: 40_000)
        for text in ["a" + run, "ক\u{9CD}" + run + "খ", run, "অ" + run + "b" + run + " 京"] {
            let words = Words.withBeginnings(text)
            #expect(Words.located(text).map(\.word) == words)
            #expect(!words.isEmpty && words.allSatisfy { $0.unicodeScalars.count <= 64 })
        }
        let usual = "e\u{301}\u{323}ক\u{9BC}\u{9BE}שָּׁ"
        #expect(MarkRun.bounded(usual).unicodeScalars.elementsEqual(usual.unicodeScalars))
    }

    @Test("Whatever is asked for begins a word of a text that has it")
    func beginnings() {
        var random = RandomText(seed: 37)
        for _ in 0..<300 {
            let part = random.text(length: 1...20)
            let words = Words.withBeginnings("\(random.text(length: 0...40)) \(part) \(random.text(length: 0...40))")
            for asked in Words.asked(part) {
                #expect(words.contains { $0.utf8.starts(with: asked.utf8) }, "\(part.unicodeScalars.map(\.value))")
            }
        }
    }

    private static func normal(_ word: String) -> String { word.decomposedStringWithCompatibilityMapping }

    @Test("Keys are of one chatbot, and tell how often a chunk has a word")
    func keys() {
        let (mine, other) = (WordKeys(chatbotID: "a"), WordKeys(chatbotID: "b"))
        #expect(mine.key("ঢাকা", level: 1) != other.key("ঢাকা", level: 1))
        #expect(mine.key("ঢাকা", level: 1) != mine.key("ঢাকা", level: 2))
        let keys = Set(mine.keys(of: ["x", "y", "y", "z", "z", "z", "z", "z"]).split(separator: " ").map(String.init))
        let expected = [("x", 1), ("y", 1), ("y", 2), ("z", 1), ("z", 2), ("z", 4)].map { mine.key($0.0, level: $0.1) }
        #expect(keys == Set(expected))
        #expect(
            keys.allSatisfy { $0.utf8.count == 13 && $0.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber) } })
    }
}
