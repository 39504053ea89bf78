package import HTTPKit
import JSON

/// Conversations that are brought in from another service's export, in the background.
package struct Import: JSONOutput {
    package let id: String
    package let workspaceID: String
    package let chatbotID: String
    /// The file's name.
    package let name: String
    package let state: State
    /// The service that the file is from; null until a conversation of it has been read.
    package let format: ImportFormat?
    /// Why the file could not be read to its end.
    package let errorCode: String?
    /// Conversations and other entries that have been found: those imported, skipped and failed.
    package let found: Int
    package let imported: Int
    package let skipped: [Count]
    package let failed: [Count]
    /// How much of the file has been read, in percent.
    package let progress: Int
    package let createdAt: Timestamp
    package let endedAt: Timestamp?

    package enum State: String, Choice { case queued, running, done, failed, cancelled }

    package struct Count: JSONOutput, Equatable {
        package let reason: String
        package let count: Int
    }

    /// Why an entry of the file became no conversation, although nothing is wrong.
    enum Skipped: String {
        /// It has been imported before.
        case present = "already_imported"
        /// Nothing in it is shown.
        case empty
        /// A folder, for example.
        case other = "not_a_conversation"
    }

    /// Why a conversation could not be imported.
    enum Failed: String {
        case invalid
        case tooLarge = "too_large"
    }

    package struct Create: Input, Ruled {
        package let uploadID: String
        package let chatbotID: String?
        package let format: ImportFormat?

        package static var rules: [String: Rule] {
            [
                "upload_id": .note("A complete upload: the export's ZIP archive, or a JSON file of it."),
                "chatbot_id": .note("The chatbot that the conversations continue with; the default one if omitted."),
                "format": .note("Recognized by the content if omitted. Conversations of other formats are skipped."),
            ]
        }
    }
}

/// What an import has found so far.
struct ImportCounts: Sendable, Equatable {
    var imported = 0
    var skipped: [String: Int] = [:]
    var failed: [String: Int] = [:]

    var found: Int { imported + skipped.values.reduce(0, +) + failed.values.reduce(0, +) }

    mutating func skip(_ reason: Import.Skipped) { skipped[reason.rawValue, default: 0] += 1 }
    mutating func fail(_ reason: Import.Failed) { failed[reason.rawValue, default: 0] += 1 }

    static func list(_ counts: [String: Int]) -> [Import.Count] {
        counts.sorted { $0.key < $1.key }.map { Import.Count(reason: $0.key, count: $0.value) }
    }

    /// As it is stored.
    static func text(_ counts: [String: Int]) throws -> String {
        String(decoding: try JSONWriter.encode(counts), as: UTF8.self)
    }

    static func counts(_ text: String) -> [String: Int] {
        let members = (try? JSONValue(parsing: text.utf8))?.object ?? [:]
        return members.compactMapValues { $0.int.map { Int($0) } }
    }
}
