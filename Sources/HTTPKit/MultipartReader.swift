import Foundation
package import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads `multipart/form-data` (RFC 7578) as it arrives, without keeping more than what may be the beginning of a boundary.
package struct MultipartReader {
    package enum Event: Equatable {
        /// A part begins. The name of the file is as the client sent it.
        case part(name: String, fileName: String?, contentType: String?)
        /// Bytes of the part that began last.
        case bytes(ByteBuffer)
    }

    private enum State {
        /// Before the first boundary, whose line break may be the beginning of the body.
        case preamble
        /// After a boundary, which is followed by either `--` or a line break.
        case afterBoundary
        case headers
        case content
        case end
    }

    /// Maximum length of the headers of one part, in bytes.
    private static let longestHeaders = 16 << 10
    private static let mostParts = 100

    /// The boundary, with the line break before it.
    private let delimiter: [UInt8]
    private var state = State.preamble
    private var buffer: ByteBuffer
    private var parts = 0

    /// Returns nil if the content type is not `multipart/form-data` with a boundary.
    package init?(contentType: String?) {
        guard let contentType, let fields = HeaderFields(contentType), fields.value == "multipart/form-data",
            let boundary = fields["boundary"], (1...70).contains(boundary.utf8.count),
            boundary.utf8.allSatisfy({ (32...126).contains($0) })
        else { return nil }
        delimiter = Array("\r\n--\(boundary)".utf8)
        // So that a boundary at the beginning has a line break before it, too.
        buffer = ByteBuffer(string: "\r\n")
    }

    /// Whether the last boundary has come. A body that ends before it was cut off.
    package var isComplete: Bool { if case .end = state { true } else { false } }

    /// Takes the next bytes of the body. Throws `malformed_body`.
    package mutating func read(_ bytes: ByteBuffer) throws(APIError) -> [Event] {
        var events: [Event] = []
        buffer.writeImmutableBuffer(bytes)
        while let event = try next() {
            if case .some(let event) = event { events.append(event) }
        }
        buffer.discardReadBytes()
        return events
    }

    /// Nil if more bytes are needed, and no event inside if something was read that is none.
    private mutating func next() throws(APIError) -> Event?? {
        switch state {
        case .preamble:
            guard let index = find(delimiter) else {
                buffer.moveReaderIndex(forwardBy: max(0, buffer.readableBytes - delimiter.count + 1))
                return nil
            }
            buffer.moveReaderIndex(forwardBy: index + delimiter.count)
            state = .afterBoundary
            return .some(nil)
        case .afterBoundary:
            // Blanks may follow a boundary.
            guard buffer.readableBytes >= 2 else { return nil }
            while let byte = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self), byte == 32 || byte == 9 {
                buffer.moveReaderIndex(forwardBy: 1)
            }
            guard let mark = buffer.readBytes(length: 2) else { return nil }
            if mark == Array("--".utf8) {
                state = .end
                return .some(nil)
            }
            guard mark == Array("\r\n".utf8) else { throw Self.malformed }
            parts += 1
            guard parts <= Self.mostParts else { throw APIError(.malformedBody, "The form has too many parts.") }
            state = .headers
            return .some(nil)
        case .headers:
            // A part without headers has an empty line at once.
            if buffer.readableBytes >= 2, buffer.getBytes(at: buffer.readerIndex, length: 2) == Array("\r\n".utf8) {
                throw Self.malformed
            }
            guard let end = find(Array("\r\n\r\n".utf8)) else {
                guard buffer.readableBytes <= Self.longestHeaders else { throw Self.malformed }
                return nil
            }
            guard end <= Self.longestHeaders, let text = buffer.readBytes(length: end),
                let headers = String(validating: text, as: UTF8.self)
            else { throw Self.malformed }
            // The line break before a boundary may be the one after the headers.
            buffer.moveReaderIndex(forwardBy: 2)
            state = .content
            let part = try Self.part(headers)
            // Bytes begin behind it.
            isAtStart = true
            return .some(part)
        case .content:
            return try content()
        case .end:
            buffer.clear()
            return nil
        }
    }

    /// Whether the line break that ends the headers has not been read.
    private var isAtStart = false

    private mutating func content() throws(APIError) -> Event?? {
        if isAtStart {
            guard buffer.readableBytes >= delimiter.count else { return nil }
            isAtStart = false
            if buffer.getBytes(at: buffer.readerIndex, length: delimiter.count) == delimiter {
                buffer.moveReaderIndex(forwardBy: delimiter.count)
                state = .afterBoundary
                return .some(.bytes(ByteBuffer()))
            }
            buffer.moveReaderIndex(forwardBy: 2)
        }
        if let index = find(delimiter) {
            let bytes = buffer.readSlice(length: index) ?? ByteBuffer()
            buffer.moveReaderIndex(forwardBy: delimiter.count)
            state = .afterBoundary
            return .some(.bytes(bytes))
        }
        let safe = buffer.readableBytes - delimiter.count + 1
        guard safe > 0, let bytes = buffer.readSlice(length: safe) else { return nil }
        return .some(.bytes(bytes))
    }

    /// Offset of the first occurrence of the bytes from the reader index; nil if there is none.
    private func find(_ bytes: [UInt8]) -> Int? {
        buffer.withUnsafeReadableBytes { space in
            guard let base = space.baseAddress else { return nil }
            var start = 0
            while space.count - start >= bytes.count {
                let most = space.count - start - bytes.count + 1
                guard let found = memchr(base + start, Int32(bytes[0]), most) else { return nil }
                let index = UnsafeRawPointer(found) - base
                if memcmp(found, bytes, bytes.count) == 0 { return index }
                start = index + 1
            }
            return nil
        }
    }

    private static var malformed: APIError { APIError(.malformedBody, "The body is not valid multipart/form-data.") }

    private static func part(_ headers: String) throws(APIError) -> Event {
        var disposition: HeaderFields?
        var contentType: String?
        for line in headers.split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw malformed }
            let value = parts[1].trimmingCharacters(in: .whitespaces)
            switch parts[0].lowercased() {
            case "content-disposition": disposition = HeaderFields(value)
            case "content-type": contentType = value
            // Bytes are sent as they are.
            case "content-transfer-encoding" where !["binary", "8bit", "7bit"].contains(value.lowercased()):
                throw APIError(.malformedBody, "The parts of a form must not be encoded.")
            default: break
            }
        }
        guard let disposition, disposition.value == "form-data", let name = disposition["name"] else { throw malformed }
        return .part(name: name, fileName: disposition.fileName, contentType: contentType)
    }
}

