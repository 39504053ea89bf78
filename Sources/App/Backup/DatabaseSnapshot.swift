import Foundation
import Logging
import Platform
import Storage

/// Copies one state of a database into a file, and reads from the same state what is in it.
struct DatabaseSnapshot {
    private let database: Database
    private let url: String
    private let logger: Logger

    init(_ database: Database, _ url: String, logger: Logger) {
        self.database = database
        self.url = url
        self.logger = logger
    }

    /// - Parameter path: of the file to make.
    /// - Parameter objects: of the list of objects to make.
    /// - Parameter keys: encryption keys.
    func take(to path: String, objects: String, keys: [String]) async throws -> SnapshotContents {
        guard let command = try PostgresCommand(url: url) else {
            return try await copy(to: path, objects: objects, keys: keys)
        }
        let program = PostgresProgram(command)
        return try await withTaskCancellationHandler {
            try await database.longRead { tx in
                let contents = try SnapshotContents.read(tx, .postgres, keys: keys, objects: objects)
                let snapshot = try tx.row("SELECT pg_export_snapshot() AS id") { try $0.string("id") } ?? ""
                // Compressed later, with all else. The transaction stays open meanwhile, or its snapshot would end.
                try program.run(
                    "pg_dump",
                    [
                        "--format=custom", "--compress=0", "--no-owner", "--no-privileges", "--enable-row-security",
                        "--snapshot=\(snapshot)", "--file=\(path)",
                    ], output: path + ".said")
                return contents
            }
        } onCancel: {
            program.cancel()
        }
    }

    private func copy(to path: String, objects: String, keys: [String]) async throws -> SnapshotContents {
        try await database.backup(to: path)
        return try await Database.withFile(path, logger: logger) { copy in
            try await copy.read(.system) { tx in
                try SnapshotContents.read(tx, .sqlite, keys: keys, objects: objects)
            }
        }
    }
}

extension Database {
    /// Opens an SQLite file for a while. It is one file again afterwards.
    static func withFile<Value>(
        _ path: String, logger: Logger, _ work: (Database) async throws -> Value
    ) async throws -> Value {
        let escaped = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
        return try await Database(url: "sqlite://\(escaped)", logger: logger, readers: 1).closing(after: work)
    }
}
