import Foundation
package import HTTPKit
package import JSON
import NIOCore
package import Platform
import Storage
package import Upstream

/// Reads the files that an API client's request names, for all APIs that the client may speak: only files that this client
/// stored, so that no key reads another one's, a chatbot's knowledge or a conversation's attachments.
///
/// One reader serves one request. What it has read, it does not read again.
package final class ClientFileReader {
    private static let mostFiles = 32
    private static let fetchTime = Duration.seconds(20)

    private let who: UserOrKey
    private let uploads: Uploads
    private let http: UpstreamClient
    private let deadline = ContinuousClock.now + ClientFileReader.fetchTime
    private var read: [FileReference: (file: ModelFile, id: String)] = [:]
    private var bytes = 0
    /// Memory for what was read, which the caller keeps for as long as the call of the model takes.
    package private(set) var held: HeldBytes?

    package init(_ who: UserOrKey, uploads: Uploads, http: UpstreamClient) {
        self.who = who
        self.uploads = uploads
        self.http = http
    }

    /// What a model is given of a file, as a part of a message in OpenAI's form: text, `image_url`, or a PDF as `file`.
    /// - Parameter place: names the part in errors.
    package func part(_ reference: FileReference, at place: String) async throws -> JSONValue {
        let (file, id) = try await read(reference, at: place)
        return file.part(id: id)
    }

    /// The same as a block of Anthropic's, which keeps what else the client's block says.
    package func block(_ block: JSONValue, _ reference: FileReference, at place: String) async throws -> JSONValue {
        guard case .object(var members) = block else { return block }
        switch try await read(reference, at: place).file {
        case .text(let name, let text):
            members["type"] = "document"
            members["source"] = ["type": "text", "media_type": "text/plain", "data": .string(text)]
            members["title"] = members["title"] ?? .string(name)
        case .picture(let type, let data):
            members = members.filter { $0.key == "cache_control" }
            members["type"] = "image"
            members["source"] = ["type": "base64", "media_type": .string(type), "data": .string(data)]
        case .document(let name, let data):
            members["type"] = "document"
            members["source"] = ["type": "base64", "media_type": "application/pdf", "data": .string(data)]
            members["title"] = members["title"] ?? .string(name)
        }
        return .object(members)
    }

    /// - Returns: the file, and an id of it that its author did not know.
    private func read(_ reference: FileReference, at place: String) async throws -> (file: ModelFile, id: String) {
        if let known = read[reference] { return known }
        guard read.count < Self.mostFiles else {
            throw APIError.invalid(place, "A request may name at most \(Self.mostFiles) files.")
        }
        let (name, content, id) = try await content(of: reference, at: place)
        let type = ContentType.of(ByteBuffer(bytes: content.prefix(ContentType.sample)), name: name)
        guard let kind = ModelFile.Kind(contentType: type),
            let file = ModelFile(content, name: name, contentType: type)
        else {
            throw APIError(
                .unsupportedInput, "'\(name)' cannot be given to a model: it reads \(ModelFile.kinds).", param: place)
        }
        guard kind != .text || content.count <= ModelFile.longestText else {
            throw APIError(
                .messageTooLong, "'\(name)' is too long: text files may have \(ModelFile.longestText >> 20) MiB.",
                param: place)
        }
        read[reference] = (file, id)
        return (file, id)
    }

    private func content(
        of reference: FileReference, at place: String
    ) async throws -> (name: String, bytes: [UInt8], id: String) {
        switch reference {
        case .stored(let id):
            let file = try await stored(id, at: place)
            try hold(file.bytes, place)
            return (file.name, try await uploads.objects.read(file), file.id)
        case .inline(let data, let name):
            guard let bytes = ModelFile.bytes(ofInline: data) else {
                throw APIError.invalid(place, "'\(place)' must have its data in base64, or as a 'data:' URL in base64.")
            }
            try hold(bytes.count, place)
            return (Self.shown(name), bytes, Identifier.make())
        case .address(let url, let name):
            let bytes = try await fetch(url, at: place)
            return (Self.shown(name ?? FileName.of(address: url)), bytes, Identifier.make())
        }
    }

    /// A file of this client's, and of no other kind. Throws `not_found`.
    private func stored(_ id: String, at place: String) async throws -> ReadableFile {
        try await uploads.database.read(who.scope) { [who] tx in
            do {
                return try ReadableFile(
                    tx,
                    StoredFile.find(
                        tx, in: who.tenant(tx, .read), .client(chatbotID: nil), of: FileOwner(who),
                        id: Identifier.isPlausible(id) ? id : ""))
            } catch let error as APIError where error.code == .notFound {
                throw APIError(.notFound, "This client has no file with the id that '\(place)' names.", param: place)
            }
        }
    }

    private func fetch(_ url: String, at place: String) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            _ = try await PublicDownload(http: http).pieces(
                from: url, accept: "*/*", upTo: ModelFile.most - bytes.count, within: deadline - .now
            ) { piece in
                try hold(piece.readableBytes, place)
                bytes += piece.readableBytesView
            }
            return bytes
        } catch let error as PublicDownload.Failure {
            throw APIError(
                .invalidValue,
                "There is no file to be had at the address in '\(place)'. It must be public and answer without redirects.",
                param: place, cause: error)
        }
    }

    /// Counts bytes that are read, with the base64 of them and its copy on the way.
    private func hold(_ count: Int, _ place: String) throws {
        bytes += count
        guard bytes <= ModelFile.most else {
            throw APIError(
                .tooLarge, "The files of a request may have \(ModelFile.most >> 20) MiB in all.", param: place)
        }
        if let held {
            try held.resize(to: bytes * 4)
        } else {
            held = try who.call.memory.hold(bytes * 4, .prompt)
        }
    }

    /// The name, if people can be shown it.
    private static func shown(_ name: String?) -> String {
        name.flatMap { try? FileName.checked($0, param: "filename") } ?? FileReference.unnamed
    }
}
