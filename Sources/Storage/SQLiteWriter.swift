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

    /// Does a job and, if it is a write, others with it. `next` takes them one by one, so that a write that comes meanwhile
    /// has its turn among those of other tenants, and does not wait for all that one tenant had queued before.
    func run(_ job: Job, next: () -> Job?) {
        var job: Job? = job
        while let current = job {
            switch current {
            case .write(let write):
                job = runBatch(write, next)
            case .alone(let run):
                run(connection)
                job = nil
            }
        }
    }

    func close() {
        try? connection.execute("PRAGMA analysis_limit = 400")
        try? connection.execute("PRAGMA optimize")
        connection.forgetSmallStatistics()
        connection.close()
    }

    /// Returns a job that came up and makes its own transaction.
    private func runBatch(_ first: Write, _ next: () -> Job?) -> Job? {
        do {
            try connection.begin()
        } catch {
            logger.error("write transaction not begun", metadata: ["error": "\(error)"])
            return fail(first, next, error)
        }
        var alone: Job?
        var batch: [Write] = []
        var answers: [@Sendable () -> Void] = []
        let deadline = ContinuousClock.now + limits.joinTime
        do {
            var joining: Write? = first
            while let write = joining {
                batch.append(write)
                answers.append(try attempt(write, isFirst: batch.count == 1))
                guard connection.isInTransaction, batch.count < limits.writesPerCommit,
                    ContinuousClock.now < deadline, let job = next()
                else { break }
                if case .write(let write) = job {
                    joining = write
                } else {
                    joining = nil
                    alone = job
                }
            }
            if connection.isInTransaction {
                try connection.execute("COMMIT")
                counters.addCommit()
            }
        } catch {
            connection.rollBack()
            logger.error("write transaction lost", metadata: ["error": "\(error)", "writes": "\(batch.count)"])
            for write in batch { write.fail(error) }
            return alone
        }
        for answer in answers { answer() }
        return alone
    }

    /// Fails what would have shared the transaction, or each write would wait for the lock in its turn.
    private func fail(_ first: Write, _ next: () -> Job?, _ error: any Error) -> Job? {
        first.fail(error)
        for _ in 1..<limits.writesPerCommit {
            switch next() {
            case nil: return nil
            case .write(let write)?: write.fail(error)
            case let job?: return job
            }
        }
        return nil
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
