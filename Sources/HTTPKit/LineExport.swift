package import HTTPTypes
package import Hummingbird
package import NIOCore

/// A list as a file of lines, read and sent page by page. A page that cannot be read ends the connection before the
/// answer's end, so that what is cut off cannot pass for the whole.
package struct LineExport: Sendable {
    package enum Format: String, Choice { case csv, jsonl }

    package struct Page: Sendable {
        package var lines = ByteBuffer()
        /// Nil after the last page.
        package var next: Cursor?

        package init(lines: ByteBuffer = ByteBuffer(), next: Cursor? = nil) {
            self.lines = lines
            self.next = next
        }
    }

    package static let mediaTypes = [CSV.mediaType, "application/jsonl; charset=utf-8"]

    /// Without its ending.
    package let name: String
    package let format: Format
    /// Names of the columns.
    package let header: [String]
    package let start: Cursor
    package let page: @Sendable (_ after: Cursor) async throws -> Page

    package init(
        name: String, format: Format, header: [String], start: Cursor,
        page: @escaping @Sendable (_ after: Cursor) async throws -> Page
    ) {
        self.name = name
        self.format = format
        self.header = header
        self.start = start
        self.page = page
    }

    package func response(_ status: HTTPResponse.Status) -> Response {
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
