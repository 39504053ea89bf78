import HTTPTypes
import Storage

/// Where entries go, and which refusals are worth one.
struct AuditTrail: Sendable {
    let database: Database
    /// A flood of throttled sign-ins must not fill the disk.
    private let throttled = RateLimiter()

    init(database: Database) { self.database = database }

    func records(_ error: APIError, of record: AuditRecord, from address: String) -> Bool {
        switch error.status.code {
        case 401, 402, 403: record.isSignIn || record.actor != AuditEntry.anonymous
        case 429: record.isSignIn && throttled.take(address, RateLimit(1, per: .minute)).isAllowed
        default: false
        }
    }
}
