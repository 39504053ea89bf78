import Files
package import HTTPKit

/// A file that is sent in parts, until it becomes a file of a chatbot, a conversation or an API client.
package struct Upload: JSONOutput, Equatable {
    package let id: String
    package let name: String
    package let bytes: Int
    /// The length of each part except the last, in bytes.
    package let partBytes: Int
    /// Detected from the bytes; null until the upload is complete.
    package let contentType: String?
    /// SHA-256 of the content, in hexadecimal; null until the upload is complete.
    package let sha256: String?
    package let isComplete: Bool
    /// The numbers of the parts that have arrived.
    package let parts: [Int]
    package let createdAt: Timestamp
    /// An upload that is not used by then is removed.
    package let expiresAt: Timestamp

    static let lifetime = Duration.seconds(86_400)

    package struct Create: Input, Ruled {
        package let name: String
        package let bytes: Int
        package let contentType: String?

        package static var rules: [String: Rule] {
            [
                "name": FileName.rule,
                "bytes": .number(0...9_000_000_000_000_000, note: "The size of the whole file."),
                "content_type": .text(0...255, note: "Has no effect: the type is detected from the bytes."),
            ]
        }
    }

    /// A part that has been stored.
    package struct Part: JSONOutput {
        package let part: Int
        package let bytes: Int
        package let sha256: String
    }

    /// Names an upload.
    package struct Reference: Input, Ruled {
        package let uploadID: String
        package static var rules: [String: Rule] { ["upload_id": .note("From `POST /uploads`.")] }
    }

    /// Names an upload, or the address of a file.
    package struct Source: Input, Ruled {
        package let uploadID: String?
        package let url: String?

        package static var requiresBody: Bool { true }
        package static var rules: [String: Rule] {
            [
                "upload_id": .note("From `POST /uploads`."),
                "url": .text(
                    1...2000, note: "A public http or https address, which is read once. Redirects are not followed."),
            ]
        }

        /// Throws `missing_field` unless it names one of them.
        func check() throws(APIError) {
            guard (uploadID == nil) != (url == nil) else {
                throw APIError(.missingField, "Send a form with 'file', or 'upload_id' or 'url'.", param: "upload_id")
            }
        }
    }

    /// The number of parts of a file.
    static func partCount(bytes: Int) -> Int { (bytes + ObjectLimits.maxObject - 1) / ObjectLimits.maxObject }

    /// Length of a part, in bytes; nil if there is no such part. An empty file has one empty part, which need not be
    /// sent.
    static func length(ofPart number: Int, bytes: Int) -> Int? {
        if bytes == 0 { return number == 1 ? 0 : nil }
        guard number >= 1, number <= partCount(bytes: bytes) else { return nil }
        return min(ObjectLimits.maxObject, bytes - (number - 1) * ObjectLimits.maxObject)
    }
}
