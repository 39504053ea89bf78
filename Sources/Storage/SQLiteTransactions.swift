extension SQLiteConnection {
    func read<T>(_ body: (Transaction) throws -> T) throws -> T {
        try execute("BEGIN")
        defer { endRead() }
        return try perform(body)
    }

    /// Takes the write lock at once: a read that turns into a write could fail half-way.
    func begin() throws(StorageError) {
        rollBack()
        try execute("BEGIN IMMEDIATE")
    }

    func rollBack() {
        if isInTransaction { try? execute("ROLLBACK") }
    }

    /// Runs a body in the transaction there is; what it leaves must be fit to commit.
    func perform<T>(_ body: (Transaction) throws -> T) throws -> T {
        startBody()
        let value = try body(Transaction(connection: self))
        if let failure { throw failure }
        // Found here, it is known whose they are; COMMIT would fail for everyone who shares it.
        if hasUnresolvedForeignKeys { throw StorageError(.foreignKey, "a deferred foreign key is not resolved") }
        return value
    }

    /// Waits for a migration of another process. Foreign keys are off meanwhile, or rebuilding a table would delete what
    /// refers to it, and are checked at the end.
    func migrate<T>(
        _ files: SQLiteFiles, _ body: (Transaction, _ snapshot: (_ label: String) throws -> Void) throws -> T
    ) throws -> T {
        waitForOthers(milliseconds: 300_000)
        try execute("PRAGMA foreign_keys = OFF")
        defer {
            rollBack()
            try? execute("PRAGMA foreign_keys = ON")
            waitForOthers(milliseconds: Self.busyMilliseconds)
        }
        var snapshot: String?
        do {
            try begin()
            let value = try perform { transaction in
                let value = try body(transaction) { snapshot = try files.snapshot(label: $0) }
                if let table = try transaction.row("PRAGMA foreign_key_check", [], { try $0.string("table") }) {
                    throw StorageError(.foreignKey, "rows of \(table) refer to rows that do not exist")
                }
                return value
            }
            try execute("COMMIT")
            if snapshot != nil { files.removeOldSnapshots() }
            return value
        } catch {
            if let snapshot { files.remove(snapshot) }
            throw error
        }
    }

    private func endRead() {
        try? execute("COMMIT")
        rollBack()
    }
}
