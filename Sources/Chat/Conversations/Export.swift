package import HTTPKit
package import HTTPTypes
package import Hummingbird
import JSON
import NIOCore

/// A conversation as a file to keep.
package struct Export: Output {
    package let conversation: Conversation
    package let format: ConversationRoutes.ExportFormat.Format
    package let branch: Message.Branch
    package let page: @Sendable @concurrent (_ after: Int64) async throws -> [Message.Placed]
    package let hidden: @Sendable @concurrent (_ after: String) async throws -> [HiddenMessage]

    package static var schema: Schema? { .of(Document.self) }
    package static var mediaTypes: [String] { ["application/json", "text/markdown"] }

    /// What the JSON form holds.
    package struct Document: JSONOutput {
        package let conversation: Conversation
        package let messages: [Message]
        /// What the source of an imported conversation did not show, if every message is asked for.
        package let hiddenMessages: [HiddenMessage]?
    }

    package func response(_ status: HTTPResponse.Status) -> Response {
        let isJSON = format == .json
        let name = "conversation-\(conversation.id).\(isJSON ? "json" : "md")"
        let body = ResponseBody { writer in
            try await writer.write(ByteBuffer(bytes: try head(isJSON)))
            try await writeMessages(&writer, isJSON)
            if isJSON {
                try await writer.write(ByteBuffer(string: "],\"hidden_messages\":"))
                try await writeHidden(&writer)
                try await writer.write(ByteBuffer(string: "}\n"))
            }
            try await writer.finish(nil)
        }
        return Response(
            status: status,
            headers: [
                .contentType: isJSON ? "application/json; charset=utf-8" : "text/markdown; charset=utf-8",
                .contentDisposition: "attachment; filename=\"\(name)\"",
            ], body: body)
    }

    @concurrent private func writeMessages(_ writer: inout any ResponseBodyWriter, _ isJSON: Bool) async throws {
        var (after, isFirst) = (Int64.min, true)
        while true {
            let placed = try await page(after)
            guard let last = placed.last else { return }
            var buffer = ByteBuffer()
            for item in placed {
                if isJSON {
                    if !isFirst { buffer.writeString(",") }
                    buffer.writeBytes(try JSONWriter.encode(item.message))
                } else {
                    let message = item.message
                    buffer.writeString(
                        "\n## \(message.sender.rawValue) · \(message.createdAt.iso8601)\n\n\(message.content)\n")
                }
                isFirst = false
            }
            try await writer.write(buffer)
            after = last.position
        }
    }

    @concurrent private func writeHidden(_ writer: inout any ResponseBodyWriter) async throws {
        guard branch == .all else { return try await writer.write(ByteBuffer(string: "null")) }
        var (after, separator) = ("", "[")
        while true {
            let found = try await hidden(after)
            guard let last = found.last else { break }
            var buffer = ByteBuffer()
            for message in found {
                buffer.writeString(separator)
                buffer.writeBytes(try JSONWriter.encode(message))
                separator = ","
            }
            try await writer.write(buffer)
            after = last.id
        }
        try await writer.write(ByteBuffer(string: separator == "[" ? "[]" : "]"))
    }

    private func head(_ isJSON: Bool) throws -> [UInt8] {
        if isJSON {
            return Array("{\"conversation\":".utf8) + (try JSONWriter.encode(conversation))
                + Array(",\"messages\":[".utf8)
        }
        let title = conversation.title?.split(whereSeparator: \.isNewline).joined(separator: " ") ?? "Conversation"
        return Array("# \(title)\n".utf8)
    }
}
