import Metering
import Reading
import Testing
import Texts

@testable import Knowledge

/// How documents are cut into chunks.
@Suite struct ChunkerTests {
    private static let samples = [
        "The parrot answers every question. ", "টিয়া পাখি সব প্রশ্নের উত্তর দেয়। ", "الببغاء يجيب عن كل سؤال. ", "鹦鹉回答每个问题。",
        "🦜👩‍👩‍👧 ok! ", "x",
    ]

    /// A document of every kind of block, with pages and headings here and there.
    private static func document(_ random: inout RandomText) -> ReadDocument {
        var blocks: [DocumentBlock] = []
        var page = Bool.random(using: &random) ? 1 : nil
        for _ in 0..<Int.random(in: 1...30, using: &random) {
            if Int.random(in: 0..<6, using: &random) == 0 { page = page.map { $0 + 1 } }
            let sample = samples.randomElement(using: &random)!
            let times = [1, 3, 20, 90].randomElement(using: &random)!
            let text = String(repeating: sample, count: times).trimmingPrefix { $0 == " " }
            let kind: DocumentBlock.Kind =
                switch Int.random(in: 0..<5, using: &random) {
                case 0: .heading(level: Int.random(in: 1...4, using: &random))
                case 1: .row
                case 2: .code
                default: .paragraph
                }
            blocks.append(
                DocumentBlock(
                    kind, times > 3 && kind != .paragraph ? String(text.prefix(90)) : String(text), page: page))
        }
        return ReadDocument(title: nil, blocks: blocks)
    }

    @Test("Chunks are the document's text at their ranges: in order, within a page, short, and nothing is lost")
    func ranges() {
        var random = RandomText(seed: 5)
        for _ in 0..<200 {
            let document = Self.document(&random)
            let scalars = Array(document.text.unicodeScalars)
            let chunks = Chunker.chunks(of: document)
            let places = zip(document.blocks, document.ranges)
            var covered = 0
            for chunk in chunks {
                #expect(String(String.UnicodeScalarView(scalars[chunk.range])) == chunk.text)
                let gap = scalars[covered..<chunk.range.lowerBound]
                #expect(gap.allSatisfy { $0 == "\n" }, "only what divides blocks is in no chunk")
                let pages = Set(places.filter { $1.overlaps(chunk.range) }.map { $0.0.page })
                #expect(pages == [chunk.page])
                // The estimate of unusual text is more than the sum of its parts'.
                #expect(TokenFamily.o200k.estimate(chunk.text) <= Chunker.mostTokens * 4 / 3)
                covered = chunk.range.upperBound
            }
            #expect(covered == scalars.count)
        }
    }

    @Test("A chunk knows the headings above it and begins with the last of them")
    func headings() {
        let text = String(repeating: "Answer this question, please. ", count: 30)
        let document = ReadDocument(
            title: "T",
            blocks: [
                .init(.heading(level: 1), "ভূমিকা"), .init(.paragraph, text), .init(.heading(level: 2), "Prices"),
                .init(.paragraph, text), .init(.heading(level: 2), "Rooms"), .init(.paragraph, text),
                .init(.heading(level: 1), "末尾"), .init(.paragraph, "End."),
            ])
        let chunks = Chunker.chunks(of: document)
        #expect(chunks.map(\.headings) == [["ভূমিকা"], ["ভূমিকা", "Prices"], ["ভূমিকা", "Rooms"], ["末尾"]])
        #expect(chunks[1].text.hasPrefix("Prices\n") && chunks[1].heading == "ভূমিকা › Prices")
        #expect(chunks[3].text == "末尾\nEnd.")
    }

    @Test("A long text is cut at the end of a sentence, or at a space, or between characters")
    func longTexts() {
        for (sample, end) in [
            ("এটি একটি ছোট বাক্য। ", "। "), ("这是一个短句。", "。"), ("A short sentence. ", ". "), ("كلمة ", " "),
        ] {
            let text = String(repeating: sample, count: 400)
            let chunks = Chunker.chunks(of: ReadDocument(title: nil, blocks: [.init(.paragraph, text)]))
            #expect(chunks.count > 1 && chunks.map(\.text).joined() == text)
            #expect(chunks.allSatisfy { $0.text.hasSuffix(end) }, "\(sample)")
        }
        let text = String(repeating: "👩‍👩‍👧", count: 500)
        let chunks = Chunker.chunks(of: ReadDocument(title: nil, blocks: [.init(.paragraph, text)]))
        #expect(chunks.count > 1 && chunks.reduce(0) { $0 + $1.text.count } == 500, "no character is divided")
        #expect(Chunker.chunks(of: ReadDocument(title: nil, blocks: [])).isEmpty)
    }
}
