import Chat
import Chatbots
import Foundation
import HTTPKit
import HTTPTypes
import Hummingbird
import LLM
import Metering
import ModelAPI
import Platform
import Spans
import Storage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// `GET /metrics`, for Prometheus: what was counted, and how things stand now.
struct MetricsRoutes: Sendable {
    let metrics: Metrics
    let database: Database
    let providers: Providers
    let limiter: SharedRateLimiter
    let watch: ProcessWatch
    let spans: SpanRecorder?
    let replies: RunningReplies
    let completions: RunningCompletions
    let sockets: OpenSockets
    let bytesInFlight: BytesInFlight
    /// `METRICS_TOKEN`. If nil, only programs on this machine may read the metrics, and none if `needsToken` is true.
    let token: String?
    /// True if a proxy on this machine may forward requests from the internet: in production, or with a public URL or
    /// trusted proxies.
    let needsToken: Bool
    let startedAt = Timestamp.now

    /// Headers that a proxy adds. Requests through a proxy on this machine need the token.
    private static let forwarding: [HTTPField.Name] = [
        .forwardedFor, HTTPField.Name("Forwarded")!, HTTPField.Name("X-Real-IP")!, HTTPField.Name("Via")!,
    ]

    func scrape(_ who: AnonymousCaller) async throws -> MetricsPage {
        try admit(who.call)
        var page = MetricsPage()
        writeCounted(to: &page)
        writeBytesInFlight(to: &page)
        writeModels(to: &page)
        writeDatabase(to: &page)
        await writeQueues(to: &page)
        writeProcess(to: &page)
        return page
    }

    /// Whether a server with these settings can be reached through a proxy on this machine.
    static func needsToken(_ configuration: ServerConfiguration) -> Bool {
        guard configuration.environment != .production, configuration.trustedProxies.isEmpty else { return true }
        guard let url = configuration.publicURL else { return false }
        return !isLoopback(
            host: url.split(separator: "/", maxSplits: 1).last.map { $0.drop { $0 == "/" } }.map(String.init))
    }

    /// A browser on this machine may have been led here by another name, as by DNS rebinding.
    static func isLoopback(host: String?) -> Bool {
        guard let host else { return false }
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" && $0 != "/" }
        return ["localhost", "127.0.0.1", "[::1]"].contains(name.lowercased())
    }

    private func admit(_ call: Call) throws(APIError) {
        if let token, let given = call.header(.authorization).flatMap({ BearerToken.credential(in: $0) }) {
            guard Secrets.hash(String(given)) == Secrets.hash(token) else {
                throw APIError(.invalidToken, "This is not METRICS_TOKEN.")
            }
            return
        }
        guard !needsToken, IPAddress.isLoopback(call.remoteAddress), !cameThroughProxy(call) else {
            throw APIError(
                .missingCredentials,
                "Metrics need METRICS_TOKEN as bearer token; in development this machine may read them without it.")
        }
    }

    /// A proxy with no more than `proxy_pass` sends none of the headers, and this machine as the host. What it does not do
    /// is keep its connections: nginx before 1.29 speaks HTTP/1.0, and ends them in HTTP/1.1 too.
    private func cameThroughProxy(_ call: Call) -> Bool {
        !Self.isLoopback(host: call.request.head.authority)
            || Self.forwarding.contains { call.header($0) != nil }
            || call.header(.connection)?.lowercased().contains("close") == true
    }

