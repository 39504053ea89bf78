package import HTTPTypes
package import Hummingbird
import JSON
package import NIOCore

/// One route, declared once: the router and the OpenAPI document are both made from it.
package struct Route: Sendable {
    package typealias Handler = @Sendable (Call) async throws -> Response

    package let method: HTTPRequest.Method
    /// With parameters in braces: `/chatbots/{chatbot_id}`.
    package let path: String
    package let summary: String
    package let access: Access
    /// What an operator needs to call it.
    package let permission: Permission?
    /// Any of these lets a key call it.
    package let scopes: Set<KeyScope>
    package let rateClass: RateClass
    /// Maximum length of the body, in bytes.
    package let maxBody: Int
    package let status: HTTPResponse.Status
    package let errors: [APIError.Code]
    package let input: Schema?
    package let acceptsForm: Bool
    package let output: any Output.Type
    /// What the audit trail calls it, whatever other name it was called by.
    package let action: String
    package private(set) var isAudited: Bool
    /// Whether form-encoded calls are OAuth 2.0 requests: their errors have that standard's body (`OAuthErrorBody`), a field
    /// without a value counts as left out, and a repeated field is an error.
    package private(set) var followsOAuth = false
    package let handle: Handler

    /// A route that takes nothing but its path.
    package init<Who: Context, Answer: Output>(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String,
        _ body: @escaping @Sendable (Who) async throws -> Answer, _ status: HTTPResponse.Status = .ok,
        errors: [APIError.Code] = []
    ) {
        self.init(
            method, path, summary, Who.access, Who.permission, status, errors, nil, false, Answer.self,
            { call in
                try await Self.handle(call, status) {
                    // A body is not needed here, but one that is sent must still be small.
                    if method != .get { _ = try await call.body() }
                } body: { who, _ in
                    try await body(who)
                }
            })
    }

    /// A route with an input: the query of a GET, the body of anything else.
    package init<Who: Context, In: Input, Answer: Output>(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String,
        _ body: @escaping @Sendable (Who, In) async throws -> Answer, _ status: HTTPResponse.Status = .ok,
        errors: [APIError.Code] = []
    ) {
        let schema = Schema.of(In.self)
        let isForm = In.acceptsForm
        let trims = schema.trimsSomething
        self.init(
            method, path, summary, Who.access, Who.permission, status, errors, schema, isForm, Answer.self,
            { call in
                try await Self.handle(call, status) {
                    try await call.input(In.self, schema, trims: trims, fromQuery: method == .get)
                } body: { who, input in
                    try await body(who, input)
                }
            })
    }

    /// Finds the caller, reads the input and runs the handler, with all that the application does around them.
    private static func handle<Who: Context, In: Sendable, Answer: Output>(
        _ call: Call, _ status: HTTPResponse.Status, input: () async throws -> In,
        body: @escaping @Sendable (Who, In) async throws -> Answer
    ) async throws -> Response {
        try await call.services.handle(call) {
            let who = try await Who(call)
            call.services.identified(call, as: who)
            let input = try await input()
            return try await call.services.perform(call, for: who) {
                try await body(who, input).response(status)
            }.counting(call)
        }
    }

    private init(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String, _ access: Access, _ permission: Permission?,
        _ status: HTTPResponse.Status, _ errors: [APIError.Code], _ input: Schema?, _ acceptsForm: Bool,
        _ output: any Output.Type, _ handle: @escaping Handler, action: String? = nil, isAudited: Bool? = nil
    ) {
        self.method = method
        self.path = path
        self.summary = summary
        self.access = access
        self.permission = permission
        scopes = Self.scopes(method, path)
        rateClass = RateClass(method, path, access)
        maxBody = Self.maxBody(path)
        self.status = status
        self.errors = errors
        self.input = input
        self.acceptsForm = acceptsForm
        self.output = output
        self.action = action ?? "\(method.rawValue) \(path)"
        self.isAudited = isAudited ?? Self.changes(method, path)
        self.handle = handle
    }

    /// Talking takes one scope, reading another, and everything else the third.
    private static func scopes(_ method: HTTPRequest.Method, _ path: String) -> Set<KeyScope> {
        // Which scopes a key has is part of the answer.
        if path == "/auth/verify" { return Set(KeyScope.allCases) }
        // What a chatbot is told is for those who may change it.
        if path.hasSuffix("/prompts") { return [.write] }
        let isTalk =
            ["/chat/", "/chatbot/", "/widget/", "/conversations/", "/v1/", "/openai/"].contains {
                (path + "/").hasPrefix($0)
            } || path.hasSuffix("/query")
        return isTalk ? (method == .get ? [.chat, .read] : [.chat]) : method == .get ? [.read] : [.write]
    }

    /// Pictures are large, and come within the messages.
    package static func maxBody(_ path: String) -> Int {
        path.hasPrefix("/v1/") || path.hasPrefix("/openai/v1/") ? 20 << 20 : Call.maxBody
    }

    /// The same route under another name, and a PUT for every PATCH.
    package func also(at path: String? = nil, method: HTTPRequest.Method? = nil) -> Route {
        Route(
            method ?? self.method, path ?? self.path, summary, access, permission, status, errors, input, acceptsForm,
            output, handle, action: action, isAudited: isAudited)
    }

    /// Records reads in the audit log too: the route changes nothing, but shows data that its reader must account for.
    package func audited() -> Route {
        var route = self
        route.isAudited = true
        return route
    }

    /// A route whose form-encoded calls are OAuth 2.0 requests.
    package func oauth() -> Route {
        var route = self
        route.followsOAuth = true
        return route
    }

    /// Every change leaves an entry in the audit trail. Talking is no change: message logs tell of it.
    private static func changes(_ method: HTTPRequest.Method, _ path: String) -> Bool {
        guard method != .get, !["/v1/", "/widget/"].contains(where: path.hasPrefix) else { return false }
        return ![
            "/chat", "/chat/ws-ticket", "/chatbots/{chatbot_id}/query", "/chatbot/{chatbot_id}/query",
            "/conversations/{conversation_id}/messages", "/conversations/{conversation_id}/regenerate",
            "/conversations/{conversation_id}/stop", "/invitations/read",
        ].contains(path)
    }

    /// Whether it is about the caller's own account.
    package var isOwn: Bool {
        parameters.isEmpty
            && (access == .admin || access == .staff || ["/users/me", "/auth/"].contains(where: path.hasPrefix))
    }

    /// Whether the route establishes the caller's identity.
    package var isSignIn: Bool { errors.contains(.invalidCredentials) || errors.contains(.tokenReused) }

    package var parameters: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }
}

