package import Archive
import Foundation

/// Why a file as a whole cannot be imported.
package enum FileFailure: String, Error, Sendable {
    case unknownFormat = "unknown_format"
    case encrypted = "encrypted_file"
    case damaged = "damaged_file"
    case nested = "nested_archive"
    case unsupported = "unsupported_archive"
    case tooLarge = "archive_too_large"
}

/// An exported file: JSON, or a ZIP archive with JSON in it. Gives its conversations one by one.
package struct ImportFile {
    /// Maximum length of one conversation, in bytes.
    package static let mostOfElement = 16 << 20
    private static let step = 1 << 20
    /// Files of one archive that are read.
    private static let mostEntries = 1000

    private let source: any ZipSource
    private let entries: [ZipEntry]?
    private var reader: (any ArchiveSource)?
    private var next = 0
    private var splitter = ElementSplitter(most: mostOfElement)
    private var found: ArraySlice<ElementSplitter.Element> = []
    /// Bytes of the file that earlier entries took.
    private var passed = 0

    package init(_ source: any ZipSource) async throws {
        self.source = source
        guard source.bytes > 0 else { throw FileFailure.unknownFormat }
        let beginning = try await source.read(0..<min(4, source.bytes))
        entries = ZipDirectory.begins(beginning) ? try Self.chosen(try await Self.directory(source)) : nil
    }

    /// The conversation, or nil at the end. Throws `FileFailure`.
    package mutating func nextElement() async throws -> ElementSplitter.Element? {
        while true {
            if let element = found.popFirst() { return element }
            if reader == nil, try await !open() { return nil }
            try await read()
        }
    }

    /// How much of the file has been read, from 0 to 1.
    package var progress: Double {
        let all = entries.map { $0.reduce(0) { $0 + $1.compressedBytes } } ?? source.bytes
        let current = (reader as? ZipReader)?.taken ?? (reader as? WholeFile)?.taken ?? 0
        return all == 0 ? 0 : min(1, Double(passed + current) / Double(all))
    }

    private mutating func open() async throws -> Bool {
        splitter = ElementSplitter(most: Self.mostOfElement)
        guard next < (entries?.count ?? 1) else { return false }
        if let entries {
            reader = try await Self.named { try await ZipReader(entries[next], of: source) }
        } else {
            reader = WholeFile(source, step: Self.step)
        }
        next += 1
        return true
    }

    private mutating func read() async throws {
        guard let reader else { return }
        var elements: [ElementSplitter.Element] = []
        if let piece = try await Self.named({ try await reader.next() }) {
            do {
                try splitter.take(piece, into: &elements)
            } catch {
                // Another file of an archive may be what is looked for.
                guard entries != nil else { throw FileFailure.unknownFormat }
                end()
            }
        } else {
            let isCutOff = splitter.isCutOff
            end()
            if isCutOff { throw FileFailure.damaged }
        }
        found = elements[...]
    }

    private mutating func end() {
        passed += (reader as? ZipReader)?.taken ?? 0
        reader = nil
    }

    // MARK: Archives

    private static func directory(_ source: any ZipSource) async throws -> [ZipEntry] {
        try await named { try await ZipDirectory(source).entries }
    }

    /// The files with conversations, in the order of their names; if none has such a name, all JSON files.
    static func chosen(_ all: [ZipEntry]) throws(FileFailure) -> [ZipEntry] {
        let json = all.filter { ending($0, ".json") && !fileName($0).hasPrefix("._") }
        let named = json.filter { isConversations(fileName($0)) }
        let chosen = (named.isEmpty ? json : named).sorted { $0.name < $1.name }
        guard !chosen.isEmpty else {
            throw all.contains { ending($0, ".zip") } ? .nested : .unknownFormat
        }
        guard chosen.count <= mostEntries else { throw .tooLarge }
        return chosen
    }

    private static func fileName(_ entry: ZipEntry) -> Substring {
        entry.name.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    }

    private static func ending(_ entry: ZipEntry, _ ending: String) -> Bool {
        entry.name.lowercased().hasSuffix(ending)
    }

    /// `conversations.json`, or a part of it such as `conversations-007.json`.
    private static func isConversations(_ name: Substring) -> Bool {
        name.hasPrefix("conversations")
            && name.dropFirst(13).dropLast(5).allSatisfy { $0.isNumber || $0 == "-" || $0 == "_" }
    }

    private static func named<Value>(_ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch let error as ArchiveError {
            switch error.kind {
            case .encrypted: throw FileFailure.encrypted
            case .unsupported: throw FileFailure.unsupported
            case .tooLarge: throw FileFailure.tooLarge
            default: throw FileFailure.damaged
            }
        }
    }
}

/// A file's bytes from its beginning to its end.
private final class WholeFile: ArchiveSource {
    private let source: any ZipSource
    private let step: Int
    private(set) var taken = 0

    init(_ source: any ZipSource, step: Int) {
        self.source = source
        self.step = step
    }

    func next() async throws -> [UInt8]? {
        let end = min(taken + step, source.bytes)
        guard taken < end else { return nil }
        defer { taken = end }
        return try await source.read(taken..<end)
    }
}
