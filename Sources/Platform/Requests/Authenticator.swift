import Foundation
package import HTTPKit
package import HTTPTypes
import Hummingbird
import JWTKit
import Spans
package import Storage
import Synchronization

/// Finds out who is calling. A checked credential is believed for a few seconds without asking the database again.
/// Ending a session here forgets it at once; another instance hears of it through Redis, or learns of it when its seconds
/// are over.
package final class Authenticator: Sendable {
    package static let trust = Duration.seconds(4)
    private static let capacity = 10_000

    /// Who a credential stands for.
    package enum Identity: Sendable {
        case user(Caller)
        case key(KeyHolder)
        case `operator`(OperatorCaller)

        /// As the audit trail names it.
        package var actor: String {
            switch self {
            case .user(let caller): "user:\(caller.userID)"
            case .key(let holder): "key:\(holder.key.id)"
            case .operator(let caller): "operator:\(caller.id)"
            }
        }
        fileprivate var userID: String? { if case .user(let caller) = self { caller.userID } else { nil } }
        fileprivate var operatorID: String? { if case .operator(let caller) = self { caller.id } else { nil } }
        fileprivate var sessionID: String? {
            switch self {
            case .user(let caller): caller.sessionID
            case .operator(let caller): caller.sessionID
            case .key: nil
            }
        }
        package var key: APIKey? {
            switch self {
            case .key(let holder): holder.key
            case .user(let caller): if case .key(let key) = caller.credential { key } else { nil }
            case .operator: nil
            }
        }

        fileprivate func isConcerned(by change: Invalidation) -> Bool {
            switch change.kind {
            case .session: sessionID == change.id
            case .user: userID == change.id
            case .operator: operatorID == change.id
            case .key: key?.id == change.id
            case .chatbotKeys: key?.chatbotID == change.id
            case .workspaceKeys: if case .key(let holder) = self { holder.workspaceID == change.id } else { false }
            case .chatbot: false
            }
        }
    }

    private struct Entry: Sendable {
        var identity: Identity
        var checkedAt: ContinuousClock.Instant
        /// Nil: never.
        let expiresAt: Timestamp?

        func isBelieved(_ now: Timestamp) -> Bool {
            (expiresAt.map { $0 > now } ?? true) && checkedAt.duration(to: .now) < Authenticator.trust
        }
    }

    private let database: Database
    private let tokens: AccessTokens
    package let limiter: SharedRateLimiter
    package let rates: Rates
    package let isHTTPS: Bool
    private let publicOrigin: String?
    private let invalidations: InvalidationFeed
    private struct Cache {
        var entries: [String: Entry] = [:]
        /// Rises whenever something is forgotten: what was looked up before that is not remembered after it.
        var generation = 0
        /// Rightly signed tokens whose session has ended, and when that was found: asking for each call would let anyone
        /// who has one read the database without end.
        var over: [String: ContinuousClock.Instant] = [:]

        func isOver(_ token: String) -> Bool {
            over[token].map { $0.duration(to: .now) < Authenticator.trust } ?? false
        }
    }

    private let cache = Mutex(Cache())

    package init(
        database: Database, tokens: AccessTokens, publicURL: String?, limiter: SharedRateLimiter, rates: Rates,
        invalidations: InvalidationFeed
    ) {
        self.invalidations = invalidations
        self.limiter = limiter
        self.rates = rates
        self.database = database
        self.tokens = tokens
        isHTTPS = publicURL?.hasPrefix("https://") ?? false
        publicOrigin = publicURL.map { url in
            url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
        }
        invalidations.onInvalidation { [weak self] change in self?.apply(change) }
    }

    /// Whose credential the request carries; counts the request. The console's cookie is for the console's own routes only,
    /// and an operator's token for the operators'.
    package func identity(
        of call: Call, acceptsCookie: Bool = true, acceptsOperators: Bool = false
    ) async throws -> Identity {
        let identity: Identity
        do {
            identity = try await traced(.authenticate) { _ in
                try await check(call, acceptsCookie: acceptsCookie, acceptsOperators: acceptsOperators)
            }
        } catch let error as APIError where error.status == .unauthorized {
            try await call.countRefused()
            throw error
        }
        call.audit(actor: identity.actor)
        if let id = identity.userID { call.record(userID: id) }
        try await traced(.limit) { _ in try await call.count(identity) }
        return identity
    }

    private func check(_ call: Call, acceptsCookie: Bool, acceptsOperators: Bool) async throws -> Identity {
        if let key = call.header(.apiKey) {
            guard Self.isPlausible(key) else { throw APIError(.invalidAPIKey) }
            return try await identity(key: key, call)
        }
        if let authorization = call.header(.authorization) {
            guard let given = BearerToken.credential(in: authorization) else { throw APIError(.missingCredentials) }
            guard Self.isPlausible(given) else { throw APIError(.invalidToken) }
            let credential = String(given)
            // A token has three parts; no key has.
            if Self.dots(credential) == 2 {
                let identity = try await identity(token: credential, call)
                if case .operator = identity, !acceptsOperators { throw APIError(.invalidToken) }
                return identity
            }
            return try await identity(key: credential, call)
        }
        if acceptsCookie, let cookie = try SessionCookie.value(in: call.request, isHTTPS: isHTTPS) {
            guard Self.isPlausible(cookie) else { throw APIError(.invalidToken) }
            let caller = try await caller(cookie: cookie, call)
            if call.request.method != .get, call.request.method != .head { try refuseForeignOrigin(call) }
            return .user(caller)
        }
        throw APIError(.missingCredentials)
    }

    private static func dots(_ credential: String) -> Int {
        var credential = credential
        return credential.withUTF8 { bytes in bytes.count { $0 == UInt8(ascii: ".") } }
    }

    /// Credentials are short ASCII; nothing else is worth hashing.
    private static func isPlausible(_ credential: some StringProtocol) -> Bool {
        func isPlain(_ bytes: some Collection<UInt8>) -> Bool { bytes.allSatisfy { $0 > 32 && $0 < 127 } }
        return credential.utf8.count <= 2048
            && (credential.utf8.withContiguousStorageIfAvailable(isPlain) ?? isPlain(credential.utf8))
    }

    /// Refuses requests from pages of other sites (CSRF). Such a page can make the browser send the cookie, but cannot
    /// forge these headers.
    package func refuseForeignOrigin(_ call: Call) throws(APIError) {
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

    private func identity(token: String, _ call: Call) async throws -> Identity {
        let now = Timestamp.now
        let (known, generation, isOver) = cache.withLock { ($0.entries[token], $0.generation, $0.isOver(token)) }
        if isOver { throw APIError(.invalidToken) }
        if let known, known.isBelieved(now) { return known.identity }
        let sessionID: String
        let isOperator: Bool
        let expiresAt: Timestamp
        if let known, let id = known.identity.sessionID, let expiry = known.expiresAt, expiry > now {
            (sessionID, isOperator, expiresAt) = (id, known.identity.operatorID != nil, expiry)
        } else {
            // A token with an unknown key id makes the server reload its keys, so it counts as a guess.
            let claims = try await tokens.verify(token) { try await call.refuseGuessing() }
            guard let claims else { throw APIError(.invalidToken) }
            sessionID = claims.sid
            isOperator = claims.realm == .operators
            expiresAt = Timestamp(claims.exp.value)
        }
        guard let identity = try await live(sessionID: sessionID, isOperator: isOperator, now: now) else {
            forgetForNow(token, since: generation)
            throw APIError(.invalidToken)
        }
        remember(token, identity, until: expiresAt, since: generation)
        return identity
    }

    private func live(sessionID: String, isOperator: Bool, now: Timestamp) async throws -> Identity? {
        guard isOperator else {
            return try await database.read(.system) { tx in try Session.live(tx, id: sessionID, now: now) }
                .map { .user($0.caller(.token)) }
        }
        let live = try await database.read(.system) { tx in try OperatorSession.live(tx, id: sessionID, now: now) }
        if live?.isDue == true {
            try? await TransactionHook.$current.withValue(nil) {
                try await database.write(.system) { tx in try OperatorSession.touch(tx, id: sessionID, now: now) }
            }
        }
        return live.map { .operator($0.caller) }
    }

    private func caller(cookie: String, _ call: Call) async throws -> Caller {
        let now = Timestamp.now
        let name = "cookie \(cookie)"
        let (known, generation) = cache.withLock { ($0.entries[name], $0.generation) }
        if let known, known.isBelieved(now), case .user(let caller) = known.identity { return caller }
        if known == nil { try await call.refuseGuessing() }
        guard let live = try await database.read(.system, { tx in try Session.live(tx, cookie: cookie, now: now) })
        else {
            forget(credential: name)
            throw APIError(.invalidToken)
        }
        if live.lastUsedAt.adding(.seconds(300)) < now {
            // If the database cannot be written, for example because the disk is full, reading still works.
            try? await TransactionHook.$current.withValue(nil) {
                try await database.write(.system) { tx in try Session.touch(tx, id: live.sessionID, now: now) }
            }
        }
        let caller = live.caller(.cookie)
        remember(name, .user(caller), until: now.adding(Session.lifetime), since: generation)
        return caller
    }

    private func identity(key text: String, _ call: Call) async throws -> Identity {
        let now = Timestamp.now
        let name = "key \(text)"
        let (known, generation) = cache.withLock { ($0.entries[name], $0.generation) }
        if let known, known.isBelieved(now) { return known.identity }
        if known == nil { try await call.refuseGuessing() }
        guard let live = try await database.read(.system, { tx in try APIKey.live(tx, text: text, now: now) }) else {
            forget(credential: name)
            throw APIError(.invalidAPIKey)
        }
        let key = live.key
        switch key.state {
        case .revoked: throw APIError(.keyRevoked)
        case .expired: throw APIError(.keyExpired)
        case .active: break
        }
        if let until = live.replacedUntil, until <= now {
            throw APIError(.keyRevoked, "This API key was replaced by a new one, and its time is over.")
        }
        if key.lastUsedAt.map({ $0.adding(.seconds(60)) < now }) ?? true {
            try? await TransactionHook.$current.withValue(nil) {
                try await database.write(.system) { tx in try APIKey.touch(tx, id: key.id, now: now) }
            }
        }
        let identity: Identity =
            switch live.holder {
            case .user(let id, let workspaceID):
                .user(
                    Caller(
                        userID: id, personalWorkspaceID: workspaceID, limits: live.limits, credential: .key(key)))
            case .chatbot(let workspaceID, let ownerID, let creatorID):
                .key(
                    KeyHolder(
                        key: key, workspaceID: workspaceID, chatbotID: key.chatbotID ?? "", ownerID: ownerID,
                        limits: live.limits, creatorID: creatorID))
            }
        remember(
            name, identity, until: [key.expiresAt, live.replacedUntil].compactMap(\.self).min(), since: generation)
        return identity
    }

    private func remember(
        _ credential: String, _ identity: Identity, until expiresAt: Timestamp?, since generation: Int
    ) {
        cache.withLock { cache in
            // It may have been revoked while it was looked up.
            guard cache.generation == generation else { return }
            // Emptying a full cache costs each caller one look-up; keeping it ordered would cost every request.
            if cache.entries.count >= Self.capacity { cache.entries.removeAll(keepingCapacity: true) }
            cache.entries[credential] = Entry(identity: identity, checkedAt: .now, expiresAt: expiresAt)
        }
    }

    private func forget(credential: String) { cache.withLock { $0.entries[credential] = nil } }

    private func forgetForNow(_ token: String, since generation: Int) {
        cache.withLock { cache in
            cache.entries[token] = nil
            guard cache.generation == generation else { return }
            if cache.over.count >= Self.capacity { cache.over.removeAll(keepingCapacity: true) }
            cache.over[token] = .now
        }
    }

    package func forget(sessionID: String) { invalidations.tell(Invalidation(.session, sessionID)) }

    package func forget(keyID: String) { invalidations.tell(Invalidation(.key, keyID)) }

    /// The keys of a chatbot that is gone.
    package func forget(chatbotID: String) { invalidations.tell(Invalidation(.chatbotKeys, chatbotID)) }

    /// The keys of all chatbots of a workspace that is gone.
    package func forget(workspaceID: String) { invalidations.tell(Invalidation(.workspaceKeys, workspaceID)) }

    package func forget(operatorID: String) { invalidations.tell(Invalidation(.operator, operatorID)) }

    /// Forgets the user's sessions and own keys, and looks up the keys of chatbots again.
    package func forget(userID: String) { invalidations.tell(Invalidation(.user, userID)) }

    private func apply(_ change: Invalidation) {
        guard change.kind != .chatbot else { return }
        cache.withLock { cache in
            cache.generation += 1
            cache.over = [:]
            cache.entries = cache.entries.filter { !$0.value.identity.isConcerned(by: change) }
        }
        if change.kind == .user { doubtKeysOfChatbots() }
    }

    /// Whether a credential that the change concerns is in the cache.
    func remembers(_ change: Invalidation) -> Bool {
        cache.withLock { cache in cache.entries.values.contains { $0.identity.isConcerned(by: change) } }
    }

    /// Keys of chatbots depend on the workspace's owner, so all of them are looked up again. They stay in the cache:
    /// unknown keys would be refused if other clients at the same address have made too many guesses.
    private func doubtKeysOfChatbots() {
        cache.withLock { cache in
            for (name, entry) in cache.entries {
                if case .key = entry.identity { cache.entries[name]?.checkedAt = .now - Self.trust }
            }
        }
    }
}

extension HTTPField.Name {
    package static let apiKey = HTTPField.Name("X-API-Key")!
}
