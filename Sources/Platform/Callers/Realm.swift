package import HTTPKit

/// A class of accounts. Users and operators have separate accounts, sessions and tokens, and credentials of one realm
/// are not valid in another. Admins and staff share all of these, but sign in at separate routes.
package enum Realm: Sendable {
    case users, admins, staff

    package init(_ role: OperatorRole) { self = role == .admin ? .admins : .staff }

    /// The audience of access tokens.
    package var audience: String { self == .users ? "mynah" : Self.operatorAudience }
    package static let operatorAudience = "mynah-operators"

    package var accounts: String { self == .users ? "users" : "operators" }
    package var sessions: String { self == .users ? "sessions" : "operator_sessions" }
    package var refreshTokens: String { self == .users ? "refresh_tokens" : "operator_refresh_tokens" }
    /// The column by which other tables name an account.
    package var accountColumn: String { self == .users ? "user_id" : "operator_id" }

    /// Over the accounts as `a`: those that may act here.
    package var mayAct: String {
        switch self {
        case .users: "a.disabled_at IS NULL AND a.deleted_at IS NULL"
        case .admins: "a.disabled_at IS NULL AND a.role = 'admin'"
        case .staff: "a.disabled_at IS NULL AND a.role = 'staff'"
        }
    }

    /// Those whose e-mail address has not been confirmed.
    package var isUnverified: String {
        self == .users ? "a.email IS NOT NULL AND a.email_verified_at IS NULL" : "1 = 0"
    }

    /// After so long without use a session is over; nil: never.
    package var idle: Duration? { self == .users ? nil : OperatorSession.idle }
}
