import HTTPTypes
import Hummingbird
import NIOCore

/// A list as a file of lines, read and sent page by page. A page that cannot be read ends the connection before the
/// answer's end, so that what is cut off cannot pass for the whole.
struct LineExport: Sendable {
    enum Format: String, Choice { case csv, jsonl }

    struct Page: Sendable {
        var lines = ByteBuffer()
        /// Nil after the last page.
        var next: Cursor?
    }

    static let mediaTypes = [CSV.mediaType, "application/jsonl; charset=utf-8"]

    /// Without its ending.
    let name: String
    let format: Format
    /// Of the columns.
    let header: [String]
    let start: Cursor
    let page: @Sendable (_ after: Cursor) async throws -> Page

    func response(_ status: HTTPResponse.Status) -> Response {
        let body = ResponseBody { writer in
            if format == .csv { try await writer.write(ByteBuffer(string: CSV.line(header))) }
            var after: Cursor? = start
            while let cursor = after {
                let page = try await page(cursor)
                if page.lines.readableBytes > 0 { try await writer.write(page.lines) }
                after = page.next
            }
            try await writer.finish(nil)
        }
        return Response(
            status: status,
            headers: [
                .contentType: Self.mediaTypes[format == .csv ? 0 : 1],
                .contentDisposition: "attachment; filename=\"\(name).\(format.rawValue)\"",
            ], body: body)
    }
}
