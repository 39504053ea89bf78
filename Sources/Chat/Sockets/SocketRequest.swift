package import HTTPKit
import JSON
package import NIOCore

/// What a client says on a WebSocket: one JSON object a message.
package enum SocketRequest: Sendable {
    case message(ChatRoutes.Send)
    case stop(conversationID: String)
    case resume(conversationID: String, lastEventID: String?)

    /// What cannot be done, and the client's own name of it.
    package struct Refused: Error {
        package let error: APIError
        package let replyTo: String?
    }

    private struct Head: Input, Ruled {
        let type: Kind
        let id: String?
        enum Kind: String, Choice { case message, stop, resume }
        static var rules: [String: Rule] { ["id": .text(0...200)] }
    }

    private struct Reference: Input {
        let conversationID: String
        let lastEventID: String?
    }

    private static let head = Schema.of(Head.self)
    private static let send = Schema.of(ChatRoutes.Send.self)
    private static let reference = Schema.of(Reference.self)

    package static func parse(_ message: ByteBuffer) throws(Refused) -> (request: SocketRequest, replyTo: String?) {
        var replyTo: String?
        do {
            let value = try message.withUnsafeReadableBytes { bytes in try JSONValue(parsing: bytes) }
            replyTo = value["id"]?.string
            let head = try decode(Head.self, head, value)
            switch head.type {
            case .message:
                return (.message(try decode(ChatRoutes.Send.self, send, value)), replyTo)
            case .stop:
                return (.stop(conversationID: try decode(Reference.self, reference, value).conversationID), replyTo)
            case .resume:
                let named = try decode(Reference.self, reference, value)
                return (.resume(conversationID: named.conversationID, lastEventID: named.lastEventID), replyTo)
            }
        } catch let error as JSONError {
            throw Refused(error: APIError(json: error), replyTo: nil)
        } catch let error as DecodingError {
            throw Refused(error: APIError(decoding: error), replyTo: replyTo)
        } catch {
            throw Refused(error: APIError(any: error), replyTo: replyTo)
        }
    }

    private static func decode<In: Input>(_ type: In.Type, _ schema: Schema, _ value: JSONValue) throws -> In {
        try schema.check(value)
        let input = try JSONTreeDecoder().decode(type, from: value)
        try input.validate()
        return input
    }
}
