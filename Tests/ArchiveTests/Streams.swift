import Foundation
import TestSupport
import Testing

@testable import Archive

/// An archive in memory.
final class Memory: ArchiveSink {
    private(set) var bytes: [UInt8] = []

    func write(_ bytes: [UInt8]) async throws { self.bytes += bytes }
}

/// Gives bytes in pieces of some size.
final class Pieces: ArchiveSource {
    private let bytes: [UInt8]
    private let size: Int
    private var position = 0

    init(_ bytes: [UInt8], size: Int = 1000) {
        self.bytes = bytes
        self.size = size
    }

    func next() async throws -> [UInt8]? {
        guard position < bytes.count else { return nil }
        defer { position = min(position + size, bytes.count) }
        return Array(bytes[position..<min(position + size, bytes.count)])
    }
}

struct File: Equatable {
    let name: String
    let bytes: [UInt8]
}

/// A folder for one test.
func withFolder<Value>(_ work: (String) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "archive-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await work(folder)
}

func write(_ files: [File], passphrase: String? = nil) async throws -> [UInt8] {
    try await withFolder { folder in
        let memory = Memory()
        let archive = try await ArchiveWriter(
            memory, passphrase: passphrase, sums: folder + "/sums", time: 1_780_000_000)
        for file in files {
            try await archive.begin(file.name, size: Int64(file.bytes.count))
            for start in stride(from: 0, to: file.bytes.count, by: 70_000) {
                try await archive.write(Array(file.bytes[start..<min(start + 70_000, file.bytes.count)]))
            }
        }
        try await archive.finish()
        return memory.bytes
    }
}

func read(_ archive: [UInt8], passphrase: String? = nil, size: Int = 1000) async throws -> [File] {
    try await withFolder { folder in
        let reader = try await ArchiveReader(
            Pieces(archive, size: size), passphrase: passphrase, sums: folder + "/sums")
        var files: [File] = []
        while let entry = try await reader.next() {
            var bytes: [UInt8] = []
            while let piece = try await reader.read() { bytes += piece }
            #expect(Int64(bytes.count) == entry.size)
            files.append(File(name: entry.name, bytes: bytes))
        }
        return files
    }
}

/// The files of any tar archive.
func readTar(_ archive: [UInt8], size: Int = 1000) async throws -> [File] {
    let reader = TarReader(Pieces(archive, size: size))
    var files: [File] = []
    while let entry = try await reader.next() {
        var bytes: [UInt8] = []
        while let piece = try await reader.read() { bytes += piece }
        files.append(File(name: entry.name, bytes: bytes))
    }
    return files
}

func random(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = Seeded(seed)
    var bytes: [UInt8] = []
    while bytes.count < count { withUnsafeBytes(of: random.next()) { bytes += $0 } }
    return Array(bytes.prefix(count))
}

/// What a program prints, and its exit status.
@discardableResult
func run(_ program: String, _ arguments: [String], in folder: String) throws -> (text: String, status: Int32) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = URL(filePath: folder)
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (String(decoding: data, as: UTF8.self), process.terminationStatus)
}

/// The kind of error that the work throws.
func kind(_ work: () async throws -> Void) async -> ArchiveError.Kind? {
    do {
        try await work()
        return nil
    } catch {
        return (error as? ArchiveError)?.kind
    }
}
