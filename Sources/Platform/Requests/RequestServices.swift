package import HTTPKit
package import Hummingbird
package import JSON
import NIOCore
import Storage
import Synchronization

/// What is done around each call: the caller is looked up, a change leaves its audit entry, and a repetition under the same
/// `Idempotency-Key` gets the first answer.
package final class RequestServices: CallServices {
    /// The same for all calls of a server.
    package struct Shared: Sendable {
        package let authenticator: Authenticator
        package let idempotency: Idempotency
        package let trail: AuditTrail
        package let languages: UserLanguages

        package init(
            authenticator: Authenticator, idempotency: Idempotency, trail: AuditTrail, languages: UserLanguages
        ) {
            self.authenticator = authenticator
            self.idempotency = idempotency
            self.trail = trail
            self.languages = languages
        }
    }

    package let shared: Shared
    /// Nil if the call leaves no entry.
    package let record: AuditRecord?
    /// The fingerprint of a body that has been released.
    private let fingerprint = Mutex<[UInt8]?>(nil)

    package init(_ shared: Shared, _ route: Route, _ context: AppContext) {
        self.shared = shared
        record =
            route.isAudited
            ? AuditRecord(
                action: route.action, isSignIn: route.isSignIn, isOwn: route.isOwn,
                target: AuditEntry.target(route.parameters, context.parameters), address: context.remoteAddress,
                requestID: context.requestID) : nil
    }

    package func handle(_ call: Call, _ work: () async throws -> Response) async throws -> Response {
        try await call.recorded(work)
    }

    package func identified(_ call: Call, as who: any Context) { call.audit(actor: who.principal) }

    package func received(_ call: Call, _ input: JSONValue, _ schema: Schema, body: ByteBuffer?) throws {
        call.audit(fields: input, of: schema)
        guard let body, call.isIdempotent else { return }
        let fingerprint = try shared.idempotency.fingerprint(of: call, body: body)
        self.fingerprint.withLock { $0 = fingerprint }
    }

    package func perform(
        _ call: Call, for who: any Context, _ work: @Sendable () async throws -> Response
    ) async throws -> Response {
        guard call.isIdempotent, who.ownsIdempotencyKeys, let key = call.header(.idempotencyKey) else {
            return try await call.changing(work)
        }
        let fingerprint: [UInt8] =
            if let known = self.fingerprint.withLock({ $0 }) { known } else {
                try shared.idempotency.fingerprint(of: call, body: try await call.body())
            }
        return try await shared.idempotency.run(key: key, who, fingerprint: fingerprint) {
            try await call.changing(work)
        }
    }
}

extension Call {
    /// Every call of this server is made with these.
    private var own: RequestServices { services as! RequestServices }

    package var authenticator: Authenticator { own.shared.authenticator }
    package var trail: AuditTrail { own.shared.trail }
    package var languages: UserLanguages { own.shared.languages }
    /// Nil if the call leaves no audit entry.
    package var record: AuditRecord? { own.record }

    fileprivate var isIdempotent: Bool { request.method == .post && header(.idempotencyKey) != nil }
}
