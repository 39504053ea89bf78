import Foundation
import Storage

@testable import App

extension TestApp {
    /// All that someone finds who gets hold of the database: its copy and its files as they lie there, as text.
    func databaseBytes() async throws -> String {
        let folder = URL(filePath: String(app.configuration.databaseURL.dropFirst("sqlite://".count)))
            .deletingLastPathComponent()
        let copy = folder.appending(path: "copy.sqlite")
        try await database.backup(to: copy.path())
        defer { try? FileManager.default.removeItem(at: copy) }
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension != "key" }
        return try files.map { String(decoding: try Data(contentsOf: $0), as: Unicode.ASCII.self) }.joined()
    }
}
