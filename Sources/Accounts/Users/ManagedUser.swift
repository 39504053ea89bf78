import HTTPKit

/// A user as operators see it, without anything that the user has written.
struct ManagedUser: JSONOutput {
    let id: String
    let username: String?
    let email: String?
    let emailVerified: Bool
    /// The plan's id.
    let plan: String?
    let disabledAt: Timestamp?
    let lastSignInAt: Timestamp?
    let createdAt: Timestamp

    static let searchRule = Rule.text(0...254, note: "How the user name or the e-mail address begins.")

    struct Filter: Input, Ruled {
        let q: String?
        let plan: String?
        let disabled: Bool?
        let limit: Int?
        let after: String?
        static var rules: [String: Rule] {
            Paging.rules.merging(["q": searchRule, "plan": .note("The id of a plan.")]) { $1 }
        }
        var paging: Paging { Paging(limit: limit, after: after) }
    }

    struct Update: Input, Ruled {
        let plan: String?
        let disabled: Bool?
        let limits: Change<OwnLimits.Update>
        static var rules: [String: Rule] {
            [
                "plan": .note("The id or the name of a plan."),
                "limits": .note("In place of the plan's; null returns to the plan's, one by one or all at once."),
            ]
        }
    }

    struct Reason: Input, Ruled {
        let reason: String
        static var rules: [String: Rule] { ["reason": reasonRule] }
    }

    struct Deletion: Input, Ruled {
        let reason: String
        let export: Bool?
        static var rules: [String: Rule] {
            [
                "reason": reasonRule,
                "export": .note("Whether what was the user's is kept for 30 days after the purge."),
            ]
        }
    }

    struct Credit: Input, Ruled {
        let delta: Int?
        let balance: Int?
        let reason: String
        static var rules: [String: Rule] {
            let highest = Double(Credits.highest)
            return [
                "delta": .number(-highest...highest, note: "What is added, in micro-units; negative takes away."),
                "balance": .number(0...highest, note: "What the balance is set to, in micro-units."),
                "reason": reasonRule,
            ]
        }

        func validate() throws(APIError) {
            guard (delta == nil) != (balance == nil) else {
                throw APIError(.missingField, "Give one of 'delta' and 'balance'.", param: "delta")
            }
        }
    }

    static let reasonRule = Rule.text(1...500, note: "Kept in the record.")

    struct Counts: Codable, Sendable {
        /// Number of chatbots in the workspaces that the user owns.
        let chatbots: Int
        let conversations: Int
        /// That are not revoked: the user's own, and those of these chatbots.
        let keys: Int
    }

    /// A user with what the plan and the operators allow it, and what it has.
    struct Detailed: JSONOutput {
        let user: ManagedUser
        let limits: OwnLimits
        let effectiveLimits: EffectiveLimits
        /// In micro-units, without what running calls have reserved.
        let credits: Int
        let counts: Counts

        private enum CodingKeys: String, CodingKey { case limits, effectiveLimits, credits, counts }

        init(
            _ user: ManagedUser, limits: OwnLimits, effectiveLimits: EffectiveLimits, credits: Int, counts: Counts
        ) {
            self.user = user
            self.limits = limits
            self.effectiveLimits = effectiveLimits
            self.credits = credits
            self.counts = counts
        }

        init(from decoder: any Decoder) throws {
            user = try ManagedUser(from: decoder)
            let container = try decoder.container(keyedBy: CodingKeys.self)
            limits = try container.decode(OwnLimits.self, forKey: .limits)
            effectiveLimits = try container.decode(EffectiveLimits.self, forKey: .effectiveLimits)
            credits = try container.decode(Int.self, forKey: .credits)
            counts = try container.decode(Counts.self, forKey: .counts)
        }

        func encode(to encoder: any Encoder) throws {
            try user.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(limits, forKey: .limits)
            try container.encode(effectiveLimits, forKey: .effectiveLimits)
            try container.encode(credits, forKey: .credits)
            try container.encode(counts, forKey: .counts)
        }
    }
}
