import Logging

/// Group commit: the writes that wait share one transaction and one fsync, and are answered after its COMMIT.
final class SQLiteWriter {
    enum Job: Sendable {
        case write(Write)
        /// Makes its own transaction.
        case alone(@Sendable (SQLiteConnection) -> Void)
    }

    struct Write: Sendable {
        /// Returns what answers the caller once it is committed.
        let body: @Sendable (Transaction) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void

        init<T: Sendable>(
            _ body: @escaping @Sendable (Transaction) throws -> T, _ continuation: CheckedContinuation<T, any Error>
        ) {
            self.body = { transaction in
                let value = try body(transaction)
                return { continuation.resume(returning: value) }
            }
            fail = { continuation.resume(throwing: $0) }
        }
    }

    private let connection: SQLiteConnection
    private let limits: Limits
    private let counters: Counters
    private let logger: Logger

    init(_ connection: SQLiteConnection, _ limits: Limits, _ counters: Counters, _ logger: Logger) {
        self.connection = connection
        self.limits = limits
        self.counters = counters
        self.logger = logger
    }

    func run(_ jobs: [Job]) {
        var waiting = jobs[...]
        while let job = waiting.first {
            switch job {
            case .write:
                runBatch(&waiting)
            case .alone(let run):
                waiting.removeFirst()
                run(connection)
            }
        }
    }

    func close() {
        try? connection.execute("PRAGMA analysis_limit = 400")
        try? connection.execute("PRAGMA optimize")
        connection.close()
    }

    private func runBatch(_ waiting: inout ArraySlice<Job>) {
        do {
            try connection.begin()
        } catch {
            logger.error("write transaction not begun", metadata: ["error": "\(error)"])
            // All of them, or each would wait for the lock in its turn.
            while let write = waiting.popWrite() { write.fail(error) }
            return
        }
        var batch: [Write] = []
        var answers: [@Sendable () -> Void] = []
        let deadline = ContinuousClock.now + limits.joinTime
        do {
            repeat {
                guard let write = waiting.popWrite() else { break }
                batch.append(write)
                answers.append(try attempt(write, isFirst: batch.count == 1))
            } while connection.isInTransaction && ContinuousClock.now < deadline
            if connection.isInTransaction {
                try connection.execute("COMMIT")
                counters.addCommit()
            }
        } catch {
            connection.rollBack()
            logger.error("write transaction lost", metadata: ["error": "\(error)", "writes": "\(batch.count)"])
            for write in batch { write.fail(error) }
            return
        }
        for answer in answers { answer() }
    }

    /// Returns the answer to give after COMMIT, and throws when the whole transaction is lost. The first needs no savepoint:
    /// if it fails there is nothing else to keep.
    private func attempt(_ write: Write, isFirst: Bool) throws(StorageError) -> @Sendable () -> Void {
        if !isFirst { try connection.execute("SAVEPOINT body") }
        let result: Result<@Sendable () -> Void, any Error>
        do {
            result = .success(try connection.perform(write.body))
        } catch {
            result = .failure(error)
        }
        counters.addWrite(statements: connection.statementCount)
        if let failure = connection.failure, failure.endsTransaction { throw failure }
        guard connection.isInTransaction else {
            throw connection.failure ?? StorageError(.other, "a body ended the transaction it was in")
        }
        switch result {
        case .success(let answer):
            if !isFirst { try connection.execute("RELEASE body") }
            return answer
        case .failure(let error):
            if isFirst {
                try connection.execute("ROLLBACK")
            } else {
                try connection.execute("ROLLBACK TO body")
                try connection.execute("RELEASE body")
            }
            return { write.fail(error) }
        }
    }
}

extension ArraySlice<SQLiteWriter.Job> {
    fileprivate mutating func popWrite() -> SQLiteWriter.Write? {
        guard case .write(let write)? = first else { return nil }
        removeFirst()
        return write
    }
}
