import HTTPTypes
import Hummingbird

/// One place where a user is signed in: a family of refresh tokens, or the console's cookie.
struct Session: JSONOutput {
    let id: String
    let kind: Kind
    let address: String?
    let userAgent: String?
    let createdAt: Timestamp
    let lastUsedAt: Timestamp
    let expiresAt: Timestamp
    let isCurrent: Bool

    enum Kind: String, Choice { case token, cookie }

    /// Absolute: a session is never prolonged beyond it.
    static let lifetime = Duration.seconds(30 * 86_400)
    /// Within this time, a repeated rotation is a retry of a lost answer, not theft.
    static let rotationGrace = Duration.seconds(10)
}

/// The console's cookie. Over HTTPS it carries the `__Host-` prefix, which binds it to this host and to TLS.
enum SessionCookie {
    static let plainName = "mynah_session"

    static func name(isHTTPS: Bool) -> String { isHTTPS ? "__Host-\(plainName)" : plainName }

    static func value(in request: Request, isHTTPS: Bool) -> String? {
        request.cookies[name(isHTTPS: isHTTPS)]?.value
    }

    static func header(_ value: String, isHTTPS: Bool) -> String {
        let age = value.isEmpty ? 0 : Session.lifetime.components.seconds
        return "\(name(isHTTPS: isHTTPS))=\(value); Path=/; Max-Age=\(age); HttpOnly; SameSite=Lax"
            + (isHTTPS ? "; Secure" : "")
    }
}
