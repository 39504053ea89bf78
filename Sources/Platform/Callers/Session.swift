package import HTTPKit
import HTTPTypes
package import Hummingbird

/// One sign-in of a user: a family of refresh tokens, or the console's cookie.
package struct Session: JSONOutput {
    package let id: String
    package let kind: Kind
    package let address: String?
    package let userAgent: String?
    package let createdAt: Timestamp
    package let lastUsedAt: Timestamp
    package let expiresAt: Timestamp
    package let isCurrent: Bool

    package enum Kind: String, Choice { case token, cookie }

    /// Absolute: a session is never prolonged beyond it.
    package static let lifetime = Duration.seconds(30 * 86_400)
    /// Within this time, a repeated rotation is a retry of a lost answer, not theft.
    package static let rotationGrace = Duration.seconds(10)
}

/// The console's cookie. Over HTTPS it carries the `__Host-` prefix, which binds it to this host and to TLS.
package enum SessionCookie {
    package static let plainName = "mynah_session"

    package static func name(isHTTPS: Bool) -> String { isHTTPS ? "__Host-\(plainName)" : plainName }

    /// Nil if it was not sent. The order of cookies says nothing (RFC 6265, 4.2.2), so of two that differ, such as one
    /// that another site of the same domain has set, neither counts.
    package static func value(in request: Request, isHTTPS: Bool) throws(APIError) -> String? {
        let name = name(isHTTPS: isHTTPS)
        var found: Substring?
        for header in request.headers[values: .cookie] {
            for pair in header.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, parts[0].withoutOptionalSpace == name else { continue }
                let value = parts[1].withoutOptionalSpace
                guard found == nil || found == value else {
                    throw APIError(
                        .invalidToken,
                        "The session's cookie was sent twice, with two values. Delete this site's cookies "
                            + "and sign in again.",
                        bengali: "সেশনের কুকি দুটি আলাদা মানসহ দুবার এসেছে। এই সাইটের কুকি মুছে আবার সাইন ইন করুন।")
                }
                found = value
            }
        }
        return found.map(String.init)
    }

    package static func header(_ value: String, isHTTPS: Bool) -> String {
        let age = value.isEmpty ? 0 : Session.lifetime.components.seconds
        return "\(name(isHTTPS: isHTTPS))=\(value); Path=/; Max-Age=\(age); HttpOnly; SameSite=Lax"
            + (isHTTPS ? "; Secure" : "")
    }
}

extension Session {
    /// For so long after the sign-in, the most delicate things need no password.
    private static let freshness = Duration.seconds(3600)

    package static func isFresh(since signedInAt: Timestamp) -> Bool { signedInAt.adding(freshness) > .now }
}
