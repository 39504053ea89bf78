package import HTTPKit
import HTTPTypes
import JSON
package import Platform
package import Storage

/// What an account has handed out and what outlives its sessions: everything that a person who had the password for a
/// while may have left behind. Each list has 200 entries at most, newest first.
package struct Grants: JSONOutput {
    /// Keys of the user's own, keys that the user made or was shown, and all keys of workspaces that the user alone owns.
    package let apiKeys: [APIKey]
    package let secondFactor: SecondFactor.State
    /// Open ones that the user made.
    package let invitations: [Invitation]
    /// Members that the user, as an owner, added or gave a higher role, and the members that these added.
    package let memberships: [Membership]

    /// Accounts whose keys are looked for at once.
    package static let mostMakers = 500

    package struct Membership: JSONOutput {
        package let workspaceID: String
        package let workspaceName: String
        package let userID: String
        package let username: String?
        package let role: Role
    }

    package enum Kind: String, Choice {
        case apiKeys = "api_keys"
        case secondFactor = "second_factor"
        case invitations, memberships
    }

    package struct Ending: Input, Ruled {
        package let password: String
        package let kinds: [Kind]?
        package static var rules: [String: Rule] {
            ["password": .text(1...256), "kinds": .note("All of them if omitted.")]
        }
    }

    /// How many of each were ended.
    package struct Ended: JSONOutput {
        package let apiKeys: Int
        package let secondFactor: Bool
        package let invitations: Int
        package let memberships: Int
    }

    /// The keys that some accounts have made in a workspace with other owners, who decide about them.
    package struct SharedKeys: Sendable {
        package let workspaceID: String
        package let workspaceName: String
        /// Each with its chatbot and how it begins; of many, the first.
        package var names: [String]
        /// The ids of those accounts that made the keys, or were shown them.
        package var makers: Set<String>
        package let owners: [EmailAccount]
    }
}

/// What my account has handed out, and one call that ends it.
package struct GrantRoutes: Sendable {
    package let database: Database
    package let signIn: SignIn

    package init(database: Database, signIn: SignIn) {
        self.database = database
        self.signIn = signIn
    }

    package func list(_ who: SessionCaller) async throws -> Grants {
        let id = who.caller.userID
        return try await database.read(.system, for: who.scope) { tx in try Grants.find(tx, of: id, now: .now) }
    }

    package func end(_ who: SessionCaller, _ input: Grants.Ending) async throws -> Grants.Ended {
        let id = who.caller.userID
        guard let checked = try await signIn.hash(ifRight: input.password, of: id) else {
            throw APIError(.wrongPassword, param: "password")
        }
        let ended = try await database.write(.system, for: who.scope) { tx in
            try who.holdCredential(tx)
            guard try Account.hasPassword(tx, hash: checked, id: id) else {
                throw APIError(.wrongPassword, param: "password")
            }
            let kinds = input.kinds ?? Grants.Kind.allCases
            let now = Timestamp.now
            let (ended, former) = try Grants.end(tx, of: id, kinds, now: now)
            let shared =
                kinds.contains(.apiKeys)
                ? try APIKey.revokeShared(tx, madeBy: [id] + former.prefix(Grants.mostMakers), for: id, now: now) : 0
            let all = Grants.Ended(
                apiKeys: ended.apiKeys + shared, secondFactor: ended.secondFactor, invitations: ended.invitations,
                memberships: ended.memberships)
            who.call.audit(target: "user:\(id)", detail: try AuditEntry.values(of: all))
            return all
        }
        signIn.authenticator.forget(userID: id)
        return ended
    }
}

extension GrantRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/auth/grants", .read, id: "list_grants", "List what my account has granted",
                about: "Keys, invitations, memberships and the second factor that remain if the password changes.",
                list),
            Route(
                .post, "/auth/grants/revoke", .writeOwn, id: "revoke_grants", "Revoke what my account has granted",
                about: "Asks for the password. `kinds` limits it to some kinds.",
                end,
                errors: [.wrongPassword, .overloaded]),
        ].tagged(.signIn)
    }
}
