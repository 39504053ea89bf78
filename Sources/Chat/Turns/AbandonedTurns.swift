package import HTTPKit
import Metering
package import Storage

/// Turns that end otherwise than by their writer.
extension TurnQueries {
    /// The running replies that are to stop.
    package static func stopped(_ tx: Transaction, now: Timestamp) throws -> [String] {
        try tx.rows(
            "SELECT turn_message_id FROM conversations WHERE turn_stop = 1 AND turn_until >= ?", [now]
        ) { try $0.string("turn_message_id") }
    }

    /// Ends the lease of all turns of an instance that is gone.
    package static func release(_ tx: Transaction, from instance: String, now: Timestamp) throws {
        try tx.run(
            "UPDATE conversations SET turn_until = 0 WHERE turn_message_id IS NOT NULL AND turn_instance = ?",
            [instance])
        try closeAbandoned(tx, before: now)
    }

    /// Ends the turns whose instance has died; their replies keep the text received.
    package static func closeAbandoned(_ tx: Transaction, before now: Timestamp) throws {
        try MessageLog.insertAbandoned(
            tx,
            where: """
                (a.workspace_id, a.id) IN (SELECT workspace_id, turn_message_id FROM conversations
                WHERE turn_message_id IS NOT NULL AND turn_until < ?)
                """,
            [now])
        try tx.run(
            """
            UPDATE messages SET status = 'partial' WHERE status = 'running' AND (workspace_id, id) IN
                (SELECT workspace_id, turn_message_id FROM conversations
                WHERE turn_message_id IS NOT NULL AND turn_until < ?)
            """,
            [now])
        try tx.run(
            """
            UPDATE conversations SET turn_message_id = NULL, turn_until = NULL, turn_stop = 0
            WHERE turn_message_id IS NOT NULL AND turn_until < ?
            """,
            [now])
    }
}
