package import NIOCore

/// The media type of a file, detected from its bytes. The name only decides between kinds of text, and between kinds of
/// office documents, which are all archives.
package enum ContentType {
    /// Number of bytes at the beginning that decide.
    static let sample = 64 << 10
    static let unknown = "application/octet-stream"

    /// - Parameter bytes: the beginning of the file; all of it if it is shorter than `sample`.
    package static func of(_ bytes: ByteBuffer, name: String) -> String {
        let bytes = Array(bytes.readableBytesView.prefix(sample))
        let ending = name.split(separator: ".").dropFirst().last?.lowercased() ?? ""
        return magic(bytes) ?? archive(bytes, ending) ?? text(bytes, ending) ?? unknown
    }

    private static func magic(_ bytes: [UInt8]) -> String? {
        func begins(_ text: String, at offset: Int = 0) -> Bool {
            bytes.dropFirst(offset).starts(with: text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
        }
        if begins("%PDF-") { return "application/pdf" }
        if begins("\u{89}PNG\r\n\u{1A}\n") { return "image/png" }
        if begins("\u{FF}\u{D8}\u{FF}") { return "image/jpeg" }
        if begins("GIF87a") || begins("GIF89a") { return "image/gif" }
        if begins("RIFF"), begins("WEBP", at: 8) { return "image/webp" }
        if begins("RIFF"), begins("WAVE", at: 8) { return "audio/wav" }
        if begins("II*\0") || begins("MM\0*") { return "image/tiff" }
        if begins("\u{D0}\u{CF}\u{11}\u{E0}\u{A1}\u{B1}\u{1A}\u{E1}") { return "application/x-ole-storage" }
        if begins("{\\rtf") { return "application/rtf" }
        if begins("\u{1F}\u{8B}") { return "application/gzip" }
        if begins("7z\u{BC}\u{AF}\u{27}\u{1C}") { return "application/x-7z-compressed" }
        if begins("ID3") || begins("\u{FF}\u{FB}") { return "audio/mpeg" }
        if begins("OggS") { return "application/ogg" }
        if begins("ftyp", at: 4) { return "video/mp4" }
        if begins("\u{7F}ELF") { return unknown }
        return nil
    }

    private static let openDocument = [
        "application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.presentation", "application/epub+zip",
    ]
    private static let officeOpen = [
        ("word/", "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("xl/", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("ppt/", "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ]

    private static func archive(_ bytes: [UInt8], _ ending: String) -> String? {
        guard bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: [0x50, 0x4B, 0x05, 0x06]) else {
            return nil
        }
        // The first file in such an archive is not compressed, and names the type.
        if bytes.count > 38, bytes[30..<38].elementsEqual("mimetype".utf8) {
            let rest = bytes[38...]
            for type in openDocument where rest.starts(with: type.utf8) { return type }
        }
        // The names of files are not compressed.
        for (folder, itsEnding, type) in officeOpen where ending == itsEnding {
            let mark = Array(folder.utf8)
            if bytes.firstRange(of: mark) != nil || bytes.firstRange(of: Array("[Content_Types].xml".utf8)) != nil {
                return type
            }
        }
        return "application/zip"
    }

    private static let textEndings = [
        "md": "text/markdown", "markdown": "text/markdown", "csv": "text/csv", "tsv": "text/tab-separated-values",
        "json": "application/json", "jsonl": "application/jsonl", "xml": "application/xml", "svg": "image/svg+xml",
        "html": "text/html", "htm": "text/html", "xhtml": "text/html", "css": "text/css", "js": "text/javascript",
        "mjs": "text/javascript", "yaml": "application/yaml", "yml": "application/yaml",
    ]

    /// UTF-8, or UTF-16 with a byte order mark, without control characters that no text has.
    private static func text(_ bytes: [UInt8], _ ending: String) -> String? {
        let isWide = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
        if !isWide {
            guard !bytes.contains(where: { $0 < 32 && !(9...13).contains($0) && $0 != 27 }), isUTF8(bytes) else {
                return nil
            }
        }
        // Markup is detected by its beginning, so that a name cannot hide it.
        let start = String(decoding: bytes.prefix(1024), as: UTF8.self).lowercased()
            .drop { $0.isWhitespace || $0 == "\u{FEFF}" }
        if ["<!doctype html", "<html", "<script", "<head", "<body"].contains(where: start.hasPrefix) {
            return "text/html"
        }
        if start.hasPrefix("<svg") || (start.hasPrefix("<?xml") && start.contains("<svg")) { return "image/svg+xml" }
        if start.hasPrefix("<?xml") { return ending == "html" || ending == "xhtml" ? "text/html" : "application/xml" }
        return textEndings[ending] ?? "text/plain"
    }

    /// The sample may end within a character.
    private static func isUTF8(_ bytes: [UInt8]) -> Bool {
        if String(validating: bytes, as: UTF8.self) != nil { return true }
        guard bytes.count == sample else { return false }
        return (1...3).contains { String(validating: bytes.dropLast($0), as: UTF8.self) != nil }
    }

    /// Types that no browser runs. Other types are served as bytes.
    private static let inert: Set<String> = [
        "application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "image/tiff", "audio/wav",
        "audio/mpeg",
        "video/mp4", "application/ogg", "application/zip", "application/gzip", "application/json", "application/jsonl",
        "application/rtf",
    ]

    /// The `Content-Type` with which a file of this type is served.
    static func served(_ type: String) -> String {
        switch type {
        case "text/plain", "text/markdown", "text/csv", "text/tab-separated-values": "\(type); charset=utf-8"
        case _ where inert.contains(type) || openDocument.contains(type) || officeOpen.contains { $0.2 == type }: type
        default: unknown
        }
    }
}
