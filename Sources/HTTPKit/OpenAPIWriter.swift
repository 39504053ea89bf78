import HTTPTypes
import JSON

/// Writes the operations of the OpenAPI document, and collects the schemas and examples that they refer to.
struct OpenAPIWriter {
    let texts: OpenAPITexts
    var schemas: [String: JSONValue] = [:]
    /// The keys are error codes.
    private(set) var errorExamples: [String: JSONValue] = [:]
    /// What lacks a text or an example.
    var missing: Set<String> = []

    private static let errorSchema = Schema.of(ErrorBody.self)
    private static let oauthErrorSchema = Schema.of(OAuthErrorBody.self)

    init(texts: OpenAPITexts) { self.texts = texts }

    mutating func operation(_ route: Route) -> JSONValue {
        if route.tag == nil { missing.insert("tag of \(route.action)") }
        var operation: [String: JSONValue] = [
            "summary": .string(route.summary),
            "description": .string(route.description),
            "operationId": .string(route.id),
            "tags": .array([.string(route.tag?.name ?? "Other")]),
        ]
        if !route.access.schemes.isEmpty {
            operation["security"] = .array(route.access.schemes.map { [$0: []] })
        }
        var parameters = route.parameters.map { pathParameter($0) }
        if let input = route.input {
            if route.method == .get {
                parameters += queryParameters(input)
            } else {
                operation["requestBody"] = requestBody(input, route)
            }
        } else if let content = Self.content(route.bodyForm) {
            operation["requestBody"] = ["required": true, "content": content]
        }
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        operation["responses"] = responses(route)
        return .object(operation)
    }

    // MARK: What a route takes

    private mutating func pathParameter(_ name: String) -> JSONValue {
        let words = name.replacing("_", with: " ")
        let about =
            name == "id"
            ? "The user's id." : name.hasSuffix("_id") ? "The id of the \(words.dropLast(3))." : "The \(words)."
        return [
            "name": .string(name), "in": "path", "required": true, "description": .string(about),
            "schema": ["type": "string"], "example": example(Schema(.string), field: name, of: "path"),
        ]
    }

    private mutating func queryParameters(_ input: Schema) -> [JSONValue] {
        guard case .object(let owner, let properties) = input.kind else { return [] }
        let name = texts.text(of: owner)?.name ?? owner
        return properties.map { property in
            var schema = property.schema
            schema.isNullable = false
            var parameter: [String: JSONValue] = [
                "name": .string(property.name), "in": "query", "required": .bool(property.isRequired),
                "schema": json(schema),
            ]
            // A cursor has to come from a list, and a filter that is made up finds nothing.
            if property.isRequired || property.name == "limit" {
                parameter["example"] = example(schema, field: property.name, of: name)
            }
            return .object(parameter)
        }
    }

    /// One media type only, since generated clients get along with no more. The description names the other one.
    private mutating func requestBody(_ input: Schema, _ route: Route) -> JSONValue {
        var content: [String: JSONValue] =
            route.followsOAuth
            ? [FormFields.mediaType: media(input.asForm)] : ["application/json": media(input)]
        if case .object(let form)? = Self.content(route.bodyForm) { content = form }
        return ["required": .bool(route.requiresBody), "content": .object(content)]
    }

    /// The content of a body that is not JSON; nil if it is.
    private static func content(_ form: BodyForm) -> JSONValue? {
        switch form {
        case .input: return nil
        case .bytes:
            return ["application/octet-stream": ["schema": ["type": "string", "format": "binary"]]]
        case .file(let fields, _):
            var properties: [String: JSONValue] = ["file": ["type": "string", "format": "binary"]]
            for (name, values) in fields {
                properties[name] = ["type": "string", "enum": .array(values.map { .string($0) })]
            }
            let schema: JSONValue = [
                "type": "object", "properties": .object(properties),
                "required": .array(["file"] + fields.keys.sorted().map { .string($0) }),
            ]
            return ["multipart/form-data": ["schema": schema]]
        }
    }

    private mutating func media(_ schema: Schema) -> JSONValue {
        ["schema": json(schema), "example": example(schema, field: "", of: "")]
    }

    // MARK: What it answers

    private mutating func responses(_ route: Route) -> JSONValue {
        var success: [String: JSONValue] = [
            "description": .string(route.status.reasonPhrase), "headers": Self.headers("X-Request-Id"),
        ]
        if !route.output.mediaTypes.isEmpty {
            success["content"] = .object(
                route.output.mediaTypes.reduce(into: [:]) { $0[$1] = content($1, of: route.output) })
        }
        var responses: [String: JSONValue] = [String(route.status.code): .object(success)]
        for status in route.output.otherStatuses {
            var response: [String: JSONValue] = ["description": .string(status.reasonPhrase)]
            if status.kind == .successful {
                response["content"] = .object(route.output.mediaTypes.reduce(into: [:]) { $0[$1] = ["schema": [:]] })
            }
            responses[String(status.code)] = .object(response)
        }
        var errorSchema = json(Self.errorSchema)
        if route.followsOAuth { errorSchema = ["anyOf": [errorSchema, json(Self.oauthErrorSchema)]] }
        for (status, codes) in Dictionary(grouping: Set(route.possibleErrors), by: \.status.code) {
            responses[String(status)] = error(status, codes.sorted { $0.rawValue < $1.rawValue }, errorSchema)
        }
        return .object(responses)
    }

