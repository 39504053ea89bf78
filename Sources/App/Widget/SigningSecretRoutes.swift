import Storage

/// A chatbot's signing secret, for those who may change the chatbot.
struct SigningSecretRoutes: Sendable {
    let database: Database
    let secrets: Secrets

    struct Shown: JSONOutput {
        let signingSecret: String
    }

    func show(_ who: InPerson) async throws -> Shown {
        try await database.write(who.scope) { tx in
            let (chatbot, tenant) = try find(tx, who)
            return Shown(
                signingSecret: try SigningSecret.findOrMake(tx, in: tenant, chatbotID: chatbot.id, secrets))
        }
    }

    /// What the old one signed counts no longer.
    func rotate(_ who: InPerson) async throws -> Shown {
        try await database.write(who.scope) { tx in
            let (chatbot, tenant) = try find(tx, who)
            return Shown(signingSecret: try SigningSecret.replace(tx, in: tenant, chatbotID: chatbot.id, secrets))
        }
    }

    private func find(_ tx: Transaction, _ who: InPerson) throws -> (chatbot: Chatbot, tenant: Tenant) {
        try who.holdCredential(tx)
        return try Chatbot.findEditable(tx, id: who["chatbot_id"], for: who.caller)
    }
}
