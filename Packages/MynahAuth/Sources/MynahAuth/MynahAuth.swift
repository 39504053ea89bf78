public import AsyncHTTPClient
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1

/// Finds out from a Mynah who is calling, and remembers it for a while. One for a whole application.
///
/// An access token of a user is verified here, by the keys that Mynah publishes; API keys, and tokens of operators, are
/// asked about at Mynah's `GET /auth/verify`. While Mynah does not answer, tokens work on as long as their signing key
/// is known, and keys as long as ``Options/staleFor`` says; anything else is refused with 503 and `Retry-After`.
public final class MynahAuth: Sendable {
    /// How long answers are believed, and what is checked.
    public struct Options: Sendable {
        /// Who signs the tokens: Mynah's `PUBLIC_URL`. Mynah's address if it is nil. `mynah` accepts whatever address Mynah
        /// signs with, for servers without `PUBLIC_URL`.
        public var issuer: String?
        /// Whether Mynah is asked about users' tokens, too, so that ended sessions and disabled users are refused
        /// within ``acceptedFor``. Without it, a token is good until it expires: 15 minutes at most by default.
        public var checksRevocation = false
        /// How long an answer is believed without asking again. A key's own rate limit counts what Mynah is asked.
        public var acceptedFor = Duration.seconds(5)
        /// The same for a refusal.
        public var refusedFor = Duration.seconds(1)
        /// How old an answer may be that is still believed while Mynah is away.
        public var staleFor = Duration.seconds(60)
        /// How many answers are remembered, and as many refusals.
        public var capacity = 10_000
        /// Whether to send the client's address to Mynah in `X-Forwarded-For`, if it is known. If Mynah's
        /// `TRUSTED_PROXIES` includes the application, Mynah limits wrong guesses for each client separately.
        public var forwardsClientAddress = true
        /// How long Mynah may take to answer.
        public var timeout = Duration.seconds(3)

        /// The defaults.
        public init() {}
    }

    private let url: String
    private let options: Options
    private let http: HTTPClient
    private let keys: SigningKeys
    private let answers: Answers

    /// - Parameters:
    ///   - url: Mynah's address, such as `https://mynah.example.com`.
    ///   - options: How long answers are believed, and what is checked.
    ///   - http: Whose connections are used.
    public init(url: String, options: Options = Options(), http: HTTPClient = .shared) {
        let url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.url = url
        self.options = options
        self.http = http
        let timeout = options.timeout
        keys = SigningKeys(issuer: options.issuer ?? url) {
            let request = HTTPClientRequest(url: url + "/.well-known/jwks.json")
            let (response, body) = try await Self.answer(to: request, http, timeout)
            guard response.status == .ok else { throw MynahAuthError.away }
            return Array(body.readableBytesView)
        }
        answers = Answers(options) { credential, client in
            try await Self.ask(credential, from: client, at: url, http, timeout)
        }
    }

    /// Returns the identity of the caller with these headers. If both are given, `apiKey` takes precedence.
    ///
    /// - Parameters:
    ///   - authorization: The header `Authorization`.
    ///   - apiKey: The header `X-API-Key`.
    ///   - clientAddress: The client's address, sent to Mynah if ``Options/forwardsClientAddress`` is true.
    /// - Throws: ``MynahAuthError``.
    public func identity(
        authorization: String?, apiKey: String? = nil, clientAddress: String? = nil
    ) async throws(MynahAuthError) -> MynahIdentity {
        let client = options.forwardsClientAddress ? clientAddress : nil
        if let apiKey {
            guard Self.isPlausible(apiKey) else { throw .invalidKey }
            return try await answers.identity(apiKey, from: client)
        }
        let parts = authorization?.split(separator: " ", maxSplits: 1) ?? []
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw .missingCredentials }
        guard Self.isPlausible(parts[1]) else { throw .invalidToken }
        let credential = String(parts[1])
        // A token has three parts; no key has.
        guard credential.utf8.count(where: { $0 == UInt8(ascii: ".") }) == 2 else {
            return try await answers.identity(credential, from: client)
        }
        let token = try await keys.verify(credential, now: Date())
        if token.isOperators || options.checksRevocation { return try await answers.identity(credential, from: client) }
        return MynahIdentity(role: .user, userID: token.subject)
    }

    /// Credentials are short ASCII; nothing else is worth asking about.
    private static func isPlausible(_ credential: some StringProtocol) -> Bool {
        (1...2048).contains(credential.utf8.count) && credential.utf8.allSatisfy { $0 > 32 && $0 < 127 }
    }

    /// All of an answer within the time: the client's own limit ends with the head.
    private static func answer(
        to request: HTTPClientRequest, _ http: HTTPClient, _ timeout: Duration
    ) async throws -> (HTTPClientResponse, ByteBuffer) {
        try await withThrowingTaskGroup(of: (HTTPClientResponse, ByteBuffer).self) { group in
            group.addTask {
                let response = try await http.execute(request, timeout: TimeAmount(timeout))
                return (response, try await response.body.collect(upTo: 1 << 16))
            }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw MynahAuthError.away
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() else { throw MynahAuthError.away }
            return answer
        }
    }

    /// Asks Mynah about a credential. Throws if there is no response.
    private static func ask(
        _ credential: String, from client: String?, at url: String, _ http: HTTPClient, _ timeout: Duration
    ) async throws -> Result<MynahIdentity, MynahAuthError> {
        var request = HTTPClientRequest(url: url + "/auth/verify")
        // Not X-API-Key, which the client would carry along to wherever it is redirected.
        request.headers.add(name: "Authorization", value: "Bearer \(credential)")
        if let client { request.headers.add(name: "X-Forwarded-For", value: client) }
        let (response, body) = try await answer(to: request, http, timeout)
        let headers = response.headers
        func told(_ name: String) -> String? { headers.first(name: name).flatMap { $0.isEmpty ? nil : $0 } }
        switch response.status.code {
        case 204:
            guard let role = told("X-Auth-Role").flatMap(MynahIdentity.Role.init) else {
                throw MynahAuthError.away
            }
            return .success(
                MynahIdentity(
                    role: role, userID: told("X-Auth-User"),
                    workspaceID: told("X-Auth-Workspace"),
                    chatbotID: told("X-Auth-Chatbot"),
                    scopes: told("X-Auth-Scopes").map { Set($0.split(separator: " ").map(String.init)) }
                ))
        case 401, 403, 429:
            return .failure(
                MynahAuthError(
                    status: HTTPResponse.Status(code: Int(response.status.code)),
                    retryAfter: headers.first(name: "Retry-After").flatMap { Int($0) }, body: String(buffer: body)))
        default:
            throw MynahAuthError.away
        }
    }
}
