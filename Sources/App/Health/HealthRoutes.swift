import HTTPKit
import HTTPTypes
import Hummingbird
import JSON
import LLM
import Platform
import Storage

/// How the server is doing, for people, load balancers and supervisors.
struct HealthRoutes: Sendable {
    let database: Database
    let departure: Departure
    let localModel: LocalModel?
    let localEmbedder: LocalEmbedder?
    let isDefaultLocal: Bool
    let isProduction: Bool
    let startedAt = Timestamp.now

    struct Health: JSONOutput {
        let status: Status
        let service: String
        let version: String
        let startedAt: Timestamp
        let database: Status
        /// How long the database took to answer just now. Null unless an operator asks.
        let databaseMilliseconds: Double?
        /// State of the local model, if it is the default model.
        let model: ModelStatus
        /// State of the local model of vectors. Null if EMBEDDING_PROVIDER names another one.
        let embedder: EmbedderStatus?

        enum Status: String, Choice { case ok, unavailable }
        enum ModelStatus: String, Choice { case ready, loading, unavailable }
        enum EmbedderStatus: String, Choice { case idle, ready, loading, unavailable }

        func response(_ status: HTTPResponse.Status) throws -> Response {
            var response = try Response.json(self, self.status == .ok ? status : .serviceUnavailable)
            if self.status != .ok { response.headers[.retryAfter] = "5" }
            return response
        }
    }

    /// 503 while the database cannot be used. A model that is still loading does not make the server unhealthy.
    func health(_ who: StrangerOrOperator) async -> Health {
        let latency = await databaseLatency()
        return Health(
            status: latency == nil ? .unavailable : .ok, service: "mynah", version: Version.current,
            startedAt: startedAt, database: latency == nil ? .unavailable : .ok,
            databaseMilliseconds: who.isOperator ? latency.map { ($0 / .microseconds(1)).rounded() / 1000 } : nil,
            model: model, embedder: embedder)
    }

    struct Live: JSONOutput {
        let status: Health.Status
    }

    /// The process runs and answers.
    func live(_ who: AnonymousCaller) -> Live { Live(status: .ok) }

    /// Requests may be sent here: the database answers and the server is not shutting down.
    func ready(_ who: AnonymousCaller) async throws -> Live {
        guard !departure.hasBegun else { throw APIError(.shuttingDown, retryAfter: 5) }
        do {
            try await database.check()
        } catch {
            throw APIError(.databaseUnavailable, retryAfter: 5, cause: error)
        }
        return Live(status: .ok)
    }

    struct DatabaseStatus: JSONOutput {
        let status: Health.Status
        let engine: String
        /// Rows of each table. Null in production, unless an operator asks.
        let tables: JSONObject?
    }

    func databaseStatus(_ who: StrangerOrOperator) async -> DatabaseStatus {
        let dialect = database.dialect
        guard await databaseLatency() != nil else {
            return DatabaseStatus(status: .unavailable, engine: dialect.name, tables: nil)
        }
        guard who.isOperator || !isProduction else {
            return DatabaseStatus(status: .ok, engine: dialect.name, tables: nil)
        }
        let counts = try? await database.read(.system) { tx in
            var counts: [String: JSONValue] = [:]
            for table in try tx.rows(dialect.tableNames, [], { try $0.string("name") }) {
                let count = try tx.row("SELECT COUNT(*) AS rows FROM \"\(table)\"") { try $0.int64("rows") }
                counts[table] = .int(count ?? 0)
            }
            return counts
        }
        return DatabaseStatus(status: .ok, engine: dialect.name, tables: counts.map { JSONObject($0) })
    }

    /// How long the database takes to be read and written; nil if it cannot be.
    private func databaseLatency() async -> Duration? {
        let start = ContinuousClock.now
        do {
            try await database.check()
            return start.duration(to: .now)
        } catch {
            return nil
        }
    }

    private var model: Health.ModelStatus {
        guard isDefaultLocal, let localModel else { return .ready }
        return switch localModel.state {
        case .ready: .ready
        case .loading: .loading
        case .failed, .notInstalled: .unavailable
        }
    }

    private var embedder: Health.EmbedderStatus? {
        guard let localEmbedder else { return nil }
        return switch localEmbedder.state {
        case .ready: .ready
        case .loading: localEmbedder.isIdle ? .idle : .loading
        case .failed, .notInstalled: .unavailable
        }
    }
}

extension HealthRoutes {
    var table: [Route] {
        [
            Route(
                .get, "/health", .page, id: "get_health", "Check the server's health",
                about: "The state of the database and of the local models. 503 while the database cannot be used; "
                    + "operators also see its latency.",
                health,
                errors: [.databaseUnavailable]),
            Route(
                .get, "/health/live", .page, id: "check_liveness", "Check that the process responds",
                about: "Always 200 while the process runs. For a supervisor that restarts it.",
                live),
            Route(
                .get, "/health/ready", .page, id: "check_readiness", "Check whether the server accepts requests",
                about: "503 during shutdown and while the database cannot be used. For load balancers.",
                ready,
                errors: [.databaseUnavailable, .shuttingDown]),
            Route(
                .get, "/db-status", .read, id: "get_database_status", "Get the database's state",
                about: "Operators get the number of records of each table, and outside production everybody does.",
                databaseStatus),
        ].tagged(.server)
    }
}
