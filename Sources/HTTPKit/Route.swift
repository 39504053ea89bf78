package import HTTPTypes
package import Hummingbird
package import JSON
package import NIOCore
import Synchronization

/// One route, declared once: the router and the OpenAPI document are both made from it.
package struct Route: Sendable {
    package typealias Handler = @Sendable (Call) async throws -> Response

    package private(set) var method: HTTPRequest.Method
    /// With parameters in braces: `/chatbots/{chatbot_id}`.
    package private(set) var path: String
    package let policy: RoutePolicy
    /// The operation's name in generated clients, such as `list_chatbots`.
    package let id: String
    /// One line that begins with a verb.
    package let summary: String
    /// What the summary leaves open, in whole sentences.
    package let about: String
    package private(set) var tag: RouteTag?
    package let access: Access
    /// What an operator needs to call it.
    package let permission: Permission?
    package let status: HTTPResponse.Status
    package let errors: [APIError.Code]
    package let input: Schema?
    package let acceptsForm: Bool
    /// Whether the body cannot be left out.
    package let requiresBody: Bool
    package let bodyForm: BodyForm
    package let output: any Output.Type
    /// The action in the audit trail: the route's method and path, also for calls by another name.
    package let action: String
    /// Whether this is another name of a route, which the OpenAPI document leaves out.
    package private(set) var isOtherName = false
    /// Whether form-encoded calls are OAuth 2.0 requests: their errors have that standard's body (`OAuthErrorBody`), a field
    /// without a value counts as left out, and a repeated field is an error.
    package private(set) var followsOAuth = false
    package let handle: Handler

    /// A route without an input.
    package init<Who: Context, Answer: Output>(
        _ method: HTTPRequest.Method, _ path: String, _ policy: RoutePolicy, id: String, _ summary: String,
        about: String, _ body: @escaping @Sendable (Who) async throws -> Answer, _ status: HTTPResponse.Status = .ok,
        errors: [APIError.Code] = []
    ) {
        self.init(
            method, path, policy, id, summary, about, Who.access, Who.permission, status, errors, nil, false, false,
            Answer.self,
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
        _ method: HTTPRequest.Method, _ path: String, _ policy: RoutePolicy, id: String, _ summary: String,
        about: String, _ body: @escaping @Sendable (Who, In) async throws -> Answer,
        _ status: HTTPResponse.Status = .ok, errors: [APIError.Code] = []
    ) {
        let schema = Schema.of(In.self)
        let trims = schema.trimsSomething
        self.init(
            method, path, policy, id, summary, about, Who.access, Who.permission, status, errors, schema,
            In.acceptsForm, In.requiresBody || schema.requiresSomething, Answer.self,
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
            }.counting(call, isStreamed: Answer.isStreamed)
        }
    }

    /// A route that takes a form with a file, or JSON that names one. `receive` stores the file before the handler runs.
    package init<Who: Context, In: Input, Answer: Output>(
        _ method: HTTPRequest.Method, _ path: String, _ policy: RoutePolicy, id: String, _ summary: String,
        about: String, receiving receive: @escaping @Sendable (Who) async throws -> SentFile,
        fields: [String: [String]] = [:],
        _ body: @escaping @Sendable (Who, FileInput<In>) async throws -> Answer, _ status: HTTPResponse.Status = .ok,
        errors: [APIError.Code] = []
    ) {
        let schema = Schema.of(In.self)
        let isOnly = In.self == NoInput.self
        let trims = schema.trimsSomething
        self.init(
            method, path, policy, id, summary, about, Who.access, Who.permission, status, errors, isOnly ? nil : schema,
            false, true, Answer.self,
            { call in
                guard isOnly || call.isMultipart else {
                    return try await Self.handle(call, status) {
                        try await call.input(In.self, schema, trims: trims, fromQuery: false)
                    } body: { who, input in
                        try await body(who, .json(input))
                    }
                }
                return try await Self.handle(call, status, schema, receive, body)
            }, bodyForm: .file(fields: fields, isOnly: isOnly))
    }

    /// Receives a file and runs the handler. Removes the file if the handler does not run or fails: a repetition under the
    /// same `Idempotency-Key` gets the first answer, and its own file is not used.
    private static func handle<Who: Context, In: Input, Answer: Output>(
        _ call: Call, _ status: HTTPResponse.Status, _ schema: Schema,
        _ receive: @escaping @Sendable (Who) async throws -> SentFile,
        _ body: @escaping @Sendable (Who, FileInput<In>) async throws -> Answer
    ) async throws -> Response {
        try await call.services.handle(call) {
            let who = try await Who(call)
            call.services.identified(call, as: who)
            let file = try await receive(who)
            let isUsed = Mutex(false)
            do {
                let fields = JSONValue.object(file.fields.mapValues { .string($0) })
                try call.services.received(call, fields, schema, body: ByteBuffer(bytes: file.fingerprint))
                let response = try await call.services.perform(call, for: who) {
                    let answer = try await body(who, .file(file))
                    isUsed.withLock { $0 = true }
                    return try answer.response(status)
                }
                if !isUsed.withLock({ $0 }) { await file.discard() }
                return try response.counting(call, isStreamed: Answer.isStreamed)
            } catch {
                if !isUsed.withLock({ $0 }) { await file.discard() }
                throw error
            }
        }
    }

    /// A route that takes the bytes of its body, which the handler reads.
    package init<Who: Context, Answer: Output>(
        _ method: HTTPRequest.Method, _ path: String, _ policy: RoutePolicy, id: String, _ summary: String,
        about: String, bytes body: @escaping @Sendable (Who) async throws -> Answer,
        _ status: HTTPResponse.Status = .ok, errors: [APIError.Code] = []
    ) {
        self.init(
            method, path, policy, id, summary, about, Who.access, Who.permission, status, errors, nil, false, true,
            Answer.self,
            { call in
                try await call.services.handle(call) {
                    let who = try await Who(call)
                    call.services.identified(call, as: who)
                    return try await body(who).response(status).counting(call, isStreamed: Answer.isStreamed)
                }
            }, bodyForm: .bytes)
    }

    private init(
        _ method: HTTPRequest.Method, _ path: String, _ policy: RoutePolicy, _ id: String, _ summary: String,
        _ about: String, _ access: Access, _ permission: Permission?, _ status: HTTPResponse.Status,
        _ errors: [APIError.Code], _ input: Schema?, _ acceptsForm: Bool, _ requiresBody: Bool,
        _ output: any Output.Type, _ handle: @escaping Handler, bodyForm: BodyForm = .input
    ) {
        self.method = method
        self.path = path
        self.policy = policy
        self.id = id
        self.summary = summary
        self.about = about
        self.access = access
        self.permission = permission
        self.status = status
        self.errors = errors
        self.input = input
        self.acceptsForm = acceptsForm
        self.requiresBody = requiresBody
        self.bodyForm = bodyForm
        self.output = output
        action = "\(method.rawValue) \(path)"
        self.handle = handle
    }

    /// The same route under another name.
    package func also(at path: String? = nil, method: HTTPRequest.Method? = nil) -> Route {
        var route = self
        route.method = method ?? self.method
        route.path = path ?? self.path
        route.isOtherName = true
        return route
    }

    /// A route whose form-encoded calls are OAuth 2.0 requests.
    package func oauth() -> Route {
        var route = self
        route.followsOAuth = true
        return route
    }

    func tagged(_ tag: RouteTag) -> Route {
        var route = self
        route.tag = tag
        return route
    }

    package var scopes: Set<KeyScope> { policy.scopes }
    package var rateClass: RateClass { policy.rateClass }
    /// Maximum size of a body, in bytes.
    package var maxBody: Int { policy.maxBody }
    package var isAudited: Bool { policy.audit != .none }
    /// Whether the route is about the caller's own account.
    package var isOwn: Bool { policy.audit == .ownAccount || policy.audit == .signIn }
    /// Whether the route establishes the caller's identity.
    package var isSignIn: Bool { policy.audit == .signIn }

    package var parameters: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }
}

