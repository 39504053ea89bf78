import HTTPTypes
package import Hummingbird

/// Answers requests for parts of files. What serves the files takes a valid range of one part and no other, so it never
/// sees another one.
package struct FileRanges: RouterMiddleware {
    package init() {}

    @concurrent package func handle(
        _ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard let range = request.headers[.range] else { return try await next(request, context) }
        var head = request.head
        head.headerFields[.range] = nil
        head.headerFields[.ifRange] = nil
        func answer(_ head: HTTPRequest) async throws -> Response {
            try await next(Request(head: head, body: request.body), context)
        }
        // A range is for GET alone (RFC 9110, 14.2).
        guard request.method == .get else { return try await answer(head) }
        var look = head
        look.method = .head
        let file = try await answer(look)
        guard file.status == .ok, let size = file.headers[.contentLength].flatMap({ Int($0) }),
            request.headers[.ifRange].map({ Self.isUnchanged($0, file) }) ?? true
        else { return try await answer(head) }
        switch ByteRange(range, size: size) {
        case .whole: return try await answer(head)
        case .unsatisfiable:
            return Response(
                status: .rangeNotSatisfiable, headers: [.contentRange: "bytes */\(size)", .acceptRanges: "bytes"])
        case .part(let bytes):
            head.headerFields[.range] = "bytes=\(bytes.lowerBound)-\(bytes.upperBound)"
            return try await answer(head)
        }
    }

    /// Compares strongly (RFC 9110, 13.1.5): a weak tag, as files have here, never matches, and a date only if it is the
    /// file's own.
    private static func isUnchanged(_ validator: String, _ file: Response) -> Bool {
        validator == file.headers[.lastModified] || (!validator.hasPrefix("W/") && validator == file.headers[.eTag])
    }
}
