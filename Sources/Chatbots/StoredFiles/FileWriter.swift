import Accounts
import Crypto
import Files
import HTTPKit
import NIOCore
import Platform
import Storage

/// Stores a file of which the length is not known, part by part as it arrives.
struct FileWriter {
    let uploads: Uploads
    let memory: CallMemory
    let owner: FileOwner
    let tenant: @Sendable (Transaction) throws -> Tenant
    let name: String

    private var upload: Upload.Stored?
    private var pending = ByteBuffer()
    private var held: HeldBytes?
    private var hash = SHA256()
    private var count = 0
    private var bytes = 0
    private var contentType: String?

    init(
        uploads: Uploads, memory: CallMemory, owner: FileOwner, name: String,
        tenant: @escaping @Sendable (Transaction) throws -> Tenant
    ) {
        self.uploads = uploads
        self.memory = memory
        self.owner = owner
        self.name = name
        self.tenant = tenant
    }

    mutating func append(_ more: ByteBuffer) async throws {
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
        if let held { try held.resize(to: bytes) } else { held = try memory.hold(bytes, .body) }
    }

    /// Stores the pending bytes as the next part.
    private mutating func flush() async throws {
        let piece = pending
        pending = ByteBuffer()
        count += 1
        piece.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        if count == 1 { contentType = ContentType.of(piece, name: name) }
        let part = try await uploads.objects.put(piece, position: count)
        let begun = upload
        var upload = begun
        try await uploads.keeping(part) { [uploads, owner, tenant, name] in
            upload = try await uploads.database.write(owner.scope) { tx in
                let tenant = try tenant(tx)
                try WorkspaceLimits.require(.upload(bytes: part.bytes), tx, in: tenant)
                let upload: Upload.Stored
                if let begun {
                    upload = try Upload.lock(tx, id: begun.id, of: owner)
                    try Upload.grow(tx, id: upload.id, by: part.bytes)
                } else {
                    upload = try Upload.create(tx, in: tenant, owner, name: name, bytes: part.bytes, now: .now)
                }
                try part.insert(tx, of: upload)
                return upload
            }
        }
        self.upload = upload
        try held?.resize(to: 0)
    }

    /// Returns the id and the SHA-256 of the complete upload.
    mutating func finish() async throws -> (id: String, sha256: [UInt8]) {
        if pending.readableBytes > 0 { try await flush() }
        let (begun, sha256) = (upload, Array(hash.finalize()))
        let type = contentType ?? ContentType.of(ByteBuffer(), name: name)
        let id = try await uploads.database.write(owner.scope) { [owner, tenant, name] tx in
            let upload =
                try begun ?? Upload.create(tx, in: tenant(tx), owner, name: name, bytes: 0, now: .now)
            try Upload.complete(tx, id: upload.id, sha256: sha256, contentType: type)
            return upload.id
        }
        try held?.resize(to: 0)
        return (id, sha256)
    }

    /// Removes the parts that have been stored.
    func discard() async {
        if let upload { await uploads.discard(upload.id, of: owner) }
    }
}
