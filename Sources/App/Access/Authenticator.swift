import Foundation
import HTTPTypes
import Hummingbird
import JWTKit
import Storage
import Synchronization

/// Finds out who is calling. A checked credential is believed for a few seconds without asking the database again;
/// ending a session here forgets it at once, and another instance learns of it when its seconds are over.
final class Authenticator: Sendable {
    static let trust = Duration.seconds(4)
    private static let capacity = 10_000

    private struct Entry: Sendable {
        var caller: Caller
        var checkedAt: ContinuousClock.Instant
        let expiresAt: Timestamp
    }

    private let database: Database
    private let tokens: AccessTokens
    let isHTTPS: Bool
    private let publicOrigin: String?
    private let cache = Mutex<[String: Entry]>([:])

    init(database: Database, tokens: AccessTokens, publicURL: String?) {
        self.database = database
        self.tokens = tokens
        isHTTPS = publicURL?.hasPrefix("https://") ?? false
        publicOrigin = publicURL.map { url in
            url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
        }
    }

    func caller(of call: Call) async throws -> Caller {
        if let authorization = call.header(.authorization) {
            let parts = authorization.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw APIError(.missingCredentials) }
            guard Self.isPlausible(parts[1]) else { throw APIError(.invalidToken) }
            return try await caller(token: String(parts[1]))
        }
        if let cookie = SessionCookie.value(in: call.request, isHTTPS: isHTTPS) {
            guard Self.isPlausible(cookie) else { throw APIError(.invalidToken) }
            let caller = try await caller(cookie: cookie)
            if call.request.method != .get, call.request.method != .head { try refuseForeignOrigin(call) }
            return caller
        }
        throw APIError(.missingCredentials)
    }

    /// Credentials are short ASCII; nothing else is worth hashing.
    private static func isPlausible(_ credential: some StringProtocol) -> Bool {
        credential.utf8.count <= 2048 && credential.utf8.allSatisfy { $0 > 32 && $0 < 127 }
    }

    /// A page of another site can make a browser send the cookie, but not lie about where the request comes from.
    func refuseForeignOrigin(_ call: Call) throws(APIError) {
        if let site = call.header(.secFetchSite) {
            guard site == "same-origin" else { throw APIError(.originRefused) }
            return
        }
        guard let origin = call.header(.origin) else { throw APIError(.originRefused) }
        if let publicOrigin, origin == publicOrigin { return }
        guard let host = call.request.head.authority, origin == "http://\(host)" || origin == "https://\(host)" else {
            throw APIError(.originRefused)
        }
    }

    private func caller(token: String) async throws -> Caller {
        let now = Timestamp.now
        let known = cache.withLock { $0[token] }
        if let known, known.expiresAt > now, known.checkedAt.duration(to: .now) < Self.trust { return known.caller }
        let sessionID: String
        let expiresAt: Timestamp
        if let known, known.expiresAt > now {
            (sessionID, expiresAt) = (known.caller.sessionID, known.expiresAt)
        } else {
            guard let claims = try await tokens.verify(token) else { throw APIError(.invalidToken) }
            sessionID = claims.sid
            expiresAt = Timestamp(milliseconds: Int64(claims.exp.value.timeIntervalSince1970 * 1000))
        }
        guard let live = try await database.read(.system, { tx in try Session.live(tx, id: sessionID, now: now) })
        else {
            forget(credential: token)
            throw APIError(.invalidToken)
        }
        let caller = Caller(
            userID: live.userID, personalWorkspaceID: live.personalWorkspaceID, sessionID: live.sessionID, kind: .token)
        remember(token, caller, until: expiresAt)
        return caller
    }

    private func caller(cookie: String) async throws -> Caller {
        let now = Timestamp.now
        let key = "cookie \(cookie)"
        if let known = cache.withLock({ $0[key] }), known.checkedAt.duration(to: .now) < Self.trust {
            return known.caller
        }
        guard let live = try await database.read(.system, { tx in try Session.live(tx, cookie: cookie, now: now) })
        else {
            forget(credential: key)
            throw APIError(.invalidToken)
        }
        if live.lastUsedAt.adding(.seconds(300)) < now {
            try await database.write(.system) { tx in try Session.touch(tx, id: live.sessionID, now: now) }
        }
        let caller = Caller(
            userID: live.userID, personalWorkspaceID: live.personalWorkspaceID, sessionID: live.sessionID, kind: .cookie
        )
        remember(key, caller, until: now.adding(Session.lifetime))
        return caller
    }

    private func remember(_ credential: String, _ caller: Caller, until expiresAt: Timestamp) {
        cache.withLock { cache in
            // Emptying a full cache costs each caller one look-up; keeping it ordered would cost every request.
            if cache.count >= Self.capacity { cache.removeAll(keepingCapacity: true) }
            cache[credential] = Entry(caller: caller, checkedAt: .now, expiresAt: expiresAt)
        }
    }

    private func forget(credential: String) { cache.withLock { $0[credential] = nil } }

    func forget(sessionID: String) { cache.withLock { $0 = $0.filter { $0.value.caller.sessionID != sessionID } } }

    func forget(userID: String) { cache.withLock { $0 = $0.filter { $0.value.caller.userID != userID } } }
}
