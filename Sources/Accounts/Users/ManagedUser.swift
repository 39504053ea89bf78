package import HTTPKit
package import Platform

/// A user as operators see it, without anything that the user has written.
package struct ManagedUser: JSONOutput {
    package let id: String
    package let username: String?
    package let email: String?
    package let emailVerified: Bool
    /// The plan's id.
    package let plan: String?
    package let disabledAt: Timestamp?
    package let lastSignInAt: Timestamp?
    package let createdAt: Timestamp

    package static let searchRule = Rule.text(0...254, note: "How the user name or the e-mail address begins.")

    package struct Filter: Input, Ruled {
        package let q: String?
        package let plan: String?
        package let disabled: Bool?
        package let limit: Int?
        package let after: String?

        package init(q: String?, plan: String?, disabled: Bool?, limit: Int?, after: String?) {
            self.q = q
            self.plan = plan
            self.disabled = disabled
            self.limit = limit
            self.after = after
        }
        package static var rules: [String: Rule] {
            Paging.rules.merging(["q": searchRule, "plan": .note("The id of a plan.")]) { $1 }
        }
        package var paging: Paging { Paging(limit: limit, after: after) }
    }

    package struct Update: Input, Ruled {
        package let plan: String?
        package let disabled: Bool?
        package let limits: Change<OwnLimits.Update>
        package static var rules: [String: Rule] {
            [
                "plan": .note("The id or the name of a plan."),
                "limits": .note("In place of the plan's; null returns to the plan's, one by one or all at once."),
            ]
        }
    }

    package struct Reason: Input, Ruled {
        package let reason: String
        package static var rules: [String: Rule] { ["reason": reasonRule] }
    }

    package struct Deletion: Input, Ruled {
        package let reason: String
        package let export: Bool?
        package static var rules: [String: Rule] {
            [
                "reason": reasonRule,
                "export": .note("Whether what was the user's is kept for 30 days after the purge."),
            ]
        }
    }

    package struct Credit: Input, Ruled {
        package let delta: Int?
        package let balance: Int?
        package let reason: String
        package static var rules: [String: Rule] {
            let highest = Double(Credits.highest)
            return [
                "delta": .number(-highest...highest, note: "What is added, in micro-units; negative takes away."),
                "balance": .number(0...highest, note: "What the balance is set to, in micro-units."),
                "reason": reasonRule,
            ]
        }

        package func validate() throws(APIError) {
            guard (delta == nil) != (balance == nil) else {
                throw APIError(.missingField, "Give one of 'delta' and 'balance'.", param: "delta")
            }
        }
    }

    package static let reasonRule = Rule.text(1...500, note: "Kept in the record.")

    package struct Counts: Codable, Sendable {
        /// Number of chatbots in the workspaces that the user owns.
        package let chatbots: Int
        package let conversations: Int
        /// That are not revoked: the user's own, and those of these chatbots.
        package let keys: Int
    }

    /// A user with what the plan and the operators allow it, and what it has.
    package struct Detailed: JSONOutput {
        package let user: ManagedUser
        package let limits: OwnLimits
        package let effectiveLimits: EffectiveLimits
        /// The balance in micro-units, without the amounts that running calls have reserved.
        package let credits: Int
        package let counts: Counts

        private enum CodingKeys: String, CodingKey { case limits, effectiveLimits, credits, counts }

        package init(
            _ user: ManagedUser, limits: OwnLimits, effectiveLimits: EffectiveLimits, credits: Int, counts: Counts
        ) {
            self.user = user
            self.limits = limits
            self.effectiveLimits = effectiveLimits
            self.credits = credits
            self.counts = counts
        }

        package init(from decoder: any Decoder) throws {
            user = try ManagedUser(from: decoder)
            let container = try decoder.container(keyedBy: CodingKeys.self)
            limits = try container.decode(OwnLimits.self, forKey: .limits)
            effectiveLimits = try container.decode(EffectiveLimits.self, forKey: .effectiveLimits)
            credits = try container.decode(Int.self, forKey: .credits)
            counts = try container.decode(Counts.self, forKey: .counts)
        }

        package func encode(to encoder: any Encoder) throws {
            try user.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(limits, forKey: .limits)
            try container.encode(effectiveLimits, forKey: .effectiveLimits)
            try container.encode(credits, forKey: .credits)
            try container.encode(counts, forKey: .counts)
        }
    }
}