/// What a route takes: its fields are those of the JSON body, the form or the query.
package protocol Input: Decodable, Sendable {
    static var acceptsForm: Bool { get }
    /// Whether a body is needed although no single field is: one of several fields must be there.
    static var requiresBody: Bool { get }
    /// Checks that reach across fields.
    func validate() throws(APIError)
}
extension Input {
    package static var acceptsForm: Bool { false }
    package static var requiresBody: Bool { false }
    package func validate() throws(APIError) {}
}

/// An input that also looks at members that it does not declare, or at the order of members.
package protocol DocumentInput: Input {
    /// Called after decoding and validation; `bytes` is the body that `document` was parsed from.
    mutating func read(_ document: [String: JSONValue], _ bytes: UnsafeRawBufferPointer) throws(APIError)
}

/// What a route answers with.
package protocol Output: Sendable {
    static var schema: Schema? { get }
    static var mediaTypes: [String] { get }
    /// The data of one event, if the answer can be a stream of events whose data is JSON.
    static var streamSchema: Schema? { get }
    /// Further statuses of success, in addition to the route's own.
    static var otherStatuses: [HTTPResponse.Status] { get }
    /// Whether the body is produced while it is sent, so that its length says nothing about memory.
    static var isStreamed: Bool { get }
    func response(_ status: HTTPResponse.Status) throws -> Response
}
extension Output {
    package static var otherStatuses: [HTTPResponse.Status] { [] }
    package static var streamSchema: Schema? { nil }
    package static var isStreamed: Bool { false }
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
    fileprivate func counting(_ call: Call, isStreamed: Bool) throws(APIError) -> Response {
        var response = try paced(by: call, isStreamed: isStreamed)
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
