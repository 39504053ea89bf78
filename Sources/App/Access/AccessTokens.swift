import Crypto
import Foundation
import HTTPKit
import JWTKit
import Storage
import Synchronization

/// Signs and checks access tokens: short-lived JWTs under ES256, whose keys rotate and lie encrypted in the database.
final class AccessTokens: Sendable {
    /// A key signs for this long; it verifies as long as any token it signed is alive.
    static let keyLifetime = Duration.seconds(30 * 86_400)

    struct Claims: JWTPayload {
        let iss: IssuerClaim
        let sub: SubjectClaim
        let aud: AudienceClaim
        let iat: IssuedAtClaim
        let exp: ExpirationClaim
        let sid: String

        func verify(using algorithm: some JWTAlgorithm) throws {
            try exp.verifyNotExpired()
            guard realm != nil else {
                throw JWTError.claimVerificationFailure(failedClaim: aud, reason: "it is not for this server")
            }
        }

        /// Whose token it is; operators' are known by one audience.
        enum Audience: Sendable { case users, operators }
        var realm: Audience? {
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
    private let issuer: String
    let lifetime: Duration
    private let keys = Mutex<[Key]>([])

    init(database: Database, secrets: Secrets, issuer: String, lifetime: Duration) {
        self.database = database
        self.secrets = secrets
        self.issuer = issuer
        self.lifetime = lifetime
    }

    func sign(_ session: NewSession) async throws -> String {
        let now = Date()
        let claims = Claims(
            iss: .init(value: issuer), sub: .init(value: session.accountID),
            aud: .init(value: [session.realm.audience]), iat: .init(value: now),
            exp: .init(value: now.addingTimeInterval(Double(lifetime(in: session.realm).components.seconds))),
            sid: session.id)
        let key = try await signingKey()
        let collection = JWTKeyCollection()
        await collection.add(ecdsa: key.key, kid: JWKIdentifier(string: key.id))
        return try await collection.sign(claims, kid: JWKIdentifier(string: key.id), header: ["typ": "at+jwt"])
    }

    /// An operator's lives no longer than a quarter of an hour, whatever users' do.
    func lifetime(in realm: Realm) -> Duration { realm == .users ? lifetime : min(lifetime, .seconds(900)) }

    /// The claims of a token that this installation signed for itself and that has not expired; nil otherwise.
    ///
    /// - Parameter beforeReading: is called, and may throw, before the database is asked for a key that is not known here.
    func verify(_ token: String, beforeReading: () async throws -> Void = {}) async throws -> Claims? {
        guard token.utf8.count <= 4096, Self.isCompact(token), let kid = Self.keyID(of: token) else { return nil }
        var key = keys.withLock { $0.first { $0.id == kid } }
        if key == nil {
            // Another instance may have rotated the keys.
            try await beforeReading()
            try await reload()
            key = keys.withLock { $0.first { $0.id == kid } }
        }
        guard let key else { return nil }
        let collection = JWTKeyCollection()
        await collection.add(ecdsa: key.key.publicKey, kid: JWKIdentifier(string: kid))
        guard let claims = try? await collection.verify(token, as: Claims.self), claims.iss.value == issuer else {
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
    func publicKeys() async throws -> KeySet {
        _ = try await signingKey()
        return KeySet(
            keys: keys.withLock { $0 }.compactMap { key in
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
        if let key = current() { return key }
        try await reload()
        if let key = current() { return key }
        let key = ES256PrivateKey()
        let id = Identifier.make()
        let encrypted = try secrets.encrypt(Array(key.pemRepresentation.utf8))
        let now = Timestamp.now
        try await database.write(.system) { tx in
            try tx.run("INSERT INTO signing_keys (id, private_key, created_at) VALUES (?, ?, ?)", [id, encrypted, now])
        }
        let made = Key(id: id, key: key, createdAt: now)
        keys.withLock { $0.insert(made, at: 0) }
        return made
    }

    private func current() -> Key? {
        let oldest = Timestamp.now.adding(.zero - Self.keyLifetime)
        return keys.withLock { $0.first { $0.createdAt > oldest } }
    }

    private func reload() async throws {
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
        keys.withLock { $0 = loaded }
    }
}

/// A JSON Web Key Set (RFC 7517) of EC public keys.
struct KeySet: JSONOutput {
    let keys: [Key]

    struct Key: JSONOutput {
        var kty = "EC"
        var crv = "P-256"
        var alg = "ES256"
        var use = "sig"
        let kid: String
        let x: String
        let y: String

        private enum CodingKeys: String, CodingKey { case kty, crv, alg, use, kid, x, y }
    }
}
