package import Accounts
package import HTTPKit
import HTTPTypes
package import Platform
package import Storage

/// Keys of chatbots, which the workspace's editors make, and users' own.
package struct APIKeyRoutes: Sendable {
    package let database: Database
    package let signIn: SignIn

    package init(database: Database, signIn: SignIn) {
        self.database = database
        self.signIn = signIn
    }

    // MARK: A chatbot's keys

    package func create(_ who: SessionCaller, _ input: APIKey.Create) async throws -> APIKey.Issued {
        try await signIn.requireFreshness(who, input.password)
        let kind = input.kind?.kind ?? .secret
        let rights = APIKey.Rights(
            scopes: input.scopes ?? (kind == .publishable ? [.chat] : [.chat, .read]), origins: input.origins ?? [],
            rateLimit: input.rateLimit, budget: input.budget, expiresAt: input.expiresAt)
        // The keys of all that the workspace's owner has are counted, which the caller need not see.
        return try await database.write(.system, for: who.scope) { tx in
            let subject = try heldSubject(tx, who)
            try APIKey.requireRoom(tx, for: subject)
            let issued = try APIKey.create(
                tx, for: subject, by: who.caller.userID, kind, name: input.name ?? kind.rawValue, rights, .init(kind),
                now: .now)
            who.call.audit(detail: try AuditEntry.granted(issued.apiKey))
            return issued
        }
    }

    package func list(_ who: UserCaller, _ paging: Paging) async throws -> List<APIKey> {
        let after = try paging.cursor(or: .newest)
        let keys = try await database.read(who.scope) { tx in
            let (chatbot, tenant) = try Chatbot.find(tx, id: who["chatbot_id"], for: who.caller)
            try tenant.require(.edit)
            return try APIKey.list(tx, .chatbot(chatbot.id, tenant), after: after, limit: paging.count, now: .now)
        }
        return List(keys, limit: paging.count) { Cursor(id: $0.id) }
    }

    package func update(_ who: SessionCaller, _ input: APIKey.Update) async throws -> APIKey {
        let id = who["key_id"]
        let key = try await database.write(who.scope) { tx in
            let key = try APIKey.update(tx, heldSubject(tx, who), id: id, input, now: .now)
            who.call.audit(detail: try AuditEntry.granted(key))
            return key
        }
        signIn.authenticator.forget(keyID: id)
        return key
    }

    package func rotate(_ who: SessionCaller, _ input: APIKey.Rotate) async throws -> APIKey.Issued {
        try await signIn.requireFreshness(who, input.password)
        let id = who["key_id"]
        let issued = try await database.write(who.scope) { tx in
            let issued = try APIKey.rotate(
                tx, heldSubject(tx, who), id: id, by: who.caller.userID, overlap: input.overlap, now: .now)
            who.call.audit(detail: try AuditEntry.granted(issued.apiKey))
            return issued
        }
        signIn.authenticator.forget(keyID: id)
        return issued
    }

    package func revoke(_ who: SessionCaller) async throws -> NoContent {
        let id = who["key_id"]
        try await database.write(who.scope) { tx in
            try APIKey.revoke(tx, subject(tx, who), id: id, now: .now)
        }
        signIn.authenticator.forget(keyID: id)
        return NoContent()
    }

    private func subject(_ tx: Transaction, _ who: SessionCaller) throws -> APIKey.Subject {
        let (chatbot, tenant) = try Chatbot.find(tx, id: who["chatbot_id"], for: who.caller)
        try tenant.require(.edit)
        return .chatbot(chatbot.id, tenant)
    }

    /// The same for a change that outlives the session and the membership, both of which the transaction holds.
    private func heldSubject(_ tx: Transaction, _ who: SessionCaller) throws -> APIKey.Subject {
        try who.holdCredential(tx)
        let (chatbot, tenant) = try Chatbot.findEditable(tx, id: who["chatbot_id"], for: who.caller)
        return .chatbot(chatbot.id, tenant)
    }

    // MARK: A user's own keys. They belong to no workspace, so the database is asked for the user's rows by its id.

    package func createOwn(_ who: SessionCaller, _ input: APIKey.CreateOwn) async throws -> APIKey.Issued {
        try await signIn.requireFreshness(who, input.password)
        let rights = APIKey.Rights(
            scopes: input.scopes ?? KeyScope.allCases, rateLimit: input.rateLimit, expiresAt: input.expiresAt)
        let id = who.caller.userID
        return try await database.write(.system, for: who.scope) { tx in
            try who.holdCredential(tx)
            try APIKey.requireRoom(tx, for: .user(id))
            let issued = try APIKey.create(
                tx, for: .user(id), by: id, .user, name: input.name ?? "API key", rights, .init(.user), now: .now)
            who.call.audit(detail: try AuditEntry.granted(issued.apiKey))
            return issued
        }
    }

    package func listOwn(_ who: UserCaller, _ paging: Paging) async throws -> List<APIKey> {
        let after = try paging.cursor(or: .newest)
        let keys = try await database.read(.system, for: who.scope) { tx in
            try APIKey.list(tx, .user(who.caller.userID), after: after, limit: paging.count, now: .now)
        }
        return List(keys, limit: paging.count) { Cursor(id: $0.id) }
    }

    package func revokeOwn(_ who: SessionCaller) async throws -> NoContent {
        let id = who["own_key_id"]
        try await database.write(.system, for: who.scope) { tx in
            try APIKey.revoke(tx, .user(who.caller.userID), id: id, now: .now)
        }
        signIn.authenticator.forget(keyID: id)
        return NoContent()
    }

    package func rotateOwn(_ who: SessionCaller, _ input: APIKey.Rotate) async throws -> APIKey.Issued {
        try await signIn.requireFreshness(who, input.password)
        let id = who["own_key_id"]
        let userID = who.caller.userID
        let issued = try await database.write(.system, for: who.scope) { tx in
            try who.holdCredential(tx)
            let issued = try APIKey.rotate(
                tx, .user(userID), id: id, by: userID, overlap: input.overlap, now: .now)
            who.call.audit(detail: try AuditEntry.granted(issued.apiKey))
            return issued
        }
        signIn.authenticator.forget(keyID: id)
        return issued
    }
}

