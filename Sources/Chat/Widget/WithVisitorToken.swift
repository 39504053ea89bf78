package import HTTPKit
package import HTTPTypes
package import Hummingbird
import Platform

/// An answer, and for a newcomer the token to come back with. The token is in the header `X-Visitor`, too: a stream may
/// break off before its last event.
package struct WithVisitorToken<Answer: Output>: Output {
    package let answer: Answer
    package let newToken: String?

    package static var schema: Schema? { Answer.schema }
    package static var mediaTypes: [String] { Answer.mediaTypes }

    package func response(_ status: HTTPResponse.Status) throws -> Response {
        var response = try answer.response(status)
        if let newToken { response.headers[.visitor] = newToken }
        return response
    }
}
