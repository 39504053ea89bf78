import Accounts
import Chat
import HTTPKit
import Platform
import Storage

/// Writes one conversation in small transactions. It is hidden until its last message is there, and the last transaction
/// also stores how far the import is: whenever the process dies, nothing is missing and nothing is there twice.
struct ImportWriter: Sendable {
    /// Messages and bytes of one transaction.
    private static let (mostMessages, mostBytes) = (100, 256 << 10)
    /// Between two transactions, for others.
    private static let pause = Duration.milliseconds(2)
    /// Time after which a conversation that was not completed is removed.
    private static let unfinished = Duration.seconds(3600)
    /// Counted for a row beside its text, roughly.
    private static let rowBytes = 200

    let database: Database

    /// A message or a hidden one, with what it counts.
    private enum Line: Sendable {
        case message(ArrangedConversation.Message, position: Int64)
        case hidden(ArrangedConversation.Hidden)

        var bytes: Int {
            switch self {
            case .message(let message, _): message.text.utf8.count + (message.thought?.utf8.count ?? 0) + rowBytes
            case .hidden(let hidden): hidden.text.utf8.count + rowBytes
            }
        }
    }

    /// - Parameter run: becomes what it is once the conversation is there, or has been skipped.
    func write(
        _ conversation: ArrangedConversation, source: String, _ run: inout ImportRun, progress: Double
    ) async throws {
        let id = Identifier.make()
        let parts = Self.parts(of: conversation)
        var done = run
        done.position += 1
        done.counts.imported += 1
        var skipped = run
        skipped.position += 1
        skipped.counts.skip(.present)
        for (index, part) in parts.enumerated() {
            if index > 0 { try await Task.sleep(for: Self.pause) }
            let isNew = try await database.write(.system, for: .workspace(run.workspaceID)) { [done, skipped] tx in
                let tenant = try done.tenant(tx)
                if index == 0 {
                    guard try !Self.isPresent(tx, in: tenant, source: source) else {
                        try skipped.record(tx, progress: progress)
                        return false
                    }
                    try Self.begin(tx, in: tenant, id: id, source: source, conversation, done.chatbotID)
                }
                guard
                    try WorkspaceLimits.hasRoom(
                        tx, for: part.reduce(0) { $0 + $1.bytes }, workspaceID: tenant.workspaceID)
                else { throw ImportFailure.planLimit }
                for line in part { try Self.insert(tx, in: tenant, conversationID: id, line) }
                if index == parts.count - 1 {
                    try Self.show(tx, in: tenant, id: id, conversation)
                    try done.record(tx, progress: progress)
                }
                return true
            }
            guard isNew else {
                run = skipped
                return
            }
        }
        run = done
    }

    private static func parts(of conversation: ArrangedConversation) -> [[Line]] {
        let lines =
            conversation.messages.enumerated().map { Line.message($1, position: Int64($0 + 1)) }
            + conversation.hidden.map(Line.hidden)
        var (parts, part, bytes) = ([[Line]](), [Line](), 0)
        for line in lines {
            if part.count == mostMessages || !part.isEmpty && bytes + line.bytes > mostBytes {
                parts.append(part)
                (part, bytes) = ([], 0)
            }
            part.append(line)
            bytes += line.bytes
        }
        return parts + [part]
    }

    private static func isPresent(_ tx: Transaction, in tenant: Tenant, source: String) throws -> Bool {
        try tx.row(
            """
            SELECT 1 AS found FROM conversations
            WHERE workspace_id = ? AND user_id = ? AND source = ? AND deleted_at IS NULL
            """,
            [tenant.workspaceID, tenant.userID, source]
        ) { _ in true } ?? false
    }

    private static func begin(
        _ tx: Transaction, in tenant: Tenant, id: String, source: String, _ conversation: ArrangedConversation,
        _ chatbotID: String
    ) throws {
        try tx.insert(
            into: "conversations",
            [
                "id": id, "workspace_id": tenant.workspaceID, "chatbot_id": chatbotID, "user_id": tenant.userID,
                "title": conversation.title
                    ?? Conversation.title(from: conversation.messages.first?.text ?? ""),
                "created_at": conversation.createdAt, "updated_at": conversation.updatedAt, "source": source,
                "deleted_at": Timestamp.now.adding(unfinished),
            ])
    }

    private static func insert(
        _ tx: Transaction, in tenant: Tenant, conversationID: String, _ line: Line
    ) throws {
        switch line {
        case .message(let message, let position):
            // A message without a parent follows the one before it.
            let parent = message.parent == position - 1 ? nil : message.parent
            try tx.send(
                """
                INSERT INTO messages (id, workspace_id, conversation_id, position, parent_position, sender, content, status,
                    model, created_at, reasoning)
                VALUES (?, ?, ?, ?, ?, ?, ?, 'complete', ?, ?, ?)
                """,
                [
                    Identifier.make(), tenant.workspaceID, conversationID, position, parent,
                    (message.isFromUser ? Message.Sender.user : .ai).rawValue, message.text, message.model,
                    message.createdAt, message.thought,
                ])
        case .hidden(let hidden):
            try tx.send(
                """
                INSERT INTO hidden_messages (id, workspace_id, conversation_id, after_position, role, content, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    Identifier.make(), tenant.workspaceID, conversationID, hidden.after, hidden.role, hidden.text,
                    hidden.createdAt,
                ])
        }
    }

    private static func show(_ tx: Transaction, in tenant: Tenant, id: String, _ conversation: ArrangedConversation)
        throws
    {
        let last = Int64(conversation.messages.count)
        let path = MessagePath(conversation.path, of: 1...last)
        let shown = try tx.update(
            "conversations", ["deleted_at": Int64?.none, "last_position": last, "path": path.text],
            where: "workspace_id = ? AND id = ? AND deleted_at IS NOT NULL", [tenant.workspaceID, id])
        // It was deleted with its chatbot meanwhile.
        guard shown == 1 else { throw ImportFailure.notAllowed }
    }
}
