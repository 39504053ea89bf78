package import Accounts
package import HTTPKit
import HTTPTypes
package import Platform
package import Storage

/// A chatbot's signing secret, for those who may change the chatbot.
package struct SigningSecretRoutes: Sendable {
    package let database: Database
    package let secrets: Secrets
    package let signIn: SignIn

    package init(database: Database, secrets: Secrets, signIn: SignIn) {
        self.database = database
        self.secrets = secrets
        self.signIn = signIn
    }

    /// Who has the secret can name any visitor, for as long as it is not replaced: a browser left open must not show it.
    package struct Proof: Input, Ruled {
        package let password: String?
        package static var rules: [String: Rule] {
            ["password": .text(1...256, note: "The user's own; needed if the sign-in is more than an hour old.")]
        }
    }

    package struct Shown: JSONOutput {
        package let signingSecret: String
    }

    /// For a fresh sign-in: a GET brings no password.
    package func show(_ who: SessionCaller) async throws -> Shown {
        try await showAfterPassword(who, Proof(password: nil))
    }

    package func showAfterPassword(_ who: SessionCaller, _ input: Proof) async throws -> Shown {
        try await requireFreshness(who, input)
        return try await database.write(who.scope) { tx in
            let (chatbot, tenant) = try held(tx, who)
            return Shown(
                signingSecret: try SigningSecret.findOrMake(tx, in: tenant, chatbotID: chatbot.id, secrets))
        }
    }

    /// What the old one signed counts no longer.
    package func rotate(_ who: SessionCaller, _ input: Proof) async throws -> Shown {
        try await requireFreshness(who, input)
        return try await database.write(who.scope) { tx in
            let (chatbot, tenant) = try held(tx, who)
            return Shown(signingSecret: try SigningSecret.replace(tx, in: tenant, chatbotID: chatbot.id, secrets))
        }
    }

    /// Who may not see it at all is told so first.
    private func requireFreshness(_ who: SessionCaller, _ input: Proof) async throws {
        try await database.read(who.scope) { tx in
            try Chatbot.find(tx, id: who["chatbot_id"], for: who.caller).tenant.require(.edit)
        }
        try await signIn.requireFreshness(who, input.password)
    }

    /// The session must still be there when the secret is made or replaced.
    private func held(_ tx: Transaction, _ who: SessionCaller) throws -> (chatbot: Chatbot, tenant: Tenant) {
        try who.holdCredential(tx)
        return try Chatbot.findEditable(tx, id: who["chatbot_id"], for: who.caller)
    }
}

extension SigningSecretRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/chatbots/{chatbot_id}/signing-secret", .read, id: "get_signing_secret",
                "Get the secret that signs visitors' tokens",
                about: "A website signs with it who its visitor is. Needs a sign-in within the last hour.",
                show,
                errors: [.forbidden, .reauthenticationRequired]),
            Route(
                .post, "/chatbots/{chatbot_id}/signing-secret", .write, id: "show_signing_secret",
                "Show the signing secret after a password",
                about: "Like the GET, for a sign-in that is over an hour old.",
                showAfterPassword,
                errors: [.forbidden, .reauthenticationRequired, .wrongPassword, .overloaded]),
            Route(
                .post, "/chatbots/{chatbot_id}/signing-secret/rotate", .write, id: "rotate_signing_secret",
                "Replace the signing secret",
                about: "Tokens that the old secret signed are void at once.",
                rotate,
                errors: [.forbidden, .reauthenticationRequired, .wrongPassword, .overloaded]),
        ].tagged(.widget)
    }
}
