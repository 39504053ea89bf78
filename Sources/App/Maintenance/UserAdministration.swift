import Accounts
import Chatbots
package import Foundation
import HTTPKit
import JSON
import Platform
package import Storage
import Upstream

/// Users, as commands find and change them. A running server knows within seconds.
package struct UserAdministration: Sendable {
    private let database: Database

    package init(_ database: Database) { self.database = database }

    /// A user, as a line of a list.
    package struct Line: Sendable {
        package let id: String
        package let name: String
        package let email: String
        package let plan: String
        package let state: String
    }

    /// A page of users, newest first, after the one with this id; deleted ones are not among them.
    package func list(startingWith search: String?, after: String?) async throws -> [Line] {
        let filter = ManagedUser.Filter(q: search, plan: nil, disabled: nil, limit: nil, after: nil)
        let dialect = database.dialect
        return try await database.read(.system) { tx in
            try ManagedUser.list(
                tx, dialect, filter, after: after.map { Cursor(id: $0) } ?? .newest, limit: 199
            ).map { user in
                Line(
                    id: user.id, name: user.username ?? "-", email: user.email ?? "-", plan: user.plan ?? "-",
                    state: user.disabledAt == nil ? "active" : "disabled")
            }
        }
    }

    package func setDisabled(_ name: String, _ disabled: Bool) async throws {
        try await change(name, disabled ? "disable" : "enable") { tx, id in
            try ManagedUser.setDisabled(tx, id: id, disabled, now: .now)
        }
    }

    package func delete(_ name: String, reason: String, wantsExport: Bool) async throws {
        try await change(name, "delete", detail: { _ in ["reason": .string(reason)] }) { tx, id in
            try User.delete(
                tx, id: id, by: AuditEntry.system, reason: reason, wantsExport: wantsExport, now: .now)
        }
    }

    package func restore(_ name: String) async throws {
        try await change(name, "restore", isDeleted: true) { tx, id in
            try DeletedUser.restore(tx, id: id, now: .now)
        }
    }

    /// Writes all that is the user's to the file.
    package func export(_ name: String, to file: FileHandle, _ configuration: ServerConfiguration) async throws {
        let id = try await change(name, "export") { _, id in id }
        let http = UpstreamClient()
        defer { http.shutdown() }
        let export = UserExport(
            database: database, secrets: try KeyFiles.secrets(configuration),
            objects: FileObjects(store: try configuration.fileStore(http: http)), userID: id)
        try await export.write { bytes in try file.write(contentsOf: bytes) }
    }

    /// Gives the user the plan with this name or id; returns the plan's name.
    package func setPlan(of name: String, to plan: String) async throws -> String {
        try await change(name, "plan", detail: { ["plan": .string($0)] }) { tx, id in
            guard let found = try Plan.named(tx, plan) else {
                let names = try Plan.list(tx, after: .newest, limit: 100).map(\.name).joined(separator: ", ")
                throw StartError("There is no plan '\(plan)'. These are: \(names).")
            }
            try Plan.assign(tx, found, to: id, now: .now)
            return found.name
        }
    }

    /// Adds to the user's balance, or sets it; returns the balance after that. In micro-units.
    package func changeCredits(of name: String, by amount: Int, sets: Bool) async throws -> Int {
        try await change(name, "credits", detail: { ["balance": .int(Int64($0))] }) { tx, id in
            try Credits.change(tx, userID: id, sets ? .set(amount) : .add(amount), now: .now)
        }
    }

    /// Makes one change in a transaction, with its entry in the audit trail.
    @discardableResult
    private func change<Result: Sendable>(
        _ name: String, _ command: String, isDeleted: Bool = false,
        detail: @escaping @Sendable (Result) -> [String: JSONValue] = { _ in [:] },
        _ change: @escaping @Sendable (Transaction, _ id: String) throws -> Result
    ) async throws -> Result {
        do {
            return try await database.write(.system) { tx in
                let found = try isDeleted ? DeletedUser.id(tx, named: name) : ManagedUser.id(tx, named: name)
                guard let id = found else {
                    throw StartError(
                        "There is no \(isDeleted ? "deleted " : "")user with the name or e-mail address '\(name)'.")
                }
                let result = try change(tx, id)
                let detail = detail(result)
                try AuditEntry.insert(
                    tx, actor: AuditEntry.system, action: "mynah user \(command)", target: "user:\(id)",
                    detail: detail.isEmpty ? nil : .object(detail))
                return result
            }
        } catch let error as APIError {
            throw StartError(error.message)
        }
    }
}
