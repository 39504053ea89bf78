import Archive
import Crypto
import Files
import Foundation
import NIOCore
import Platform

extension Restore {
    /// Compares the objects with those that the database names, and stores them. Returns warnings.
    /// - Parameter list: nil if the database could not be read.
    func restoreObjects(
        _ archive: ArchiveReader, _ list: ObjectList?, into files: RestoredFiles?
    ) async throws -> [String] {
        var missing: [String] = []
        var unreadable: [String] = []
        while let entry = try await archive.next() {
            try Task.checkCancellation()
            let bytes = try await content(archive, entry)
            if entry.name == UnreadableObjects.name {
                unreadable = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
                continue
            }
            guard let name = ObjectName(entry.name.suffix(32)), bytes.count <= ObjectLimits.maxObject else {
                throw ArchiveError(.damaged, "\(entry.name) is no part of a backup")
            }
            if let list {
                guard let wanted = try Self.find(name, in: list, &missing), wanted.entry == entry.name,
                    wanted.bytes == bytes.count, SHA256.hash(data: bytes).hexadecimal == wanted.sha256
                else { throw ArchiveError(.damaged, "\(entry.name) is not what the database says") }
            }
            try await files?.put(ByteBuffer(bytes: bytes), as: name)
        }
        while let rest = try list?.next() { missing.append(rest.name.text) }
        guard list == nil || missing == unreadable else {
            let first = Set(missing).symmetricDifference(unreadable).min() ?? ""
            throw ArchiveError(.damaged, "bytes of files are missing, such as the object \(first)")
        }
        guard !unreadable.isEmpty else { return [] }
        return [
            "\(unreadable.count) objects of files were already missing or damaged when the backup was made, such as "
                + "\(unreadable[0])."
        ]
    }

    private static func find(
        _ name: ObjectName, in list: ObjectList, _ missing: inout [String]
    ) throws -> ObjectList.Item? {
        while let wanted = try list.next() {
            if wanted.name >= name { return wanted.name == name ? wanted : nil }
            missing.append(wanted.name.text)
        }
        return nil
    }
}
