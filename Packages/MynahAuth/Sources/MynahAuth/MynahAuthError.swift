import Foundation
public import HTTPTypes
public import Hummingbird
import NIOCore

/// A refusal, which Hummingbird sends as the response: Mynah's own response if it was asked, or one in the same form.
public struct MynahAuthError: HTTPResponseError, Sendable, Equatable {
    /// 401, 403, 429, or 503 if Mynah is unavailable.
    public let status: HTTPResponse.Status
    /// Seconds after which to retry; nil if a retry makes no sense.
    public let retryAfter: Int?
    /// Mynah's error body: `{"error": {"code": …, "message": …}}`.
    public let body: String

    init(status: HTTPResponse.Status, retryAfter: Int?, body: String) {
        self.status = status
        self.retryAfter = retryAfter
        self.body = body
    }

    private init(_ status: HTTPResponse.Status, _ code: String, _ type: String, _ message: String, after: Int? = nil) {
        self.init(
            status: status, retryAfter: after,
            body: #"{"error":{"code":"\#(code)","type":"\#(type)","message":"\#(message)","param":null}}"#)
    }

    static let missingCredentials = Self(
        .unauthorized, "missing_credentials", "authentication_error",
        "Send 'Authorization: Bearer <access token or API key>' or 'X-API-Key'.")
    static let invalidToken = Self(
        .unauthorized, "invalid_token", "authentication_error",
        "The token is not valid or has expired. Sign in again.")
    static let invalidKey = Self(
        .unauthorized, "invalid_api_key", "authentication_error", "This API key is not valid.")
    static let roleRefused = Self(.forbidden, "forbidden", "permission_error", "You are not allowed to do this.")
    static let away = Self(
        .serviceUnavailable, "auth_unavailable", "api_error",
        "Credentials cannot be checked at the moment. Try again soon.", after: 5)

    static func lacks(_ scope: String) -> Self {
        Self(.forbidden, "key_not_allowed", "permission_error", "This API key lacks the scope '\(scope)'.")
    }

    /// The response, with `WWW-Authenticate` for a 401, and `Retry-After` if a retry makes sense.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        var headers: HTTPFields = [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"]
        if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
        headers[.retryAfter] = retryAfter.map(String.init)
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: body)))
    }
}
