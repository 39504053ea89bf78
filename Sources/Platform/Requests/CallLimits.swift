package import HTTPKit
import HTTPTypes
import HummingbirdCore

/// The limits that hold for whole servers, as the settings tell them.
package struct Rates: Sendable {
    /// Limit of an address without valid credentials.
    package var address: RateLimit
    /// Limit of an address on sign-in routes.
    package var signIn: RateLimit
    /// Limit of a visitor's address, in messages.
    package var visitor: RateLimit
    /// Limit of a visitor's address, in files.
    package var visitorFiles = RateLimit(30, per: .hour)

    package init(
        address: RateLimit = RateLimit(120, per: .minute), signIn: RateLimit = RateLimit(10, per: .minute),
        visitor: RateLimit = RateLimit(20, per: .minute)
    ) {
        self.address = address
        self.signIn = signIn
        self.visitor = visitor
    }
}

extension Call {
    private var subscriber: String { IPAddress.subscriber(remoteAddress) }

    /// Counts a request without credentials against its address.
    package func countAnonymous() async throws {
        switch route.rateClass {
        case .free: return
        case .signIn: try await take(.signIn, subscriber, authenticator.rates.signIn)
        case .turn, .read, .change: try await take(.address, subscriber, authenticator.rates.address)
        }
    }

    /// Counts a request with invalid credentials against its address, too, which limits how often they can be tried.
    package func countRefused() async throws { try await take(.address, subscriber, authenticator.rates.address) }

    /// Before a credential is looked up that this process has not seen: an address that has used up its limit cannot go
    /// on trying.
    package func refuseGuessing() async throws {
        try await take(.address, subscriber, authenticator.rates.address, cost: 0)
    }

    /// One with valid credentials counts against the account; what visitors do counts apart, so that they cannot keep the
    /// owner out.
    package func count(_ identity: Authenticator.Identity) async throws {
        // Counted with valid credentials too: second-factor codes are tried within a session.
        if route.rateClass == .signIn { try await take(.signIn, subscriber, authenticator.rates.signIn) }
        switch identity {
        case .user(let caller): try await count(caller)
        case .key(let holder):
            if holder.key.kind == .secret {
                memory.belongs(to: holder.ownerID)
                try await countAccount(holder.ownerID, holder.limits)
            } else if route.access != .visitor {
                // Such a key is public, so it does not authenticate the caller.
                try await countRefused()
            }
        case .operator(let caller): memory.belongs(to: "operator \(caller.id)")
        }
    }

    /// Counts each address by itself first, so that no address can use up the key's limit. A read costs a tenth.
    package func countVisitor(of holder: KeyHolder) async throws {
        let limit = authenticator.rates.visitor
        let address = "\(holder.key.id) \(subscriber)"
        if request.method == .post {
            try await take(.visitor, "post \(address)", limit)
        } else {
            try await take(.visitor, "read \(address)", RateLimit(limit.count * 10, per: limit.period))
        }
        memory.belongs(to: "visitors of \(holder.ownerID)")
        try await countAccount("visitors of \(holder.ownerID)", holder.limits)
    }

    /// Counts a file of a visitor against the visitor's address, whatever conversation it is for.
    package func countVisitorFile(of holder: KeyHolder) async throws {
        try await take(.visitor, "file \(holder.key.id) \(subscriber)", authenticator.rates.visitorFiles)
    }

    /// Each message on a WebSocket counts as a request does.
    package func count(_ caller: Caller) async throws {
        memory.belongs(to: caller.userID)
        try await countAccount(caller.userID, caller.limits)
    }

    private func countAccount(_ name: String, _ limits: EffectiveLimits) async throws {
        guard let count = limits.requestsPerMinute else { return }
        try await take(.account, name, RateLimit(count, per: .minute))
    }

    /// Whether a key may call this route now; counts the call against the key's own limit.
    package func admit(_ key: APIKey) async throws {
        guard !route.scopes.isDisjoint(with: key.scopes) else {
            throw APIError(
                .keyNotAllowed,
                "This API key lacks the scope '\(route.scopes.map(\.rawValue).sorted().joined(separator: "' or '"))'.")
        }
        if let origin = header(.origin), !key.origins.isEmpty, !key.origins.contains(origin) {
            throw APIError(.originRefused, "This API key may not be used from this website.")
        }
        if let limit = key.rateLimit.flatMap(RateLimit.init) { try await take(.key, key.id, limit) }
    }

    package func take(_ subject: RateSubject, _ name: String, _ limit: RateLimit, cost: Int = 1) async throws {
        let allowance = await authenticator.limiter.take(subject, name, limit, cost: cost)
        limits.record(allowance)
        guard allowance.isAllowed else { throw APIError(limited: allowance) }
    }
}

extension APIError {
    package init(limited allowance: Allowance) {
        self.init(.rateLimited, retryAfter: max(1, allowance.retrySeconds))
        self.allowance = allowance
    }
}
