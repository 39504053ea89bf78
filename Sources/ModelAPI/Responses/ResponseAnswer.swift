import Chat
package import HTTPKit
package import HTTPTypes
package import Hummingbird
package import JSON

/// A response in JSON, as a stream while the client waits, or as a stream of what is written without it.
package enum ResponseAnswer: Output {
    case waited(CompletionAnswer<ResponseObject>)
    case followed(ResponseStreamAnswer)

    package static var schema: Schema? { ResponseObject.schema }
    package static var mediaTypes: [String] { ["application/json", "text/event-stream"] }
    package static var streamSchema: Schema? { .of(ResponseStreamEvent.self) }

    package func response(_ status: HTTPResponse.Status) throws -> Response {
        switch self {
        case .waited(let answer): try answer.response(status)
        case .followed(let answer): answer.stream.response(status)
        }
    }
}

package struct ResponseStreamAnswer: Sendable {
    let stream: ResponseStream
}

/// The data of one event of a response's stream, for the OpenAPI document.
package struct ResponseStreamEvent: Codable {
    package let type: String
    package let sequenceNumber: Int
    package let response: ResponseObject?
    package let outputIndex: Int?
    package let item: JSONObject?
    package let itemID: String?
    package let contentIndex: Int?
    package let summaryIndex: Int?
    package let part: JSONObject?
    package let delta: String?
    package let text: String?
    package let annotation: JSONObject?
    package let annotationIndex: Int?
    package let refusal: String?
    package let arguments: String?
    package let name: String?
    package let input: String?
}

package struct ResponseDeleted: JSONOutput {
    package let id: String
    package let object: String
    package let deleted: Bool

    init(id: String) {
        self.id = id
        object = "response"
        deleted = true
    }
}

package struct ResponseInputTokens: JSONOutput {
    package let object: String
    package let inputTokens: Int

    init(_ count: Int) {
        object = "response.input_tokens"
        inputTokens = count
    }
}

/// What a query for a stored response may ask.
package struct ResponseQuery: Input, Ruled {
    package let stream: Bool?
    package let startingAfter: Int?
    package let include: String?
    package let includeObfuscation: Bool?
    package let user: String?

    package static var rules: [String: Rule] {
        [
            "stream": .note("Follow a response in the background by server-sent events."),
            "starting_after": .number(
                0...9_000_000_000, note: "The `sequence_number` of the last event that is known."),
            "include": .text(0...200, note: "`reasoning.encrypted_content`; also as `include[]`."),
            "include_obfuscation": .note("Accepted; streams have no such field."),
            "user": .text(0...512, note: "The response is found only if it was made for this user."),
        ]
    }
}

/// Names the end user that a response was made for.
package struct ResponseUser: Input, Ruled {
    package let user: String?
    package static var rules: [String: Rule] {
        ["user": .text(0...512, note: "The response is found only if it was made for this user.")]
    }
}

package struct ResponseItemList: JSONOutput {
    package let object: String
    package let data: [JSONValue]
    package let firstID: String?
    package let lastID: String?
    package let hasMore: Bool

    init(_ items: [JSONValue], hasMore: Bool) {
        object = "list"
        data = items
        firstID = items.first?["id"]?.string
        lastID = items.last?["id"]?.string
        self.hasMore = hasMore
    }

    package struct Query: Input, Ruled {
        package let limit: Int?
        package let order: Order?
        package let after: String?
        package let include: String?
        package let user: String?

        package enum Order: String, Choice { case asc, desc }

        package static var rules: [String: Rule] {
            [
                "limit": .number(1...100, note: "20 if it is left out."),
                "order": .note("`desc` if it is left out."),
                "after": .note("The id of the last item of the previous page."),
                "include": .text(0...200, note: "Accepted; items are whole in any case."),
                "user": .text(0...512, note: "The response is found only if it was made for this user."),
            ]
        }
    }
}