    private mutating func content(_ type: String, of output: any Output.Type) -> JSONValue {
        switch type {
        case "application/json": output.schema.map { media($0) } ?? ["schema": [:]]
        case "text/event-stream":
            output.streamSchema.map { media($0) } ?? [
                "schema": [
                    "type": "string",
                    "description": """
                    Server-sent events: `start` with the ids, `delta` with a piece of `content`, and at the end `done` with \
                    what the same call returns without streaming, or `error` with an error. `Last-Event-ID` continues.
                    """,
                ],
                "example": "id: 0\nevent: delta\ndata: {\"content\": \"নমস্কার!\"}\n\n",
            ]
        case "application/octet-stream": ["schema": ["type": "string", "format": "binary"]]
        default: ["schema": ["type": "string"]]
        }
    }

    private mutating func error(_ status: Int, _ codes: [APIError.Code], _ schema: JSONValue) -> JSONValue {
        var examples: [String: JSONValue] = [:]
        for code in codes {
            let name = code.rawValue
            examples[name] = ["$ref": .string("#/components/examples/\(name)")]
            errorExamples[name] = [
                "summary": .string(code.text),
                "value": [
                    "error": [
                        "code": .string(name), "type": .string(code.type), "message": .string(code.text),
                        "param": .null,
                        "request_id": texts.examples["request_id"] ?? "",
                    ]
                ],
            ]
        }
        var headers = ["X-Request-Id"]
        if status == 401 { headers.append("WWW-Authenticate") }
        if status == 429 { headers += ["Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"] }
        if status == 503 { headers.append("Retry-After") }
        return [
            "description": .string(codes.map { "`\($0.rawValue)`" }.joined(separator: ", ")),
            "headers": Self.headers(headers),
            "content": ["application/json": ["schema": schema, "examples": .object(examples)]],
        ]
    }

    private static func headers(_ names: String...) -> JSONValue { headers(names) }
    private static func headers(_ names: [String]) -> JSONValue {
        .object(names.reduce(into: [:]) { $0[$1] = ["$ref": .string("#/components/headers/\($1)")] })
    }
}

extension Route {
    /// What the route does and what its callers need, in whole sentences.
    fileprivate var description: String {
        var sentences = [about]
        if followsOAuth {
            sentences.append("JSON with the same fields is accepted, too; its errors have the usual body and status.")
        } else if acceptsForm {
            sentences.append("A form with the same fields is accepted, too.")
        }
        if case .file(_, isOnly: false) = bodyForm, let input, case .object(_, let properties) = input.kind {
            let names = properties.map { "`\($0.name)`" }.joined(separator: ", ")
            sentences.append("JSON with \(names) is accepted, too.")
        }
        if [.user, .userOrKey, .client, .key, .visitor, .userKeyOrOperator].contains(access) {
            let names = scopes.map { "`\($0.rawValue)`" }.sorted().joined(separator: " or ")
            sentences.append("An API key needs the scope \(names).")
        }
        if let permission { sentences.append("An operator needs the permission `\(permission.rawValue)`.") }
        return sentences.joined(separator: " ")
    }

    fileprivate var possibleErrors: [APIError.Code] {
        var codes = errors + [.internalError, .databaseBusy, .addressRefused]
        if rateClass != .free { codes.append(.rateLimited) }
        codes += access.errors
        if !parameters.isEmpty { codes.append(.notFound) }
        if method != .get { codes += [.malformedBody, .tooLarge] }
        if access.schemes.contains("session"), method != .get { codes.append(.originRefused) }
        if input != nil {
            codes.append(.invalidValue)
            if method != .get { codes.append(.unsupportedMediaType) }
        }
        if input == nil, case .file = bodyForm { codes += [.unsupportedMediaType, .invalidValue] }
        if method == .get, input != nil { codes.append(.malformedBody) }
        if method == .post { codes += [.idempotencyInProgress, .idempotencyMismatch] }
        return codes
    }
}

extension Schema {
    /// An OAuth request: a form knows no null, and a field without a value counts as left out.
    fileprivate var asForm: Schema {
        guard case .object(let name, let properties) = kind else { return self }
        let fields = properties.map { property in
            var schema = property.schema
            schema.isNullable = false
            if !property.isRequired {
                schema.rule.length = 0...schema.rule.length.upperBound
                schema.rule.isBlankAllowed = true
            }
            return Schema.Property(name: property.name, schema: schema, isRequired: property.isRequired)
        }
        return Schema(.object(name: name + "Form", properties: fields))
    }
}

extension Access {
    /// The names of the security schemes that open a route.
    fileprivate var schemes: [String] {
        switch self {
        case .anyone: []
        case .session: ["bearer", "password", "session"]
        case .user, .userOrKey: ["bearer", "password", "session", "key"]
        case .client, .bearer: ["bearer", "password", "key"]
        case .key, .visitor: ["bearer", "key"]
        case .operator, .admin, .staff: ["operator"]
        case .userKeyOrOperator: ["bearer", "password", "session", "key", "operator"]
        }
    }

    fileprivate var errors: [APIError.Code] {
        let keys: [APIError.Code] = [.invalidAPIKey, .keyRevoked, .keyExpired, .keyNotAllowed, .rateLimited]
        return switch self {
        case .anyone: []
        case .session: [.missingCredentials, .invalidToken, .keyNotAllowed]
        case .user, .userOrKey, .client, .bearer: [.missingCredentials, .invalidToken] + keys
        case .key: [.missingCredentials] + keys
        case .visitor: [.missingCredentials, .originRefused] + keys
        case .operator, .admin, .staff: [.missingCredentials, .invalidToken, .forbidden]
        case .userKeyOrOperator: [.missingCredentials, .invalidToken, .forbidden] + keys
        }
    }
}
