import HTTPKit
package import Platform
package import Storage

/// The secret that a chatbot shares with its own endpoint and its website: it signs what Mynah sends to the one, and what
/// the other says of its visitors. Made when it is first needed, and encrypted in the database.
package enum SigningSecret {
    package static func find(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, _ secrets: Secrets
    ) throws -> String? {
        let stored = try tx.row(
            "SELECT signing_secret FROM chatbots WHERE workspace_id = ? AND id = ?", [tenant.workspaceID, chatbotID]
        ) { try $0.stringIfPresent("signing_secret") }
        return try stored.flatMap(\.self).map { String(decoding: try secrets.decrypt($0), as: UTF8.self) }
    }

    package static func findOrMake(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, _ secrets: Secrets
    ) throws -> String {
        if let secret = try find(tx, in: tenant, chatbotID: chatbotID, secrets) { return secret }
        try tx.run(
            "UPDATE chatbots SET signing_secret = ? WHERE workspace_id = ? AND id = ? AND signing_secret IS NULL",
            [try secrets.encrypt(Array(make().utf8)), tenant.workspaceID, chatbotID])
        // Another call may have made it meanwhile.
        guard let secret = try find(tx, in: tenant, chatbotID: chatbotID, secrets) else { throw APIError(.notFound) }
        return secret
    }

    package static func replace(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, _ secrets: Secrets
    ) throws -> String {
        let secret = make()
        try tx.run(
            "UPDATE chatbots SET signing_secret = ? WHERE workspace_id = ? AND id = ?",
            [try secrets.encrypt(Array(secret.utf8)), tenant.workspaceID, chatbotID])
        return secret
    }

    private static func make() -> String { "mk_sign_\(RandomText.makeHex(bytes: 32))" }
}
