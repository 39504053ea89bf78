import Accounts
import Platform
package import Storage

/// Encrypts anew, with the newest key, all that an older one has encrypted, so that the older one can be dropped. It may
/// be broken off at any point and begun again.
package struct KeyRotation: Sendable {
    /// A column whose values are Fernet tokens, or null.
    struct Column: Sendable {
        let table: String
        let name: String
        /// The table's primary key.
        var key = ["id"]
        /// Which rows it holds tokens in.
        var filter = "1 = 1"
    }

    static let columns = [
        Column(table: "users", name: "details"),
        Column(table: "end_users", name: "profile"),
        Column(table: "conversations", name: "session_data"),
        Column(table: "chatbots", name: "signing_secret"),
        Column(table: "signing_keys", name: "private_key"),
        Column(table: "second_factors", name: "secret"),
        Column(table: "providers", name: "api_key", key: ["name"]),
        Column(table: "message_logs", name: "content"),
        Column(
            table: "jobs", name: "payload", filter: "kind IN ('\(Mailer.kind)', '\(ResetRequest.kind)')"),
        Column(table: "idempotency_keys", name: "answer", key: ["principal", "key"]),
        Column(table: "user_exports", name: "content"),
        Column(table: "responses", name: "ending"),
        Column(table: "response_parts", name: "content"),
    ]

    package struct Outcome: Sendable {
        /// Whether a new key was made.
        package var isNew = false
        /// Values that were encrypted anew.
        package var values = 0
        /// Older keys, which nothing needs any more.
        package var oldKeys = 0
        /// Whether they were dropped.
        package var isDropped = false
    }

    let database: Database
    var batch = 100

    package init(_ database: Database) { self.database = database }

    /// Rotates the keys. If they are in a file, adds a new key in front, unless an interrupted rotation has already
    /// done so.
    package func run(_ configuration: ServerConfiguration, dropsOld: Bool) async throws -> Outcome {
        if let keys = configuration.encryptionKeys {
            guard keys.count > 1 else {
                throw StartError(
                    "ENCRYPTION_KEY holds one key. Put a new one, from 'mynah key make', and a comma before it, "
                        + "restart every server, and run this again.")
            }
            return Outcome(values: try await encryptAnew(keys), oldKeys: keys.count - 1)
        }
        // A server that runs knows only the keys that it began with.
        let lock =
            database.dialect.isShared
            ? nil : InstanceLock(path: try KeyFiles.folder(of: configuration) + "/server.lock")
        guard database.dialect.isShared || lock != nil else {
            throw StartError("A server is running on this database. Stop it first.")
        }
        let path = try KeyFiles.encryptionKeys(of: configuration)
        var keys = try KeyFiles.encryptionKeys(in: path)
        var outcome = Outcome()
        if keys.count == 1 {
            keys.insert(Fernet.makeKey(), at: 0)
            try KeyFiles.replace(encryptionKeys: keys, in: path)
            outcome.isNew = true
        }
        outcome.values = try await encryptAnew(keys)
        outcome.oldKeys = keys.count - 1
        if dropsOld {
            try KeyFiles.replace(encryptionKeys: [keys[0]], in: path)
            outcome.isDropped = true
        }
        // The lock against a running server is held until the rotation is done.
        withExtendedLifetime(lock) {}
        return outcome
    }

    /// - Returns: how many values there were to encrypt.
    func encryptAnew(_ keys: [String]) async throws -> Int {
        let fernet = try Fernet(keys: keys)
        var count = 0
        var unreadable: [String] = []
        for column in Self.columns {
            var after = column.key.map { _ in "" }
            while true {
                let page = try await database.read(.system) { [after] tx in
                    try column.page(tx, after: after, limit: batch)
                }
                guard let last = page.last else { break }
                after = last.key
                var renewed: [(old: Column.Value, token: String)] = []
                for value in page {
                    do {
                        guard try fernet.needsRotation(value.token) else { continue }
                        renewed.append((value, try fernet.encrypt(fernet.decrypt(value.token))))
                    } catch is Fernet.Refusal {
                        unreadable.append("\(column.table).\(column.name) of \(value.key.joined(separator: " "))")
                    }
                }
                if !renewed.isEmpty {
                    try await database.write(.system) { [renewed] tx in
                        for (old, token) in renewed { try column.replace(tx, old, by: token) }
                    }
                }
                count += renewed.count
            }
        }
        guard unreadable.isEmpty else {
            throw StartError(
                "\(unreadable.count) values are encrypted with a key that is not here, or damaged; the first is "
                    + "\(unreadable[0]). Everything else is done, and no key was dropped.")
        }
        return count
    }
}

extension KeyRotation.Column {
    struct Value: Sendable {
        let key: [String]
        let token: String
    }

    func page(_ tx: Transaction, after: [String], limit: Int) throws -> [Value] {
        let names = key.joined(separator: ", ")
        return try tx.rows(
            """
            SELECT \(names), \(name) AS token FROM \(table) WHERE \(filter) AND \(name) IS NOT NULL AND (\(names)) > (\(key.placeholders))
            ORDER BY \(names) LIMIT ?
            """,
            after + [limit]
        ) { row in Value(key: try key.map(row.string), token: try row.string("token")) }
    }

    /// Unless a server has written another value meanwhile, with the newest key.
    fileprivate func replace(_ tx: Transaction, _ old: Value, by token: String) throws {
        let filter = key.map { "\($0) = ?" }.joined(separator: " AND ")
        try tx.run(
            "UPDATE \(table) SET \(name) = ? WHERE \(filter) AND \(name) = ?", [token] + old.key + [old.token])
    }
}
