import HTTPKit
import Hummingbird
import JSON
import Storage

/// What somebody did or was refused: written once and never changed.
struct AuditEntry: JSONOutput, Equatable {
    let id: String
    /// `user:ID`, `key:ID`, `operator:ID`, `system` or `anonymous`.
    let actor: String
    /// A route such as `PATCH /chatbots/{chatbot_id}`, or the name of a command or a job.
    let action: String
    /// What it was done to, such as `chatbot:ID`.
    let target: String?
    /// `success`, or the code of the refusal.
    let outcome: String
    /// What changed: names of fields, and values only where they are no one's secret.
    let detail: JSONValue?
    let address: String?
    let requestID: String?
    let createdAt: Timestamp

    static let success = "success"
    static let system = "system"
    static let anonymous = "anonymous"

    /// What a path leads to: its last parameter.
    static func target(_ names: [String], _ values: Parameters) -> String? {
        guard let name = names.last, let id = values.get(name), Identifier.isPlausible(id) else { return nil }
        let kind =
            switch name {
            case "id": "user"
            case "own_key_id": "key"
            default: name.hasSuffix("_id") ? String(name.dropLast(3)) : name
            }
        return "\(kind):\(id)"
    }
}

extension AuditEntry {
    /// In bytes, of the detail as it is stored.
    static let maxDetail = 4096

    /// One that has been written under this id stays as it is.
    static func insert(
        _ tx: Transaction, id: String = Identifier.make(), actor: String, action: String, target: String? = nil,
        outcome: String = success, detail: JSONValue? = nil, address: String? = nil, requestID: String? = nil
    ) throws {
        var text = detail.map { String(decoding: $0.serialized(), as: UTF8.self) }
        if let length = text?.utf8.count, length > maxDetail { text = #"{"left_out":true}"# }
        try tx.send(
            """
            INSERT INTO audit_entries (id, actor, action, target, outcome, detail, address, request_id, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
            """,
            [id, actor, action, target, outcome, text, address, requestID, Timestamp.now])
    }
}

extension Realm {
    /// As the audit trail names one who is of it.
    func actor(_ id: String) -> String { self == .users ? "user:\(id)" : "operator:\(id)" }
}
