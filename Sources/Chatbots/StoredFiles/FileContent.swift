import Files
package import HTTPKit
package import HTTPTypes
package import Hummingbird
import NIOCore
import Storage

/// The bytes of a file, or the range that `Range` asks for. A browser runs nothing in them: it saves the file, does not
/// guess its type, and gets a policy that forbids everything.
package struct FileContent: Output {
    let file: StoredFile
    let parts: [FilePart]
    let objects: FileObjects
    let range: ByteRange

    package init(_ file: StoredFile, _ parts: [FilePart], _ objects: FileObjects, _ call: Call) {
        self.file = file
        self.parts = parts
        self.objects = objects
        let tag = Self.tag(file)
        let isUnchanged = call.header(.ifRange).map { $0 == tag } ?? true
        range =
            call.request.method == .get && isUnchanged
            ? call.header(.range).map { ByteRange($0, size: file.bytes) } ?? .whole : .whole
    }

    package static var schema: Schema? { nil }
    package static var mediaTypes: [String] { [ContentType.unknown] }
    package static var otherStatuses: [HTTPResponse.Status] { [.partialContent, .rangeNotSatisfiable] }
    package static var isStreamed: Bool { true }

    private static func tag(_ file: StoredFile) -> String { "\"\(file.sha256.hexadecimal)\"" }

    package func response(_ status: HTTPResponse.Status) -> Response {
        var headers: HTTPFields = [
            .contentType: ContentType.served(file.contentType),
            .contentDisposition: FileName.attachment(file.name),
            .contentSecurityPolicy: "sandbox; default-src 'none'",
            .eTag: Self.tag(file), .acceptRanges: "bytes", .cacheControl: "private, no-store",
        ]
        let wanted: Range<Int>
        var status = status
        switch range {
        case .whole: wanted = 0..<file.bytes
        case .part(let part):
            wanted = part.lowerBound..<part.upperBound + 1
            headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound)/\(file.bytes)"
            status = .partialContent
        case .unsatisfiable:
            headers[.contentRange] = "bytes */\(file.bytes)"
            return Response(status: .rangeNotSatisfiable, headers: headers)
        }
        let body = ResponseBody(contentLength: wanted.count) { [parts, objects] writer in
            for piece in FileObjects.pieces(of: parts, in: wanted) {
                try await writer.write(try await objects.read(piece))
            }
            try await writer.finish(nil)
        }
        return Response(status: status, headers: headers, body: body)
    }
}
