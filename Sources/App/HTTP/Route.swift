import HTTPTypes
import Hummingbird
import JSON
import NIOCore

/// One route, declared once: the router and the OpenAPI document are both made from it.
struct Route: Sendable {
    typealias Handler = @Sendable (Call) async throws -> Response

    let method: HTTPRequest.Method
    /// With parameters in braces: `/chatbots/{chatbot_id}`.
    let path: String
    let summary: String
    let access: Access
    /// What an operator needs to call it.
    let permission: Permission?
    /// Any of these lets a key call it.
    let scopes: Set<APIKey.Scope>
    let rateClass: RateClass
    /// In bytes.
    let maxBody: Int
    let status: HTTPResponse.Status
    let errors: [APIError.Code]
    let input: Schema?
    let acceptsForm: Bool
    let output: any Output.Type
    /// What the audit trail calls it, whatever other name it was called by.
    let action: String
    private(set) var isAudited: Bool
    let handle: Handler

    /// A route that takes nothing but its path.
    init<Who: Context, Answer: Output>(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String,
        _ body: @escaping @Sendable (Who) async throws -> Answer, _ status: HTTPResponse.Status = .ok,
        errors: [APIError.Code] = []
    ) {
        self.init(
            method, path, summary, Who.access, Who.permission, status, errors, nil, false, Answer.self,
            { call in
                try await call.recorded {
                    let who = try await Who(call)
                    call.audit(actor: who.principal)
                    // A body is not needed here, but one that is sent must still be small.
                    if method != .get { _ = try await call.body() }
                    return try await call.idempotently(who) {
                        try await call.changing { try await body(who).response(status) }
                    }.counting(who)
                }
            })
    }

    /// A route with an input: the query of a GET, the body of anything else.
    init<Who: Context, In: Input, Answer: Output>(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String,
        _ body: @escaping @Sendable (Who, In) async throws -> Answer, _ status: HTTPResponse.Status = .ok,
        errors: [APIError.Code] = []
    ) {
        let schema = Schema.of(In.self)
        let isForm = In.acceptsForm
        self.init(
            method, path, summary, Who.access, Who.permission, status, errors, schema, isForm, Answer.self,
            { call in
                try await call.recorded {
                    let who = try await Who(call)
                    call.audit(actor: who.principal)
                    let input = try await call.input(In.self, schema, fromQuery: method == .get)
                    return try await call.idempotently(who) {
                        try await call.changing { try await body(who, input).response(status) }
                    }.counting(who)
                }
            })
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
    private static func scopes(_ method: HTTPRequest.Method, _ path: String) -> Set<APIKey.Scope> {
        // Which scopes a key has is part of the answer.
        if path == "/auth/verify" { return Set(APIKey.Scope.allCases) }
        let isTalk =
            ["/chat/", "/chatbot/", "/widget/", "/conversations/", "/v1/", "/openai/"].contains {
                (path + "/").hasPrefix($0)
            } || path.hasSuffix("/query")
        return isTalk ? (method == .get ? [.chat, .read] : [.chat]) : method == .get ? [.read] : [.write]
    }

    /// Pictures are large, and come within the messages.
    static func maxBody(_ path: String) -> Int {
        path.hasPrefix("/v1/") || path.hasPrefix("/openai/v1/") ? 20 << 20 : Call.maxBody
    }

    /// The same route under another name, and a PUT for every PATCH.
    func also(at path: String? = nil, method: HTTPRequest.Method? = nil) -> Route {
        Route(
            method ?? self.method, path ?? self.path, summary, access, permission, status, errors, input, acceptsForm,
            output, handle, action: action, isAudited: isAudited)
    }

    /// A route that changes nothing, but shows what somebody should answer for having read.
    func audited() -> Route {
        var route = self
        route.isAudited = true
        return route
    }

    /// Every change leaves an entry in the audit trail. Talking is no change: message logs tell of it.
    private static func changes(_ method: HTTPRequest.Method, _ path: String) -> Bool {
        guard method != .get, !["/v1/", "/widget/"].contains(where: path.hasPrefix) else { return false }
        return ![
            "/chat", "/chat/ws-ticket", "/chatbots/{chatbot_id}/query", "/chatbot/{chatbot_id}/query",
            "/conversations/{conversation_id}/messages", "/conversations/{conversation_id}/regenerate",
            "/conversations/{conversation_id}/stop",
        ].contains(path)
    }

    /// Whether it is about the caller's own account.
    var isOwn: Bool {
        parameters.isEmpty
            && (access == .admin || access == .staff || ["/users/me", "/auth/"].contains(where: path.hasPrefix))
    }

    /// Whether it decides who somebody is.
    var isSignIn: Bool { errors.contains(.invalidCredentials) || errors.contains(.tokenReused) }

    var parameters: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }
}

/// What a route takes: its fields are those of the JSON body, the form or the query.
protocol Input: Decodable, Sendable {
    static var acceptsForm: Bool { get }
    /// Checks that reach across fields.
    func validate() throws(APIError)
}
extension Input {
    static var acceptsForm: Bool { false }
    func validate() throws(APIError) {}
}

/// What a route answers with.
protocol Output: Sendable {
    static var schema: Schema? { get }
    static var mediaTypes: [String] { get }
    /// Of success, beside the route's own.
    static var otherStatuses: [HTTPResponse.Status] { get }
    func response(_ status: HTTPResponse.Status) throws -> Response
}
extension Output {
    static var otherStatuses: [HTTPResponse.Status] { [] }
}

/// An answer in JSON, documented by its own Codable form.
protocol JSONOutput: Output, Codable {}

extension JSONOutput {
    static var schema: Schema? { .of(Self.self) }
    static var mediaTypes: [String] { ["application/json"] }
    func response(_ status: HTTPResponse.Status) throws -> Response { try .json(self, status) }
}

extension Array: Output where Element: JSONOutput {
    static var schema: Schema? { .of(Self.self) }
    static var mediaTypes: [String] { ["application/json"] }
    func response(_ status: HTTPResponse.Status) throws -> Response { try .json(self, status) }
}

/// An answer without a body: 204.
struct NoContent: Output {
    static var schema: Schema? { nil }
    static var mediaTypes: [String] { [] }
    func response(_ status: HTTPResponse.Status) -> Response { Response(status: .noContent) }
}

/// An answer made elsewhere, such as a page.
struct Page: Output {
    let bytes: ByteBuffer
    let headers: HTTPFields
    static var schema: Schema? { nil }
    static var mediaTypes: [String] { ["text/html"] }
    func response(_ status: HTTPResponse.Status) -> Response {
        Response(status: status, headers: headers, body: .init(byteBuffer: bytes))
    }
}

extension Response {
    /// With what is left of the limit that leaves least, and of the day.
    fileprivate func counting(_ who: some Context) throws(APIError) -> Response {
        var response = try paced(by: who.call)
        who.call.limits.tightest?.set(in: &response.headers)
        who.call.daily.allowance?.set(in: &response.headers)
        return response
    }

    static func json(_ value: some Encodable, _ status: HTTPResponse.Status = .ok) throws -> Response {
        Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(bytes: try JSONWriter.encode(value))))
    }
}

extension APIError {
    /// The schema has refused most of what does not fit; this names the rest.
    init(decoding error: DecodingError) {
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
