package import HTTPKit
import HTTPTypes

/// A key that stands in for its owner: of a chatbot, for applications and websites, or of a user. Only its hash is kept.
package struct APIKey: JSONOutput, Equatable {
    package let id: String
    package let name: String
    package let kind: Kind
    /// How the key begins, to know it by.
    package let prefix: String
    /// Null for a user's own key.
    package let chatbotID: String?
    package let scopes: [KeyScope]
    /// Websites whose pages may use the key. If empty, any website may; only a secret key can have an empty list.
    package let origins: [String]
    package let rateLimit: String?
    /// The budget for the key's whole life, in micro-units; null if only the owner's credits limit it.
    package let budget: Int?
    package let spent: Int
    package let state: State
    package let expiresAt: Timestamp?
    package let revokedAt: Timestamp?
    package let lastUsedAt: Timestamp?
    package let createdAt: Timestamp

    package enum Kind: String, Choice {
        case secret, publishable, user

        package var prefix: String {
            switch self {
            case .secret: "mk_live"
            case .publishable: "mk_pub"
            case .user: "mk_user"
            }
        }
    }

    package enum State: String, Choice { case active, expired, revoked }

    /// How long the key that another one replaces goes on working.
    package static let overlap = Duration.seconds(86_400)

    /// A key as it is shown once: the key itself, and what is known of it.
    package struct Issued: JSONOutput {
        package let key: String
        package let apiKey: APIKey

        private enum CodingKeys: String, CodingKey { case key }

        package init(key: String, apiKey: APIKey) {
            self.key = key
            self.apiKey = apiKey
        }

        package init(from decoder: any Decoder) throws {
            key = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .key)
            apiKey = try APIKey(from: decoder)
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(key, forKey: .key)
            try apiKey.encode(to: encoder)
        }
    }

    package struct Create: Input, Ruled {
        package let name: String?
        package let kind: ChatbotKind?
        package let scopes: [KeyScope]?
        package let expiresAt: Timestamp?
        package let rateLimit: String?
        package let budget: Int?
        package let origins: [String]?
        package let password: String?

        package enum ChatbotKind: String, Choice {
            case secret, publishable
            package var kind: Kind { self == .secret ? .secret : .publishable }
        }

        package static var rules: [String: Rule] {
            APIKey.rules.merging([
                "kind": .note("`secret` if omitted; `publishable` keys are for the widget on a website."),
                "scopes": .note("`chat` and `read` if omitted."),
            ]) { $1 }
        }

        package func validate() throws(APIError) {
            try APIKey.check(scopes: scopes, rateLimit: rateLimit, origins: origins, expiresAt: expiresAt)
            if kind == .publishable {
                guard !(origins ?? []).isEmpty else {
                    throw APIError(
                        .missingField, "A publishable key needs the 'origins' of its websites.", param: "origins")
                }
                guard scopes == nil || scopes == [.chat] else {
                    throw APIError.invalid("scopes", "A publishable key has the scope 'chat' and no other.")
                }
            }
        }
    }

    /// A user's own key.
    package struct CreateOwn: Input, Ruled {
        package let name: String?
        package let scopes: [KeyScope]?
        package let expiresAt: Timestamp?
        package let rateLimit: String?
        package let password: String?

        package static var rules: [String: Rule] {
            APIKey.rules.filter { !["budget", "origins"].contains($0.key) }.merging([
                "scopes": .note("All if omitted.")
            ]) { $1 }
        }

        package func validate() throws(APIError) {
            try APIKey.check(scopes: scopes, rateLimit: rateLimit, origins: nil, expiresAt: expiresAt)
        }
    }

    package struct Update: Input, Ruled {
        package let name: String?
        package let scopes: [KeyScope]?
        package let expiresAt: Change<Timestamp>
        package let rateLimit: Change<String>
        package let budget: Change<Int>
        package let origins: [String]?

        package static var rules: [String: Rule] { APIKey.rules.filter { $0.key != "password" } }

        package func validate() throws(APIError) {
            var limit: String?
            if case .value(let value) = rateLimit { limit = value }
            var expiry: Timestamp?
            if case .value(let value) = expiresAt { expiry = value }
            try APIKey.check(scopes: scopes, rateLimit: limit, origins: origins, expiresAt: expiry)
        }
    }

    package struct Rotate: Input, Ruled {
        package let overlapSeconds: Int?
        package let password: String?
        package static var rules: [String: Rule] {
            [
                "overlap_seconds": .number(
                    0...604_800, note: "How long the key that is replaced goes on working; a day if omitted."),
                "password": APIKey.passwordRule,
            ]
        }
        package var overlap: Duration { overlapSeconds.map { .seconds($0) } ?? APIKey.overlap }
    }

    private static let passwordRule = Rule.text(
        1...256, note: "The user's own; needed if the sign-in is more than an hour old.")

    private static var rules: [String: Rule] {
        [
            "name": .name(1...100),
            "rate_limit": .text(1...20, pattern: RateLimit.form, note: "Such as `60/minute`."),
            "budget": .number(0...9_000_000_000_000_000, note: "In micro-units, over the key's whole life."),
            "origins": .text(1...300, note: "Such as `https://www.example.com`."),
            "expires_at": .note("Never if omitted."),
            "password": passwordRule,
        ]
    }

    private static func check(
        scopes: [KeyScope]?, rateLimit: String?, origins: [String]?, expiresAt: Timestamp?
    ) throws(APIError) {
        guard scopes?.isEmpty != true else {
            throw APIError.invalid("scopes", "A key needs one of the 'scopes' at least.")
        }
        if let rateLimit, RateLimit(rateLimit) == nil {
            throw APIError.invalid("rate_limit", "'rate_limit' is a number and a time, such as 60/minute.")
        }
        for origin in origins ?? [] where !Origin.isOne(origin) {
            throw APIError.invalid(
                "origins", "Each of 'origins' is a scheme and a host, such as https://www.example.com.")
        }
        if let expiresAt, expiresAt <= .now {
            throw APIError.invalid("expires_at", "'expires_at' must lie in the future.")
        }
    }
}
