import Foundation
package import HTTPTypes
package import Hummingbird
package import JSON
package import Logging
package import NIOCore
import NIOHTTP1

/// One request on its way to its handler, with what every route may need to know of it. A class, since it is handed on by
/// every context and would be copied field by field.
package final class Call: Sendable {
    package let request: Request
    package let channel: any Channel
    package let parameters: Parameters
    package let id: String
    package let remoteAddress: String
    package let logger: Logger
    package let route: Route
    /// What the application does around the call.
    package let services: any CallServices
    package let limits = MetLimits()
    package let memory: CallMemory
    private let state = StateBox()
    /// What is left of the day's messages, once the call has been counted.
    package let daily = DailyAllowance.Box()

    /// - Parameter services: makes what the application does around the call.
    package init(
        request: Request, context: AppContext, route: Route, bytesInFlight: BytesInFlight, services: any CallServices
    ) {
        self.request = request
        self.route = route
        self.services = services
        memory = CallMemory(bytesInFlight, address: IPAddress.subscriber(context.remoteAddress))
        channel = context.channel
        parameters = context.parameters
        id = context.requestID
        remoteAddress = context.remoteAddress
        logger = context.logger
    }

    /// The values joined, if there are several.
    package func header(_ name: HTTPField.Name) -> String? {
        let values = request.headers[values: name]
        return values.count > 1 ? request.headers[name] : values.first
    }

    package func parameter(_ name: String) -> String {
        guard let value = parameters.get(name) else { preconditionFailure("the route has no parameter {\(name)}") }
        return value
    }

    /// Executor that handles the call; nil for the default one of small calls. A body without a length may be large.
    package var executor: (any TaskExecutor)? {
        let length =
            header(.contentLength).map { Int($0) ?? .max } ?? (header(.transferEncoding) == nil ? 0 : route.maxBody)
        return length > SideThread.largeCall && route.maxBody > RoutePolicy.usualBody ? SideThread.largeCalls : nil
    }

    /// The collected body, read from the wire once. There is room for it before it is read.
    package func body() async throws -> ByteBuffer {
        if let buffer = state.body { return buffer }
        // The digits have been checked; what is no Int is too large for one.
        let length = header(.contentLength).map { Int($0) ?? .max }
        if let length, length > route.maxBody { throw APIError(.tooLarge) }
        try await memory.awaitRoom(forBody: length ?? 0)
        var buffer = ByteBuffer()
        if let length { buffer.reserveCapacity(length) }
        try await forEachPiece { piece in
            let bytes = buffer.readableBytes + piece.readableBytes
            guard bytes <= route.maxBody else { throw APIError(.tooLarge) }
            if length == nil { try memory.holdBody(bytes: bytes) }
            buffer.writeImmutableBuffer(piece)
        }
        state.body = buffer
        return buffer
    }

    /// Reads the body piece by piece, as it arrives. It can be read once.
    package func forEachPiece(_ take: (ByteBuffer) async throws -> Void) async throws {
        do {
            for try await piece in request.body { try await take(piece) }
        } catch let error as HTTPParserError {
            throw APIError(.malformedBody, "The body is not sent as its headers say.", cause: error)
        }
    }

    /// What a route takes, from the query (also of a HEAD) or from the body. The body is let go; what matters of it is in
    /// the result.
    package func input<In: Input>(
        _ type: In.Type, _ schema: Schema, trims: Bool, fromQuery: Bool
    ) async throws -> In {
        guard !fromQuery else {
            let query = try query()
            let input = try decode(type, trims ? schema.trimming(query) : query, isText: true, schema)
            try services.received(self, query, schema, body: nil)
            return input
        }
        let (value, isText) = try await json(schema, acceptsForm: type.acceptsForm)
        var input = try decode(type, trims ? schema.trimming(value) : value, isText: isText, schema)
        if var document = input as? any DocumentInput, case .object(let members) = value {
            try (state.body ?? ByteBuffer()).withUnsafeReadableBytes { try document.read(members, $0) }
            input = document as! In
        }
        try services.received(self, value, schema, body: state.body)
        memory.keepDecoded(bytes: state.body?.readableBytes ?? 0)
        state.body = nil
        return input
    }

    private func decode<In: Input>(_ type: In.Type, _ value: JSONValue, isText: Bool, _ schema: Schema) throws -> In {
        try schema.check(value, lenient: isText)
        let input: In
        do {
            input = try JSONTreeDecoder(lenientScalars: isText).decode(In.self, from: value)
        } catch let error as DecodingError {
            throw APIError(decoding: error)
        }
        try input.validate()
        return input
    }

    /// The body as a JSON object (empty if there is no body), and whether its values are text, as a form's are.
    private func json(_ schema: Schema, acceptsForm: Bool) async throws -> (value: JSONValue, isText: Bool) {
        let buffer = try await body()
        guard buffer.readableBytes > 0 else { return (.object([:]), false) }
        try buffer.withUnsafeReadableBytes { try memory.holdDecoded($0) }
        let type = mediaType
        if type == Self.json || type.hasSuffix("+json") {
            do {
                return (try buffer.withUnsafeReadableBytes { bytes in try JSONValue(parsing: bytes) }, false)
            } catch let error as JSONError {
                throw APIError(json: error)
            }
        }
        if acceptsForm, type == FormFields.mediaType {
            guard let fields = FormFields.pairs(buffer.readableBytesView) else {
                throw APIError(.notUTF8, "The form is not valid UTF-8 or not properly escaped.")
            }
            return (.object(route.followsOAuth ? try FormFields.oauth(fields, schema) : FormFields.merge(fields)), true)
        }
        throw APIError(
            .unsupportedMediaType,
            acceptsForm ? "Send application/json or application/x-www-form-urlencoded." : nil)
    }

    private func query() throws -> JSONValue {
        guard let fields = FormFields.parse(rawQuery.utf8) else {
            throw APIError(.notUTF8, "The query is not valid UTF-8 or not properly escaped.")
        }
        return .object(fields)
    }

    /// Whether the body is a form, as far as its header says.
    package var isForm: Bool { mediaType == FormFields.mediaType }

    /// Whether the body is multipart, as far as its header says.
    package var isMultipart: Bool { mediaType.hasPrefix("multipart/") }

    private static let json = "application/json"

    /// The body's type without parameters; JSON if the call names none.
    private var mediaType: String {
        guard let given = header(.contentType), given != Self.json else { return Self.json }
        return given.split(separator: ";").first?.trimmingCharacters(in: .whitespaces).lowercased() ?? Self.json
    }

    package var path: String { request.uri.path }
    /// As it was sent; empty if there is none.
    package var rawQuery: String { request.uri.query ?? "" }

    package var wantsEventStream: Bool { header(.accept)?.contains("text/event-stream") ?? false }

    /// The user who calls, once that is known.
    package var userID: String? { state.userID }

    /// Language chosen by the person that an application calls for; nil if the call does not state it.
    package var chosenLanguage: UserLanguage? { state.language }

    package func record(userID: String) { state.userID = userID }
    package func record(language: UserLanguage?) { state.language = language ?? state.language }

    /// Set by the one task that handles the request, before any other can read it.
    private final class StateBox: @unchecked Sendable {
        var body: ByteBuffer?
        var userID: String?
        var language: UserLanguage?
    }
}

