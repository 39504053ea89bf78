import JSON

/// A person with an account.
struct User: JSONOutput {
    let id: String
    let username: String?
    let email: String?
    let emailVerified: Bool
    let firstName: String?
    let lastName: String?
    /// The personal workspace.
    let workspaceID: String
    let createdAt: Timestamp
    let updatedAt: Timestamp

    struct Create: Input, Ruled {
        let username: String?
        let email: String?
        let password: String
        let firstName: String?
        let lastName: String?

        static var rules: [String: Rule] {
            User.nameRules.merging(["password": .text(8...256)]) { $1 }
        }

        func validate() throws(APIError) {
            guard username != nil || email != nil else {
                throw APIError(.missingField, "Give a 'username', an 'email' or both.", param: "username")
            }
        }
    }

    struct Update: Input, Ruled {
        let username: Change<String>
        let firstName: Change<String>
        let lastName: Change<String>

        static var rules: [String: Rule] { User.nameRules.filter { $0.key != "email" } }
    }

    private static var nameRules: [String: Rule] {
        [
            "username": .text(
                2...64, pattern: "[\\p{L}\\p{M}\\p{N}._\\-]+",
                note: "letters, digits, dots, hyphens and underscores."),
            "email": .email,
            "first_name": .text(0...100),
            "last_name": .text(0...100),
        ]
    }
}

/// What is known of a user beyond the name: encrypted in the database as one document.
struct UserDetails: Codable, Sendable, Equatable {
    var firstName: String?
    var lastName: String?
    var company: String?
    var role: String?
    var preferences: JSONObject?
    var profileData: String?
    /// Of an end user alone: an account's address is not part of its details.
    var email: String?

    init(firstName: String? = nil, lastName: String? = nil) {
        self.firstName = firstName
        self.lastName = lastName
    }

    init(encrypted: String?, _ secrets: Secrets) throws {
        guard let encrypted else {
            self.init()
            return
        }
        self = try secrets.decryptJSON(UserDetails.self, encrypted)
    }

    func encrypted(_ secrets: Secrets) throws -> String {
        try secrets.encrypt(JSONWriter.encode(self, nils: .omit))
    }
}
