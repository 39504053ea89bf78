import Foundation
import JSON

/// What `mynah read-file` does: enters the sandbox, reads one file, and prints its blocks as lines of JSON, and after
/// them a line that says how it ended.
package struct FileReading {
    /// The names of the files in the folder that the server makes.
    static let input = "input"
    /// Ends programs that saw more than they may.
    private static let tooManyPages: Int32 = 9 << 8

    let folder: String
    let contentType: String
    let ending: String

    package init(folder: String, contentType: String, ending: String) {
        self.folder = folder
        self.contentType = contentType
        self.ending = ending
    }

    package func run() {
        var out = BlockWriter(Self.print)
        let last: JSONValue
        do throws(ReadingFailure) {
            try read(&out)
            guard !out.isEmpty else { throw ReadingFailure.noText }
            last = ["title": out.title.map { .string($0) } ?? .null]
        } catch {
            last = ["error": .string(error.rawValue)]
        }
        out.flush()
        Self.print(last.serialized() + [10])
    }

    /// Prints whether the sandbox works, and which programs are missing.
    package static func check(folder: String) {
        let sandbox = try? Sandbox(folder: folder)
        let missing = Tool.allCases.filter { Program.path($0) == nil }
        let found: JSONValue = [
            "sandbox": .bool(sandbox != nil), "closes_files": .bool(sandbox?.closesFiles ?? false),
            "missing": .array(missing.map { .string($0.rawValue) }),
        ]
        print(found.serialized() + [10])
    }

    private var path: String { "\(folder)/\(Self.input)" }

    private func read(_ out: inout BlockWriter) throws(ReadingFailure) {
        let program = Program(sandbox: try Sandbox(folder: folder), folder: folder)
        var details = stat()
        guard stat(path, &details) == 0 else { throw .readingFailed }
        guard details.st_size > 0 else { throw .emptyFile }
        guard let format = DocumentFormat(contentType: contentType, ending: ending) else {
            throw contentType == "application/x-ole-storage" && isLocked() ? .encrypted : .unsupportedFormat
        }
        guard format.tools.allSatisfy({ Program.path($0) != nil }) else { throw .readerMissing }
        if format.isArchive { try ArchiveCheck.check(try bytes(upTo: .max)) }
        try read(format, program, &out)
    }

    private func read(
        _ format: DocumentFormat, _ program: Program, _ out: inout BlockWriter
    ) throws(ReadingFailure) {
        switch format {
        case .text: try text().read(as: .paragraph, into: &out)
        case .code: try text().read(as: .code, into: &out)
        case .markdown: try MarkdownText.read(try text().text, into: &out)
        case .csv: try text().readRows(separator: contentType == "text/csv" ? nil : "\t", into: &out)
        case .pdf: try PDFText(program: program, path: path).read(into: &out)
        case .image:
            let found = try Scan(program: program).read(path)
            try PlainText(Array(found.utf8)).read(as: .paragraph, into: &out)
        case .html, .docx, .odt, .epub:
            let writer = "\(folder)/\(PandocScript.name)"
            let options = ["-f", format.rawValue, "-t", writer, "--wrap=none", path]
            try add(try program.run(.pandoc, options, threads: true), &out)
        case .pptx, .xlsx:
            try add(try program.run(.python, ["-I", "-c", PythonScript.text, format.rawValue, path]), &out)
        }
    }

    private func add(_ ending: Program.Ending, _ out: inout BlockWriter) throws(ReadingFailure) {
        if ending.status == Self.tooManyPages { throw .tooManyPages }
        guard ending.isWell else { throw ending.failure }
        try MarkedBlocks.read(ending.output, into: &out)
    }

    private func text() throws(ReadingFailure) -> PlainText {
        // UTF-16 takes at most twice the bytes of the text.
        try PlainText(try bytes(upTo: 2 * ReadingLimits.text))
    }

    private func bytes(upTo most: Int) throws(ReadingFailure) -> [UInt8] {
        guard let data = try? Data(contentsOf: URL(filePath: path), options: .alwaysMapped) else {
            throw .readingFailed
        }
        guard data.count <= most else { throw .tooLarge }
        return Array(data)
    }

    /// Whether it is an office document that a password locks, which is no archive.
    private func isLocked() -> Bool {
        let mark = Data("EncryptedPackage".utf16.flatMap { [UInt8(truncatingIfNeeded: $0), 0] })
        let data = try? Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
        return data?.range(of: mark) != nil
    }

    private static func print(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            // The server has gone, or wants no more.
            guard count > 0 || errno == EINTR else { _exit(1) }
            rest = rest.dropFirst(max(0, count))
        }
    }
}
