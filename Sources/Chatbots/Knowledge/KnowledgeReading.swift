import Files
import Foundation
import HTTPKit
package import Logging
import NIOCore
package import Platform
package import Reading
package import Storage
import Synchronization

/// Reads the files that chatbots are to know: queued files become texts, and their state tells how that went.
///
/// One instance at a time runs the job, which reads several files at once, but one of each workspace, in turn: a workspace
/// with a thousand files holds up no other.
package struct KnowledgeReading: Sendable {
    private static let kind = "knowledge.read"
    /// Files that are read at once.
    private static let slots = 2
    /// Readings of one file that may end without a result, as when the process is killed.
    private static let mostReads = 3
    /// Time after which a run begins no further file.
    private static let longestRun = Duration.seconds(3600)

    package let database: Database
    package let objects: FileObjects
    package let queue: JobQueue
    package let reader: DocumentReader
    package let logger: Logger
    private let isFirstRun = FirstRun()

    package init(
        database: Database, objects: FileObjects, queue: JobQueue, reader: DocumentReader, logger: Logger
    ) {
        self.database = database
        self.objects = objects
        self.queue = queue
        self.reader = reader
        self.logger = logger
    }

    package var job: Job {
        Job(kind: Self.kind, interval: .seconds(30), timeLimit: .seconds(7200)) { _ in try await readAll() }
    }

    /// Has queued files read soon.
    package func hasten() async {
        do {
            try await database.write(.system) { tx in try JobQueue.hasten(tx, recurring: Self.kind, now: .now) }
            queue.wake()
        } catch {
            logger.warning("queued files are left to the job", metadata: ["cause": "\(error)"])
        }
    }

    /// Says in the log what can be read.
    package func logReadiness() async {
        let readiness = await reader.check()
        guard readiness.isGuarded else {
            return logger.warning("files are not read: the system does not offer the sandbox (seccomp)")
        }
        logger.info(
            "files can be read",
            metadata: [
                "formats": "\(readiness.formats.joined(separator: ", "))",
                "missing": "\(readiness.missingPackages.joined(separator: ", "))",
                "closes_files": "\(readiness.closesFiles)",
            ])
    }

    /// Reads what is queued. Files that another run of the job left unfinished are read anew.
    package func readAll() async throws {
        let isFirst = isFirstRun.take()
        try await database.write(.system) { tx in
            try FileToRead.releaseAll(tx)
            if isFirst { try FileToRead.requeueUnreadable(tx) }
        }
        if isFirst { reader.removeOldFolders() }
        let run = ReadingRun(end: ContinuousClock.now + Self.longestRun)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.slots { group.addTask { try await work(run) } }
            try await group.waitForAll()
        }
    }

    /// Reads one file after another until none is left and none is being read.
    private func work(_ run: ReadingRun) async throws {
        while !run.isOver {
            try Task.checkCancellation()
            let queued = try await database.read(.system) { tx in try FileToRead.oldest(tx) }
            if let next = run.take(of: queued) {
                defer { run.release(next.workspaceID) }
                let file = try await database.write(.system) { tx in
                    try FileToRead.begin(tx, id: next.id, run: run.id)
                }
                if let file { try await read(file, run) }
            } else if run.isIdle {
                return
            } else {
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func read(_ file: FileToRead, _ run: ReadingRun) async throws {
        do {
            guard file.reads <= Self.mostReads else { return try await fail(file, .readingFailed) }
            switch try await text(of: file) {
            case .read(let title): try await database.write(.system) { tx in try file.end(tx, title: title) }
            case .failed(let failure): try await fail(file, failure)
            }
        } catch is FileToRead.Lost {
            return
        } catch let failure as ReadingFailure {
            try await fail(file, failure)
        } catch let error as StoreError where error.kind == .damaged {
            logger.error("a file's bytes are not as they were stored", metadata: ["file": "\(file.file.id)"])
            try await fail(file, .readingFailed)
        } catch {
            // Another run tries again. Neither the end of the server nor an outage is the file's fault.
            run.stop()
            let counts = !(Task.isCancelled || error is StoreError || error is StorageError)
            try? await Task { try await database.write(.system) { tx in try file.release(tx, counts: counts) } }.value
            throw error
        }
    }

    private func text(of file: FileToRead) async throws -> DocumentReader.Ending {
        let parts = try await database.read(.system) { tx in try FilePart.list(tx, ofFile: file.file.id) }
        var position = 0
        return try await reader.read(
            contentType: file.file.contentType, ending: FileName.ending(file.file.name),
            fill: { handle in
                for part in parts {
                    try handle.write(contentsOf: Array(try await objects.read(part).readableBytesView))
                }
            },
            receive: { blocks in
                let rows = String(decoding: Array(blocks.map(\.line).joined(separator: [10])), as: UTF8.self)
                let at = position
                try await database.write(.system) { tx in try file.add(tx, rows, position: at) }
                position += 1
            })
    }

    private func fail(_ file: FileToRead, _ failure: ReadingFailure) async throws {
        logger.info(
            "a file was not read", metadata: ["file": "\(file.file.id)", "reason": "\(failure.rawValue)"])
        do {
            try await database.write(.system) { tx in try file.fail(tx, failure) }
        } catch is FileToRead.Lost {
            return
        }
    }
}

/// What the workers of one run share.
final class ReadingRun: Sendable {
    let id = Identifier.make()
    private let end: ContinuousClock.Instant
    private let isStopped = Atomic(false)
    private let turns = WorkspaceTurns()

    init(end: ContinuousClock.Instant) { self.end = end }

    /// Whether no further file is begun.
    var isOver: Bool { isStopped.load(ordering: .relaxed) || ContinuousClock.now >= end }

    func stop() { isStopped.store(true, ordering: .relaxed) }

    var isIdle: Bool { turns.isIdle }

    /// The next file: of the workspace that has waited longest and of which none is being read.
    func take(of queued: [(workspaceID: String, id: String)]) -> (workspaceID: String, id: String)? {
        let queued = queued.sorted { $0.id < $1.id }
        let next = turns.begin(among: queued.map(\.workspaceID))
        return queued.first { $0.workspaceID == next }
    }

    func release(_ workspaceID: String) { turns.end(workspaceID) }
}

/// True once.
private final class FirstRun: Sendable {
    private let isTaken = Mutex(false)

    func take() -> Bool {
        isTaken.withLock { taken in
            defer { taken = true }
            return !taken
        }
    }
}
