import Archive
import DatabaseMigrations
import HTTPKit
import Platform
import Storage

/// Checks that a restored database is what its backup says.
struct RestoredRows {
    private let database: Database
    private let manifest: BackupManifest

    init(_ database: Database, _ manifest: BackupManifest) {
        self.database = database
        self.manifest = manifest
    }

    /// Throws if anything differs.
    /// - Parameter objects: the path of the list of objects to make.
    func check(_ keys: RestoreKeys, objects: String) async throws {
        let dialect = database.dialect
        let (schema, tables) = try await database.longRead { tx in
            if dialect == .sqlite { try Self.checkFile(tx) }
            _ = try ObjectList.write(tx, to: objects)
            return (try SnapshotContents.schema(tx), try SnapshotContents.tables(tx, dialect))
        }
        guard schema == manifest.schema else {
            throw ArchiveError(.damaged, "its database has the schema \(schema) instead of \(manifest.schema)")
        }
        for table in Set(tables.keys).union(manifest.tables.keys).subtracting([Migrator.unfinishedRestore]).sorted() {
            let (found, wanted) = (tables[table], manifest.tables[table])
            guard found == wanted else {
                throw ArchiveError(
                    .damaged,
                    "\(table) has \(found.map(String.init) ?? "no") rows instead of \(wanted.map(String.init) ?? "none")"
                )
            }
        }
        try await checkKeys(keys)
        try await checkAudit(keys)
    }

    private static func checkFile(_ tx: Transaction) throws {
        if let problem = try tx.row("PRAGMA integrity_check(1)", [], { try $0.string(0) }), problem != "ok" {
            throw ArchiveError(.damaged, "its database is corrupt: \(problem)")
        }
        if let table = try tx.row("PRAGMA foreign_key_check", [], { try $0.string("table") }) {
            throw ArchiveError(.damaged, "rows of \(table) refer to rows that do not exist")
        }
    }

    /// Decrypts nothing, but checks the MAC of each encrypted value.
    private func checkKeys(_ keys: RestoreKeys) async throws {
        // The columns of an older schema may be others.
        guard keys.areComplete(manifest), manifest.schema == Migrations.all.last?.number else { return }
        let encryption = keys.encryption
        let use = try await database.longRead { tx in try KeyUse.read(tx, keys: encryption) }
        guard use.keys == Set(manifest.encryptionKeys), use.unreadable == manifest.unreadableValues else {
            throw ArchiveError(.damaged, "encrypted values of its database are not as they were written")
        }
    }

    private func checkAudit(_ keys: RestoreKeys) async throws {
        guard let secrets = keys.secrets, keys.isSecret(of: manifest) else { return }
        do {
            let heads = manifest.auditHead.flatMap { AuditHead($0) }.map { [$0] } ?? []
            _ = try await AuditVerification(secrets, database: database).run(heads: heads, file: nil)
        } catch let broken as AuditVerification.Broken {
            throw ArchiveError(.damaged, "its audit trail is not intact: \(broken.description)")
        }
    }
}
