import Accounts
import Crypto
import Files
import HTTPKit
import NIOCore
import Platform
import Storage

/// Stores the file of a form part by part, as it arrives.
struct UploadWriter {
    let uploads: Uploads
    let call: Call
    let owner: FileOwner
    let tenant: @Sendable (Transaction) throws -> Tenant

    private var upload: Upload.Stored?
    private var fields: [String: String] = [:]
    /// The field that is being read, and its value so far.
    private var field: (name: String, value: ByteBuffer)?
    private var fieldBytes = 0
    private var name: String?
    private var isInFile = false
    private var pending = ByteBuffer()
    private var held: HeldBytes?
    private var hash = SHA256()
    private var count = 0
    private var bytes = 0
    private var contentType: String?

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
                guard name == "file", self.name == nil else {
                    throw APIError.invalid("file", "Send one file, as 'file'.")
                }
                self.name = try FileName.checked(fileName, param: "file")
            } else if name == "file" {
                throw APIError.invalid("file", "'file' needs a file name.")
            } else {
                field = (name, ByteBuffer())
            }
        case .bytes(let bytes) where isInFile: try await append(bytes)
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

    private mutating func append(_ more: ByteBuffer) async throws {
        bytes += more.readableBytes
        try uploads.check(bytes: bytes)
        var more = more
        while more.readableBytes > 0 {
            let room = ObjectLimits.maxObject - pending.readableBytes
            guard let piece = more.readSlice(length: min(room, more.readableBytes)) else { break }
            try hold(pending.readableBytes + piece.readableBytes)
            pending.writeImmutableBuffer(piece)
            if pending.readableBytes == ObjectLimits.maxObject { try await flush() }
        }
    }

    private mutating func hold(_ bytes: Int) throws {
        if let held { try held.resize(to: bytes) } else { held = try call.memory.hold(bytes, .body) }
    }

    /// Stores the pending bytes as the next part.
    private mutating func flush() async throws {
        let piece = pending
        pending = ByteBuffer()
        count += 1
        piece.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        if count == 1 { contentType = ContentType.of(piece, name: name ?? "") }
        let part = try await uploads.objects.put(piece, position: count)
        let begun = upload
        var upload = begun
        try await uploads.keeping(part) { [uploads, owner, tenant, name] in
            upload = try await uploads.database.write(owner.scope) { tx in
                let tenant = try tenant(tx)
                try Room.require(.upload(bytes: part.bytes), tx, in: tenant)
                let upload: Upload.Stored
                if let begun {
                    upload = try Upload.lock(tx, id: begun.id, of: owner)
                    try Upload.grow(tx, id: upload.id, by: part.bytes)
                } else {
                    upload = try Upload.create(tx, in: tenant, owner, name: name ?? "", bytes: part.bytes, now: .now)
                }
                try part.insert(tx, of: upload)
                return upload
            }
        }
        self.upload = upload
        try held?.resize(to: 0)
    }

    mutating func finish() async throws -> SentFile {
        try endField()
        guard let name else { throw APIError(.missingField, "Send the file as 'file'.", param: "file") }
        if pending.readableBytes > 0 { try await flush() }
        let (begun, sha256) = (upload, Array(hash.finalize()))
        let type = contentType ?? ContentType.of(ByteBuffer(), name: name)
        let id = try await uploads.database.write(owner.scope) { [owner, tenant] tx in
            let upload =
                try begun ?? Upload.create(tx, in: tenant(tx), owner, name: name, bytes: 0, now: .now)
            try Upload.complete(tx, id: upload.id, sha256: sha256, contentType: type)
            return upload.id
        }
        let shown = fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\0")
        return SentFile(id: id, fields: fields, fingerprint: sha256 + Array("\(name)\0\(shown)".utf8)) {
            [uploads, owner] in
            await uploads.discard(id, of: owner)
        }
    }

    /// Removes the parts that have been stored.
    func discard() async {
        if let upload { await uploads.discard(upload.id, of: owner) }
    }
}