    private func writeCounted(to page: inout MetricsPage) {
        metrics.requests.write(to: &page)
        metrics.errors.write(to: &page)
        page.family("mynah_rate_limited_total", "counter", "Requests refused by a rate limit, by what it counts.")
        for (subject, count) in limiter.refusals.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            page.sample("mynah_rate_limited_total", [("subject", subject.rawValue)], Double(count))
        }
        if let redis = limiter.redisState {
            page.gauge("mynah_redis_up", "Whether limits are shared through Redis now.", redis.isUp ? 1 : 0)
            page.counter("mynah_redis_outages_total", "Times that Redis was lost.", Double(redis.outages))
        }
        page.family("mynah_streams", "gauge", "Replies and sockets that are open, by kind.")
        page.sample("mynah_streams", [("kind", "reply")], Double(replies.count))
        page.sample("mynah_streams", [("kind", "completion")], Double(completions.count))
        page.sample("mynah_streams", [("kind", "websocket")], Double(sockets.count))
    }

    private func writeBytesInFlight(to page: inout MetricsPage) {
        let reading = bytesInFlight.reading
        page.family("mynah_in_flight_bytes", "gauge", "Memory that large requests and answers hold now, by kind.")
        for (kind, bytes) in reading.held {
            page.sample("mynah_in_flight_bytes", [("kind", kind.rawValue)], Double(bytes))
        }
        page.gauge(
            "mynah_in_flight_bytes_maximum", "The most that they may hold together.", Double(reading.bounds.process))
        page.gauge(
            "mynah_in_flight_account_bytes", "What the account that holds most holds now.",
            Double(reading.largestAccount))
        page.gauge(
            "mynah_in_flight_account_bytes_maximum", "The most that one account may hold.",
            Double(reading.bounds.account))
        page.family("mynah_in_flight_refused_total", "counter", "Requests refused for want of memory, by whose.")
        page.sample("mynah_in_flight_refused_total", [("bound", "account")], Double(reading.refused.accounts))
        page.sample("mynah_in_flight_refused_total", [("bound", "process")], Double(reading.refused.process))
    }

    private func writeModels(to page: inout MetricsPage) {
        for histogram in [metrics.exchanges, metrics.firstTokens] { histogram.write(to: &page) }
        for counter in [metrics.attempts, metrics.tokens, metrics.searches, metrics.cost, metrics.titles] {
            counter.write(to: &page)
        }
        let loads = providers.gateway.snapshot
        for (name, help, value) in [
            ("mynah_model_calls_running", "Calls on their way to a provider.", \.running),
            ("mynah_model_calls_waiting", "Calls that wait for a place.", \.waiting),
            ("mynah_model_calls_maximum", "Calls that may run at once.", \.maximum),
        ] as [(String, String, KeyPath<Gateway.Load, Int>)] {
            page.family(name, "gauge", help)
            for load in loads { page.sample(name, [("provider", load.provider)], Double(load[keyPath: value])) }
        }
        for (name, help, value) in [
            ("mynah_model_breakers_open", "Models that are held back from everyone after failures.", \.openModels),
            ("mynah_model_callers_held_back", "Workspaces that are held back from a model alone.", \.heldBack),
        ] as [(String, String, KeyPath<Gateway.Load, Int>)] {
            page.family(name, "gauge", help)
            for load in loads { page.sample(name, [("provider", load.provider)], Double(load[keyPath: value])) }
        }
        page.family(
            "mynah_model_breaker_open", "gauge",
            "Whether calls to a provider, or to one of its models, are held back after failures.")
        for load in loads {
            page.sample("mynah_model_breaker_open", [("provider", load.provider)], load.breaker == .closed ? 0 : 1)
        }
    }

    private func writeDatabase(to page: inout MetricsPage) {
        let seen = database.statistics
        page.family("mynah_database_transactions_total", "counter", "Transactions, by kind.")
        page.sample("mynah_database_transactions_total", [("kind", "read")], Double(seen.reads))
        page.sample("mynah_database_transactions_total", [("kind", "write")], Double(seen.writes))
        page.counter("mynah_database_statements_total", "Statements of transactions.", Double(seen.statements))
        page.counter("mynah_database_commits_total", "Commits; writes may share one.", Double(seen.commits))
        page.family("mynah_database_waiting", "gauge", "Transactions that wait for a connection, by kind.")
        page.sample("mynah_database_waiting", [("kind", "read")], Double(seen.waitingReads))
        page.sample("mynah_database_waiting", [("kind", "write")], Double(seen.waitingWrites))
        page.gauge("mynah_database_connections", "Connections and their threads.", Double(seen.connections))
        page.gauge("mynah_database_connections_busy", "Those of them in a transaction.", Double(seen.busyConnections))
        page.family("mynah_database_wait_seconds", "summary", "Time that transactions waited for a connection.")
        page.sample("mynah_database_wait_seconds_sum", [], seen.waited / .seconds(1))
        page.sample("mynah_database_wait_seconds_count", [], Double(seen.taken))
    }

    /// What the database itself has to tell is left out while it is away.
    private func writeQueues(to page: inout MetricsPage) async {
        let found = try? await database.read(.system) { tx in
            (
                jobs: try tx.rows("SELECT state, COUNT(*) AS rows FROM jobs GROUP BY state") {
                    (try $0.string("state"), try $0.int("rows"))
                },
                sequence: try tx.row("SELECT sequence FROM audit_seals ORDER BY sequence DESC LIMIT 1") {
                    try $0.int("sequence")
                },
                backups: try BackupState.read(tx)
            )
        }
        page.gauge("mynah_database_up", "Whether the database answered just now.", found == nil ? 0 : 1)
        guard let found else { return }
        page.family("mynah_jobs", "gauge", "Jobs, by state.")
        for state in ["queued", "running", "dead"] {
            page.sample("mynah_jobs", [("state", state)], Double(found.jobs.first { $0.0 == state }?.1 ?? 0))
        }
        page.gauge("mynah_audit_sequence", "The last sealed entry of the audit trail.", Double(found.sequence ?? 0))
        for (name, help, time) in [
            ("mynah_backup_made_timestamp_seconds", "When a backup was last made.", found.backups.madeAt),
            (
                "mynah_backup_proven_timestamp_seconds", "When a backup was last restored for proof.",
                found.backups.provenAt
            ),
        ] {
            if let time { page.gauge(name, help, Double(time.milliseconds) / 1000) }
        }
    }

    private func writeProcess(to page: inout MetricsPage) {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let seconds = [usage.ru_utime, usage.ru_stime].reduce(0.0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
        page.counter("process_cpu_seconds_total", "CPU time, user and system.", seconds)
        page.gauge("process_start_time_seconds", "When it began.", Double(startedAt.milliseconds) / 1000)
        if let spans {
            page.counter("mynah_spans_dropped_total", "Spans of traces that were not sent.", Double(spans.dropped))
            page.gauge("mynah_spans_waiting_bytes", "Spans of traces that wait to be sent.", Double(spans.waitingBytes))
        }
        watch.look()
        let reading = watch.last
        if let memory = reading.memory {
            page.gauge("process_resident_memory_bytes", "Resident memory.", Double(memory))
        }
        if let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            page.gauge("process_open_fds", "Open files and sockets.", Double(files.count))
        }
        if let disk = reading.disk {
            page.gauge("mynah_disk_free_bytes", "Free where the database lies.", Double(disk))
        }
        page.family("mynah_warning", "gauge", "Whether a threshold of the settings is passed, by what.")
        page.sample("mynah_warning", [("kind", "memory")], watch.hasMuchMemory ? 1 : 0)
        page.sample("mynah_warning", [("kind", "disk")], watch.hasLittleDisk ? 1 : 0)
        page.family("mynah_info", "gauge", "Which Mynah this is.")
        page.sample("mynah_info", [("version", Version.current), ("database", database.dialect.name)], 1)
    }
}

extension MetricsRoutes {
    var table: [Route] {
        [
            Route(
                .get, "/metrics", .read, id: "get_metrics", "Get metrics for Prometheus",
                about: "In Prometheus' text format. Callers on other machines need `METRICS_TOKEN` as a bearer "
                    + "token.",
                scrape,
                errors: [.missingCredentials, .invalidToken])
        ].tagged(.server)
    }
}