extension APIKeyRoutes {
    package var table: [Route] {
        [
            Route(
                .post, "/users/me/api-keys", .writeOwn, id: "create_my_key", "Create a key of my own",
                about: "The key acts as its user, with the scopes given. It is shown once. A sign-in that is over an "
                    + "hour old needs `password`.",
                createOwn, .created,
                errors: [.planLimitReached, .reauthenticationRequired, .wrongPassword, .overloaded]),
            Route(
                .get, "/users/me/api-keys", .read, id: "list_my_keys", "List my own keys",
                about: "Newest first, with revoked and expired ones, without the keys themselves.",
                listOwn),
            Route(
                .post, "/users/me/api-keys/{own_key_id}/rotate", .write, id: "rotate_my_key", "Replace a key of my own",
                about: "Returns the new key once. The old key works for `overlap_seconds` more.",
                rotateOwn,
                errors: [.conflict, .reauthenticationRequired, .wrongPassword, .overloaded]),
            Route(
                .delete, "/users/me/api-keys/{own_key_id}", .write, id: "revoke_my_key", "Revoke a key of my own",
                about: "The key is refused at once here, and within seconds on other instances.",
                revokeOwn, .noContent),
            Route(
                .post, "/chatbots/{chatbot_id}/api-keys", .write, id: "create_key",
                "Create a key for applications or websites",
                about: "A `secret` key is for applications, a `publishable` one for the widget on the websites in "
                    + "`origins`. The key is shown once.",
                create, .created,
                errors: [.forbidden, .planLimitReached, .reauthenticationRequired, .wrongPassword, .overloaded]),
            Route(
                .get, "/chatbots/{chatbot_id}/api-keys", .read, id: "list_keys", "List a chatbot's keys",
                about: "Newest first, with revoked and expired ones, without the keys themselves.",
                list,
                errors: [.forbidden]),
            Route(
                .patch, "/chatbots/{chatbot_id}/api-keys/{key_id}", .write, id: "update_key", "Update a key",
                about: "Changes the fields that are sent; `null` removes a limit.",
                update,
                errors: [.forbidden, .conflict]),
            Route(
                .post, "/chatbots/{chatbot_id}/api-keys/{key_id}/rotate", .write, id: "rotate_key", "Replace a key",
                about: "Returns the new key once. The old key works for `overlap_seconds` more.",
                rotate,
                errors: [.forbidden, .conflict, .reauthenticationRequired, .wrongPassword, .overloaded]),
            Route(
                .delete, "/chatbots/{chatbot_id}/api-keys/{key_id}", .write, id: "revoke_key", "Revoke a key",
                about: "The key is refused at once here, and within seconds on other instances.",
                revoke, .noContent,
                errors: [.forbidden]),
        ].tagged(.keys)
    }
}
