package import HTTPKit
package import Hummingbird
package import JSON
package import Storage

/// An action that was performed or refused. Entries are written once and never changed.
package struct AuditEntry: JSONOutput, Equatable {
    package let id: String
    /// `user:ID`, `key:ID`, `operator:ID`, `system` or `anonymous`.
    package let actor: String
    /// A route such as `PATCH /chatbots/{chatbot_id}`, or the name of a command or a job.
    package let action: String
    /// What it was done to, such as `chatbot:ID`.
    package let target: String?
    /// `success`, or the code of the refusal.
    package let outcome: String
    /// What changed: names of fields, and values only if they are not secret.
    package let detail: JSONValue?
    package let address: String?
    package let requestID: String?
    package let createdAt: Timestamp

    package init(
        id: String, actor: String, action: String, target: String?, outcome: String, detail: JSONValue?,
        address: String?, requestID: String?, createdAt: Timestamp
    ) {
        self.id = id
        self.actor = actor
        self.action = action
        self.target = target
        self.outcome = outcome
        self.detail = detail
        self.address = address
        self.requestID = requestID
        self.createdAt = createdAt
    }

    package static let success = "success"
    package static let system = "system"
    package static let anonymous = "anonymous"

    /// What a path leads to: its last parameter.
    package static func target(_ names: [String], _ values: Parameters) -> String? {
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
    /// Maximum length of the stored detail, in bytes.
    package static let maxDetail = 4096

    /// Does nothing if there is already an entry with this id.
    package static func insert(
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
    /// The actor that an account of this realm is in the audit trail, such as `user:ID`.
    package func actor(_ id: String) -> String { self == .users ? "user:\(id)" : "operator:\(id)" }
}
