import Foundation

/// Reads PDF with the programs of poppler, page by page, and pages that are only pictures with tesseract.
struct PDFText {
    let program: Program
    let path: String

    func read(into out: inout BlockWriter) throws(ReadingFailure) {
        let pages = try countPages(&out)
        let ending = try program.run(.pdftotext, ["-enc", "UTF-8", "-eol", "unix", path, "-"])
        guard ending.isWell else { throw ending.failure }
        // Each page ends with a form feed.
        var texts = ending.output.split(separator: 12, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        if texts.count > 1 { texts.removeLast() }
        let scans = try scannedPages(of: texts, pages)
        for (at, text) in texts.enumerated() {
            let page = at + 1
            let found = scans.contains(page) ? try Scan(program: program).read(path, page: page) : text
            try PlainText(Array(found.utf8)).read(as: .paragraph, into: &out, page: page)
        }
    }

    private func countPages(_ out: inout BlockWriter) throws(ReadingFailure) -> Int {
        let ending = try program.run(.pdfinfo, ["-enc", "UTF-8", path])
        guard ending.isWell else { throw ending.failure }
        var pages = 0
        for line in String(decoding: ending.output, as: UTF8.self).split(separator: "\n") {
            if line.hasPrefix("Title:") {
                let title = line.dropFirst(6).trimmingCharacters(in: .whitespaces)
                if !title.isEmpty { out.title = String(BlockWriter.clean(title, isLine: true).prefix(500)) }
            }
            if line.hasPrefix("Pages:") { pages = Int(line.dropFirst(6).trimmingCharacters(in: .whitespaces)) ?? 0 }
        }
        guard pages > 0 else { throw .damaged }
        guard pages <= ReadingLimits.pages else { throw .tooManyPages }
        return pages
    }

    /// Pages without text that show a picture. Throws `reader_missing` if tesseract is missing and no page has text.
    private func scannedPages(of texts: [String], _ pages: Int) throws(ReadingFailure) -> Set<Int> {
        let empty = Set(texts.indices.filter { texts[$0].allSatisfy(\.isWhitespace) }.map { $0 + 1 })
        guard !empty.isEmpty else { return [] }
        let ending = try program.run(.pdfimages, ["-list", path])
        guard ending.isWell else { return [] }
        // Columns: page, number, type, width, height, and others, below two lines of heads.
        let rows = String(decoding: ending.output, as: UTF8.self).split(separator: "\n").dropFirst(2)
        let pictured = rows.compactMap { row -> Int? in
            let cells = row.split(separator: " ").prefix(5).map { Int($0) }
            guard cells.count == 5, let page = cells[0], let width = cells[3], let height = cells[4] else { return nil }
            return width >= 100 && height >= 30 ? page : nil
        }
        let scans = empty.intersection(pictured)
        guard !scans.isEmpty else { return [] }
        guard Program.path(.tesseract) != nil, Program.path(.pdftoppm) != nil else {
            if empty.count == texts.count { throw .readerMissing }
            return []
        }
        guard scans.count <= ReadingLimits.scannedPages else { throw .tooManyPages }
        return scans
    }
}

/// Recognizes the text of a picture, in the languages that are installed.
struct Scan {
    let program: Program

    private static let languages = ["eng", "ben"]
    private static let folders = [
        "/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tesseract-ocr/4.00/tessdata", "/usr/share/tessdata",
    ]
    /// Length of a page's longer side, in pixels: A4 at 210 dots per inch.
    private static let side = 2500

    private var arguments: [String] {
        let installed = Self.languages.filter { language in
            Self.folders.contains { access("\($0)/\(language).traineddata", R_OK) == 0 }
        }
        return ["stdout"] + (installed.isEmpty ? [] : ["-l", installed.joined(separator: "+")])
    }

    func read(_ path: String) throws(ReadingFailure) -> String {
        try text(of: try program.run(.tesseract, [path] + arguments))
    }

    func read(_ pdf: String, page: Int) throws(ReadingFailure) -> String {
        let drawing = ["-f", "\(page)", "-l", "\(page)", "-gray", "-scale-to", "\(Self.side)", pdf]
        return try text(of: try program.run(.tesseract, ["stdin"] + arguments, on: .pdftoppm, drawing))
    }

    private func text(of ending: Program.Ending) throws(ReadingFailure) -> String {
        guard ending.isWell else { throw ending.failure }
        return String(decoding: ending.output.filter { $0 != 12 }, as: UTF8.self)
    }
}
