import Archive
import HTTPKit
import JSON
import Platform
import Storage

/// The first entry of a backup: what is in it. It holds no key.
struct BackupManifest: Codable, Sendable {
    static let name = "manifest.json"
    static let newestFormat = 1

    struct Files: Codable, Sendable {
        let count: Int64
        let bytes: Int64
        /// The objects that hold the files' bytes, and those of unfinished uploads.
        let objects: Int64
    }

    let format: Int
    /// The release that made it.
    let mynah: String
    /// `sqlite` or `postgresql`.
    let engine: String
    /// The number of the last migration.
    let schema: Int
    let createdAt: Timestamp
    /// Rows by table.
    let tables: [String: Int64]
    let files: Files
    /// Ids of the encryption keys that the rows need.
    let encryptionKeys: [String]
    /// Values that no key decrypted when the backup was made.
    let unreadableValues: Int64
    /// The id of the SECRET_KEY.
    let secretKey: String
    /// The head of the audit trail, as `mynah audit verify --head` takes it.
    let auditHead: String?
    /// Whether the keys themselves are in the backup.
    let hasKeys: Bool

    static func parse(_ bytes: [UInt8]) throws -> BackupManifest {
        let damaged = ArchiveError(.damaged, "\(name) is not as it was written")
        let text = String(decoding: bytes, as: UTF8.self)
        guard let format = (try? JSONText.value(text))?["format"]?.int else { throw damaged }
        guard format <= newestFormat else {
            throw ArchiveError(.foreign, "a newer release made it, with format \(format)")
        }
        do { return try JSONText.parse(BackupManifest.self, text) } catch { throw damaged }
    }

    var databaseName: String { engine == Dialect.sqlite.name ? "database.sqlite" : "database.dump" }
}

/// What one state of the database holds.
struct SnapshotContents: Sendable {
    let tables: [String: Int64]
    let schema: Int
    let files: BackupManifest.Files
    let auditHead: AuditHead?
    let keys: KeyUse

    /// - Parameter objects: the path of the list of objects to make.
    static func read(
        _ tx: Transaction, _ dialect: Dialect, keys: [String], objects: String
    ) throws -> SnapshotContents {
        let files = try tx.row("SELECT COUNT(*) AS count, COALESCE(SUM(bytes), 0) AS bytes FROM files") {
            (count: try $0.int64("count"), bytes: try $0.int64("bytes"))
        }
        let count = try ObjectList.write(tx, to: objects)
        return SnapshotContents(
            tables: try tables(tx, dialect), schema: try schema(tx),
            files: .init(count: files?.count ?? 0, bytes: files?.bytes ?? 0, objects: count),
            auditHead: try AuditChain.head(tx), keys: try KeyUse.read(tx, keys: keys))
    }

    static func schema(_ tx: Transaction) throws -> Int {
        try tx.row("SELECT MAX(number) AS number FROM schema_migrations") { try $0.int("number") } ?? 0
    }

    static func tables(_ tx: Transaction, _ dialect: Dialect) throws -> [String: Int64] {
        var counts: [String: Int64] = [:]
        for table in try tx.rows(dialect.tableNames, [], { try $0.string("name") }) {
            counts[table] = try tx.row("SELECT COUNT(*) AS rows FROM \"\(table)\"") { try $0.int64("rows") }
        }
        return counts
    }

    func manifest(_ engine: String, secrets: Secrets, hasKeys: Bool, at time: Timestamp) -> BackupManifest {
        BackupManifest(
            format: BackupManifest.newestFormat, mynah: Version.current, engine: engine, schema: schema,
            createdAt: time, tables: tables, files: files, encryptionKeys: keys.keys.sorted(),
            unreadableValues: keys.unreadable, secretKey: KeyUse.id(of: secrets), auditHead: auditHead?.text,
            hasKeys: hasKeys)
    }
}
