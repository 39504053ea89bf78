import Accounts
import HTTPKit
package import Platform
package import Storage

/// The person that a path names: an account, or one of a chatbot's end users by the application's own id.
package enum NamedPerson: Sendable {
    case account(User, encryptedDetails: String?)
    case endUser(EndUser)

    /// Finds the person. A user finds itself, as `me` or by its id. A chatbot's key finds the chatbot's end users, the
    /// user who made the key, and the owner of its workspace.
    package static func find(in database: Database, _ who: UserOrKey) async throws -> NamedPerson {
        guard let found = try await findIfAny(in: database, who) else { throw APIError(.notFound) }
        return found
    }

    package static func findIfAny(in database: Database, _ who: UserOrKey) async throws -> NamedPerson? {
        switch who {
        case .user(let who):
            guard ["me", who.caller.userID].contains(who["id"]) else { return nil }
            return try await account(in: database, id: who.caller.userID)
        case .key(let who):
            let (holder, id) = (who.holder, who.externalID("id"))
            let (endUser, isAccount) = try await database.read(who.scope) { tx in
                (
                    try EndUser.find(tx, in: Tenant(holder), chatbotID: holder.chatbotID, externalID: id),
                    try accountIDs(tx, holder).contains(id)
                )
            }
            if let endUser { return .endUser(endUser) }
            return isAccount ? try await account(in: database, id: id) : nil
        }
    }

    /// Nothing in a key's workspace leads to an account's personal one, so the database acts for the account.
    package static func account(in database: Database, id: String) async throws -> NamedPerson? {
        try await database.read(.user(id)) { tx in try User.find(tx, id: id) }.map {
            .account($0.user, encryptedDetails: $0.encryptedDetails)
        }
    }

    /// The accounts that a key may name. Who made it and has left the workspace since is none of them.
    package static func accountIDs(_ tx: Transaction, _ holder: KeyHolder) throws -> [String] {
        guard let creatorID = holder.creatorID, creatorID != holder.ownerID else { return [holder.ownerID] }
        let isMember = try tx.row(
            "SELECT 1 AS found FROM members WHERE workspace_id = ? AND user_id = ?", [holder.workspaceID, creatorID]
        ) { _ in true }
        return isMember == true ? [holder.ownerID, creatorID] : [holder.ownerID]
    }

    /// The person in the form that a turn of a conversation uses.
    package var person: Person {
        switch self {
        case .account(let user, let details): Person(id: user.id, email: user.email, encryptedDetails: details)
        case .endUser(let user): Person(id: user.externalID, email: nil, encryptedDetails: user.encryptedDetails)
        }
    }

    /// The person in the form of an account, which applications also get for their own users.
    package func user(_ secrets: Secrets) throws -> User {
        let details = try UserDetails(encrypted: person.encryptedDetails, secrets)
        switch self {
        case .account(let user, _): return user.with(details)
        case .endUser(let user):
            return User(
                id: user.externalID, username: nil, email: details.email, emailVerified: false,
                firstName: details.firstName, lastName: details.lastName, workspaceID: user.workspaceID,
                createdAt: user.createdAt, updatedAt: user.updatedAt)
        }
    }
}
