import Crypto
import Foundation
import Synchronization

/// The public keys by which Mynah's tokens are verified here: ES256 and nothing else.
final class SigningKeys: Sendable {
    /// What a token says once its signature holds.
    struct Token: Sendable {
        let subject: String
        /// An operator's tokens have an audience of their own, and say nothing of permissions.
        let isOperators: Bool
    }

    private static let audience = "mynah"
    private static let operatorsAudience = "mynah-operators"
    /// After a failure, the next try is sooner.
    private static let retryInterval = Duration.seconds(1)
    /// Keys that are this old are fetched again beside the requests.
    private static let freshness = Duration.seconds(600)
    /// Between Mynah's clock and this one.
    private static let leeway = 5.0

    /// A key that nothing changes. swift-crypto declares its type `Sendable` from version 4 on only.
    private struct Key: @unchecked Sendable {
        let value: P256.Signing.PublicKey
    }

    private struct State {
        var keys: [String: Key] = [:]
        var fetchedAt: ContinuousClock.Instant?
        var triedAt: ContinuousClock.Instant?
        var fetching: Task<Void, Never>?
    }

    private struct KeySet: Decodable {
        let keys: [Key]
        struct Key: Decodable {
            let kty: String
            let crv: String?
            let kid: String?
            let x: String?
            let y: String?
        }
    }

    private struct Header: Decodable {
        let alg: String
        let typ: String
        let kid: String
    }

    private struct Claims: Decodable {
        let iss: String
        let sub: String
        let aud: Audience
        let exp: Double
        let nbf: Double?

        /// One name, or several (RFC 7519, 4.1.3).
        struct Audience: Decodable {
            let names: [String]
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                names = try (try? [container.decode(String.self)]) ?? container.decode([String].self)
            }
        }
    }

    private let issuer: String
    /// A key id that is not known leads to Mynah once in this time, whatever tokens people make up.
    private let interval: Duration
    private let fetch: @Sendable () async throws -> [UInt8]
    private let state = Mutex(State())

    init(
        issuer: String, interval: Duration = .seconds(30), fetch: @escaping @Sendable () async throws -> [UInt8]
    ) {
        self.issuer = issuer
        self.interval = interval
        self.fetch = fetch
    }

    func verify(_ text: String, now: Date) async throws(MynahAuthError) -> Token {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.decode(Header.self, parts[0]), header.alg == "ES256",
            header.typ == "at+jwt", let bytes = Self.bytes(parts[2]),
            let signature = try? P256.Signing.ECDSASignature(rawRepresentation: bytes)
        else { throw .invalidToken }
        let key = try await key(header.kid)
        guard key.value.isValidSignature(signature, for: Array("\(parts[0]).\(parts[1])".utf8)),
            let claims = Self.decode(Claims.self, parts[1]), isIssuer(claims.iss),
            claims.exp + Self.leeway > now.timeIntervalSince1970,
            claims.nbf ?? 0 < now.timeIntervalSince1970 + Self.leeway
        else { throw .invalidToken }
        if claims.aud.names == [Self.audience] { return Token(subject: claims.sub, isOperators: false) }
        guard claims.aud.names == [Self.operatorsAudience] else { throw .invalidToken }
        return Token(subject: claims.sub, isOperators: true)
    }

    /// Servers without `PUBLIC_URL` signed as `mynah` before version 0.2, and sign with their address since then. The keys
    /// come from the one server that is asked, so any address is its own.
    private func isIssuer(_ name: String) -> Bool {
        name == issuer || issuer == "mynah" && (name.hasPrefix("http://") || name.hasPrefix("https://"))
    }

    private func key(_ id: String) async throws(MynahAuthError) -> Key {
        let (known, fetching) = state.withLock { state in
            (state.keys[id], refresh(&state, isKnown: state.keys[id] != nil))
        }
        if let known { return known }
        await fetching?.value
        let (found, isFetched) = state.withLock { ($0.keys[id], $0.fetchedAt != nil) }
        if let found { return found }
        throw isFetched ? .invalidToken : .away
    }

    /// Returns the running fetch, or starts one if it is due; otherwise nil.
    private func refresh(_ state: inout State, isKnown: Bool) -> Task<Void, Never>? {
        if let fetching = state.fetching { return fetching }
        let now = ContinuousClock.now
        if isKnown, let fetchedAt = state.fetchedAt, fetchedAt + Self.freshness > now { return nil }
        let hasFailed = state.fetchedAt.map { fetched in state.triedAt.map { $0 > fetched } ?? false } ?? true
        let pause = hasFailed ? Self.retryInterval : interval
        if let triedAt = state.triedAt, triedAt + pause > now { return nil }
        state.triedAt = now
        let task = Task { await self.reload() }
        state.fetching = task
        return task
    }

    private func reload() async {
        let keys = try? Self.keys(await fetch())
        state.withLock { state in
            state.fetching = nil
            guard let keys else { return }
            state.keys = keys
            state.fetchedAt = .now
        }
    }

    private static func keys(_ bytes: [UInt8]) throws -> [String: Key] {
        let set = try JSONDecoder().decode(KeySet.self, from: Data(bytes))
        return set.keys.reduce(into: [:]) { keys, key in
            guard key.kty == "EC", key.crv == "P-256", let id = key.kid,
                let x = key.x.flatMap({ Self.bytes($0) }), let y = key.y.flatMap({ Self.bytes($0) }),
                let point = try? P256.Signing.PublicKey(rawRepresentation: x + y)
            else { return }
            keys[id] = Key(value: point)
        }
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ text: Substring) -> Value? {
        bytes(text).flatMap { try? JSONDecoder().decode(type, from: $0) }
    }

    /// Base64 in the URL-safe alphabet without padding (RFC 7515, section 2).
    private static func bytes(_ text: some StringProtocol) -> Data? {
        guard !text.utf8.contains(where: { "+/=".utf8.contains($0) }) else { return nil }
        let standard = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        return Data(base64Encoded: standard + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4))
    }
}
