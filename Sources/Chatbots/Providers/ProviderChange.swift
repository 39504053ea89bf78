package import HTTPKit
import LLM
package import Storage

/// What operators have set of a provider in place of the settings: what is nil stays as these say.
package struct ProviderChange: Sendable, Equatable {
    package var baseURL: String?
    package var encryptedKey: String?
    package var isEnabled = true
    package var updatedAt = Timestamp.now

    package static func all(_ tx: Transaction) throws -> [String: ProviderChange] {
        let rows = try tx.rows("SELECT name, base_url, api_key, is_enabled, updated_at FROM providers") { row in
            (
                try row.string("name"),
                ProviderChange(
                    baseURL: try row.stringIfPresent("base_url"), encryptedKey: try row.stringIfPresent("api_key"),
                    isEnabled: try row.bool("is_enabled"),
                    updatedAt: Timestamp(milliseconds: try row.int64("updated_at")))
            )
        }
        return Dictionary(rows) { $1 }
    }

    /// Whether all is as the settings say.
    package var isNone: Bool { baseURL == nil && encryptedKey == nil && isEnabled }

    package func store(_ tx: Transaction, name: String) throws {
        guard !isNone else {
            try tx.run("DELETE FROM providers WHERE name = ?", [name])
            return
        }
        try tx.run(
            """
            INSERT INTO providers (name, base_url, api_key, is_enabled, updated_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET base_url = excluded.base_url, api_key = excluded.api_key,
                is_enabled = excluded.is_enabled, updated_at = excluded.updated_at
            """,
            [name, baseURL, encryptedKey, isEnabled ? 1 : 0, updatedAt])
    }
}

/// A provider, as operators see it. Its key is never shown.
package struct ProviderState: JSONOutput {
    package let name: String
    package let state: State
    package let baseURL: String?
    package let hasKey: Bool
    package let enabled: Bool
    /// Whether an operator has changed what the settings say.
    package let isChanged: Bool
    package let isDefault: Bool
    /// Calls of this instance.
    package let running: Int
    package let waiting: Int
    package let updatedAt: Timestamp?

    /// `failing`: calls are held back after failures. `unset`: neither a key nor an address is known.
    package enum State: String, Choice { case ready, failing, disabled, unset }

    package struct Update: Input, Ruled {
        package let apiKey: Change<String>
        package let baseURL: Change<String>
        package let enabled: Bool?

        package static var rules: [String: Rule] {
            [
                "api_key": .text(
                    1...500, note: "null: as the settings say at their own address, and none at any other."),
                "base_url": .text(
                    1...2000, format: "uri", note: "null: as the settings say. Another host needs its own 'api_key'."),
                "enabled": .note("`false`: nothing is sent there any more."),
            ]
        }

        package func validate() throws(APIError) {
            if case .value(let key) = apiKey, !key.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) {
                throw APIError.invalid("api_key", "'api_key' must be of plain ASCII without blanks.")
            }
            guard case .value(let url) = baseURL else { return }
            guard let address = ProviderAddress(url) else {
                throw APIError.invalid("base_url", "'base_url' must be an address of http or https, without a user.")
            }
            guard !address.isMachinesOwn else {
                throw APIError.invalid(
                    "base_url", "'base_url' is an address at which machines tell about themselves, and no model's.")
            }
        }
    }
}
