import Archive
import Chatbots

/// An uploaded file as it is stored.
final class StoredExport: ZipSource {
    private let content: UploadContent
    private let objects: FileObjects

    init(content: UploadContent, objects: FileObjects) {
        self.content = content
        self.objects = objects
    }

    var bytes: Int { content.bytes }

    func read(_ range: Range<Int>) async throws -> [UInt8] { try await content.read(range, from: objects) }
}
