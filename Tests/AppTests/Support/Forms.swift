import Files
import HTTPTypes
import HummingbirdTesting
import JSON
import NIOCore
import Testing

@testable import App
@testable import Chatbots
@testable import HTTPKit

extension TestApp {
    /// A form with a file, as a browser sends it.
    static func form(
        _ bytes: [UInt8], name: String, fields: [(String, String)] = [], boundary: String = "X-mynah-boundary"
    ) -> ByteBuffer {
        var body = ByteBuffer()
        for (field, value) in fields {
            body.writeString(
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(field)\"\r\n\r\n\(value)\r\n")
        }
        let escaped = name.replacing("\r\n", with: "%0D%0A").replacing("\"", with: "%22").replacing("\r", with: "%0D")
            .replacing("\n", with: "%0A")
        body.writeString(
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(escaped)\"\r\n"
                + "Content-Type: application/octet-stream\r\n\r\n")
        body.writeBytes(bytes)
        body.writeString("\r\n--\(boundary)--\r\n")
        return body
    }

    func sendFile(
        _ bytes: some Sequence<UInt8>, name: String = "notes.txt", to path: String, fields: [(String, String)] = [],
        as user: TestUser? = nil, headers: HTTPFields = [:]
    ) async throws -> Answer {
        try await send(
            .post, path, body: Self.form(Array(bytes), name: name, fields: fields),
            headers: [.contentType: "multipart/form-data; boundary=X-mynah-boundary"] + headers, as: user)
    }

    /// An upload of which all parts are there.
    func upload(
        _ bytes: [UInt8], name: String = "notes.txt", as user: TestUser, headers: HTTPFields = [:]
    ) async throws -> String {
        let begun = try await call(
            .post, "/uploads", ["name": .string(name), "bytes": .int(Int64(bytes.count))], as: user, headers: headers)
        try #require(begun.status == 201, "\(begun.text)")
        let (id, length) = (try begun.string("id"), Int(begun["part_bytes"]?.int ?? 0))
        for (at, start) in stride(from: 0, to: bytes.count, by: length).enumerated() {
            let part = bytes[start..<min(start + length, bytes.count)]
            let sent = try await raw(.put, "/uploads/\(id)/\(at + 1)", part, type: nil, as: user)
            try #require(sent.status == 200, "\(sent.text)")
        }
        return id
    }

    /// The bytes of an answer.
    func bytes(
        _ path: String, as user: TestUser, headers: HTTPFields = [:]
    ) async throws -> (status: Int, headers: HTTPFields, bytes: [UInt8]) {
        let response = try await client.executeRequest(
            uri: path, method: .get, headers: headers + [.authorization: "Bearer \(user.token)"], body: nil)
        return (response.status.code, response.headers, Array(response.body.readableBytesView))
    }

    /// How many objects the byte store has, beside its own mark.
    func storedObjects() async throws -> Int {
        try await app.uploads.sweep.store.list(after: nil, limit: 10_000).filter { !$0.name.text.hasPrefix("00000000") }
            .count
    }
}
