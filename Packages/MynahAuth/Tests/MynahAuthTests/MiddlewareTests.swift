import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import MynahAuth

/// What MynahAuthMiddleware gives to handlers and answers to callers.
@Suite struct MiddlewareTests {
    private struct Context: MynahAuthRequestContext {
        var coreContext: CoreRequestContextStorage
        var mynahIdentity: MynahIdentity?
        init(source: Source) { coreContext = .init(source: source) }
    }

    private struct KnowingContext: MynahAuthRequestContext, RemoteAddressRequestContext {
        var coreContext: CoreRequestContextStorage
        var mynahIdentity: MynahIdentity?
        let remoteAddress: SocketAddress?
        init(source: Source) {
            coreContext = .init(source: source)
            remoteAddress = source.channel.remoteAddress
        }
    }

    @Test("The client's address is sent to Mynah unless the option is off", arguments: [true, false])
    func clientAddress(forwards: Bool) async throws {
        try await FakeMynah.run({ $0.forwardsClientAddress = forwards }) { fake, mynah in
            let router = Router(context: KnowingContext.self)
            router.add(middleware: MynahAuthMiddleware(mynah))
            router.get("any") { _, _ in "" }
            try await Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)))
                .test(.live) { client in
                    _ = try await client.executeRequest(
                        uri: "/any", method: .get, headers: [.apiKey: "key", .init("X-Forwarded-For")!: "10.0.0.1"],
                        body: nil)
                }
            #expect(fake.forwarded == [forwards ? "127.0.0.1" : nil])
        }
    }

    private static func router(_ mynah: MynahAuth) -> Router<Context> {
        let router = Router(context: Context.self)
        router.get("unguarded") { _, context in try context.requireMynahIdentity().role.rawValue }
        for (path, middleware) in [
            ("any", MynahAuthMiddleware<Context>(mynah)), ("write", .init(mynah, scopes: ["read", "write"])),
            ("people", .init(mynah, roles: [.user])), ("operators", .init(mynah, roles: [.admin])),
        ] {
            router.group(RouterPath(path)).add(middleware: middleware).get { _, context in
                let caller = try context.requireMynahIdentity()
                return "\(caller.role) \(caller.userID ?? "-") \(caller.chatbotID ?? "-")"
            }
        }
        return router
    }

    private static func get(
        _ client: any TestClientProtocol, _ path: String, _ headers: HTTPFields
    ) async throws -> (status: Int, text: String, headers: HTTPFields) {
        let answer = try await client.executeRequest(uri: path, method: .get, headers: headers, body: nil)
        return (answer.status.code, String(buffer: answer.body), answer.headers)
    }

    @Test("Handlers get the caller's identity, and a route's roles and scopes are checked")
    func handlers() async throws {
        try await FakeMynah.run { fake, mynah in
            let (token, operatorToken) = (try fake.token(), try fake.token(["aud": ["mynah-operators"]]))
            fake.set {
                $0.known["key"] = [
                    .init("X-Auth-Role")!: "application", .init("X-Auth-Chatbot")!: "c1",
                    .init("X-Auth-Scopes")!: "chat read",
                ]
                $0.known[operatorToken] = [.init("X-Auth-Role")!: "admin", .init("X-Auth-User")!: "o1"]
            }
            let key: HTTPFields = [.apiKey: "key"]
            let user: HTTPFields = [.authorization: "Bearer \(token)"]
            let admin: HTTPFields = [.authorization: "Bearer \(operatorToken)"]
            try await Application(router: Self.router(mynah)).test(.router) { client in
                for (path, headers, status, text) in [
                    ("/any", user, 200, "user user-1 -"), ("/any", key, 200, "application - c1"),
                    ("/any", admin, 403, "forbidden"), ("/operators", admin, 200, "admin o1 -"),
                    ("/operators", user, 403, "forbidden"), ("/write", user, 200, "user user-1 -"),
                    ("/write", key, 403, "lacks the scope 'write'"), ("/people", key, 403, "forbidden"),
                    ("/any", [.authorization: "Basic YTpi"], 401, "missing_credentials"),
                    ("/any", [:], 401, "missing_credentials"), ("/unguarded", user, 401, "missing_credentials"),
                    // What a caller says of itself counts for nothing.
                    ("/any", [HTTPField.Name("X-Auth-User")!: "admin"], 401, "missing_credentials"),
                    ("/any", user + key, 200, "application - c1"),
                ] as [(String, HTTPFields, Int, String)] {
                    let answer = try await Self.get(client, path, headers)
                    #expect(answer.status == status && answer.text.contains(text), "\(path): \(answer.text)")
                    #expect((answer.headers[.wwwAuthenticate] != nil) == (status == 401))
                }
            }
        }
    }

    @Test("Mynah's refusals reach the caller unchanged; 503 with Retry-After if Mynah is away")
    func refusals() async throws {
        try await FakeMynah.run({ $0.refusedFor = .zero }) { fake, mynah in
            try await Application(router: Self.router(mynah)).test(.router) { client in
                for (refusal, status) in [
                    (.unauthorized, 401), (.forbidden, 403), (.tooManyRequests, 429),
                ] as [(HTTPResponse.Status, Int)] {
                    fake.set { $0.refusal = (refusal, status == 429 ? [.retryAfter: "9"] : [:]) }
                    let answer = try await Self.get(client, "/any", [.apiKey: "key"])
                    #expect(answer.status == status && answer.text == #"{"error":{"code":"from_mynah"}}"#)
                    #expect(answer.headers[.contentType] == "application/json; charset=utf-8")
                    #expect(answer.headers[.retryAfter] == (status == 429 ? "9" : nil))
                }
                fake.set { $0.isAway = true }
                let answer = try await Self.get(client, "/any", [.apiKey: "key"])
                #expect(answer.status == 503 && answer.headers[.retryAfter] == "5")
                #expect(answer.text.contains("auth_unavailable"))
            }
        }
    }
}

extension HTTPFields {
    fileprivate static func + (a: HTTPFields, b: HTTPFields) -> HTTPFields {
        var all = a
        for field in b { all[field.name] = field.value }
        return all
    }
}
