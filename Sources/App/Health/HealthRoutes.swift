import HTTPTypes
import Hummingbird
import JSON
import LLM
import Storage

/// How the server is doing, for people, load balancers and supervisors.
struct HealthRoutes: Sendable {
    let database: Database
    let replies: RunningReplies
    let localModel: LocalModel?
    let isDefaultLocal: Bool
    let isProduction: Bool
    let startedAt = Timestamp.now

    struct Health: JSONOutput {
        let status: Status
        let service: String
        let version: String
        let startedAt: Timestamp
        let database: Status
        /// The local model, where it is the one that answers by default.
        let model: ModelStatus

        enum Status: String, Choice { case ok, unavailable }
        enum ModelStatus: String, Choice { case ready, loading, unavailable }

        func response(_ status: HTTPResponse.Status) throws -> Response {
            var response = try Response.json(self, self.status == .ok ? status : .serviceUnavailable)
            if self.status != .ok { response.headers[.retryAfter] = "5" }
            return response
        }
    }

    /// 503 while the database cannot be used. A model that is still loading does not make the server unhealthy.
    func health(_ who: Anonymous) async -> Health {
        let isUp = await isDatabaseUp()
        return Health(
            status: isUp ? .ok : .unavailable, service: "mynah", version: Version.current, startedAt: startedAt,
            database: isUp ? .ok : .unavailable, model: model)
    }

    struct Live: JSONOutput {
        let status: Health.Status
    }

    /// The process runs and answers.
    func live(_ who: Anonymous) -> Live { Live(status: .ok) }

    /// Requests may be sent here: the database answers and the server is not shutting down.
    func ready(_ who: Anonymous) async throws -> Live {
        guard !replies.isClosing else { throw APIError(.shuttingDown, retryAfter: 5) }
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
        /// Rows of each table; null in production.
        let tables: JSONObject?
    }

    func databaseStatus(_ who: Anonymous) async -> DatabaseStatus {
        let engine = database.dialect.name
        guard await isDatabaseUp() else { return DatabaseStatus(status: .unavailable, engine: engine, tables: nil) }
        guard !isProduction else { return DatabaseStatus(status: .ok, engine: engine, tables: nil) }
        let counts = try? await database.read(.system) { tx in
            try Dictionary(
                uniqueKeysWithValues: Self.tables.map { table in
                    let count = try tx.row("SELECT COUNT(*) AS rows FROM \(table)") { try $0.int64("rows") }
                    return (table, JSONValue.int(count ?? 0))
                })
        }
        return DatabaseStatus(status: .ok, engine: engine, tables: counts.map(JSONObject.init))
    }

    private static let tables = [
        "users", "deleted_users", "sessions", "workspaces", "members", "chatbots", "prompts", "api_keys", "end_users",
        "conversations", "messages",
    ]

    private func isDatabaseUp() async -> Bool {
        do {
            try await database.check()
            return true
        } catch {
            return false
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
}