/// A header's value with its parameters, such as `form-data; name="file"`.
private struct HeaderFields {
    /// The value before the parameters, in lower case.
    let value: String
    private var fields: [String: String] = [:]

    /// Nil if it is not well formed.
    init?(_ text: String) {
        var rest = Substring(text)
        value = String(rest.prefix { $0 != ";" }).trimmingCharacters(in: .whitespaces).lowercased()
        rest = rest.drop { $0 != ";" }
        while rest.first == ";" {
            rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
            if rest.isEmpty { return }
            let name = rest.prefix { $0 != "=" && $0 != ";" }.lowercased()
            rest = rest.dropFirst(name.count)
            guard rest.first == "=" else { return nil }
            rest = rest.dropFirst()
            guard let field = Self.field(&rest) else { return nil }
            // The first one counts, as for browsers.
            if fields[name] == nil { fields[name] = field }
            rest = rest.drop { $0 == " " || $0 == "\t" }
        }
        guard rest.isEmpty else { return nil }
    }

    subscript(_ name: String) -> String? { fields[name] }

    /// `filename*` (UTF-8 by RFC 5987) if there is one, else `filename`, in which browsers escape quotes and line
    /// breaks.
    var fileName: String? {
        if let extended = fields["filename*"] {
            let parts = extended.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
            if parts.count == 3, parts[0].lowercased() == "utf-8" { return parts[2].removingPercentEncoding }
        }
        return fields["filename"]?.replacing("%22", with: "\"").replacing("%0D", with: "\r").replacing(
            "%0A", with: "\n")
    }

    /// A token, or a text in quotes.
    private static func field(_ rest: inout Substring) -> String? {
        guard rest.first == "\"" else {
            let token = rest.prefix { $0 != ";" }
            rest = rest.dropFirst(token.count)
            return token.trimmingCharacters(in: .whitespaces)
        }
        var text = ""
        rest = rest.dropFirst()
        while let character = rest.popFirst() {
            if character == "\"" { return text }
            // No other escapes are decoded, because names of files may contain backslashes.
            if character == "\\", let next = rest.first, next == "\"" || next == "\\" {
                text.append(next)
                rest = rest.dropFirst()
            } else {
                text.append(character)
            }
        }
        return nil
    }
}
