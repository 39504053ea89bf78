import Foundation

/// How a transaction begins.
struct PostgresOpening {
    let isWrite: Bool
    let scope: Scope
    /// After this the server cancels a statement.
    let timeout: Duration

    static let system = PostgresOpening(isWrite: false, scope: .system, timeout: .seconds(5))

    /// A read sees one snapshot, as on SQLite.
    func begin(isSerializable: Bool) -> String {
        let level = isSerializable ? "SERIALIZABLE" : isWrite ? "READ COMMITTED" : "REPEATABLE READ"
        return "BEGIN ISOLATION LEVEL \(level) READ \(isWrite ? "WRITE" : "ONLY")"
    }

    /// For this transaction only: with a pooler, the next one on this connection may be another client's.
    static let configure = """
        SELECT set_config('mynah.scope', ?, true), set_config('mynah.id', ?, true),
            set_config('statement_timeout', ?, true)
        """

    var settings: [any SQLBindable] {
        let (kind, id) =
            switch scope {
            case .system: ("system", "")
            case .user(let id): ("user", id)
            case .workspace(let id): ("workspace", id)
            }
        return [kind, id, String(milliseconds)]
    }

    var milliseconds: Int { Int(timeout / .milliseconds(1)) }
}

extension PostgresConnection {
    func transact<T>(_ opening: PostgresOpening, _ body: (Transaction) throws -> T) throws -> T {
        begin(opening)
        // What the server does not cancel in time, it will not answer any more.
        patience = opening.milliseconds + 1000
        let value: T
        do {
            value = try body(Transaction(connection: self))
            if let failure { throw failure }
            if opening.isWrite { try commit() }
        } catch {
            end()
            throw error
        }
        if !opening.isWrite { end() }
        return value
    }
}

/// The connection of one thread, made when it is needed and again when it is lost.
final class PostgresSession {
    private let settings: PostgresSettings
    private var connection: PostgresConnection?
    private static let maximumAttempts = 8

    init(_ settings: PostgresSettings) {
        self.settings = settings
    }

    /// Number of statements in the last transaction.
    var statementCount: Int { connection?.statementCount ?? 0 }

    /// The connection that the last transaction ran on.
    var backendID: Int? { connection?.backendID }

    /// Runs the body in a transaction. Retries it if the server asks for it, or on a new connection if nothing was
    /// committed on the old one.
    func transact<T>(_ opening: PostgresOpening, _ body: (Transaction) throws -> T) throws -> T {
        var attempt = 1
        var hasReconnected = false
        while true {
            let connection = try connected()
            do {
                let value = try connection.transact(opening, body)
                if connection.remedy != .none { self.connection = nil }
                return value
            } catch {
                switch connection.remedy {
                case .none:
                    throw error
                case .runAgain:
                    guard attempt < Self.maximumAttempts else { throw error }
                    usleep(.random(in: 0...UInt32(attempt * 5000)))
                case .reconnect:
                    self.connection = nil
                    guard !hasReconnected else { throw error }
                    hasReconnected = true
                case .abandon:
                    self.connection = nil
                    throw error
                }
                attempt += 1
            }
        }
    }

    func close() { connection = nil }

    private func connected() throws(StorageError) -> PostgresConnection {
        if let connection { return connection }
        let new = try PostgresConnection(settings)
        connection = new
        return new
    }
}
