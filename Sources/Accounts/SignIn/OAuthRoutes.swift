package import HTTPKit
package import HTTPTypes
package import Hummingbird
import JWTKit
package import Platform
package import Storage

/// What OAuth 2.0 libraries expect beside the token endpoint: metadata and revocation.
package struct OAuthRoutes: Sendable {
    package let database: Database
    package let signIn: SignIn

    package init(database: Database, signIn: SignIn) {
        self.database = database
        self.signIn = signIn
    }

    package func metadata(_ who: AnonymousCaller) -> OAuthMetadata { OAuthMetadata(issuer: signIn.tokens.issuer.url) }

    package struct Revocation: Input, Ruled {
        package let token: String
        package let tokenTypeHint: String?
        package static var acceptsForm: Bool { true }
        package static var rules: [String: Rule] {
            [
                "token": .text(1...4096, note: "A refresh token or an access token."),
                "token_type_hint": .text(0...200, note: "`refresh_token` or `access_token`; not needed."),
            ]
        }
    }

    /// Ends the session that a token belongs to, for users and operators. A token that is not valid has nothing to revoke,
    /// which is a success (RFC 7009, section 2.2).
    package func revoke(_ who: AnonymousCaller, _ input: Revocation) async throws -> Revoked {
        guard let session = try await session(of: input.token, for: who.call) else {
            who.call.leaveNoAudit()
            return Revoked()
        }
        let actor = session.realm.actor(session.accountID)
        who.call.audit(actor: actor, target: actor)
        do {
            try await database.write(.system) { tx in
                let isEnded =
                    try session.realm == .users
                    ? Session.end(tx, id: session.id, userID: session.accountID)
                    : OperatorSession.end(tx, id: session.id)
                guard isEnded else { throw APIError(.notFound) }
            }
        } catch let error as APIError where error.code == .notFound {
            // It had ended before, and the entry went back with the transaction.
            who.call.leaveNoAudit()
        }
        signIn.authenticator.forget(sessionID: session.id)
        return Revoked()
    }

    private func session(of token: String, for call: Call) async throws -> TokenSession? {
        if token.utf8.count(where: { $0 == UInt8(ascii: ".") }) == 2 {
            let claims = try await signIn.tokens.verify(token) { try await call.refuseGuessing() }
            return claims.map { claims in
                TokenSession(
                    id: claims.sid, realm: claims.realm == .operators ? .admins : .users, accountID: claims.sub.value)
            }
        }
        return try await database.read(.system) { tx in try TokenSession.find(tx, refreshToken: token) }
    }
}

/// The session that a token belongs to.
private struct TokenSession: Sendable {
    let id: String
    /// Admins and staff share their sessions' table, so `admins` stands for both.
    let realm: Realm
    let accountID: String

    /// Also that of a refresh token that has been exchanged: who presents it wants its successors to end, too.
    static func find(_ tx: Transaction, refreshToken: String) throws -> TokenSession? {
        let hash = Secrets.hash(refreshToken)
        for realm in [Realm.users, .admins] {
            let found = try tx.row(
                """
                SELECT s.id, s.\(realm.accountColumn) AS account_id FROM \(realm.refreshTokens) t
                JOIN \(realm.sessions) s ON s.id = t.session_id WHERE t.hash = ?
                """,
                [hash]
            ) { TokenSession(id: try $0.string("id"), realm: realm, accountID: try $0.string("account_id")) }
            if let found { return found }
        }
        return nil
    }
}

/// An empty answer with status 200.
package struct Revoked: Output {
    package static var schema: Schema? { nil }
    package static var mediaTypes: [String] { [] }
    package func response(_ status: HTTPResponse.Status) -> Response { Response(status: status) }
}

/// The authorization server's metadata (RFC 8414, section 2), with the grants that exist here.
package struct OAuthMetadata: PublicDocument {
    package let issuer: String
    package let tokenEndpoint: String
    package let revocationEndpoint: String
    package let jwksURI: String
    package let grantTypesSupported: [String]
    /// Empty, as there is no authorization endpoint.
    package let responseTypesSupported: [String]
    /// Clients are not registered and have no secrets.
    package let tokenEndpointAuthMethodsSupported: [String]
    package let revocationEndpointAuthMethodsSupported: [String]
    package let serviceDocumentation: String

    package init(issuer: String) {
        self.issuer = issuer
        tokenEndpoint = issuer + "/auth/token"
        revocationEndpoint = issuer + "/auth/revoke"
        jwksURI = issuer + "/.well-known/jwks.json"
        grantTypesSupported = AccessRoutes.Credentials.GrantType.names
        responseTypesSupported = []
        tokenEndpointAuthMethodsSupported = ["none"]
        revocationEndpointAuthMethodsSupported = ["none"]
        serviceDocumentation = issuer + "/docs"
    }
}

extension OAuthRoutes {
    package var table: [Route] {
        [
            Route(
                .post, "/auth/revoke", .writeOwn, id: "revoke_token", "Revoke a refresh or access token",
                about: "Ends the token's session (RFC 7009). A token that is unknown or has expired is a success, "
                    + "too.",
                revoke
            ).oauth(),
            Route(
                .get, "/.well-known/oauth-authorization-server", .read, id: "get_oauth_metadata",
                "Get the OAuth 2.0 metadata",
                about: "The endpoints and grants of this server (RFC 8414).",
                metadata),
        ].tagged(.signIn)
    }
}
