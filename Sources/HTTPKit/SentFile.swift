/// A file that has been received and stored as an upload. The route that received it turns it into something else.
package struct SentFile: Sendable {
    /// The id of the upload.
    package let id: String
    /// The other fields of the form.
    package let fields: [String: String]
    /// Distinguishes it from another file that is sent under the same `Idempotency-Key`.
    package let fingerprint: [UInt8]
    /// Removes the upload.
    package let discard: @Sendable () async -> Void

    package init(
        id: String, fields: [String: String], fingerprint: [UInt8], discard: @escaping @Sendable () async -> Void
    ) {
        self.discard = discard
        self.id = id
        self.fields = fields
        self.fingerprint = fingerprint
    }
}

/// The input of a route that accepts a file: a form with the file, or JSON that names an upload.
package enum FileInput<In: Input>: Sendable {
    case file(SentFile)
    case json(In)
}

/// How a route takes its body.
package enum BodyForm: Sendable {
    /// JSON, or a form if the input accepts one.
    case input
    /// `multipart/form-data` with a file and these fields, each with its possible values. `isOnly` if JSON is not taken.
    case file(fields: [String: [String]], isOnly: Bool)
    /// The bytes of the body themselves.
    case bytes
}

/// The input of a route that takes a file in a form only.
package struct NoInput: Input {
    package init() {}
}
