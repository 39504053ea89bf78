import Testing
import Texts

@testable import Reading

/// Collects what a writer hands on.
final class Collected {
    private(set) var bytes: [UInt8] = []
    func add(_ more: [UInt8]) { bytes += more }

    var blocks: [DocumentBlock] {
        get throws { try bytes.split(separator: 10).map { try DocumentBlock(line: $0) } }
    }

    static func read(_ body: (inout BlockWriter) throws -> Void) throws -> [DocumentBlock] {
        let collected = Collected()
        var writer = BlockWriter(collected.add)
        try body(&writer)
        writer.flush()
        return try collected.blocks
    }
}

@Suite struct BlockWriterTests {
    @Test("Text is in NFC, with one kind of line break and no control characters")
    func cleaned() {
        for (text, clean) in [
            ("e\u{301}", "é"), ("a\r\nb\rc\u{2028}d", "a\nb\nc\nd"), ("a\0b\u{7}c\u{FEFF}d\u{85}e", "abcde"),
            ("\u{9A1}\u{9BC}", "\u{9A1}\u{9BC}"), ("১\t২", "১\t২"), ("👩‍👩‍👧", "👩‍👩‍👧"), ("مرحبا", "مرحبا"),
        ] { #expect(BlockWriter.clean(text).unicodeScalars.elementsEqual(clean.unicodeScalars), "\(text)") }
        #expect(BlockWriter.clean("a\nb", isLine: true) == "a b")
    }

    @Test("Long texts are cut at spaces and never within a character; nothing is lost")
    func cut() throws {
        let long = String(repeating: "পাখিটি কথা বলে। ", count: 2000)
        let blocks = try Collected.read { try $0.add(.paragraph, long) }
        #expect(blocks.count > 5 && blocks.allSatisfy { $0.text.unicodeScalars.count <= DocumentBlock.maxScalars })
        #expect(blocks.map(\.text).joined(separator: " ") == BlockWriter.clean(long).trimmed)
        let family = String(repeating: "👩‍👩‍👧", count: 3000)
        let families = try Collected.read { try $0.add(.paragraph, family) }
        #expect(families.map(\.text).joined() == family)
        #expect(families.allSatisfy { $0.text.allSatisfy { $0 == "👩‍👩‍👧" } })
        // A run of combining marks longer than a block is cut within a character, for want of another place.
        let marks = "a" + String(repeating: "\u{301}", count: 10_000)
        #expect(try Collected.read { try $0.add(.paragraph, marks) }.count == 3)
    }

    @Test("Blank texts are no blocks, and indented code keeps its indent")
    func blank() throws {
        let blocks = try Collected.read { writer in
            for text in ["", " \n\t ", "\0\u{200B}\0"] { try writer.add(.paragraph, text) }
            try writer.add(.code, "\n\n    let a = 1\n\n")
        }
        #expect(blocks.map(\.text).filter { $0 != "\u{200B}" } == ["    let a = 1"])
    }

    @Test("More text and more blocks than the limits are refused")
    func limits() {
        let piece = String(repeating: "字", count: DocumentBlock.maxScalars)
        #expect(throws: ReadingFailure.tooLarge) {
            var writer = BlockWriter { _ in }
            for _ in 0..<3000 { try writer.add(.paragraph, piece) }
        }
        #expect(throws: ReadingFailure.tooLarge) {
            var writer = BlockWriter { _ in }
            for _ in 0...ReadingLimits.blocks { try writer.add(.row, "a") }
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
