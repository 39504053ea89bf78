import Foundation

/// A folder for one file that is read. The server makes and removes it; the reading process cannot change it.
struct ReadingFolder {
    let path: String

    private static let prefix = "mynah-read-"
    /// Age at which a folder is left over from a server that was killed, in seconds; no reading takes as long.
    static let grace: TimeInterval = 3600

    private static var parent: URL { FileManager.default.temporaryDirectory }

    init() throws {
        path = Self.parent.appending(path: "\(Self.prefix)\(UUID().uuidString)").path(percentEncoded: false)
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// Makes the files that the reading process needs. `fill` writes the file that is read.
    func fill(_ fill: (FileHandle) async throws -> Void) async throws {
        let input = "\(path)/\(FileReading.input)"
        guard FileManager.default.createFile(atPath: input, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: input)
        else { throw CocoaError(.fileWriteUnknown) }
        defer { try? handle.close() }
        try Data(PandocScript.text.utf8).write(to: URL(filePath: "\(path)/\(PandocScript.name)"))
        try await fill(handle)
    }

    /// Removes what killed servers have left.
    static func removeOld(now: Date = Date()) {
        let files = FileManager.default
        let found = try? files.contentsOfDirectory(
            at: parent, includingPropertiesForKeys: [.contentModificationDateKey])
        for folder in found ?? [] where folder.lastPathComponent.hasPrefix(prefix) {
            let modified = try? folder.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate
            if let modified, now.timeIntervalSince(modified) > grace { try? files.removeItem(at: folder) }
        }
    }
}
