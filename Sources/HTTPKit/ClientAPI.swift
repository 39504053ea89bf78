import HTTPTypes
import Hummingbird

/// An API of others that is served under `/v1`. Libraries act on its statuses, codes and words.
package enum ClientAPI: Sendable {
    case openAI, anthropic

    /// Nil for Mynah's own routes.
    init?(_ request: Request) {
        guard UserLanguage.isEnglishOnly(request.uri.path) else { return nil }
        let isAnthropic =
            Self.path(request).hasPrefix("/v1/messages") || request.headers[Self.anthropicVersion] != nil
        self = isAnthropic ? .anthropic : .openAI
    }

    private static let anthropicVersion = HTTPField.Name("anthropic-version")!

    fileprivate static func path(_ request: Request) -> Substring {
        let path = request.uri.path
        return path.hasPrefix("/openai/") ? path.dropFirst("/openai".count) : path[...]
    }

    /// What a request asks for if no route has its address, such as `POST /v1/audio/speech`. Short and plain, as it is sent
    /// back.
    fileprivate static func asked(_ request: Request) -> String {
        let plain = path(request).unicodeScalars.prefix(80).filter { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || "/_-.0123456789".unicodeScalars.contains(scalar))
        }
        return "\(request.method.rawValue.prefix(10)) \(String(String.UnicodeScalarView(plain)))"
    }
}

extension APIError.Code {
    /// OpenAI and Anthropic answer 400 to whatever is wrong with a request's fields, and SDKs try none of these again.
    fileprivate var isOfRequest: Bool { status.code == 422 || self == .providerRefused }

    var clientStatus: HTTPResponse.Status { isOfRequest ? .badRequest : status }
}

extension APIError {
    package var type: String { Code.type(of: status) }

    package var publicCode: String {
        guard api != nil else { return code.rawValue }
        if code == .messageTooLong { return "context_length_exceeded" }
        return vendorCode ?? code.rawValue
    }

    /// The same in the words of an API.
    package func told(by api: ClientAPI) -> APIError {
        var error = self
        if self.api == nil, code == .messageTooLong {
            // Libraries look for these words.
            let words =
                api == .anthropic
                ? "prompt is too long: " : "This model's maximum context length is exceeded. "
            error = replacing(message: words + message)
        }
        error.api = api
        return error
    }

    /// The same in the words of the API that a request is for; unchanged for Mynah's own.
    func told(to request: Request, isRoute: Bool) -> APIError {
        guard let api = ClientAPI(request) else { return self }
        guard code == .notFound, !isRoute else { return told(by: api) }
        return replacing(
            message: "This server does not offer '\(ClientAPI.asked(request))'. It offers /v1/chat/completions, "
                + "/v1/responses, /v1/completions, /v1/messages, /v1/messages/count_tokens, /v1/embeddings, /v1/models and "
                + "/v1/files."
        ).told(by: api)
    }

    private func replacing(message: String) -> APIError {
        var error = APIError(code, message, param: param, retryAfter: retryAfter, cause: cause)
        error.allow = allow
        error.allowance = allowance
        error.language = language
        error.vendorCode = vendorCode
        return error
    }
}
