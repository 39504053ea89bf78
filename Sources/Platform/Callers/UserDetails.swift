package import HTTPKit
package import JSON

/// What is known of a person beyond the account: encrypted in the database as one document.
package struct UserDetails: Codable, Sendable, Equatable {
    package var firstName: String?
    package var lastName: String?
    package var company: String?
    package var role: String?
    package var preferences: JSONObject?
    package var profileData: String?
    /// Set for end users only: an account's address is not part of its details.
    package var email: String?

    package init(firstName: String? = nil, lastName: String? = nil) {
        self.firstName = firstName
        self.lastName = lastName
    }

    package init(encrypted: String?, _ secrets: Secrets) throws {
        guard let encrypted else {
            self.init()
            return
        }
        self = try secrets.decryptJSON(UserDetails.self, encrypted)
    }

    package func encrypted(_ secrets: Secrets) throws -> String {
        try secrets.encrypt(JSONWriter.encode(self, nils: .omit))
    }
}

extension UserDetails {
    /// What a call changes of them: what it leaves out stays, and null clears.
    package struct Update: Input, Ruled {
        package let email: Change<String>
        package let firstName: Change<String>
        package let lastName: Change<String>
        package let company: Change<String>
        package let role: Change<String>
        package let preferences: Change<JSONObject>
        package let profileData: Change<JSONValue>

        /// Maximum length as JSON, in bytes.
        private static let longestPreferences = 16_384
        private static let longestProfileData = 65_536

        package static var rules: [String: Rule] {
            [
                "email": Rule(
                    length: 3...254, isBlankAllowed: false, format: "email",
                    note: "Of an end user; an account's own address is not changed here.", isTrimmed: true),
                "first_name": .text(0...100), "last_name": .text(0...100), "company": .text(0...200),
                "role": .text(0...200), "preferences": .note("Up to 16 KiB."),
                "profile_data": .note("Text of up to 64 KiB; any other JSON is kept as its text."),
            ]
        }

        /// The language that this call tells of; nil if it tells of none that is spoken here.
        package var language: UserLanguage? {
            if case .value(let preferences) = preferences { preferences.language } else { nil }
        }

        package func validate() throws(APIError) { try check(under: "") }

        /// - Parameter path: what comes before the names of the fields, such as `user.`.
        package func check(under path: String) throws(APIError) {
            if case .value(let object) = preferences,
                JSONValue.object(object.members).serialized().count > Self.longestPreferences
            {
                throw .invalid(path + "preferences", "'\(path)preferences' is limited to 16 KiB.")
            }
            if case .value(let value) = profileData, Self.text(value).utf8.count > Self.longestProfileData {
                throw .invalid(path + "profile_data", "'\(path)profile_data' is limited to 64 KiB.")
            }
        }

        fileprivate static func text(_ value: JSONValue) -> String {
            value.string ?? String(decoding: value.serialized(), as: UTF8.self)
        }
    }

    package func applying(_ change: Update) -> UserDetails {
        var details = self
        details.email = change.email.applied(to: email)
        details.firstName = change.firstName.applied(to: firstName)
        details.lastName = change.lastName.applied(to: lastName)
        details.company = change.company.applied(to: company)
        details.role = change.role.applied(to: role)
        details.preferences = change.preferences.applied(to: preferences)
        switch change.profileData {
        case .unchanged: break
        case .cleared: details.profileData = nil
        case .value(let value): details.profileData = Update.text(value)
        }
        return details
    }

    /// The details as a call sees them.
    package struct Shown: JSONOutput {
        package let userID: String
        package let profile: UserContext.Profile

        private enum CodingKeys: String, CodingKey { case userID }

        package init(_ profile: UserContext.Profile, userID: String) {
            self.userID = userID
            self.profile = profile
        }

        package init(from decoder: any Decoder) throws {
            userID = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .userID)
            profile = try UserContext.Profile(from: decoder)
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(userID, forKey: .userID)
            try profile.encode(to: encoder)
        }
    }
}
