import Foundation
import Testing

@testable import Reading

@Suite struct TextFormatTests {
    @Test("Markdown is divided into headings, paragraphs, rows and code")
    func markdown() throws {
        let text = """
            # শিরোনাম #
            প্রথম বাক্য।
            দ্বিতীয় বাক্য।

            العنوان
            ===
            text
            中文
            ---
            | ক | খ |
            |:--|--:|
            | ১ | ২ |
            ```swift
            # no heading

            let 🦜 = 1
            ```
            #no heading
            ####### no heading
            C#
            ###### six
            """
        let blocks = try Collected.read { try MarkdownText.read(text, into: &$0) }
        #expect(
            blocks == [
                DocumentBlock(.heading(level: 1), "শিরোনাম"),
                DocumentBlock(.paragraph, "প্রথম বাক্য।\nদ্বিতীয় বাক্য।".precomposedStringWithCanonicalMapping),
                DocumentBlock(.heading(level: 1), "العنوان"), DocumentBlock(.paragraph, "text"),
                DocumentBlock(.heading(level: 2), "中文"), DocumentBlock(.row, "ক\tখ"), DocumentBlock(.row, "১\t২"),
                DocumentBlock(.code, "# no heading\n\nlet 🦜 = 1"),
                DocumentBlock(.paragraph, "#no heading\n####### no heading\nC#"),
                DocumentBlock(.heading(level: 6), "six"),
            ])
    }

    @Test("Code that is never closed stays code")
    func openFence() throws {
        let blocks = try Collected.read { try MarkdownText.read("~~~\na\n```\nb", into: &$0) }
        #expect(blocks == [DocumentBlock(.code, "a\n```\nb")])
    }

    @Test("Rows of CSV: quotation marks, line breaks in cells, other separators")
    func rows() throws {
        for (text, rows) in [
            ("নাম,দাম\r\n\"চা, দুধ\",২০\n", ["নাম\tদাম", "চা, দুধ\t২০"]), ("a;b;c\n1;2,5;3", ["a\tb\tc", "1\t2,5\t3"]),
            ("\"he said \"\"hi\"\"\",x", ["he said \"hi\"\tx"]), ("\"two\nlines\",x\n,\n\n", ["two lines\tx"]),
            ("\"\",\"\"\"\"", ["\t\""]), ("a\tb", ["a\tb"]), ("\"open\nfor ever", ["open for ever"]),
        ] {
            let blocks = try Collected.read { try PlainText(Array(text.utf8)).readRows(into: &$0) }
            #expect(blocks.map(\.text) == rows.map { $0.drop { $0 == "\t" }.description }, "\(text)")
            #expect(blocks.allSatisfy { $0.kind == .row })
        }
    }

    @Test("UTF-8 and UTF-16 are read; other bytes are no text")
    func encodings() throws {
        let wide: [UInt8] = [0xFF, 0xFE] + "পাখি🦜".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(try PlainText(wide).text.hasSuffix("পাখি🦜"))
        for bytes: [UInt8] in [[0xFF, 0xFE, 0x41], [0xE0, 0xA6], [0xC0, 0x80]] {
            #expect(throws: ReadingFailure.damaged) { try PlainText(bytes) }
        }
    }

    @Test("An archive's list is checked before it is unpacked")
    func archives() {
        func archive(entries: Int = 1, count: Int? = nil, flags: UInt8 = 0, size: [UInt8] = [9, 0, 0, 0]) -> [UInt8] {
            var entry = [UInt8](repeating: 0, count: 46)
            entry.replaceSubrange(0..<4, with: [0x50, 0x4B, 1, 2])
            entry[8] = flags
            entry.replaceSubrange(24..<28, with: size)
            let count = count ?? entries
            return Array(repeatElement(entry, count: entries).joined())
                + [0x50, 0x4B, 5, 6, 0, 0, 0, 0, UInt8(count & 255), UInt8(count >> 8), UInt8(count & 255)]
                + [UInt8(count >> 8)] + [UInt8](repeating: 0, count: 10)
        }
        #expect(throws: Never.self) { try ArchiveCheck.check(archive(entries: 3)) }
        for (bytes, failure) in [
            (archive(flags: 1), ReadingFailure.encrypted), (archive(size: [255, 255, 255, 255]), .tooLarge),
            (archive(entries: 6, size: [0, 0, 0, 6]), .tooLarge), (archive(entries: 1, count: 2), .damaged),
            (archive(entries: 0), .damaged), (archive(entries: 1, count: 65_535), .tooLarge), ([], .damaged),
            ([UInt8](repeating: 0x50, count: 100_000), .damaged), (Array(archive().dropFirst(20)), .damaged),
        ] { #expect(throws: failure) { try ArchiveCheck.check(bytes) } }
    }

    @Test("Marks in what a program prints divide it, and unknown kinds are paragraphs")
    func marked() throws {
        let output = "noise\u{1E}title\u{1F}পাখি\u{1E}heading9@3\u{1F}H\u{1E}row\u{1F}a\tb\u{1E}x@-\u{1F}y\u{1E}broken"
        var title: String?
        let blocks = try Collected.read {
            try MarkedBlocks.read(Array(output.utf8), into: &$0)
            title = $0.title
        }
        #expect(title == "পাখি")
        #expect(
            blocks == [
                DocumentBlock(.heading(level: 6), "H", page: 3), DocumentBlock(.row, "a\tb"),
                DocumentBlock(.paragraph, "y"),
            ])
    }
}
