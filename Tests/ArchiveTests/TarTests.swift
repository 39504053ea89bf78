import Foundation
import TestSupport
import Testing

@testable import Archive

/// Against GNU's tar, in both directions.
@Suite struct TarTests {
    @Test("GNU's tar and sha256sum read what is written")
    func readByOthers() async throws {
        let files = [
            File(name: "manifest.json", bytes: Array("{}".utf8)), File(name: "empty", bytes: []),
            File(name: "files/0a/\(String(repeating: "0a", count: 16))", bytes: random(123_457, seed: 1)),
        ]
        let archive = try await write(files)
        try await withFolder { folder in
            try Data(archive).write(to: URL(filePath: folder + "/a.tar.gz"))
            let listed = try run("tar", ["tzf", "a.tar.gz"], in: folder)
            #expect(listed.status == 0)
            #expect(listed.text.split(separator: "\n").map(String.init) == files.map(\.name) + ["SHA256SUMS"])
            #expect(try run("tar", ["xzf", "a.tar.gz"], in: folder).status == 0)
            for file in files {
                #expect(Array(try Data(contentsOf: URL(filePath: "\(folder)/\(file.name)"))) == file.bytes)
            }
            #expect(try run("sha256sum", ["--check", "--strict", "SHA256SUMS"], in: folder).status == 0)
            let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/manifest.json")
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test("What GNU's tar writes is read, in each of its formats", arguments: ["gnu", "pax", "ustar", "v7", "oldgnu"])
    func writtenByOthers(format: String) async throws {
        try await withFolder { folder in
            let long = format == "v7" ? "b" : String(repeating: "a-long-name-", count: 7)
            let deep =
                ["gnu", "pax", "oldgnu"].contains(format) ? String(repeating: "folder/", count: 30) + "বই 📚.txt" : "x/y"
            let files = [
                File(name: deep, bytes: Array("নমস্কার".utf8)), File(name: long, bytes: random(5000, seed: 2)),
                File(name: "z/empty", bytes: []),
            ]
            for file in files {
                let url = URL(filePath: "\(folder)/\(file.name)")
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(file.bytes).write(to: url)
            }
            // Folders too, which are passed over.
            let names = files.map { String($0.name.split(separator: "/")[0]) }
            #expect(try run("tar", ["--format=\(format)", "-cf", "a.tar"] + names, in: folder).status == 0)
            let bytes = Array(try Data(contentsOf: URL(filePath: folder + "/a.tar")))
            for size in [512, 10_240, 3] { #expect(try await readTar(bytes, size: size) == files, "\(size)") }
        }
    }

    @Test("Sizes beyond 8 GiB, both ways")
    func largeSizes() async throws {
        let size: Int64 = 9 << 30
        try await withFolder { folder in
            try run("truncate", ["--size=9G", "large"], in: folder)
            for format in ["gnu", "pax"] {
                let script = "tar --format=\(format) -cf - large | head -c 4096 > head.tar"
                try run("sh", ["-c", script], in: folder)
                let head = Array(try Data(contentsOf: URL(filePath: folder + "/head.tar")))
                let entry = try await TarReader(Pieces(head)).next()
                #expect(entry == ArchiveEntry(name: "large", size: size), "\(format)")
            }
            let own = TarHeader.file("large", size: size, time: 0)
            try Data(own + [UInt8](repeating: 0, count: 1024)).write(to: URL(filePath: folder + "/own.tar"))
            #expect(try run("tar", ["tvf", "own.tar"], in: folder).text.contains(" \(size) "))
            #expect(try await TarReader(Pieces(own)).next() == ArchiveEntry(name: "large", size: size))
        }
        // The largest size without an extended header.
        #expect(TarHeader.file("a", size: (8 << 30) - 1, time: 0).count == 512)
        #expect(TarHeader.file("a", size: 8 << 30, time: 0).count == 1536)
    }

    @Test(
        "Names that could lead out of a folder are refused",
        arguments: ["/etc/passwd", "../x", "a/../../x", "a/..", "..", ".", "./a", "a//b", "a/", ""])
    func names(name: String) async throws {
        let header = TarHeader.file(name, size: 0, time: 0)
        #expect(await kind { _ = try await readTar(header + [UInt8](repeating: 0, count: 1024)) } == .unsafe)
    }

    @Test("Links and devices are refused")
    func types() async throws {
        for type in "12346S".utf8 {
            var header = TarHeader.file("a", size: 0, time: 0)
            header[156] = type
            let sum = Array(String(TarHeader.sum(header), radix: 8).utf8)
            header.replaceSubrange(
                148..<156, with: [UInt8](repeating: 48, count: 6 - sum.count) + sum + [0, 32])
            #expect(await kind { _ = try await readTar(header + [UInt8](repeating: 0, count: 1024)) } == .unsafe)
        }
    }

    @Test("Random bytes are refused without a trap")
    func noise() async throws {
        for seed in 0..<300 as Range<UInt64> {
            let noise = random(2048, seed: seed)
            #expect(await kind { _ = try await readTar(noise) } != nil)
            // The checksum fits.
            var header = Array(noise.prefix(512))
            let sum = Array(String(TarHeader.sum(header), radix: 8).utf8)
            header.replaceSubrange(
                148..<156, with: [UInt8](repeating: 48, count: 6 - sum.count) + sum + [0, 32])
            #expect(await kind { _ = try await readTar(header + noise) } != nil)
        }
        for text in ["5 a", "0 a=b\n", "99 a=b\n", "-3 a=b\n", "6 a=b\n7 a=b", " \n", "6 size=\n"] {
            #expect(await kind { _ = try TarHeader.records(Array(text.utf8)) } == .damaged, "\(text)")
        }
    }
}
