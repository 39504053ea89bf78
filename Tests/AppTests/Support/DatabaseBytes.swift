import Foundation
import Storage

@testable import App

extension TestApp {
    /// All that someone finds who gets hold of the database: its copy and its files as they lie there, as text; on
    /// PostgreSQL, every row.
    func databaseBytes() async throws -> String {
        guard database.dialect == .sqlite else { return try await databaseRows() }
        let folder = URL(filePath: String(app.configuration.databaseURL.dropFirst("sqlite://".count)))
            .deletingLastPathComponent()
        let copy = folder.appending(path: "copy.sqlite")
        try await database.backup(to: copy.path())
        defer { try? FileManager.default.removeItem(at: copy) }
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension != "key" && !$0.hasDirectoryPath }
        return try files.map { String(decoding: try Data(contentsOf: $0), as: Unicode.ASCII.self) }.joined()
    }

    private func databaseRows() async throws -> String {
        try await database.read(.system) { tx in
            let tables = try tx.rows(
                "SELECT tablename::text AS name FROM pg_catalog.pg_tables WHERE schemaname = current_schema()"
            ) { try $0.string("name") }
            return try tables.flatMap { table in
                try tx.rows("SELECT t::text AS line FROM \(table) t") { try $0.string("line") }
            }.joined(separator: "\n")
        }
    }
}
