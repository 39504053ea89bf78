import CLibPQ
import Foundation

/// One connection and its prepared statements. Used by one thread at a time.
///
/// It stays in libpq's pipeline mode. The statements that open a transaction travel with its first statement, in one
/// round trip. A statement whose result is not awaited travels with the next statement or the COMMIT.
final class PostgresConnection: Connection {
    private let handle: OpaquePointer
    private let settings: PostgresSettings
    private var statements: [StatementKey: PostgresStatement] = [:]
    private static let maximumStatements = 256
    private var preparedCount = 0
    private var parameters = PostgresParameters()
    /// Statements whose results are still to be read, in order.
    private var sent: [Sent] = []
    /// So many unread answers are no burden for either side.
    private static let maximumSent = 64
    /// COMMIT was sent, and nothing before it is known to have failed.
    private var isInDoubt = false
    /// The end of a transaction was sent and its answer not read yet.
    private var owesEnd = false
    private var uniqueColumns: [String: [String]] = [:]
    private(set) var statementCount = 0
    /// Why the current transaction is doomed.
    private(set) var failure: StorageError?
    private(set) var remedy = PostgresRemedy.none

    /// What is sent before the first statement of a body.
    private var opening: PostgresOpening?

    private struct Sent {
        let sql: String
        /// The statement that it prepares.
        var prepared: PostgresStatement?
    }

    init(_ settings: PostgresSettings) throws(StorageError) {
        self.settings = settings
        let options = settings.options
        let keywords = options.map { strdup($0.key) } + [nil]
        let values = options.map { strdup($0.value) } + [nil]
        defer { for text in keywords + values { free(text) } }
        let handle = keywords.map { UnsafePointer($0) }.withUnsafeBufferPointer { keywords in
            values.map { UnsafePointer($0) }.withUnsafeBufferPointer { values in
                libpq.PQconnectdbParams(keywords.baseAddress!, values.baseAddress!, 0)
            }
        }
        guard let handle else { throw StorageError(.unavailable, "no memory for a connection") }
        self.handle = handle
        guard libpq.PQstatus(handle) == CONNECTION_OK, libpq.PQenterPipelineMode(handle) == 1 else {
            throw StorageError(.unavailable, "\(settings.location): \(settings.concealing(errorMessage))")
        }
        // Or libpq writes them to the standard error.
        _ = libpq.PQsetNoticeReceiver(handle, { _, _ in }, nil)
    }

    deinit { libpq.PQfinish(handle) }

    /// The server process that answered when the connection was made; of a pooler it is none of the server's.
    var backendID: Int { Int(libpq.PQbackendPID(handle)) }

