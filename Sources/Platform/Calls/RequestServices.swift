import HTTPKit
import Hummingbird
import JSON
import NIOCore
import Storage
import Synchronization

/// What is done around each call: the caller is looked up, a change leaves its audit entry, and a repetition under the same
/// `Idempotency-Key` gets the first answer.
final class RequestServices: CallServices {
    /// The same for all calls of a server.
    struct Shared: Sendable {
        let authenticator: Authenticator
        let idempotency: Idempotency
        let trail: AuditTrail
        let languages: UserLanguages
    }

    let shared: Shared
    /// Nil if the call leaves no entry.
    let record: AuditRecord?
    /// The fingerprint of a body that has been released.
    private let fingerprint = Mutex<[UInt8]?>(nil)

    init(_ shared: Shared, _ route: Route, _ context: AppContext) {
        self.shared = shared
        record =
            route.isAudited
            ? AuditRecord(
                action: route.action, isSignIn: route.isSignIn, isOwn: route.isOwn,
                target: AuditEntry.target(route.parameters, context.parameters), address: context.remoteAddress,
                requestID: context.requestID) : nil
    }

    func handle(_ call: Call, _ work: () async throws -> Response) async throws -> Response {
        try await call.recorded(work)
    }

    func identified(_ call: Call, as who: any Context) { call.audit(actor: who.principal) }

    func received(_ call: Call, _ input: JSONValue, _ schema: Schema, body: ByteBuffer?) throws {
        call.audit(fields: input, of: schema)
        guard let body, call.isIdempotent else { return }
        let fingerprint = try shared.idempotency.fingerprint(of: call, body: body)
        self.fingerprint.withLock { $0 = fingerprint }
    }

    func perform(
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

    var authenticator: Authenticator { own.shared.authenticator }
    var trail: AuditTrail { own.shared.trail }
    var languages: UserLanguages { own.shared.languages }
    /// Nil if the call leaves no audit entry.
    var record: AuditRecord? { own.record }

    fileprivate var isIdempotent: Bool { request.method == .post && header(.idempotencyKey) != nil }
}
