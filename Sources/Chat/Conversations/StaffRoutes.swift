package import Accounts
package import HTTPKit
import HTTPTypes
import JSON
package import Platform
package import Storage

package enum SupportUsers: Need { package static var permission: Permission { .supportUsers } }
package enum SupportLimits: Need { package static var permission: Permission { .supportLimits } }
package enum SupportMail: Need { package static var permission: Permission { .supportMail } }
package enum SupportDisable: Need { package static var permission: Permission { .supportDisable } }
package enum SupportConversations: Need { package static var permission: Permission { .supportConversations } }

/// What support staff may do for users, and nothing else.
package struct StaffRoutes: Sendable {
    package let database: Database
    package let authenticator: Authenticator
    package let verification: EmailVerification

    package init(database: Database, authenticator: Authenticator, verification: EmailVerification) {
        self.database = database
        self.authenticator = authenticator
        self.verification = verification
    }

    /// What staff see of a user: nothing that the user has written.
    package struct SupportedUser: JSONOutput {
        package let user: ManagedUser
        package let limits: EffectiveLimits
        package let today: Today

        package struct Today: Codable, Sendable {
            package let messages: Int
            package let conversations: Int
        }

        private enum CodingKeys: String, CodingKey { case limits, today }

        package init(_ user: ManagedUser, limits: EffectiveLimits, today: DailyUsage) {
            self.user = user
            self.limits = limits
            self.today = Today(messages: today.messages, conversations: today.conversations)
        }

        package init(from decoder: any Decoder) throws {
            user = try ManagedUser(from: decoder)
            let container = try decoder.container(keyedBy: CodingKeys.self)
            limits = try container.decode(EffectiveLimits.self, forKey: .limits)
            today = try container.decode(Today.self, forKey: .today)
        }

        package func encode(to encoder: any Encoder) throws {
            try user.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(limits, forKey: .limits)
            try container.encode(today, forKey: .today)
        }

        fileprivate static func find(_ tx: Transaction, id: String, now: Timestamp) throws -> SupportedUser {
            let user = try ManagedUser.find(tx, id: id)
            guard let subscriber = try Subscriber.find(tx, userID: id) else { throw APIError(.notFound) }
            return SupportedUser(
                user, limits: subscriber.limits, today: try DailyUsage.find(tx, userID: id, now: now))
        }
    }

    package struct Search: Input, Ruled {
        package let q: String?
        package let limit: Int?
        package let after: String?
        package static var rules: [String: Rule] { Paging.rules.merging(["q": ManagedUser.searchRule]) { $1 } }
        package var filter: ManagedUser.Filter {
            ManagedUser.Filter(q: q, plan: nil, disabled: nil, limit: limit, after: after)
        }
    }

    package func users(_ who: Operator<SupportUsers>, _ search: Search) async throws -> List<ManagedUser> {
        let after = try search.filter.paging.cursor(or: .newest)
        let (limit, dialect) = (search.filter.paging.count, database.dialect)
        let found = try await database.read(.system) { tx in
            try ManagedUser.list(tx, dialect, search.filter, after: after, limit: limit)
        }
        return List(found, limit: limit) { Cursor(id: $0.id) }
    }

    package func user(_ who: Operator<SupportUsers>) async throws -> SupportedUser {
        let id = who["id"]
        return try await database.read(.system) { tx in try SupportedUser.find(tx, id: id, now: .now) }
    }

    /// What today's limits took is given back.
    package func resetLimits(_ who: Operator<SupportLimits>) async throws -> SupportedUser {
        try await change(who) { tx, id in try DailyUsage.reset(tx, userID: id, now: .now) }
    }

    package func resendVerification(_ who: Operator<SupportMail>) async throws -> Accepted {
        let id = who["id"]
        let user = try await database.read(.system) { tx in try ManagedUser.find(tx, id: id) }
        guard user.email != nil else { throw APIError(.conflict, "This user has no e-mail address.") }
        guard !user.emailVerified else { throw APIError(.conflict, "This user's address has been confirmed already.") }
        try await verification.send(userID: id)
        return Accepted()
    }

    package func disable(_ who: Operator<SupportDisable>, _ input: ManagedUser.Reason) async throws -> SupportedUser {
        who.call.audit(detail: ["reason": .string(input.reason)])
        return try await change(who) { tx, id in try ManagedUser.setDisabled(tx, id: id, true, now: .now) }
    }

    private func change(
        _ who: some Context, _ change: @escaping @Sendable (Transaction, _ id: String) throws -> Void
    ) async throws -> SupportedUser {
        let id = who["id"]
        let user = try await database.write(.system) { tx in
            _ = try ManagedUser.find(tx, id: id)
            try change(tx, id)
            return try SupportedUser.find(tx, id: id, now: .now)
        }
        authenticator.forget(userID: id)
        return user
    }

    // MARK: Conversations

    package func beginAccess(_ who: Operator<SupportConversations>, _ input: StaffAccess.Request) async throws
        -> StaffAccess
    {
        let (id, caller) = (who["conversation_id"], who.caller)
        who.call.audit(detail: ["reason": .string(input.reason)])
        return try await database.write(.system) { tx in
            try StaffAccess.begin(tx, for: caller, conversationID: id, reason: input.reason, now: .now)
        }
    }

    /// Without a running access, one that exists cannot be told from one that does not.
    package func messages(_ who: Operator<SupportConversations>, _ listing: Message.Listing) async throws -> List<
        Message
    > {
        let paging = listing.paging
        let after = try paging.cursor(or: listing.order == .desc ? .newest : .oldest)
        let (id, operatorID) = (who["conversation_id"], who.caller.id)
        let (accessID, placed) = try await database.read(.system) { tx in
            let opened = try StaffAccess.opened(tx, by: operatorID, conversationID: id, now: .now)
            let placed = try Message.list(
                tx, in: opened.tenant, of: opened.conversation, branch: listing.branch ?? .active,
                order: listing.order ?? .asc, after: after.key, limit: paging.count)
            return (opened.accessID, placed)
        }
        who.call.audit(detail: ["access": .string(accessID)])
        return List(placed)
    }
}

extension StaffRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/staff/users", .read, id: "search_users", "Search users to help",
                about: "By id, name or e-mail address.",
                users),
            Route(
                .get, "/staff/users/{id}", .read, id: "get_supported_user", "Get a user with limits and today's usage",
                about: "Without content of conversations.",
                user),
            Route(
                .post, "/staff/users/{id}/reset-limits", .write, id: "reset_limits", "Reset a user's daily limits",
                about: "Today's messages and conversations count from zero again.",
                resetLimits),
            Route(
                .post, "/staff/users/{id}/resend-verification", .write, id: "resend_user_verification",
                "Send a user the link that confirms the address",
                about: "409 if there is nothing to confirm.",
                resendVerification, .accepted,
                errors: [.conflict]),
            Route(
                .post, "/staff/users/{id}/disable", .write, id: "disable_user", "Disable a user",
                about: "Ends the user's sessions and keys until an admin enables the user again.",
                disable),
            Route(
                .post, "/staff/conversations/{conversation_id}/access", .write, id: "request_conversation_access",
                "Request to read a conversation",
                about: "For half an hour, with a reason that the conversation's owner sees.",
                beginAccess),
            Route(
                .get, "/staff/conversations/{conversation_id}/messages", .read.audit(.entry),
                id: "read_user_conversation", "Read a conversation",
                about: "Needs access that was requested before. Leaves an audit entry.",
                messages,
                errors: [.accessRequired]),
        ].tagged(.support)
    }
}