    private var errorMessage: String {
        String(cString: libpq.PQerrorMessage(handle)!).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    // MARK: Transactions

    /// Nothing is sent before the body's first statement.
    func begin(_ opening: PostgresOpening) {
        self.opening = opening
        failure = nil
        remedy = .none
        statementCount = 0
    }

    func commit() throws(StorageError) {
        guard opening == nil else { return }
        do throws(StorageError) {
            send(prepare("COMMIT"), [])
            isInDoubt = true
            try synchronise()
            let result = try receive()
            guard result.command == "COMMIT" else { throw StorageError(.other, "the transaction was rolled back") }
        } catch {
            // It may have been committed, so it must not be run again.
            guard remedy == .reconnect, isInDoubt else { throw error }
            remedy = .abandon
            throw StorageError(.unavailable, "whether it was committed is not known: \(error.message)")
        }
    }

    /// Ends a transaction that leaves nothing behind; the answer is read before that of the next one.
    func end() {
        guard opening == nil, remedy != .reconnect, remedy != .abandon else { return }
        do throws(StorageError) {
            // If one of them fails, the server skips the statements after it.
            if !sent.isEmpty, case .failure(let error) = catchUp(), remedy == .reconnect { throw error }
            queue("ROLLBACK")
            try synchronise()
            sent = []
            owesEnd = true
            // A pooler gives the server to another client as soon as the transaction ends.
            if !settings.preparesStatements { try readEnd() }
        } catch {
            remedy = .reconnect
        }
    }

    private func open() {
        guard let opening else { return }
        // BEGIN goes before all else, also before a DEALLOCATE: the isolation level must be set before any other statement.
        send(prepare(opening.begin(isSerializable: settings.isSerializable)), [])
        self.opening = nil
        send(prepare(PostgresOpening.configure), opening.settings)
    }

    // MARK: Statements

    /// A result is in memory as a whole, and rows may be long.
    var rowsAtOnce: Int? { 16 }

    func forEachRow(_ sql: String, _ args: [any SQLBindable], _ body: (Row) throws -> Bool) throws {
        let result = try execute(sql, args)
        while result.next() {
            guard try body(Row(source: result)) else { return }
        }
    }

    func run(_ sql: String, _ args: [any SQLBindable]) throws -> Int {
        try execute(sql, args).changedRows
    }

    func send(_ sql: String, _ args: [any SQLBindable]) throws {
        try attempt { () throws(StorageError) -> Void in
            _ = try enqueue(sql, args)
            if sent.count >= Self.maximumSent { try catchUp().get() }
        }
    }

    /// Runs several statements, which is only possible outside of pipeline mode. Drops all prepared statements.
    func script(_ sql: String) throws {
        try attempt { () throws(StorageError) -> Void in
            open()
            if !sent.isEmpty { try catchUp().get() }
            if owesEnd { try readEnd() }
            guard libpq.PQexitPipelineMode(handle) == 1 else { throw lost(errorMessage) }
            let suffix = settings.preparesStatements ? "\n;DEALLOCATE ALL" : ""
            guard libpq.PQsendQuery(handle, sql + suffix) == 1 else { throw lost(errorMessage) }
            statements = [:]
            var failed: StorageError?
            while let answer = try nextAnswer() {
                defer { libpq.PQclear(answer) }
                if libpq.PQresultStatus(answer) == PGRES_FATAL_ERROR { failed = failed ?? error(in: answer, sql: nil) }
            }
            let isPipelining = libpq.PQenterPipelineMode(handle) == 1
            if let failed { throw failed }
            guard isPipelining else { throw lost(errorMessage) }
        }
    }

    private func execute(_ sql: String, _ args: [any SQLBindable]) throws(StorageError) -> PostgresResult {
        try attempt { () throws(StorageError) -> PostgresResult in
            let statement = try enqueue(sql, args)
            try synchronise()
            return try receive(statement)
        }
    }

    private func enqueue(_ sql: String, _ args: [any SQLBindable]) throws(StorageError) -> PostgresStatement {
        open()
        let statement = prepare(sql)
        guard args.count == statement.parameterCount else {
            throw StorageError(
                .other, "\(args.count) arguments for \(statement.parameterCount) placeholders in: \(sql)")
        }
        send(statement, args)
        return statement
    }

    private func attempt<R>(_ work: () throws(StorageError) -> R) throws(StorageError) -> R {
        if let failure {
            throw StorageError(.other, "an earlier statement of the transaction failed: \(failure.message)")
        }
        statementCount += 1
        do {
            return try work()
        } catch {
            failure = error
            throw error
        }
    }

    private func prepare(_ sql: String) -> PostgresStatement {
        if let known = statements[StatementKey(sql: sql)] { return known }
        if statements.count >= Self.maximumStatements, opening == nil {
            statements = [:]
            if settings.preparesStatements { queue("DEALLOCATE ALL") }
        }
        let statement = PostgresStatement(sql)
        statements[StatementKey(sql: sql)] = statement
        return statement
    }

    /// A failure to send shows when the answers are read.
    private func send(_ statement: PostgresStatement, _ args: [any SQLBindable]) {
        parameters.set(args)
        if !settings.preparesStatements {
            statement.types = parameters.types
        } else if !statement.isPrepared || !statement.accepts(parameters.types) {
            if statement.isPrepared { queue("DEALLOCATE \(statement.name)") }
            statement.adopt(parameters.types)
            preparedCount += 1
            statement.name = "s\(preparedCount)"
            statement.isPrepared = true
            _ = libpq.PQsendPrepare(handle, statement.name, statement.text, Int32(args.count), statement.types)
            sent.append(Sent(sql: statement.sql, prepared: statement))
        }
        parameters.withPointers { values, lengths, formats in
            if settings.preparesStatements {
                libpq.PQsendQueryPrepared(handle, statement.name, Int32(args.count), values, lengths, formats, 1)
            } else {
                libpq.PQsendQueryParams(
                    handle, statement.text, Int32(args.count), statement.types, values, lengths, formats, 1)
            }
        }
        sent.append(Sent(sql: statement.sql))
    }

    private func queue(_ sql: String) {
        _ = libpq.PQsendQueryParams(handle, sql, 0, nil, nil, nil, nil, 1)
        sent.append(Sent(sql: sql))
    }

    // MARK: Answers

    private func synchronise() throws(StorageError) {
        guard libpq.PQpipelineSync(handle) == 1 else { throw lost(errorMessage) }
    }

    /// Reads the answers to all that was sent and returns the last.
    private func receive(_ statement: PostgresStatement? = nil) throws(StorageError) -> PostgresResult {
        if owesEnd { try readEnd() }
        defer { sent.removeAll(keepingCapacity: true) }
        var last: OpaquePointer?
        var failed: StorageError?
        for (index, each) in sent.enumerated() {
            guard let answer = try nextAnswer() else { throw lost("an answer is missing: \(errorMessage)") }
            switch libpq.PQresultStatus(answer) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
                if let last { libpq.PQclear(last) }
                last = answer
            case PGRES_PIPELINE_ABORTED:
                each.prepared?.isPrepared = false
                libpq.PQclear(answer)
            default:
                each.prepared?.isPrepared = false
                failed = failed ?? error(in: answer, sql: each.sql)
                // The server has spoken, and it skips what follows.
                if field("C", of: answer) != nil, index < sent.count - 1 { isInDoubt = false }
                libpq.PQclear(answer)
            }
            if remedy == .reconnect { break }
            if let surplus = try nextAnswer() { libpq.PQclear(surplus) }
        }
        if remedy != .reconnect { try readSynchronisation() }
        guard failed == nil, let last else {
            if let last { libpq.PQclear(last) }
            throw failed ?? lost("an answer is missing")
        }
        return PostgresResult(last, statement, keepsColumns: settings.preparesStatements)
    }

