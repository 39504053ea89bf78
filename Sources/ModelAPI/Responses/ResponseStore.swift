import Accounts
import HTTPKit
import JSON
import LLM
package import Logging
import Metering
package import Platform
package import Storage

/// Writes responses to the database, a little at a time.
package struct ResponseStore: Sendable {
    package let database: Database
    package let secrets: Secrets
    package let running: RunningResponses
    package let logger: Logger
    /// Between two transactions of a deletion, for others.
    private static let pause = Duration.milliseconds(5)

    package init(database: Database, secrets: Secrets, running: RunningResponses, logger: Logger) {
        self.logger = logger
        self.database = database
        self.secrets = secrets
        self.running = running
    }

    var parts: ResponseParts { ResponseParts(secrets: secrets) }

    /// Throws `plan_limit_reached` if the plan leaves no room for another response.
    func requireRoom(in tenant: Tenant, _ scope: Scope) async throws {
        try await database.read(scope) { tx in try WorkspaceLimits.require(.bytes, tx, in: tenant) }
    }

    /// Stores a large response's beginning, each part in a transaction of its own.
    func open(_ new: ResponseQueries.New, _ opening: [UInt8]) async throws {
        let (scope, workspaceID) = (new.owner.scope, new.tenant.workspaceID)
        let parts = try parts.split(opening, .opening)
        try await database.write(scope) { tx in try ResponseQueries.insert(tx, new) }
        do {
            for part in parts {
                try await database.write(scope) { tx in
                    try ResponseQueries.append(tx, [part], to: new.id, in: workspaceID)
                }
            }
        } catch {
            await remove(new)
            throw error
        }
    }

    /// Deletes a response whose call has not begun. If this fails, its lease ends.
    func remove(_ new: ResponseQueries.New) async {
        _ = try? await database.write(new.owner.scope) { tx in
            try tx.run(
                "DELETE FROM responses WHERE workspace_id = ? AND id = ?", [new.tenant.workspaceID, new.id])
        }
    }

    /// Removes a deleted response, some of its rows at a time. What is left if this fails goes with the expired ones.
    func remove(_ response: StoredResponse, _ scope: Scope) async {
        do {
            try await TransactionHook.$current.withValue(nil) {
                while try await !database.write(scope, { tx in try ResponseQueries.remove(tx, response) }) {
                    try await Task.sleep(for: Self.pause)
                }
            }
        } catch {
            logger.warning("a deleted response is left to the clean-up", metadata: ["cause": "\(error)"])
        }
    }

    /// Returns what stores the end of a response.
    /// - Parameter opening: what is stored of its beginning, too; nil if that is there already.
    func ending(
        _ ending: ResponseEnding, of new: ResponseQueries.New, opening: [UInt8]?, _ events: [ChatEvent],
        _ chain: [StoredResponse]
    ) throws -> @Sendable (Transaction) throws -> Void {
        let sealed = try secrets.encrypt(JSONWriter.encode(ending))
        let bytes = events.reduce(0) { $0 + $1.bytes }
        let first = try opening.map { try parts.split($0, .opening) + parts.output(events) }
        return { [parts] tx in
            if let first {
                try ResponseQueries.insert(
                    tx, new.with(bytes: new.bytes + bytes), status: ending.status, ending: sealed)
                try ResponseQueries.append(tx, first, to: new.id, in: new.tenant.workspaceID)
            } else {
                let stored = try ResponseQueries.end(
                    tx, id: new.id, in: new.tenant.workspaceID, ending.status, ending: sealed, addedBytes: bytes)
                guard let stored else { return }
                let rest = try parts.output(events[min(stored, events.count)...])
                try ResponseQueries.append(tx, rest, to: new.id, in: new.tenant.workspaceID)
            }
            try ResponseQueries.extend(tx, chain, until: new.expiresAt)
        }
    }
}
