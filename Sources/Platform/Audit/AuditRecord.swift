package import HTTPKit
import HTTPTypes
package import Hummingbird
package import JSON
package import Storage
import Synchronization

/// The entry of the call that is being handled: it is filled on the way and committed with the call's first write.
package final class AuditRecord: Sendable {
    private struct State {
        var actor = AuditEntry.anonymous
        var target: String?
        var outcome = AuditEntry.success
        var detail: [String: JSONValue] = [:]
        var id: String?
        var isWritten = false
    }

    package let action: String
    /// Whether this is an attempt to sign in, which is recorded even if an anonymous caller is refused.
    package let isSignIn: Bool
    /// Whether it is about the caller's own account, and nothing else.
    private let isOwn: Bool
    private let address: String
    private let requestID: String
    private let state: Mutex<State>

    package init(action: String, isSignIn: Bool, isOwn: Bool, target: String?, address: String, requestID: String) {
        self.action = action
        self.isOwn = isOwn
        self.isSignIn = isSignIn
        self.address = address
        self.requestID = requestID
        state = Mutex(State(target: target))
    }

    package var actor: String { state.withLock { $0.actor } }
    package var isWritten: Bool { state.withLock { $0.isWritten } }

    package func set(actor: String?, target: String?, outcome: String?, detail: [String: JSONValue]) {
        state.withLock { state in
            if let actor { state.actor = actor }
            if let target { state.target = target }
            if let outcome { state.outcome = outcome }
            state.detail.merge(detail) { $1 }
        }
    }

    package func markWritten() { state.withLock { $0.isWritten = true } }

    /// May be run again, or by two transactions at once: there is one entry all the same.
    package func insert(_ tx: Transaction) throws {
        let entry = state.withLock { state in
            state.id = state.id ?? Identifier.make()
            return state
        }
        try AuditEntry.insert(
            tx, id: entry.id!, actor: entry.actor, action: action,
            target: entry.target ?? (isOwn && entry.actor != AuditEntry.anonymous ? entry.actor : nil),
            outcome: entry.outcome,
            detail: entry.detail.isEmpty ? nil : .object(entry.detail), address: address, requestID: requestID)
    }
}

extension Call {
    /// Adds details to this call's entry that the route does not give. `detail` names what changed, without secrets.
    package func audit(
        actor: String? = nil, target: String? = nil, outcome: APIError.Code? = nil, detail: [String: JSONValue] = [:]
    ) {
        record?.set(actor: actor, target: target, outcome: outcome?.rawValue, detail: detail)
    }

    /// The names of the fields that were sent; values may be secret.
    package func audit(fields value: JSONValue, of schema: Schema) {
        guard record != nil, request.method != .get, case .object(_, let properties) = schema.kind,
            case .object(let members) = value
        else { return }
        let names = properties.map(\.name).filter { members[$0] != nil }.sorted()
        if !names.isEmpty { audit(detail: ["fields": .array(names.map { .string($0) })]) }
    }

    /// For a call that turned out to change nothing.
    package func leaveNoAudit() { record?.markWritten() }

    /// Writes this call's entry now, in a transaction of its own, unless it is already written.
    package func writeAudit() async throws {
        guard let record, !record.isWritten else { return }
        try await TransactionHook.$current.withValue(nil) { try await trail.database.write(.system, record.insert) }
        record.markWritten()
    }

    /// Handles the whole call: a refusal for lack of rights leaves an entry too, which names its code.
    package func recorded(_ work: () async throws -> Response) async throws -> Response {
        do {
            return try await work()
        } catch let error as APIError {
            try await record(error)
            throw error
        }
    }

    /// Writes an entry for a refusal if the trail records such refusals and the call has no entry yet.
    package func record(_ refusal: APIError) async throws {
        guard let record, !record.isWritten, trail.records(refusal, of: record, from: remoteAddress) else { return }
        audit(outcome: refusal.code)
        try await writeAudit()
    }

    /// Runs the part of the call that changes data. Its first write includes the entry; if it writes nothing, the entry
    /// is written before the response. If the entry cannot be written, the call fails.
    package func changing(_ work: () async throws -> Response) async throws -> Response {
        guard let record else { return try await work() }
        let hook = TransactionHook(record.insert)
        do {
            let response = try await TransactionHook.$current.withValue(hook) { try await work() }
            if hook.isDone { record.markWritten() }
            try await writeAudit()
            return response
        } catch {
            if hook.isDone { record.markWritten() }
            throw error
        }
    }
}
