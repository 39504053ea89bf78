import JSON
import NIOCore
import NIOHTTP1
import Upstream

extension ProviderError {
    init(_ error: UpstreamError) {
        let kind: Kind =
            switch error.kind {
            case .timeout: .timeout
            case .unavailable, .unreadable: .unavailable
            case .notAllowed: .misconfigured
            }
        self.init(
            kind, retryable: error.isRetryable, origin: error.isConnecting ? .connection : .call, detail: error.detail)
    }

    /// An answer with a status other than 200.
    static func http(status: Int, headers: HTTPHeaders?, body: [UInt8] = []) -> ProviderError {
        var value: JSONValue?
        var isTorn = false
        if case .object(let object)? = try? body.withUnsafeBytes({ try JSONValue(repairing: $0, isTorn: &isTorn) }) {
            value = object["error"] ?? .object(object)
        }
        return VendorError(value, status: status).providerError(
            retryAfter: headers?.first(name: "Retry-After").flatMap { RetryAfter.parse($0) }
        )
    }

    /// An event of a stream that the vendor calls an error.
    static func event(_ data: [UInt8]) -> ProviderError {
        var isTorn = false
        let value = try? data.withUnsafeBytes { try JSONValue(repairing: $0, isTorn: &isTorn) }
        return vendor(value?["error"] ?? value ?? .string(String(decoding: data, as: UTF8.self)))
    }

    /// The error for an `error` object sent instead of an answer.
    static func vendor(_ value: JSONValue) -> ProviderError {
        VendorError(value, status: nil).providerError(retryAfter: nil)
    }
}

/// The parts of a vendor's error that tell its kind. Its message may quote the key or the prompt: it is only looked at.
private struct VendorError {
    private let status: Int?
    private let tokens: [String]
    private let message: String
    private var param: String?
    private var code: String?

    init(_ value: JSONValue?, status: Int?) {
        var code: Int?
        var tokens: [String] = []
        var message = ""
        if case .string(let text)? = value { message = text }
        if case .object(let error)? = value {
            switch error["code"] {
            case .int(let number): code = Int(exactly: number)
            case .string(let text): Int(text).map { code = $0 } ?? tokens.append(text.lowercased())
            default: break
            }
            for key in ["type", "status"] {
                if case .string(let text)? = error[key] { tokens.append(text.lowercased()) }
            }
            if case .string(let text)? = error["message"] { message = text }
            param = error["param"]?.string.flatMap(Self.place)
            self.code = error["code"]?.string.flatMap(Self.place)
        }
        self.status = status ?? code
        self.tokens = tokens
        self.message = message.lowercased()
    }

    func providerError(retryAfter: Duration?) -> ProviderError {
        let kind = kind
        var error = ProviderError(
            kind,
            retryable: tokens.contains("insufficient_quota") ? false : nil,
            retryAfter: kind == .loading ? retryAfter ?? .seconds(2) : retryAfter,
            origin: origin(kind),
            detail: detail
        )
        if [.refused, .contextTooLong, .notFound].contains(kind) {
            error.param = param
            error.vendorCode = code
        }
        return error
    }

    /// The path of a field, or the name of an error; nil if the text is neither.
    private static func place(_ text: String) -> String? {
        let isPlain = text.unicodeScalars.allSatisfy { $0.isTokenCharacter || $0 == "[" || $0 == "]" }
        return isPlain && (1...200).contains(text.unicodeScalars.count) ? text : nil
    }

    private func origin(_ kind: ProviderError.Kind) -> ProviderError.Origin {
        guard kind == .misconfigured else { return .call }
        switch status {
        // Proxies such as LiteLLM answer 401 for a model that the key does not include.
        case 401: return any(["model"]) ? .permission : .credentials
        case 403: return .permission
        case nil: return any(["authentication", "invalid_api_key"]) ? .credentials : .call
        default: return .call
        }
    }

    private var detail: String {
        let words = tokens.map { token in
            String(String.UnicodeScalarView(token.unicodeScalars.prefix(64).filter { $0.isTokenCharacter }))
        }
        return ([status.map { "status \($0)" }].compactMap(\.self) + words).joined(separator: " ")
    }

    private var kind: ProviderError.Kind {
        if any(["context_length_exceeded", "exceed_context_size_error"]) { return .contextTooLong }
        if any(["content_filter", "content_policy", "moderation", "responsibleaipolicyviolation"]) { return .refused }
        if any(["rate_limit", "insufficient_quota", "too_many_requests"]) { return .rateLimited }
        guard let status else { return kindByName }
        switch status {
        case 400, 413, 422:
            if message.contains("credit balance") { return .misconfigured }
            return isAboutContext ? .contextTooLong : .refused
        case 408: return .timeout
        case 429: return .rateLimited
        case 503 where message.contains("loading model"): return .loading
        case 500... where isAboutInput: return .refused
        case 500...: return .unavailable
        case 404 where isAboutModel: return .notFound
        case 300..<405: return .misconfigured
        case 405..<500: return .refused
        default: return kindByName
        }
    }

    /// Within a stream there is no status to go by.
    private var kindByName: ProviderError.Kind {
        if any(["not_found"]), isAboutModel { return .notFound }
        if any(["authentication", "permission", "invalid_api_key", "not_found", "billing"]) { return .misconfigured }
        if any(["timeout"]) { return .timeout }
        if any(["invalid_request", "request_too_large"]) { return isAboutContext ? .contextTooLong : .refused }
        return .unavailable
    }

    /// An address that is not there answers 404 as well, and is the operator's to mend.
    private var isAboutModel: Bool {
        any(["model_not_found", "model_not_exist"]) || message.contains("model")
    }

    private var isAboutContext: Bool {
        ["context length", "context window", "context size", "context limit", "too many tokens", "prompt is too long"]
            .contains { message.contains($0) }
    }

    /// llama.cpp answers 500 to a request that its model cannot take: no fault of the server's, and no use in a retry.
    private var isAboutInput: Bool {
        [
            "input is not supported", "unsupported tool", "failed to parse tools", "unsupported content",
            "does not support image", "failed to parse grammar", "failed to initialize samplers",
        ].contains { message.contains($0) }
    }

    private func any(_ names: [String]) -> Bool {
        tokens.contains { token in names.contains { token.contains($0) } }
    }
}

extension Unicode.Scalar {
    fileprivate var isTokenCharacter: Bool {
        switch self {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-", ".": true
        default: false
        }
    }
}
