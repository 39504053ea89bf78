import HTTPKit
import NIOCore
import Platform
import Storage

/// Reads a form with a file, which it stores as it arrives.
struct UploadWriter {
    let uploads: Uploads
    let call: Call
    let owner: FileOwner
    let tenant: @Sendable (Transaction) throws -> Tenant

    private var file: FileWriter?
    private var fields: [String: String] = [:]
    /// The field that is being read, and its value so far.
    private var field: (name: String, value: ByteBuffer)?
    private var fieldBytes = 0
    private var isInFile = false

    init(
        uploads: Uploads, call: Call, owner: FileOwner, tenant: @escaping @Sendable (Transaction) throws -> Tenant
    ) {
        self.uploads = uploads
        self.call = call
        self.owner = owner
        self.tenant = tenant
    }

    mutating func take(_ event: MultipartReader.Event) async throws {
        switch event {
        case .part(let name, let fileName, _):
            try endField()
            isInFile = fileName != nil
            if let fileName {
                guard name == "file", file == nil else {
                    throw APIError.invalid("file", "Send one file, as 'file'.")
                }
                file = FileWriter(
                    uploads: uploads, memory: call.memory, owner: owner,
                    name: try FileName.checked(fileName, param: "file"), tenant: tenant)
            } else if name == "file" {
                throw APIError.invalid("file", "'file' needs a file name.")
            } else {
                field = (name, ByteBuffer())
            }
        case .bytes(let bytes) where isInFile: try await file?.append(bytes)
        case .bytes(let bytes):
            fieldBytes += bytes.readableBytes
            guard fieldBytes <= Uploads.formBytes else {
                throw APIError(.tooLarge, "The fields of the form are too long.")
            }
            field?.value.writeImmutableBuffer(bytes)
        }
    }

    private mutating func endField() throws {
        guard let (name, value) = field else { return }
        field = nil
        guard name.utf8.count <= FormFields.longestName,
            let text = String(validating: value.readableBytesView, as: UTF8.self), !text.utf8.contains(0)
        else { throw APIError(.notUTF8, "A field of the form is not valid UTF-8.") }
        fields[name] = text
    }

    mutating func finish() async throws -> SentFile {
        try endField()
        guard var file else { throw APIError(.missingField, "Send the file as 'file'.", param: "file") }
        defer { self.file = file }
        let (id, sha256) = try await file.finish()
        let shown = fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\0")
        return SentFile(id: id, fields: fields, fingerprint: sha256 + Array("\(file.name)\0\(shown)".utf8)) {
            [uploads, owner] in
            await uploads.discard(id, of: owner)
        }
    }

    /// Removes the parts that have been stored.
    func discard() async { await file?.discard() }
}
