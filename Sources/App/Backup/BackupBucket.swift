import Archive
import Files
import Foundation
import HTTPKit
import JSON
import Logging
import NIOCore
import Platform

/// A backup in a bucket: parts of 8 MiB named `00001`, `00002` and so on, and `index.json`, which is written last. Without
/// it there is no backup.
struct BackupIndex: Codable {
    static let name = "index.json"

    let format: Int
    let parts: Int
    let bytes: Int64

    static func part(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 5 - text.utf8.count)) + text
    }
}

/// Repeats what a store that cannot be reached has not done, for a quarter of an hour: a long backup is not lost because
/// of an outage.
struct Patience: Sendable {
    let logger: Logger
    var longest = Duration.seconds(900)

    func callAsFunction<Value>(_ work: () async throws -> Value) async throws -> Value {
        let end = ContinuousClock.now + longest
        var pause = Duration.seconds(1)
        while true {
            do {
                return try await work()
            } catch let error as StoreError where error.kind == .unavailable && .now < end {
                logger.warning("a store cannot be reached; trying again", metadata: ["cause": "\(error)"])
                try await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(15))
            }
        }
    }
}

/// Stores a backup in a bucket.
final class BucketSink: ArchiveSink {
    private let store: S3Store
    private let patience: Patience
    private var pending = ByteBuffer()
    private var parts = 0
    private(set) var bytes: Int64 = 0

    init(_ store: S3Store, _ patience: Patience) {
        self.store = store
        self.patience = patience
    }

    func write(_ bytes: [UInt8]) async throws {
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + S3Store.maxFile - pending.readableBytes)
            pending.writeBytes(bytes[start..<end])
            start = end
            if pending.readableBytes == S3Store.maxFile { try await flush() }
        }
    }

    /// Makes it a backup.
    func finish() async throws {
        if pending.readableBytes > 0 { try await flush() }
        let index = ByteBuffer(bytes: try JSONWriter.encode(BackupIndex(format: 1, parts: parts, bytes: bytes)))
        try await patience { try await store.put(index, file: BackupIndex.name) }
    }

    /// Removes what was stored, as far as the store lets it.
    func abandon() async {
        for number in 1...max(1, parts + 1) {
            guard (try? await store.remove(file: BackupIndex.part(number))) != nil else { return }
        }
    }

    private func flush() async throws {
        let part = pending
        try await patience { try await store.put(part, file: BackupIndex.part(parts + 1)) }
        parts += 1
        bytes += Int64(part.readableBytes)
        pending = ByteBuffer()
    }
}

/// Reads a backup in a bucket.
final class BucketSource: ArchiveSource {
    private let store: S3Store
    private let patience: Patience
    private let index: BackupIndex
    private var parts = 0
    private var bytes: Int64 = 0

    /// Throws `StartError` if there is no backup of this name.
    init(_ store: S3Store, _ patience: Patience) async throws {
        self.store = store
        self.patience = patience
        guard let found = try await store.get(file: BackupIndex.name) else {
            let names = Set(
                try await store.files(beginning: "").filter { $0.hasSuffix("/\(BackupIndex.name)") }
                    .map { $0.dropLast(BackupIndex.name.count + 1) })
            let hint = names.isEmpty ? "" : " These are there: \(names.sorted().suffix(10).joined(separator: ", "))."
            throw StartError(
                "There is no backup at s3://\(store.location.bucket)/\(store.location.prefix), or it was not finished.\(hint)"
            )
        }
        do {
            index = try JSONText.parse(BackupIndex.self, String(buffer: found))
        } catch {
            throw ArchiveError(.damaged, "its index.json is not as it was written")
        }
        guard index.format == 1 else {
            throw ArchiveError(.foreign, "a newer release made it, with format \(index.format)")
        }
    }

    func next() async throws -> [UInt8]? {
        while parts < index.parts {
            let part = try await patience { try await store.get(file: BackupIndex.part(parts + 1)) }
            guard let part else { throw ArchiveError(.cutOff, "its part \(BackupIndex.part(parts + 1)) is missing") }
            parts += 1
            bytes += Int64(part.readableBytes)
            if part.readableBytes > 0 { return Array(part.readableBytesView) }
        }
        guard bytes == index.bytes else {
            throw ArchiveError(.damaged, "its parts have other sizes than when it was made")
        }
        return nil
    }
}
