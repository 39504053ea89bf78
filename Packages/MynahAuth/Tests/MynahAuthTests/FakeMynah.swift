import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@testable import MynahAuth

/// Plays Mynah over real HTTP: tests say what it answers, and see what it was asked.
final class FakeMynah: Sendable {
    struct State {
        var signingKeys: [String: P256.Signing.PrivateKey] = ["k1": P256.Signing.PrivateKey()]
        var keySetRequests = 0
        var asked: [String] = []
        var forwarded: [String?] = []
        var isAway = false
        /// What a credential stands for; any other is refused.
        var known: [String: HTTPFields] = [:]
        var refusal = (status: HTTPResponse.Status.unauthorized, headers: HTTPFields())
    }

    let state = Mutex(State())
    /// Held by a test to keep answers back.
    let gate = Gate()
    /// Held to keep the rest of a refusal back.
    let bodyGate = Gate()

    var asked: [String] { state.withLock { $0.asked } }
    var forwarded: [String?] { state.withLock { $0.forwarded } }
    var keySetRequests: Int { state.withLock { $0.keySetRequests } }
    func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    /// Serves on a port of its own, and hands over a `MynahAuth` that asks there.
    static func run(
        _ change: (inout MynahAuth.Options) -> Void = { _ in },
        _ test: @Sendable (FakeMynah, MynahAuth) async throws -> Void
    ) async throws {
        let fake = FakeMynah()
        var options = MynahAuth.Options()
        options.issuer = "mynah"
        // A busy machine must not look like a Mynah that is away, nor like time that has passed.
        options.timeout = .seconds(60)
        options.acceptedFor = .seconds(600)
        options.refusedFor = .seconds(600)
        options.staleFor = .seconds(600)
        change(&options)
        let ready = options
        try await Application(router: fake.router, configuration: .init(address: .hostname("127.0.0.1", port: 0)))
            .test(.live) { client in
                try await test(fake, MynahAuth(url: "http://127.0.0.1:\(try #require(client.port))/", options: ready))
            }
    }

    private var router: Router<BasicRequestContext> {
        let router = Router()
        router.get(".well-known/jwks.json") { _, _ in
            let keys: [String: P256.Signing.PrivateKey]? = self.state.withLock { state in
                state.keySetRequests += 1
                return state.isAway ? nil : state.signingKeys
            }
            guard let keys else { throw HTTPError(.serviceUnavailable) }
            let set = keys.map { id, key in
                let point = key.publicKey.rawRepresentation
                return [
                    "kty": "EC", "crv": "P-256", "kid": id, "x": base64URL(point.prefix(32)),
                    "y": base64URL(point.suffix(32)),
                ]
            }
            return String(decoding: try JSONEncoder().encode(["keys": set]), as: UTF8.self)
        }
        router.get("auth/verify") { request, _ in
            let credential = String(request.headers[.authorization]?.dropFirst("Bearer ".count) ?? "")
            self.state.withLock { state in
                state.asked.append(credential)
                state.forwarded.append(request.headers[HTTPField.Name("X-Forwarded-For")!])
            }
            await self.gate.pass()
            return self.state.withLock { state in
                guard !state.isAway else { return Response(status: .badGateway) }
                if let headers = state.known[credential] { return Response(status: .noContent, headers: headers) }
                return Response(
                    status: state.refusal.status, headers: state.refusal.headers,
                    body: .init { writer in
                        await self.bodyGate.pass()
                        try await writer.write(ByteBuffer(string: #"{"error":{"code":"from_mynah"}}"#))
                        try await writer.finish(nil)
                    })
            }
        }
        return router
    }

    /// A token as Mynah signs it, unless `claims` and `header` say otherwise.
    func token(
        _ claims: [String: any Sendable] = [:], header: [String: String] = [:],
        by key: P256.Signing.PrivateKey? = nil
    ) throws -> String {
        let all: [String: any Sendable] = [
            "iss": "mynah", "sub": "user-1", "aud": ["mynah"], "sid": "s1",
            "exp": Date.now.timeIntervalSince1970 + 900,
        ].merging(claims) { $1 }
        let head = ["alg": "ES256", "typ": "at+jwt", "kid": "k1"].merging(header) { $1 }
        let parts = try [head, all].map { base64URL(try JSONSerialization.data(withJSONObject: $0)) }
        let text = parts.joined(separator: ".")
        let key = try key ?? #require(state.withLock { $0.signingKeys[head["kid"]!] })
        return text + "." + base64URL(try key.signature(for: Array(text.utf8)).rawRepresentation)
    }
}

func base64URL(_ bytes: some Sequence<UInt8>) -> String {
    Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
}

/// Keeps those who pass waiting while it is shut.
final class Gate: Sendable {
    private struct State {
        var isShut = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    var waiting: Int { state.withLock { $0.waiting.count } }
    func shut() { state.withLock { $0.isShut = true } }

    func open() {
        let waiting = state.withLock { state in
            state.isShut = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.resume() }
    }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if state.isShut { state.waiting.append(continuation) }
                return !state.isShut
            }
            if isOpen { continuation.resume() }
        }
    }
}