    /// Waits for all that was sent.
    private func catchUp() -> Result<Void, StorageError> {
        do throws(StorageError) {
            try synchronise()
            _ = try receive()
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    private func readEnd() throws(StorageError) {
        owesEnd = false
        while libpq.PQstatus(handle) == CONNECTION_OK {
            guard let answer = try nextAnswer() else { continue }
            let status = libpq.PQresultStatus(answer)
            defer { libpq.PQclear(answer) }
            if status == PGRES_PIPELINE_SYNC { return }
            if status == PGRES_FATAL_ERROR { throw lost(errorMessage) }
        }
        throw lost(errorMessage)
    }

    private func readSynchronisation() throws(StorageError) {
        guard let answer = try nextAnswer() else { throw lost(errorMessage) }
        defer { libpq.PQclear(answer) }
        guard libpq.PQresultStatus(answer) == PGRES_PIPELINE_SYNC else { throw lost("an answer too many") }
    }

    /// Nil at the end of a statement's answers. The server cancels what takes too long; if even that does not come, the
    /// connection is given up.
    private func nextAnswer() throws(StorageError) -> OpaquePointer? {
        while libpq.PQisBusy(handle) == 1 {
            var socket = pollfd(fd: libpq.PQsocket(handle), events: Int16(POLLIN), revents: 0)
            let ready = poll(&socket, 1, Int32(patience))
            if ready < 0 && errno == EINTR { continue }
            if ready == 0 { throw lost("the server has not answered for \(patience) ms") }
            if libpq.PQconsumeInput(handle) == 0 { throw lost(errorMessage) }
        }
        return libpq.PQgetResult(handle)
    }

    /// Milliseconds.
    var patience = 0

    private func lost(_ message: String) -> StorageError {
        remedy = .reconnect
        return StorageError(.unavailable, "\(settings.location): \(message)")
    }

    private func field(_ code: UnicodeScalar, of answer: OpaquePointer) -> String? {
        libpq.PQresultErrorField(answer, Int32(code.value)).map { String(cString: $0) }
    }

    private func error(in answer: OpaquePointer, sql: String?) -> StorageError {
        guard let state = field("C", of: answer) else { return lost(errorMessage) }
        let isLost = libpq.PQstatus(handle) == CONNECTION_BAD
        remedy = isLost ? .reconnect : PostgresRemedy(state: state)
        let columns = state == "23505" ? columns(of: answer) : []
        return StorageError(postgres: state, field("M", of: answer) ?? "", columns: columns, sql: sql)
    }

    /// The columns of a violated unique constraint. The server omits the key from the error if row-level security
    /// applies, so the columns of the index are queried, on another connection, because this one's transaction has
    /// failed.
    private func columns(of answer: OpaquePointer) -> [String] {
        if let columns = field("D", of: answer).flatMap(PostgresRemedy.keyColumns) { return columns }
        guard let schema = field("s", of: answer), let constraint = field("n", of: answer) else { return [] }
        if let known = uniqueColumns[schema + "." + constraint] { return known }
        let found = try? PostgresConnection(settings).transact(.system) { transaction in
            try transaction.rows(
                """
                SELECT a.attname::text AS name FROM pg_catalog.pg_index i
                JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (number, place)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
                WHERE n.nspname = ? AND c.relname = ? ORDER BY k.place
                """, [schema, constraint]
            ) { try $0.string("name") }
        }
        uniqueColumns[schema + "." + constraint] = found
        return found ?? []
    }
}
