import HTTPTypes
package import JSON

/// The OpenAPI 3.1 document, made from the route table.
package enum OpenAPI {
    /// - Returns: the document, and what lacks a text or an example in it.
    package static func document(
        _ routes: [Route], version: String, sessionCookie: String, texts: OpenAPITexts
    ) -> (document: JSONValue, missing: [String]) {
        var writer = OpenAPIWriter(texts: texts)
        var paths: [String: [String: JSONValue]] = [:]
        var tags: [RouteTag] = []
        for route in routes where !route.isOtherName {
            paths[route.path, default: [:]][route.method.rawValue.lowercased()] = writer.operation(route)
            if let tag = route.tag, !tags.contains(tag) { tags.append(tag) }
        }
        let document: JSONValue = [
            "openapi": "3.1.0",
            "info": [
                "title": "Mynah",
                "version": .string(version),
                "description": .string(
                    "Accounts, chatbots and conversations. Every path also answers with a trailing slash; `/projects` is "
                        + "`/chatbots`; `/openai/v1` is `/v1`; unknown fields are ignored; PUT does what PATCH does; any POST "
                        + "takes an `Idempotency-Key`. Times are ISO 8601 in UTC. Every error has the same body, and its "
                        + "`code` is stable."
                ),
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/"]],
            "tags": .array(tags.map { ["name": .string($0.name), "description": .string($0.about)] }),
            "paths": .object(paths.mapValues { .object($0) }),
            "components": [
                "schemas": .object(writer.schemas),
                "examples": .object(writer.errorExamples),
                "headers": headers,
                "securitySchemes": [
                    "bearer": [
                        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                        "description": "A user's access token, or an API key.",
                    ],
                    "password": [
                        "type": "oauth2", "description": "Sign in with a user's name and password.",
                        "flows": [
                            "password": ["tokenUrl": "/auth/token", "refreshUrl": "/auth/token", "scopes": [:]]
                        ],
                    ],
                    "session": [
                        "type": "apiKey", "in": "cookie", "name": .string(sessionCookie),
                        "description": "The console's cookie, for the console's own pages.",
                    ],
                    "key": [
                        "type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key.",
                    ],
                    "operator": [
                        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                        "description": "An operator's token, from /admin/login or /staff/login.",
                    ],
                ],
            ],
        ]
        return (document, writer.missing.sorted())
    }

    private static func header(_ type: JSONValue, _ about: JSONValue, _ example: JSONValue) -> JSONValue {
        ["description": about, "schema": ["type": type], "example": example]
    }

    private static let headers: JSONValue = [
        "X-Request-Id": header(
            "string", "The id of the request in the server's log.", "01932f4e-7a31-7c55-9d1f-0c8e5a2b6f70"),
        "Retry-After": header("integer", "Seconds after which another try makes sense.", 5),
        "RateLimit-Limit": header("integer", "Requests that the tightest limit allows in its period.", 120),
        "RateLimit-Remaining": header("integer", "Requests that are left of it.", 117),
        "RateLimit-Reset": header("integer", "Seconds until the limit is whole again.", 42),
        "WWW-Authenticate": header("string", "The kind of credentials that is needed.", "Bearer"),
    ]
}