/// What a route takes: its fields are those of the JSON body, the form or the query.
package protocol Input: Decodable, Sendable {
    static var acceptsForm: Bool { get }
    /// Checks that reach across fields.
    func validate() throws(APIError)
}
extension Input {
    package static var acceptsForm: Bool { false }
    package func validate() throws(APIError) {}
}

/// What a route answers with.
package protocol Output: Sendable {
    static var schema: Schema? { get }
    static var mediaTypes: [String] { get }
    /// Further statuses of success, in addition to the route's own.
    static var otherStatuses: [HTTPResponse.Status] { get }
    func response(_ status: HTTPResponse.Status) throws -> Response
}
extension Output {
    package static var otherStatuses: [HTTPResponse.Status] { [] }
}

/// An answer in JSON, documented by its own Codable form.
package protocol JSONOutput: Output, Codable {}

extension JSONOutput {
    package static var schema: Schema? { .of(Self.self) }
    package static var mediaTypes: [String] { ["application/json"] }
    package func response(_ status: HTTPResponse.Status) throws -> Response { try .json(self, status) }
}

extension Array: Output where Element: JSONOutput {
    package static var schema: Schema? { .of(Self.self) }
    package static var mediaTypes: [String] { ["application/json"] }
    package func response(_ status: HTTPResponse.Status) throws -> Response { try .json(self, status) }
}

/// An answer without a body: 204.
package struct NoContent: Output {
    package init() {}

    package static var schema: Schema? { nil }
    package static var mediaTypes: [String] { [] }
    package func response(_ status: HTTPResponse.Status) -> Response { Response(status: .noContent) }
}

/// An answer made elsewhere, such as a page.
package struct Page: Output {
    package let bytes: ByteBuffer
    package let headers: HTTPFields

    package init(bytes: ByteBuffer, headers: HTTPFields) {
        self.bytes = bytes
        self.headers = headers
    }
    package static var schema: Schema? { nil }
    package static var mediaTypes: [String] { ["text/html"] }
    package func response(_ status: HTTPResponse.Status) -> Response {
        Response(status: status, headers: headers, body: .init(byteBuffer: bytes))
    }
}

extension Response {
    /// With what is left of the limit that leaves least, and of the day.
    fileprivate func counting(_ call: Call) throws(APIError) -> Response {
        var response = try paced(by: call)
        call.limits.tightest?.set(in: &response.headers)
        call.daily.allowance?.set(in: &response.headers)
        return response
    }

    package static func json(_ value: some Encodable, _ status: HTTPResponse.Status = .ok) throws -> Response {
        Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(bytes: try JSONWriter.encode(value))))
    }
}

extension APIError {
    /// The schema has refused most of what does not fit; this names the rest.
    package init(decoding error: DecodingError) {
        let context =
            switch error {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): context
            case .keyNotFound(_, let context): context
            @unknown default: DecodingError.Context(codingPath: [], debugDescription: "")
            }
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? snakeCase($0.stringValue) }
            .joined(separator: ".")
        self.init(
            .invalidValue, "'\(path)' is \(context.debugDescription).", param: path.isEmpty ? nil : path, cause: error)
    }
}
