package import HTTPTypes
import Hummingbird
import JSON
import NIOCore

/// An error of an OAuth 2.0 endpoint as libraries read it (RFC 6749, section 5.2), with the usual error beside it.
struct OAuthErrorBody: Codable {
    let error: Name
    let errorDescription: String
    let mynah: ErrorBody.Detail

    /// The last three are defined for the authorization endpoint only; libraries know them at every endpoint.
    enum Name: String, Choice {
        case invalidRequest = "invalid_request"
        case invalidGrant = "invalid_grant"
        case unsupportedGrantType = "unsupported_grant_type"
        case accessDenied = "access_denied"
        case temporarilyUnavailable = "temporarily_unavailable"
        case serverError = "server_error"
    }

    init(_ error: APIError, requestID: String) {
        self.error = Name(error)
        errorDescription = Self.described(error.message)
        mynah = ErrorBody(error, requestID: requestID).error
    }

    /// Always English: `error_description` allows ASCII without the quotation mark and the backslash.
    static func described(_ message: String) -> String {
        String(
            String.UnicodeScalarView(
                message.unicodeScalars.map { (32...126).contains($0.value) && $0 != "\"" && $0 != "\\" ? $0 : "?" }))
    }

    static func response(_ error: APIError, requestID: String) -> Response {
        let body = OAuthErrorBody(error, requestID: requestID)
        var headers = error.headers
        headers[.cacheControl] = "no-store"
        headers[.pragma] = "no-cache"
        return Response(
            status: status(of: error), headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: (try? JSONWriter.encode(body)) ?? [])))
    }

    /// 400 for what the standard defines itself, otherwise the usual one.
    static func status(of error: APIError) -> HTTPResponse.Status {
        [.invalidRequest, .invalidGrant, .unsupportedGrantType].contains(Name(error)) ? .badRequest : error.status
    }
}

extension OAuthErrorBody.Name {
    init(_ error: APIError) {
        self =
            switch error.code {
            case .invalidValue where error.param == "grant_type": .unsupportedGrantType
            case .invalidCredentials, .mfaRequired, .invalidCode, .invalidToken, .tokenReused: .invalidGrant
            case .addressRefused: .accessDenied
            default:
                switch error.status.code {
                case 429, 503: .temporarilyUnavailable
                case 500...: .serverError
                default: .invalidRequest
                }
            }
    }
}

extension HTTPField.Name {
    package static let pragma = HTTPField.Name("Pragma")!
}
