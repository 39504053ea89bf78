import Crypto
package import HTTPKit
import HTTPTypes
package import Hummingbird
import Logging
package import NIOCore
package import Storage

/// `Idempotency-Key`: the first answer to a POST is kept for a day and given again to a repetition. Answers are
/// encrypted, for some carry tokens; a failure that another try may mend is not kept. Of what is kept for one account, the
/// oldest goes when it is too much.
package struct Idempotency: Sendable {
    package static let lifetime = Duration.seconds(86_400)
    /// After this long without an answer, the first request is taken for dead.
    package static let patience = Duration.seconds(1800)
    /// What is kept for one account; its visitors on websites are counted as another.
    package static let maxAnswers = 10_000
    /// Maximum size of the keys and the encrypted answers of one account, in bytes.
    package static let maxBytes = 64 << 20

    package let database: Database
    package let secrets: Secrets

    /// Shows a reply that was streamed under the key once more, from wherever it is by now.
    package let replayStream:
        @Sendable (any Context, _ conversationID: String, _ messageID: String, _ path: String) async throws -> Response

    package init(
        database: Database, secrets: Secrets,
        replayStream:
            @escaping @Sendable (any Context, _ conversationID: String, _ messageID: String, _ path: String)
            async throws -> Response
    ) {
        self.database = database
        self.secrets = secrets
        self.replayStream = replayStream
    }

    package func run(
        key: String, _ who: some Context, fingerprint: [UInt8], _ work: @Sendable () async throws -> Response
    ) async throws -> Response {
        let principal = who.principal ?? "address:\(who.call.remoteAddress)"
        let account = who.call.memory.account.name
        let path = who.call.request.uri.path
        guard (1...255).contains(key.utf8.count) else {
            throw APIError.invalid("Idempotency-Key", "An Idempotency-Key has 1 to 255 characters.")
        }
        if let stored = try await claim(
            key: key, principal: principal, account: account, fingerprint: fingerprint)
        {
            return try await replay(stored, who, path: path)
        }
        let response: Response
        do {
            response = try await work()
        } catch {
            try? await release(key: key, principal: principal)
            throw error
        }
        do {
            if let reply = response.headers[.replyID] {
                try await keep(Array(reply.utf8), of: response, key: key, principal: principal)
                return response
            }
            // 499 means that the client had disconnected: a retry must get a real response.
            guard let length = response.body.contentLength, length < RoutePolicy.usualBody, response.status.code < 499
            else {
                try await release(key: key, principal: principal)
                return response
            }
            let collected = try await response.collected()
            try await keep(
                Array(collected.bytes.readableBytesView), of: collected.response, key: key, principal: principal)
            return collected.response
        } catch {
            // The work is done, so the key stays taken: a repetition is told to wait, and does nothing twice.
            who.call.logger.error("answer not kept", metadata: ["cause": .string(String(describing: error))])
            throw error
        }
    }

    /// Fingerprint that distinguishes a retry from another request with the same key.
    package func fingerprint(of call: Call, body: ByteBuffer) throws -> [UInt8] {
        let head = "\(call.request.uri.path)\0\(call.header(.workspaceID) ?? "")\0"
        return body.withUnsafeReadableBytes { secrets.fingerprint(head, $0) }
    }

    private struct Stored: Sendable {
        let fingerprint: [UInt8]
        let status: Int?
        let contentType: String?
        let answer: String?
        let matches: Bool
    }

    /// Takes the key for this request, or returns what another request left under it.
    private func claim(
        key: String, principal: String, account: String, fingerprint: [UInt8]
    ) async throws -> Stored? {
        let now = Timestamp.now
        return try await database.write(.system, for: .user(principal)) { [dialect = database.dialect] tx in
            try tx.run(
                """
                DELETE FROM idempotency_keys WHERE principal = ? AND key = ?
                AND (created_at < ? OR (status IS NULL AND created_at < ?))
                """,
                [principal, key, now.adding(.zero - Self.lifetime), now.adding(.zero - Self.patience)])
            let claimed = try tx.run(
                """
                INSERT INTO idempotency_keys (principal, key, fingerprint, account, created_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (principal, key) DO NOTHING
                """,
                [principal, key, fingerprint, account, now])
            if claimed == 1 {
                try Self.makeRoom(tx, dialect, for: account)
                return nil
            }
            return try tx.row(
                "SELECT fingerprint, status, content_type, answer FROM idempotency_keys WHERE principal = ? AND key = ?",
                [principal, key]
            ) { row in
                let first = try row.bytes("fingerprint")
                return Stored(
                    fingerprint: first, status: try row.intIfPresent("status"),
                    contentType: try row.stringIfPresent("content_type"), answer: try row.stringIfPresent("answer"),
                    matches: first == fingerprint)
            }
        }
    }

    private func keep(_ answer: [UInt8], of response: Response, key: String, principal: String) async throws {
        let answer = try secrets.encrypt(answer)
        let (status, contentType) = (response.status.code, response.headers[.contentType])
        try await database.write(.system, for: .user(principal)) { tx in
            try tx.run(
                "UPDATE idempotency_keys SET status = ?, content_type = ?, answer = ? WHERE principal = ? AND key = ?",
                [status, contentType, answer, principal, key])
        }
    }

    private func replay(_ stored: Stored, _ who: some Context, path: String) async throws -> Response {
        guard stored.matches else { throw APIError(.idempotencyMismatch, param: "Idempotency-Key") }
        guard let status = stored.status, let answer = stored.answer else {
            throw APIError(.idempotencyInProgress, retryAfter: 1)
        }
        let bytes = try secrets.decrypt(answer)
        if stored.contentType?.hasPrefix("text/event-stream") == true {
            let ids = String(decoding: bytes, as: UTF8.self).split(separator: "/").map(String.init)
            return try await replayStream(who, ids[0], ids[1], path)
        }
        var response = Response(status: .init(code: status), body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        if let type = stored.contentType { response.headers[.contentType] = type }
        return response
    }

    private func release(key: String, principal: String) async throws {
        try await database.write(.system, for: .user(principal)) { tx in
            try tx.run(
                "DELETE FROM idempotency_keys WHERE principal = ? AND key = ? AND status IS NULL", [principal, key])
        }
    }

    /// Deletes the oldest answers of an account that has too much. What is still being answered stays, so that it is not
    /// done twice.
    private static func makeRoom(_ tx: Transaction, _ dialect: Dialect, for account: String) throws {
        let totals = try tx.row("SELECT answers, bytes FROM idempotency_totals WHERE account = ?", [account]) {
            (answers: try $0.int("answers") - maxAnswers, bytes: try $0.int("bytes") - maxBytes)
        }
        guard var excess = totals, excess.answers > 0 || excess.bytes > 0 else { return }
        let oldest = try tx.rows(
            """
            SELECT principal, key, \(KeptAnswers.bytes(of: "k", dialect)) AS bytes FROM idempotency_keys k
            WHERE account = ? AND status IS NOT NULL ORDER BY created_at LIMIT 200
            """,
            [account]
        ) { (principal: try $0.string("principal"), key: try $0.string("key"), bytes: try $0.int("bytes")) }
        for answer in oldest {
            guard excess.answers > 0 || excess.bytes > 0 else { return }
            try tx.run("DELETE FROM idempotency_keys WHERE principal = ? AND key = ?", [answer.principal, answer.key])
            excess.answers -= 1
            excess.bytes -= answer.bytes
        }
    }

    /// Returns the number of deleted rows.
    package static func purge(_ tx: Transaction, before: Timestamp, limit: Int) throws -> Int {
        try tx.run(
            """
            DELETE FROM idempotency_keys WHERE (principal, key) IN
                (SELECT principal, key FROM idempotency_keys WHERE created_at < ? LIMIT ?)
            """,
            [before, limit])
    }
}

extension Response {
    /// The response with its body in memory, so that it can be both kept and sent.
    fileprivate func collected() async throws -> (response: Response, bytes: ByteBuffer) {
        let collector = Collector()
        try await body.write(collector)
        let bytes = collector.box.buffer
        return (Response(status: status, headers: headers, body: .init(byteBuffer: bytes)), bytes)
    }

    private struct Collector: ResponseBodyWriter {
        /// Written by the one task that awaits the body.
        final class Box: @unchecked Sendable { var buffer = ByteBuffer() }
        let box = Box()
        mutating func write(_ buffer: ByteBuffer) async throws { box.buffer.writeImmutableBuffer(buffer) }
        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}

extension HTTPField.Name {
    /// The conversation and the message that a stream of events shows.
    package static let replyID = HTTPField.Name("X-Reply-Id")!
}
