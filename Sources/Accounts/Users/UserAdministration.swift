import HTTPKit
import JSON
import Platform
package import Storage

/// Plans and credits, as commands change them. A running server knows within seconds.
package struct UserAdministration: Sendable {
    private let database: Database

    package init(_ database: Database) { self.database = database }

    /// Gives the user with this name or e-mail address the plan with this name or id; returns the plan's name.
    package func setPlan(of user: String, to plan: String) async throws -> String {
        try await database.write(.system) { tx in
            let userID = try Self.userID(tx, user)
            guard let found = try Plan.named(tx, plan) else {
                let names = try Plan.list(tx, after: .newest, limit: 100).map(\.name).joined(separator: ", ")
                throw StartError("There is no plan '\(plan)'. These are: \(names).")
            }
            try Plan.assign(tx, found, to: userID, now: .now)
            try AuditEntry.insert(
                tx, actor: AuditEntry.system, action: "mynah user plan", target: "user:\(userID)",
                detail: ["plan": .string(found.name)])
            return found.name
        }
    }

    /// Adds to the user's balance, or sets it; returns the balance after that. In micro-units.
    package func changeCredits(of user: String, by amount: Int, sets: Bool) async throws -> Int {
        try await database.write(.system) { tx in
            let userID = try Self.userID(tx, user)
            let balance: Int
            do {
                balance = try Credits.change(tx, userID: userID, sets ? .set(amount) : .add(amount), now: .now)
            } catch let error as APIError {
                throw StartError(error.message)
            }
            try AuditEntry.insert(
                tx, actor: AuditEntry.system, action: "mynah user credits", target: "user:\(userID)",
                detail: ["balance": .int(Int64(balance))])
            return balance
        }
    }

    private static func userID(_ tx: Transaction, _ name: String) throws -> String {
        guard let account = try Account.named(tx, name, in: .users) else {
            throw StartError("There is no user with the name or e-mail address '\(name)'.")
        }
        return account.id
    }
}
