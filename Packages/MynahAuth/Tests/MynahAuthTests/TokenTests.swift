import Crypto
import Foundation
import HTTPTypes
import Synchronization
import Testing

@testable import MynahAuth

/// How MynahAuth verifies tokens in the application, with the signing keys that Mynah publishes.
@Suite struct TokenTests {
    private static func refusal(_ mynah: MynahAuth, _ token: String) async throws -> MynahAuthError? {
        do throws(MynahAuthError) {
            _ = try await mynah.identity(authorization: "Bearer \(token)")
            return nil
        } catch {
            return error
        }
    }

    @Test("A token is verified without a call, and the signing keys are fetched once")
    func verifiedHere() async throws {
        try await FakeMynah.run { fake, mynah in
            try await withThrowingTaskGroup { group in
                for number in 0..<20 {
                    let token = try fake.token(["sub": "user-\(number)"])
                    group.addTask {
                        let identity = try await mynah.identity(authorization: "bearer \(token)")
                        #expect(identity == MynahIdentity(role: .user, userID: "user-\(number)"))
                    }
                }
                try await group.waitForAll()
            }
            #expect(fake.asked.isEmpty && fake.keySetRequests == 1)
        }
    }

    @Test(
        "The issuer 'mynah' stands for any address, another one for itself",
        arguments: [
            ("mynah", "mynah", true), ("mynah", "http://localhost:8000", true),
            ("mynah", "https://chat.example.com", true),
            ("mynah", "another", false), ("https://chat.example.com", "https://chat.example.com", true),
            ("https://chat.example.com", "mynah", false), ("https://chat.example.com", "http://localhost:8000", false),
        ])
    func issuer(expected: String, issuer: String, isAccepted: Bool) async throws {
        try await FakeMynah.run({ $0.issuer = expected }) { fake, mynah in
            let token = try fake.token(["iss": issuer, "jti": "t1", "client_id": "mynah"])
            let identity = try? await mynah.identity(authorization: "Bearer \(token)")
            #expect((identity?.userID == "user-1") == isAccepted)
        }
    }

    @Test("A foreign, other-audience or expired token is refused")
    func refused() async throws {
        try await FakeMynah.run { fake, mynah in
            let stranger = P256.Signing.PrivateKey()
            let good = try fake.token()
            let parts = good.split(separator: ".").map(String.init)
            let foreign = try fake.token(["sub": "admin"], by: stranger).split(separator: ".").map(String.init)
            let none = base64URL(Data(#"{"alg":"none","typ":"at+jwt","kid":"k1"}"#.utf8))
            // A symmetric signature by what everybody knows.
            let mac = HMAC<SHA256>.authenticationCode(
                for: Array("\(parts[0]).\(parts[1])".utf8),
                using: SymmetricKey(data: fake.state.withLock { $0.signingKeys["k1"]!.publicKey.rawRepresentation }))
            let cases = try [
                fake.token(["exp": Date.now.timeIntervalSince1970 - 60]), fake.token(["iss": "another"]),
                fake.token(["aud": ["another"]]), fake.token(["aud": ["mynah", "another"]]),
                fake.token(["aud": [String]()]), fake.token(["exp": "soon"]),
                fake.token(["nbf": Date.now.timeIntervalSince1970 + 600]), fake.token(header: ["typ": "JWT"]),
                fake.token(header: ["alg": "HS256"]), fake.token(header: ["alg": "none"]),
                fake.token(header: ["kid": "k2"], by: stranger), fake.token(by: stranger),
                "\(parts[0]).\(foreign[1]).\(parts[2])", "\(none).\(parts[1]).", "\(none).\(parts[1]).\(parts[2])",
                "\(parts[0]).\(parts[1]).\(base64URL(mac))", "\(parts[0]).\(parts[1]).\(base64URL(Data(mac) + mac))",
                "\(parts[0]).\(parts[1]).\(parts[2])=", "..", "a.b.c", "é.é.é", String(repeating: "a.", count: 2) + "a",
                good + String(repeating: "a", count: 3000),
            ]
            for token in cases {
                let refusal = try #require(try await Self.refusal(mynah, token), "\(token)")
                #expect(refusal == .invalidToken && refusal.status == .unauthorized)
            }
            #expect(try await Self.refusal(mynah, good) == nil)
            #expect(fake.asked.isEmpty && fake.keySetRequests == 1, "made-up key ids lead nobody to Mynah")
        }
    }

    @Test("An unknown key id fetches the signing keys again, and a withdrawn key stops verifying")
    func rotation() async throws {
        let (old, new) = (P256.Signing.PrivateKey(), P256.Signing.PrivateKey())
        let served = Mutex(["old": old])
        let keys = SigningKeys(issuer: "mynah", interval: .zero) {
            let set = served.withLock { $0 }.map { id, key in
                let point = key.publicKey.rawRepresentation
                return [
                    "kty": "EC", "crv": "P-256", "kid": id, "x": base64URL(point.prefix(32)),
                    "y": base64URL(point.suffix(32)),
                ]
            }
            // What else is in a set is passed over.
            let others = [["kty": "RSA", "kid": "r", "n": "AQAB"], ["kty": "EC", "crv": "P-256", "kid": "old2"]]
            return Array(try JSONEncoder().encode(["keys": set + others]))
        }
        let fake = FakeMynah()
        _ = try await keys.verify(fake.token(header: ["kid": "old"], by: old), now: .now)
        served.withLock { $0 = ["new": new] }
        let token = try await keys.verify(fake.token(header: ["kid": "new"], by: new), now: .now)
        #expect(token.subject == "user-1")
        await #expect(throws: MynahAuthError.invalidToken) {
            try await keys.verify(fake.token(header: ["kid": "old"], by: old), now: .now)
        }
    }

    @Test("While Mynah is away, cached signing keys verify tokens; without them 503 carries Retry-After")
    func away() async throws {
        try await FakeMynah.run { fake, mynah in
            fake.set { $0.isAway = true }
            let error = try #require(try await Self.refusal(mynah, fake.token()))
            #expect(error.status == .serviceUnavailable && error.retryAfter == 5)
        }
        try await FakeMynah.run { fake, mynah in
            let before = try await Self.refusal(mynah, fake.token())
            fake.set { $0.isAway = true }
            let after = try await Self.refusal(mynah, fake.token(["sub": "another"]))
            #expect(before == nil && after == nil)
        }
    }

    @Test("With checksRevocation, Mynah is asked about valid tokens only")
    func revocation() async throws {
        try await FakeMynah.run({
            $0.checksRevocation = true
            $0.acceptedFor = .zero
        }) { fake, mynah in
            let token = try fake.token()
            fake.set { $0.known[token] = [.init("X-Auth-Role")!: "user", .init("X-Auth-User")!: "user-1"] }
            #expect(try await Self.refusal(mynah, token) == nil)
            #expect(try await Self.refusal(mynah, fake.token(["iss": "another"])) == .invalidToken)
            #expect(fake.asked == [token])
            fake.set { $0.known = [:] }
            #expect(try await Self.refusal(mynah, token)?.status == .unauthorized)
        }
    }
}
