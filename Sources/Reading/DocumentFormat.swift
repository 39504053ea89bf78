/// A kind of file that can be read, and the programs that its reading takes.
package enum DocumentFormat: String, Sendable, CaseIterable {
    case text, markdown, csv, code, html, pdf, docx, odt, epub, pptx, xlsx, image

    /// - Parameters:
    ///   - contentType: detected from the bytes.
    ///   - ending: of the file's name, in lower case. It decides between kinds of text only.
    package init?(contentType: String, ending: String) {
        switch contentType {
        case "text/plain": self = Self.codeEndings.contains(ending) ? .code : .text
        case "text/markdown": self = .markdown
        case "text/csv", "text/tab-separated-values": self = .csv
        case "text/html": self = .html
        case "text/javascript", "text/css", "application/json", "application/jsonl", "application/yaml",
            "application/xml":
            self = .code
        case "application/pdf": self = .pdf
        case "image/png", "image/jpeg", "image/tiff": self = .image
        case _ where contentType.hasSuffix(".wordprocessingml.document"): self = .docx
        case _ where contentType.hasSuffix(".presentationml.presentation"): self = .pptx
        case _ where contentType.hasSuffix(".spreadsheetml.sheet"): self = .xlsx
        case "application/vnd.oasis.opendocument.text": self = .odt
        case "application/epub+zip": self = .epub
        default: return nil
        }
    }

    private static let codeEndings: Set<String> = [
        "bash", "bat", "c", "cc", "clj", "cpp", "cs", "dart", "el", "erl", "ex", "exs", "fs", "go", "gradle", "graphql",
        "groovy", "h", "hpp", "hs", "ini", "java", "jl", "kt", "lisp", "lua", "m", "mk", "ml", "nim", "php", "pl",
        "proto",
        "ps1", "py", "r", "rb", "rs", "scala", "sh", "sol", "sql", "swift", "tf", "toml", "ts", "tsx", "vb", "vue",
        "zig",
    ]

    /// Whether the file is an archive of other files.
    var isArchive: Bool { [.docx, .odt, .epub, .pptx, .xlsx].contains(self) }

    /// What must be installed to read such files.
    var tools: [Tool] {
        switch self {
        case .text, .markdown, .csv, .code: []
        case .html, .docx, .odt, .epub: [.pandoc]
        case .pdf: [.pdfinfo, .pdftotext]
        case .pptx: [.python]
        case .xlsx: [.python, .openpyxl]
        case .image: [.tesseract]
        }
    }
}

/// A program that reads files, or a part of one.
enum Tool: String, CaseIterable {
    case pandoc, pdfinfo, pdftotext, pdfimages, pdftoppm, tesseract
    case python = "python3"
    case openpyxl

    /// The package of Debian that has it.
    var package: String {
        switch self {
        case .pandoc: "pandoc"
        case .pdfinfo, .pdftotext, .pdfimages, .pdftoppm: "poppler-utils"
        case .tesseract: "tesseract-ocr"
        case .python: "python3"
        case .openpyxl: "python3-openpyxl"
        }
    }
}
