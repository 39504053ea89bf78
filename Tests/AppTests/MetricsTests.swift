import HTTPTypes
import JSON
import LLM
import LLMTesting
import Testing

@testable import App
@testable import HTTPKit
@testable import Metering

@Suite struct MetricsTests {
    private static let token = "a-token-for-metrics-of-tests"

    private func samples(_ app: TestApp) async throws -> [String: Double] {
        let page = try await app.call(.get, "/metrics", headers: [.authorization: "Bearer \(Self.token)"])
        try #require(page.status == 200, "\(page.text)")
        #expect(page.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        return page.text.split(separator: "\n").filter { !$0.hasPrefix("#") }.reduce(into: [:]) { samples, line in
            let space = line.lastIndex(of: " ")!
            samples[String(line[..<space])] = Double(line[line.index(after: space)...])
        }
    }

    @Test("Requests, durations and failures are counted by route, provider and code")
    func counts() async throws {
        try await TestApp.run(configure: { $0.metricsToken = Self.token }) { app in
            let user = try await app.user("alice")
            _ = try await app.call(.post, "/chat", ["message": "Hi"], as: user)
            _ = try await app.call(.get, "/conversations/made-up", as: user)
            _ = try await app.call(.get, "/nowhere/\(user.id)")
            let samples = try await samples(app)
            let took = #"mynah_http_request_duration_seconds_count{method="POST",route="/chat",status="200"}"#
            #expect(samples[took] == 1)
            #expect(samples[took.replacing("_count{", with: "_bucket{").replacing("}", with: #",le="+Inf"}"#)] == 1)
            #expect(samples[#"mynah_errors_total{code="not_found"}"#] == 2)
            #expect(
                samples[#"mynah_http_request_duration_seconds_count{method="GET",route="NotFound",status="404"}"#] == 1)
            let provider = app.provider.name
            #expect(
                samples[#"mynah_model_call_duration_seconds_count{provider="\#(provider)",outcome="complete"}"#] == 1)
            #expect(samples[#"mynah_model_first_token_seconds_count{provider="\#(provider)"}"#] == 1)
            #expect(samples[#"mynah_model_tokens_total{provider="\#(provider)",direction="completion"}"#]! > 0)
            #expect(samples[#"mynah_database_transactions_total{kind="write"}"#]! >= 3)
            #expect(samples["mynah_database_wait_seconds_count"]! >= 3)
            #expect(samples["mynah_database_connections"]! > 0)
            #expect(samples["mynah_database_up"] == 1)
            #expect(samples["process_cpu_seconds_total"]! > 0)
            #expect(samples["process_resident_memory_bytes"]! > 1_000_000)
            #expect(!samples.keys.contains { $0.contains(user.id) || $0.contains("alice") || $0.contains("made-up") })
        }
    }

    @Test("A bucket holds what took no longer than its bound, and all that those before it hold")
    func buckets() {
        let histogram = Histogram("h", "help", labels: ["a"], bounds: [0.1, 1])
        for milliseconds in [50, 100, 500, 5000] { histogram.observe(["x\"\\\n"], .milliseconds(milliseconds)) }
        var page = MetricsPage()
        histogram.write(to: &page)
        #expect(
            page.text == #"""
                # HELP h help
                # TYPE h histogram
                h_bucket{a="x\"\\\n",le="0.1"} 2
                h_bucket{a="x\"\\\n",le="1"} 3
                h_bucket{a="x\"\\\n",le="+Inf"} 4
                h_sum{a="x\"\\\n"} 5.65
                h_count{a="x\"\\\n"} 4

                """#)
    }

    @Test("A stranger, and whoever comes through a proxy, is told nothing")
    func strangers() async throws {
        try await TestApp.run(configure: { $0.metricsToken = Self.token }) { app in
            for headers in [
                [:], [.authorization: "Bearer wrong"], [.authorization: Self.token], [.forwardedFor: "127.0.0.1"],
            ] as [HTTPFields] {
                #expect(try await app.call(.get, "/metrics", headers: headers).status == 401)
            }
            let user = try await app.user("alice")
            #expect(try await app.call(.get, "/metrics", as: user).errorCode == "invalid_token")
        }
    }

    @Test("Where strangers may come through a proxy on this machine, the token is needed")
    func needsToken() {
        var configuration = ServerConfiguration(resources: TestApp.resources)
        #expect(!MetricsRoutes.needsToken(configuration))
        for url in ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000/mynah", "http://LOCALHOST"] {
            configuration.publicURL = url
            #expect(!MetricsRoutes.needsToken(configuration), "\(url)")
        }
        for url in ["https://chat.example.com", "http://localhost.example.com:8000", "http://10.0.0.1/localhost"] {
            configuration.publicURL = url
            #expect(MetricsRoutes.needsToken(configuration), "\(url)")
        }
        configuration.publicURL = nil
        configuration.environment = .production
        #expect(MetricsRoutes.needsToken(configuration))
        configuration.environment = .development
        configuration.trustedProxies = [AddressRange("127.0.0.1")!]
        #expect(MetricsRoutes.needsToken(configuration))
    }

    @Test("A failed call of a model is counted by its kind")
    func failures() async throws {
        let provider = ScriptedProvider(.failure(ProviderError(.refused, detail: "no")))
        try await TestApp.run(provider: provider, configure: { $0.metricsToken = Self.token }) { app in
            let user = try await app.user("alice")
            _ = try await app.call(.post, "/chat", ["message": "Hi"], as: user)
            let samples = try await samples(app)
            #expect(
                samples[#"mynah_model_failed_attempts_total{provider="\#(provider.name)",kind="refused"}"#] == 1)
            #expect(
                samples[#"mynah_model_call_duration_seconds_count{provider="\#(provider.name)",outcome="failed"}"#] == 1
            )
        }
    }
}
