package import HTTPKit
package import Platform
import Storage

extension ChatTurn {
    /// The person who reads a turn's reply, with what decides its language. Does not retain the request.
    package struct Recipient: Sendable {
        package let endUserID: String?
        package let chosen: UserLanguage?
        package let requested: UserLanguage

        /// - Parameter known: the end user of the conversation that goes on, if it has one.
        package init(_ requester: TurnRequester, endUserID known: String?) {
            endUserID = requester.endUserID ?? known
            chosen = requester.call.chosenLanguage
            requested = UserLanguage(of: requester.call)
        }
    }

    /// The language that the person has chosen, or else the one that the call asked for. Looked up only for a reply that
    /// failed; a database that cannot tell must not keep the failure from being stored.
    package func language(of recipient: Recipient, in tenant: Tenant) async -> UserLanguage {
        if let chosen = recipient.chosen { return chosen }
        let person = try? await database.read(.workspace(tenant.workspaceID)) { tx in
            try Person.find(tx, in: tenant, endUserID: recipient.endUserID)
        }
        let details = try? person.map { try UserDetails(encrypted: $0.encryptedDetails, secrets) }
        return UserLanguage(details.flatMap(\.self), or: recipient.requested)
    }
}