extension HTTPField.Name {
    package static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
    package static let requestID = HTTPField.Name("X-Request-Id")!
    static let anthropicRequestID = HTTPField.Name("request-id")!
    package static let workspaceID = HTTPField.Name("X-Workspace-Id")!
    package static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
    package static let lastEventID = HTTPField.Name("Last-Event-ID")!
}

extension APIError {
    package init(json error: JSONError) {
        let code: Code =
            switch error.kind {
            case .duplicateKey: .duplicateKey
            case .notUTF8: .notUTF8
            default: .malformedBody
            }
        self.init(code, "The body is not acceptable JSON: \(error.message) (at byte \(error.offset)).")
    }
}

/// `application/x-www-form-urlencoded`, as bodies and queries use it. Of a repeated field the last one counts.
package enum FormFields {
    package static let mediaType = "application/x-www-form-urlencoded"
    /// Maximum length of a name, in bytes. Hashing a long string of combining marks takes time that grows with the
    /// square of its length.
    package static let longestName = 256

    package static func parse(_ bytes: some Sequence<UInt8>) -> [String: JSONValue]? { pairs(bytes).map(merge) }

    static func merge(_ pairs: [(name: String, value: String)]) -> [String: JSONValue] {
        pairs.reduce(into: [:]) { $0[$1.name] = .string($1.value) }
    }

    /// The parameters of an OAuth request (RFC 6749, section 3.2): one without a value counts as left out, a repeated one
    /// is an error, and unknown ones are ignored.
    static func oauth(
        _ pairs: [(name: String, value: String)], _ schema: Schema
    ) throws(APIError) -> [String: JSONValue] {
        guard case .object(_, let properties) = schema.kind else { return merge(pairs) }
        let known = Set(properties.map(\.name))
        var fields: [String: JSONValue] = [:]
        for (name, value) in pairs where !value.isEmpty && known.contains(name) {
            guard fields.updateValue(.string(value), forKey: name) == nil else {
                throw .invalid(name, "'\(name)' must not be sent more than once.")
            }
        }
        return fields
    }

    /// The fields in the order in which they were sent; nil if the bytes are no form.
    static func pairs(_ bytes: some Sequence<UInt8>) -> [(name: String, value: String)]? {
        var fields: [(name: String, value: String)] = []
        for pair in Array(bytes).split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts[0].count <= longestName, let name = unescape(parts[0]),
                let value = unescape(parts.count > 1 ? parts[1] : [])
            else {
                return nil
            }
            fields.append((name, value))
        }
        return fields
    }

    private static func unescape(_ bytes: ArraySlice<UInt8>) -> String? {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var position = bytes.startIndex
        while position < bytes.endIndex {
            switch bytes[position] {
            case UInt8(ascii: "+"):
                out.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard position + 2 < bytes.endIndex, let high = hexValue(bytes[position + 1]),
                    let low = hexValue(bytes[position + 2])
                else { return nil }
                out.append(high << 4 | low)
                position += 2
            case let byte:
                out.append(byte)
            }
            position += 1
        }
        return String(validating: out, as: UTF8.self)
    }
}
