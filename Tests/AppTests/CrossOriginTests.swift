import HTTPTypes
import JSON
import Testing

@testable import App

@Suite struct CrossOriginTests {
    private static let own = "https://app.example.com"

    @Test("Pages of a registered origin may call and can read answers and errors")
    func registered() async throws {
        try await TestApp.run(configure: { $0.corsOrigins = [Self.own] }) { app in
            let user = try await app.user("alice")
            let preflight = try await app.call(
                .options, "/chat",
                headers: [
                    .origin: Self.own, .accessControlRequestMethod: "POST",
                    .accessControlRequestHeaders: "authorization, content-type",
                ])
            #expect(preflight.status == 204)
            #expect(preflight.headers[.accessControlAllowOrigin] == Self.own)
            #expect(preflight.headers[.accessControlAllowMethods]?.contains("POST") == true)
            let headers = preflight.headers[.accessControlAllowHeaders]?.lowercased() ?? ""
            for name in ["authorization", "content-type", "idempotency-key", "last-event-id"] {
                #expect(headers.contains(name))
            }
            for (path, who, status) in [
                ("/users/me", user, 200), ("/users/me", nil, 401), ("/nope", nil, 404), ("/health", nil, 200),
            ] as [(String, TestUser?, Int)] {
                let answer = try await app.call(.get, path, as: who, headers: [.origin: Self.own])
                #expect(answer.status == status)
                #expect(answer.headers[.accessControlAllowOrigin] == Self.own)
                #expect(answer.headers[.vary]?.contains("Origin") == true)
                #expect(answer.headers[.accessControlAllowCredentials] == nil)
            }
        }
    }

    @Test(
        "Pages of other origins may not call",
        arguments: [
            "https://evil.example", "null", "http://app.example.com", "https://app.example.com.evil.example",
            "https://app.example.com:8443", "HTTPS://APP.EXAMPLE.COM", "",
        ])
    func others(origin: String) async throws {
        for origins in [[Self.own], []] {
            try await TestApp.run(configure: { $0.corsOrigins = origins }) { app in
                for method in [.options, .get, .post] as [HTTPRequest.Method] {
                    let answer = try await app.call(method, "/users/me", headers: [.origin: origin])
                    #expect(answer.headers[.accessControlAllowOrigin] == nil, "\(method)")
                    #expect(answer.status == (method == .get ? 401 : 405))
                }
            }
        }
    }
}
