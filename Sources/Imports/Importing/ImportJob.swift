import Archive
package import Chatbots
import Crypto
import Files
import Foundation
import HTTPKit
import JSON
package import Logging
package import Platform
package import Storage

/// Reads uploaded exports and writes their conversations: one import at a time, on a thread of its own, so that others' calls
/// have the processors, and in turns, so that a large file does not hold up another workspace's small one.
package struct ImportJob: Sendable {
    private static let kind = "imports.run"
    /// How long one workspace is worked for while others wait.
    private static let turn = Duration.seconds(10)
    /// Attempts that get no further, as when the process is killed each time.
    private static let mostAttempts = 3
    /// Entries that are not imported until it is stored how far the import is.
    private static let recordEvery = 200
    private static let thread = SideThread(name: "imports", nice: 10)

    package let database: Database
    package let objects: FileObjects
    package let queue: JobQueue
    package let logger: Logger
    private let turns = WorkspaceTurns()

    package init(database: Database, objects: FileObjects, queue: JobQueue, logger: Logger) {
        self.database = database
        self.objects = objects
        self.queue = queue
        self.logger = logger
    }

    package var job: Job {
        Job(kind: Self.kind, interval: .seconds(30), timeLimit: .seconds(24 * 3600)) { _ in try await run() }
    }

    /// Has queued imports begin soon.
    func hasten() async {
        do {
            try await database.write(.system) { tx in try JobQueue.hasten(tx, recurring: Self.kind, now: .now) }
            queue.wake()
        } catch {
            logger.warning("queued imports are left to the job", metadata: ["cause": "\(error)"])
        }
    }

    /// Works until no import is queued.
    package func run() async throws {
        try await database.write(.system) { tx in try ImportRun.releaseAll(tx) }
        try await withTaskExecutorPreference(Self.thread) {
            while true {
                try Task.checkCancellation()
                let queued = try await database.read(.system) { tx in try ImportRun.oldest(tx) }
                guard let next = turns.begin(among: queued) else { return }
                defer { turns.end(next.workspaceID) }
                let run = try await database.write(.system) { tx in
                    try ImportRun.begin(tx, id: next.id, run: Identifier.make())
                }
                if let run { try await work(at: run) }
            }
        }
    }

    /// One turn's work.
    private func work(at begun: ImportRun) async throws {
        var run = begun
        do {
            guard run.attempts <= Self.mostAttempts else { throw ImportFailure.tooManyAttempts }
            let isDone = try await read(&run)
            if !isDone { try await database.write(.system) { [run] tx in try run.release(tx, counts: false) } }
        } catch is ImportRun.Lost {
            return
        } catch let failure as ImportFailure {
            try await fail(run, failure)
        } catch let failure as FileFailure {
            try await fail(run, .file(failure))
        } catch let error as StoreError where error.kind == .damaged {
            logger.error("an upload's bytes are not as they were stored", metadata: ["import": "\(run.id)"])
            try await fail(run, .fileMissing)
        } catch {
            // Another run tries again. Neither the end of the server nor an outage is the file's fault.
            let counts = !(Task.isCancelled || error is StoreError || error is StorageError)
            try? await Task { [run] in
                try await database.write(.system) { tx in try run.release(tx, counts: counts) }
            }.value
            throw error
        }
    }

    private func fail(_ run: ImportRun, _ failure: ImportFailure) async throws {
        logger.info("an import failed", metadata: ["import": "\(run.id)", "reason": "\(failure.code)"])
        do {
            try await database.write(.system) { tx in
                let progress = try tx.row("SELECT progress FROM imports WHERE id = ?", [run.id]) {
                    try $0.int("progress")
                }
                try run.end(tx, failure: failure, progress: Double(progress ?? 0) / 100, now: .now)
            }
        } catch is ImportRun.Lost {
            return
        }
    }

    /// Reads on from where the import is. Returns false if another workspace's turn has come.
    private func read(_ run: inout ImportRun) async throws -> Bool {
        let id = run.uploadID ?? ""
        guard let content = try await database.read(.system, { tx in try UploadContent.find(tx, id: id) }) else {
            throw ImportFailure.fileMissing
        }
        var file = try await ImportFile(StoredExport(content: content, objects: objects))
        let end = ContinuousClock.now + Self.turn
        var (index, unrecorded) = (0, 0)
        while let element = try await file.nextElement() {
            try Task.checkCancellation()
            index += 1
            if index <= run.position { continue }
            let before = run
            try await take(element, &run, progress: file.progress)
            unrecorded = run.counts.imported == before.counts.imported ? unrecorded + 1 : 0
            if unrecorded >= Self.recordEvery {
                try await record(run, progress: file.progress)
                unrecorded = 0
            }
            if ContinuousClock.now > end, try await isAwaited(by: run) {
                try await record(run, progress: file.progress)
                return false
            }
        }
        guard run.format != nil else { throw FileFailure.unknownFormat }
        try await database.write(.system) { [run] tx in try run.end(tx, failure: nil, progress: 1, now: .now) }
        return true
    }

    private func record(_ run: ImportRun, progress: Double) async throws {
        try await database.write(.system, for: .workspace(run.workspaceID)) { tx in
            try run.record(tx, progress: progress)
        }
    }

    private func isAwaited(by run: ImportRun) async throws -> Bool {
        try await database.read(.system) { tx in
            try ImportRun.oldest(tx).contains { $0.workspaceID != run.workspaceID }
        }
    }

    private func take(
        _ element: ElementSplitter.Element, _ run: inout ImportRun, progress: Double
    ) async throws {
        switch ImportElement(element, wanted: run.wanted) {
        case .conversation(let conversation, let format, let source):
            if run.format == nil { run.format = format }
            try await ImportWriter(database: database).write(conversation, source: source, &run, progress: progress)
        case .skipped(let reason, let format):
            if run.format == nil { run.format = format }
            run.position += 1
            run.counts.skip(reason)
        case .failed(let reason):
            run.position += 1
            run.counts.fail(reason)
        }
    }
}

extension WorkspaceTurns {
    /// The next one of these imports, each the oldest of its workspace, in their order.
    func begin(among queued: [(workspaceID: String, id: String)]) -> (workspaceID: String, id: String)? {
        let next = begin(among: queued.map(\.workspaceID))
        return queued.first { $0.workspaceID == next }
    }
}
