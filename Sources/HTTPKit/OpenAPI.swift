import HTTPTypes
package import JSON

/// The OpenAPI 3.1 document, made from the route table.
package enum OpenAPI {
    package static func document(_ routes: [Route], version: String, sessionCookie: String) -> JSONValue {
        var schemas: [String: JSONValue] = [:]
        let errorSchema = json(Schema.of(ErrorBody.self), into: &schemas)
        var paths: [String: [String: JSONValue]] = [:]
        for route in routes {
            paths[route.path, default: [:]][route.method.rawValue.lowercased()] = operation(
                route, errorSchema: errorSchema, schemas: &schemas)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Mynah",
                "version": .string(version),
                "description": .string(
                    "Accounts, chatbots and conversations. Every path also answers with a trailing slash; `/projects` is "
                        + "`/chatbots`; unknown fields are ignored; PUT does what PATCH does; any POST takes an "
                        + "`Idempotency-Key`. Times are ISO 8601 in UTC. Every error has the same body, and its `code` is stable."
                ),
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/"]],
            "tags": .array(tags.map { ["name": .string($0)] }),
            "paths": .object(paths.mapValues { .object($0) }),
            "components": [
                "schemas": .object(schemas),
                "securitySchemes": [
                    "bearer": ["type": "http", "scheme": "bearer", "bearerFormat": "JWT"],
                    "password": [
                        "type": "oauth2", "flows": ["password": ["tokenUrl": "/auth/token", "scopes": [:]]],
                    ],
                    "session": ["type": "apiKey", "in": "cookie", "name": .string(sessionCookie)],
                    "key": ["type": "apiKey", "in": "header", "name": "X-API-Key"],
                    "operator": [
                        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                        "description": "An operator's token, from /admin/login or /staff/login.",
                    ],
                ],
            ],
        ]
    }

    private static func operation(
        _ route: Route, errorSchema: JSONValue, schemas: inout [String: JSONValue]
    ) -> JSONValue {
        var operation: [String: JSONValue] = [
            "summary": .string(route.summary),
            "operationId": .string(operationID(route)),
            "tags": [.string(tag(route))],
        ]
        if !route.access.schemes.isEmpty {
            operation["security"] = .array(route.access.schemes.map { [$0: []] })
        }
        var parameters: [JSONValue] = route.parameters.map { name in
            ["name": .string(name), "in": "path", "required": true, "schema": ["type": "string"]]
        }
        if let input = route.input {
            let schema = json(input, into: &schemas)
            if route.method == .get, case .object(_, let properties) = input.kind {
                parameters += properties.map { property in
                    var schema = property.schema
                    schema.isNullable = false
                    return [
                        "name": .string(property.name), "in": "query", "required": .bool(property.isRequired),
                        "schema": json(schema, into: &schemas),
                    ]
                }
            } else {
                let media: JSONValue = ["schema": schema]
                let needed =
                    if case .object(_, let properties) = input.kind { properties.contains(where: \.isRequired) } else {
                        true
                    }
                operation["requestBody"] = [
                    "required": .bool(needed),
                    "content": route.acceptsForm
                        ? [
                            "application/json": media,
                            "application/x-www-form-urlencoded": ["schema": json(asForm(input), into: &schemas)],
                        ]
                        : ["application/json": media],
                ]
            }
        }
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        operation["responses"] = responses(route, errorSchema: errorSchema, schemas: &schemas)
        return .object(operation)
    }

    /// A form knows no null: a field without a value is left out.
    private static func asForm(_ schema: Schema) -> Schema {
        guard case .object(let name, let properties) = schema.kind else { return schema }
        let fields = properties.map { property in
            var schema = property.schema
            schema.isNullable = false
            return Schema.Property(name: property.name, schema: schema, isRequired: property.isRequired)
        }
        return Schema(.object(name: name + "Form", properties: fields))
    }

    private static func responses(
        _ route: Route, errorSchema: JSONValue, schemas: inout [String: JSONValue]
    ) -> JSONValue {
        var success: [String: JSONValue] = ["description": .string(route.status.reasonPhrase)]
        if !route.output.mediaTypes.isEmpty {
            let schema = route.output.schema.map { json($0, into: &schemas) }
            success["content"] = .object(
                Dictionary(
                    uniqueKeysWithValues: route.output.mediaTypes.map { type in
                        let isJSON = type == "application/json"
                        return (type, ["schema": isJSON ? schema ?? [:] : ["type": "string"]])
                    }))
        }
        var responses: [String: JSONValue] = [String(route.status.code): .object(success)]
        for status in route.output.otherStatuses {
            responses[String(status.code)] = [
                "description": .string(status.reasonPhrase), "content": ["application/json": ["schema": [:]]],
            ]
        }
        var codes = route.errors + [.internalError, .databaseBusy, .addressRefused]
        if route.rateClass != .free { codes.append(.rateLimited) }
        codes += route.access.errors
        if !route.parameters.isEmpty { codes.append(.notFound) }
        if route.method != .get { codes += [.malformedBody, .tooLarge] }
        if route.access.schemes.contains("session"), route.method != .get { codes.append(.originRefused) }
        if route.input != nil {
            codes.append(.invalidValue)
            if route.method != .get { codes.append(.unsupportedMediaType) }
        }
        if route.method == .get, route.input != nil { codes.append(.malformedBody) }
        if route.method == .post { codes += [.idempotencyInProgress, .idempotencyMismatch] }
        var errorSchema = errorSchema
        if route.followsOAuth {
            errorSchema = ["anyOf": [errorSchema, json(Schema.of(OAuthErrorBody.self), into: &schemas)]]
            // Of forms; JSON calls get their own status.
            codes.append(.malformedBody)
        }
        for (status, codes) in Dictionary(grouping: Set(codes), by: \.status.code) {
            let names = codes.map { "`\($0.rawValue)`" }.sorted().joined(separator: ", ")
            responses[String(status)] = [
                "description": .string(names), "content": ["application/json": ["schema": errorSchema]],
            ]
        }
        return .object(responses)
    }

    package static func operationID(_ route: Route) -> String {
        route.method.rawValue.lowercased()
            + route.path.split(separator: "/").map { part in
                let word = part.filter { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
                return "_" + word.map { $0 == "-" ? "_" : String($0) }.joined()
            }.joined()
    }

    /// Tags, in the order in which a newcomer needs them.
    private static let tags = ["Sign-in", "Users", "Chatbots", "Chat", "Workspaces", "Operations"]

    private static func tag(_ route: Route) -> String {
        let first = route.path.split(separator: "/").first.map(String.init) ?? "console"
        return switch first {
        case "auth", ".well-known": "Sign-in"
        case "users": "Users"
        case "workspaces", "invitations": "Workspaces"
        case "chatbots", "projects": "Chatbots"
        case "chat", "chatbot", "conversations", "sessions", "v1", "openai", "widget": "Chat"
        default: "Operations"
        }
    }

    private static func json(_ schema: Schema, into schemas: inout [String: JSONValue]) -> JSONValue {
        var out: [String: JSONValue] = [:]
        var type: String?
        switch schema.kind {
        case .string:
            type = "string"
            if schema.rule.length.lowerBound > 0 { out["minLength"] = .int(Int64(schema.rule.length.lowerBound)) }
            out["maxLength"] = .int(Int64(schema.rule.length.upperBound))
            if let pattern = schema.rule.pattern {
                out["pattern"] = .string("^(?:\(pattern))$")
            } else if !schema.rule.isBlankAllowed, schema.rule.format == nil {
                out["pattern"] = .string("[^\\s]")
            }
            if let format = schema.rule.format { out["format"] = .string(format) }
        case .choice(let names):
            type = "string"
            out["enum"] = .array(names.map { .string($0) } + (schema.isNullable ? [.null] : []))
        case .integer, .number:
            if case .integer = schema.kind { type = "integer" } else { type = "number" }
            if let minimum = schema.rule.minimum { out["minimum"] = number(minimum) }
            if let maximum = schema.rule.maximum { out["maximum"] = number(maximum) }
            if let numbers = schema.rule.numbers { out["enum"] = .array(numbers.map { .int(Int64($0)) }) }
        case .boolean:
            type = "boolean"
        case .any:
            break
        case .array(let element):
            type = "array"
            out["items"] = json(element, into: &schemas)
        case .map(let element):
            type = "object"
            out["additionalProperties"] = json(element, into: &schemas)
        case .object(let name, let properties):
            if schemas[name] == nil {
                var members: [String: JSONValue] = [:]
                for property in properties { members[property.name] = json(property.schema, into: &schemas) }
                var object: [String: JSONValue] = ["type": "object", "properties": .object(members)]
                let required = properties.filter(\.isRequired).map { JSONValue.string($0.name) }
                if !required.isEmpty { object["required"] = .array(required) }
                schemas[name] = .object(object)
            }
            let reference: JSONValue = ["$ref": .string("#/components/schemas/\(name)")]
            return schema.isNullable ? ["anyOf": [reference, ["type": "null"]]] : reference
        }
        if let type { out["type"] = schema.isNullable ? [.string(type), "null"] : .string(type) }
        if let note = schema.rule.note { out["description"] = .string(note) }
        return .object(out)
    }

    private static func number(_ value: Double) -> JSONValue {
        value == value.rounded() && abs(value) < 9e15 ? .int(Int64(value)) : .double(value)
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
