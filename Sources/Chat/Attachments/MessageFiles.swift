package import Chatbots
package import HTTPKit
package import LLM
package import Platform
package import Storage

/// The files of a turn's messages: which of them the model is given, and how.
package struct MessageFiles: Sendable {
    /// Maximum number of files that the model is given of earlier messages.
    private static let mostEarlier = 32

    /// The files to read, by the position of their message in the history.
    private var files: [Int: [ReadableFile]] = [:]
    /// Names of files that are left out because there are too many before the model, by the same.
    private var omitted: [Int: [String]] = [:]
    private var bytes = 0

    package init() {}

    package var isEmpty: Bool { files.isEmpty && omitted.isEmpty }

    /// Chooses among the files of earlier messages: the newest ones, as many as one call may hold.
    /// - Parameter messageIDs: of the messages in the history that have files, by their positions.
    package init(
        _ tx: Transaction, in tenant: Tenant, messageIDs: [Int: String], reserving asked: Int
    ) throws {
        guard !messageIDs.isEmpty else { return }
        let found = try Attachment.files(tx, in: tenant, ofMessages: Array(messageIDs.values))
        bytes = asked
        var count = 0
        for position in messageIDs.keys.sorted(by: >) {
            for file in messageIDs[position].flatMap({ found[$0] }) ?? [] {
                let isText = ModelFile.Kind(contentType: file.contentType) == .text
                guard count < Self.mostEarlier, bytes + file.bytes <= ModelFile.most,
                    !isText || file.bytes <= ModelFile.longestText
                else {
                    omitted[position, default: []].append(file.name)
                    continue
                }
                files[position, default: []].append(try ReadableFile(tx, file))
                bytes += file.bytes
                count += 1
            }
        }
    }

    /// Adds the files of the message that is asked, which must all be given.
    package mutating func ask(_ asked: [ReadableFile], at position: Int) throws(APIError) {
        var (all, texts) = (0, 0)
        for file in asked {
            all += file.bytes
            if ModelFile.Kind(contentType: file.contentType) == .text { texts += file.bytes }
            guard all <= ModelFile.most, texts <= ModelFile.longestText else { throw Self.tooLarge(file.name) }
        }
        bytes += all
        if !asked.isEmpty { files[position] = asked }
    }

    private static func tooLarge(_ name: String) -> APIError {
        APIError(
            .messageTooLong,
            "With '\(name)' the files of this message are more than a model is given at once: "
                + "\(ModelFile.most >> 20) MiB in all, \(ModelFile.longestText >> 20) MiB of text.",
            bengali: "'\(name)' সহ এই বার্তার ফাইলগুলো মডেলকে একবারে যতটা দেওয়া যায় তার চেয়ে বেশি: সব মিলিয়ে "
                + "\(ModelFile.most >> 20) MiB, লেখা \(ModelFile.longestText >> 20) MiB।",
            param: "attachments")
    }

    /// What reading them holds in memory at most, in bytes: the file itself, its base64 and a copy on the way.
    package var heldBytes: Int { bytes * 4 }

    /// Puts the files before the text of their messages.
    /// - Parameter takes: whether the model can be given this kind. The last message is refused if it cannot, and of earlier
    ///   ones the file is left out.
    package func added(
        to history: [ChatMessage], from objects: FileObjects, model: String, takes: (ModelFile.Kind) -> Bool
    ) async throws -> [ChatMessage] {
        var history = history
        for position in Set(files.keys).union(omitted.keys) where history.indices.contains(position) {
            var content = MessageContent(omitted: omitted[position] ?? [])
            for file in files[position] ?? [] {
                guard let kind = ModelFile.Kind(contentType: file.contentType), takes(kind) else {
                    if position == history.count - 1 { throw Self.refusal(of: file.name, model) }
                    content.leaveOut(file.name)
                    continue
                }
                let bytes = try await objects.read(file)
                guard let read = ModelFile(bytes, name: file.name, contentType: file.contentType) else { continue }
                content.add(read, id: file.id)
            }
            content.put(into: &history[position])
        }
        return history
    }

    private static func refusal(of name: String, _ model: String) -> APIError {
        APIError(
            .unsupportedInput, "\(model) cannot be given '\(name)': it takes no files of this kind.",
            bengali: "'\(name)' এই মডেলকে দেওয়া যায় না: এই ধরনের ফাইল এটি নেয় না।", param: "attachments")
    }
}
