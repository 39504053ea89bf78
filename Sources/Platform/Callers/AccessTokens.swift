import Crypto
import Foundation
package import HTTPKit
package import HTTPTypes
package import Hummingbird
package import JWTKit
package import Storage
import Synchronization

/// Signs and checks access tokens: short-lived JWTs under ES256, whose keys rotate and lie encrypted in the database.
package final class AccessTokens: Sendable {
    /// A key signs for this long; it verifies as long as any token it signed is alive.
    package static let keyLifetime = Duration.seconds(30 * 86_400)
    /// A new key is published for this long before it signs, so that every cached key set has it by then.
    package static let keyNotice = Duration.seconds(3600)
    /// Keys that other instances have made are read at least this often for the published key set.
    private static let keyReading = Duration.seconds(60)
    /// The client of every token: this server registers no clients, so whatever name a client gives itself proves nothing.
    package static let clientID = "mynah"

    /// The claims of an access token as RFC 9068 (section 2.2) asks for them, and the session that the token belongs to.
    package struct Claims: JWTPayload {
        package let iss: IssuerClaim
        package let sub: SubjectClaim
        package let aud: AudienceClaim
        package let iat: IssuedAtClaim
        package let exp: ExpirationClaim
        package let sid: String
        /// Nil in a token from before version 0.2, as is `clientID`.
        package var jti: String?
        package var clientID: String?

        package enum CodingKeys: String, CodingKey {
            case iss, sub, aud, iat, exp, sid, jti
            case clientID = "client_id"
        }

        package func verify(using algorithm: some JWTAlgorithm) throws {
            try exp.verifyNotExpired()
            guard realm != nil else {
                throw JWTError.claimVerificationFailure(failedClaim: aud, reason: "it is not for this server")
            }
        }

        /// Whose token it is; operators' are known by one audience.
        package enum Audience: Sendable { case users, operators }
        package var realm: Audience? {
            switch aud.value {
            case [Realm.users.audience]: .users
            case [Realm.operatorAudience]: .operators
            default: nil
            }
        }
    }

    private struct Key: Sendable {
        let id: String
        let key: ES256PrivateKey
        let createdAt: Timestamp
    }

    private let database: Database
    private let secrets: Secrets
    package let issuer: TokenIssuer
    package let lifetime: Duration
    private struct Keys {
        /// The newest first.
        var keys: [Key] = []
        var readAt: ContinuousClock.Instant?
    }
    private let keys = Mutex(Keys())

    package init(database: Database, secrets: Secrets, issuer: TokenIssuer, lifetime: Duration) {
        self.database = database
        self.secrets = secrets
        self.issuer = issuer
        self.lifetime = lifetime
    }

    package func sign(_ session: NewSession) async throws -> String {
        // Whole seconds, as most libraries expect.
        let now = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down))
        let claims = Claims(
            iss: .init(value: issuer.url), sub: .init(value: session.accountID),
            aud: .init(value: [session.realm.audience]), iat: .init(value: now),
            exp: .init(value: now.addingTimeInterval(Double(lifetime(in: session.realm).components.seconds))),
            sid: session.id, jti: Identifier.make(), clientID: Self.clientID)
        let key = try await signingKey()
        let collection = JWTKeyCollection()
        await collection.add(ecdsa: key.key, kid: JWKIdentifier(string: key.id))
        return try await collection.sign(claims, kid: JWKIdentifier(string: key.id), header: ["typ": "at+jwt"])
    }

    /// An operator's lives no longer than a quarter of an hour, whatever users' do.
    package func lifetime(in realm: Realm) -> Duration { realm == .users ? lifetime : min(lifetime, .seconds(900)) }

    /// The claims of a token that this installation signed for itself and that has not expired; nil otherwise.
    ///
    /// - Parameter beforeReading: is called, and may throw, before the database is asked for a key that is not known here.
    package func verify(_ token: String, beforeReading: () async throws -> Void = {}) async throws -> Claims? {
        guard token.utf8.count <= 4096, Self.isCompact(token), let kid = Self.keyID(of: token) else { return nil }
        var key = keys.withLock { $0.keys.first { $0.id == kid } }
        if key == nil {
            // Another instance may have rotated the keys.
            try await beforeReading()
            try await reload()
            key = keys.withLock { $0.keys.first { $0.id == kid } }
        }
        guard let key else { return nil }
        let collection = JWTKeyCollection()
        await collection.add(ecdsa: key.key.publicKey, kid: JWKIdentifier(string: kid))
        guard let claims = try? await collection.verify(token, as: Claims.self), issuer.accepts(claims.iss.value) else {
            return nil
        }
        return claims
    }

    /// Three parts in base64url without padding (RFC 7515, 2), in the one way in which each can be written: a token is not
    /// another one with other bits behind its end.
    private static func isCompact(_ token: String) -> Bool {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 3
            && parts.allSatisfy { part in
                Base64URL.decode(String(part)).map { !$0.isEmpty && Base64URL.encode($0) == part } ?? false
            }
    }

    /// Only ES256 access tokens with a key id of ours are looked at further: no other algorithm is ever tried.
    private static func keyID(of token: String) -> String? {
        struct Header: Decodable {
            let alg: String
            let kid: String
            let typ: String
        }
        guard let part = token.split(separator: ".", omittingEmptySubsequences: false).first,
            let bytes = Base64URL.decode(String(part)),
            let header = try? JSONDecoder().decode(Header.self, from: Data(bytes)),
            header.alg == "ES256", header.typ == "at+jwt", Identifier.isPlausible(header.kid)
        else { return nil }
        return header.kid
    }

    /// The public keys, so that others verify tokens without asking.
    package func publicKeys() async throws -> KeySet {
        _ = try await signingKey()
        let isOld = keys.withLock { $0.readAt.map { $0.duration(to: .now) > Self.keyReading } ?? true }
        if isOld { try await reload() }
        return KeySet(
            keys: keys.withLock { $0.keys }.compactMap { key in
                key.key.publicKey.parameters.map { point in
                    KeySet.Key(
                        kid: key.id, x: Self.urlSafe(point.x), y: Self.urlSafe(point.y))
                }
            })
    }

    private static func urlSafe(_ base64: String) -> String {
        base64.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    private func signingKey() async throws -> Key {
        let known = keys.withLock { $0.keys }
        if let key = Self.signer(of: known, at: .now), !Self.needsSuccessor(known, at: .now) { return key }
        try await reload()
        let current = keys.withLock { $0.keys }
        if Self.needsSuccessor(current, at: .now) { try await make() }
        guard let key = Self.signer(of: keys.withLock({ $0.keys }), at: .now) else { throw APIError(.internalError) }
        return key
    }

    /// The key that signs: the newest that has been published for long enough, or the oldest of those that are all new.
    private static func signer(of keys: [Key], at now: Timestamp) -> Key? {
        let valid = keys.filter { $0.createdAt > now.adding(.zero - keyLifetime) }
        return valid.first { $0.createdAt <= now.adding(.zero - keyNotice) } ?? valid.last
    }

    /// Whether the newest key will have signed its last token before a successor made later could be known everywhere.
    private static func needsSuccessor(_ keys: [Key], at now: Timestamp) -> Bool {
        guard let newest = keys.first else { return true }
        return newest.createdAt <= now.adding(keyNotice + keyNotice - keyLifetime)
    }

    private func make() async throws {
        let key = ES256PrivateKey()
        let id = Identifier.make()
        let encrypted = try secrets.encrypt(Array(key.pemRepresentation.utf8))
        let now = Timestamp.now
        try await database.write(.system) { tx in
            try tx.run("INSERT INTO signing_keys (id, private_key, created_at) VALUES (?, ?, ?)", [id, encrypted, now])
        }
        keys.withLock { $0.keys.insert(Key(id: id, key: key, createdAt: now), at: 0) }
    }

    package func reload() async throws {
        let oldest = Timestamp.now.adding(.zero - Self.keyLifetime - lifetime)
        let rows = try await database.read(.system) { tx in
            try tx.rows(
                "SELECT id, private_key, created_at FROM signing_keys WHERE created_at > ? ORDER BY created_at DESC",
                [oldest]
            ) { row in
                (
                    id: try row.string("id"), privateKey: try row.string("private_key"),
                    createdAt: Timestamp(milliseconds: try row.int64("created_at"))
                )
            }
        }
        let loaded = try rows.map { row in
            let pem = String(decoding: try secrets.decrypt(row.privateKey), as: UTF8.self)
            return Key(id: row.id, key: try ES256PrivateKey(pem: pem), createdAt: row.createdAt)
        }
        keys.withLock { $0 = Keys(keys: loaded, readAt: .now) }
    }
}

/// A JSON Web Key Set (RFC 7517) of EC public keys.
package struct KeySet: PublicDocument {
    package let keys: [Key]

    package struct Key: JSONOutput {
        package var kty = "EC"
        package var crv = "P-256"
        package var alg = "ES256"
        package var use = "sig"
        package let kid: String
        package let x: String
        package let y: String

        private enum CodingKeys: String, CodingKey { case kty, crv, alg, use, kid, x, y }
    }
}

/// What applications read of this server before they trust its tokens.
package protocol PublicDocument: JSONOutput {}

extension PublicDocument {
    /// May be cached for five minutes, which is well below the notice of a new signing key.
    package func response(_ status: HTTPResponse.Status) throws -> Response {
        var response = try Response.json(self, status)
        response.headers[.cacheControl] = "public, max-age=300"
        return response
    }
}
