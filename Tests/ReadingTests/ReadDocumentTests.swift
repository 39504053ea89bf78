import JSON
import Testing

@testable import Reading

@Suite struct ReadDocumentTests {
    @Test("A block is one line of JSON, in every script")
    func lines() throws {
        for block in [
            DocumentBlock(.heading(level: 3), "পাখির \"কথা\"", page: 7), DocumentBlock(.paragraph, "الطائر\nيتكلم"),
            DocumentBlock(.row, "会\t说话", page: 1), DocumentBlock(.code, "let 🦜 = \\"),
        ] {
            #expect(!block.line.contains(10))
            #expect(try DocumentBlock(line: block.line) == block)
        }
        for line in [
            #"{"kind":"heading","text":"a"}"#, #"{"kind":"heading","level":7,"text":"a"}"#,
            #"{"kind":"poem","text":"a"}"#,
            #"{"kind":"row"}"#, #"{"kind":"row","level":1,"text":"a"}"#, "[]", "",
        ] {
            #expect(throws: (any Error).self, "\(line)") { try DocumentBlock(line: line.utf8) }
        }
    }

    @Test("A range of the text is the text of its block, counted in Unicode scalars")
    func ranges() {
        let document = ReadDocument(
            title: nil,
            blocks: ["পাখি", "👩‍👩‍👧 🦜", "e\u{301}x", "中文"].map { DocumentBlock(.paragraph, $0) })
        let scalars = Array(document.text.unicodeScalars)
        #expect(document.ranges.count == 4 && document.ranges[1] == 5..<12)
        for (block, range) in zip(document.blocks, document.ranges) {
            #expect(scalars[range].elementsEqual(block.text.unicodeScalars))
        }
    }
}
