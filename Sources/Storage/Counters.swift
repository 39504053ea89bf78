import Synchronization

/// Behind `Statistics`, from all threads.
final class Counters: Sendable {
    private let reads = Atomic(0)
    private let writes = Atomic(0)
    private let statements = Atomic(0)
    private let commits = Atomic(0)

    func addRead(statements count: Int) {
        reads.add(1, ordering: .relaxed)
        statements.add(count, ordering: .relaxed)
    }

    func addWrite(statements count: Int) {
        writes.add(1, ordering: .relaxed)
        statements.add(count, ordering: .relaxed)
    }

    func addCommit() {
        commits.add(1, ordering: .relaxed)
    }

    var statistics: Statistics {
        Statistics(
            reads: reads.load(ordering: .relaxed), writes: writes.load(ordering: .relaxed),
            statements: statements.load(ordering: .relaxed), commits: commits.load(ordering: .relaxed))
    }
}
