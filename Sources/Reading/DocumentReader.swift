package import Foundation
import JSON
import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// Reads files in processes of their own, one a file, which the sandbox holds.
package struct DocumentReader: Sendable {
    /// The program that is run with `read-file`: this one.
    let program: String
    private let time: Duration

    /// Text that is handed on at once, in bytes.
    package static let batch = 64 << 10

    package init(program: String = "/proc/self/exe", time: Duration? = nil) {
        self.program = program
        self.time = time ?? ReadingLimits.time
    }

    /// What this server can read.
    package struct Readiness: Sendable, Equatable {
        /// Whether the system offers the sandbox, without which nothing is read.
        package let isGuarded: Bool
        /// Whether the sandbox also closes the server's own files.
        package let closesFiles: Bool
        let missing: Set<Tool>

        package var formats: [String] {
            DocumentFormat.allCases.filter { missing.isDisjoint(with: $0.tools) }.map(\.rawValue)
        }

        /// What to install for the other formats, as packages of Debian.
        package var missingPackages: [String] { Set(missing.map(\.package)).sorted() }
    }

    package func check() async -> Readiness {
        var line: JSONValue?
        if let folder = try? ReadingFolder() {
            defer { folder.remove() }
            try? await run(["read-file", "--check", folder.path], in: folder) {
                line = try? JSONValue(parsing: $0.utf8)
            }
        }
        let missing = line?["missing"]?.array?.compactMap { $0.string.flatMap(Tool.init) }
        return Readiness(
            isGuarded: line?["sandbox"]?.bool ?? false, closesFiles: line?["closes_files"]?.bool ?? false,
            missing: Set(missing ?? Tool.allCases))
    }

    package enum Ending: Sendable, Equatable {
        case read(title: String?)
        case failed(ReadingFailure)
    }

    /// Reads one file. Blocks are handed on in batches while it is read, so no text is held here.
    /// - Parameters:
    ///   - ending: of the file's name.
    ///   - fill: writes the bytes of the file.
    ///   - receive: ends the reading by throwing.
    package func read(
        contentType: String, ending: String, fill: (FileHandle) async throws -> Void,
        receive: ([DocumentBlock]) async throws -> Void
    ) async throws -> Ending {
        let folder = try ReadingFolder()
        defer { folder.remove() }
        try await folder.fill(fill)
        var lines = BlockLines()
        do {
            try await run(["read-file", folder.path, contentType, ending], in: folder) { line in
                if let batch = try lines.add(line) { try await receive(batch) }
            }
        } catch is TooSlow {
            return .failed(.tooSlow)
        } catch let failure as ReadingFailure {
            try Task.checkCancellation()
            return .failed(failure)
        }
        // Whatever was cancelled says nothing about the file.
        try Task.checkCancellation()
        if case .read? = lines.ending, !lines.pending.isEmpty { try await receive(lines.pending) }
        // The process ended without a word: its limits or the kernel ended it.
        return lines.ending ?? .failed(.tooLarge)
    }

    /// Removes what killed servers have left on the disk.
    package func removeOldFolders() { ReadingFolder.removeOld() }

    private struct TooSlow: Error {}

    /// Hands on what the process prints, and ends it after the time, when the task is cancelled, or if `onLine` throws.
    private func run(_ arguments: [String], in folder: ReadingFolder, onLine: (String) async throws -> Void)
        async throws
    {
        var platform = PlatformOptions()
        platform.teardownSequence = []
        let end = ContinuousClock.now + time
        _ = try await Subprocess.run(
            .path(FilePath(program)), arguments: Arguments(arguments), environment: .custom([:]),
            workingDirectory: FilePath(folder.path), platformOptions: platform, input: .none, output: .sequence,
            error: .discarded
        ) { execution in
            // Ends the process, and with it the lines, when the time is over.
            let watch = Task {
                try await Task.sleep(until: end)
                try execution.send(signal: .kill)
            }
            defer { watch.cancel() }
            for try await line in execution.standardOutput.strings() { try await onLine(line) }
            if ContinuousClock.now >= end { throw TooSlow() }
        }
    }
}

/// Takes apart what a reading process prints, which is believed only as far as it is checked.
private struct BlockLines {
    private(set) var pending: [DocumentBlock] = []
    private(set) var ending: DocumentReader.Ending?
    private var (bytes, blocks, total) = (0, 0, 0)

    /// Returns the blocks to hand on. Throws `damaged` if the line is neither a block nor an ending.
    mutating func add(_ line: String) throws -> [DocumentBlock]? {
        guard ending == nil else { throw ReadingFailure.damaged }
        guard let value = try? JSONValue(parsing: line.utf8, maxDepth: 2) else { throw ReadingFailure.damaged }
        if let error = value["error"]?.string {
            ending = .failed(ReadingFailure(rawValue: error) ?? .damaged)
        } else if value["kind"] == nil {
            ending = .read(title: value["title"]?.string.map { String($0.prefix(500)) })
        } else {
            return try add(value)
        }
        return nil
    }

    private mutating func add(_ value: JSONValue) throws -> [DocumentBlock]? {
        guard let block = try? JSONTreeDecoder().decode(DocumentBlock.self, from: value), block.isClean else {
            throw ReadingFailure.damaged
        }
        pending.append(block)
        bytes += block.text.utf8.count
        total += block.text.utf8.count
        blocks += 1
        guard total <= ReadingLimits.text, blocks <= ReadingLimits.blocks else { throw ReadingFailure.tooLarge }
        guard bytes >= DocumentReader.batch || pending.count >= 2000 else { return nil }
        defer { (pending, bytes) = ([], 0) }
        return pending
    }
}

extension DocumentBlock {
    /// Whether the text is as the reader promises it.
    fileprivate var isClean: Bool {
        !text.isEmpty && text.unicodeScalars.count <= Self.maxScalars
            && !text.unicodeScalars.contains {
                $0.value < 32 && $0 != "\n" && $0 != "\t" || (127..<160).contains($0.value)
            }
    }
}
