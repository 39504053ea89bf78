import Foundation
import TestSupport
import Testing

@testable import Archive

@Suite struct ArchiveTests {
    private static let phrase = "পাখি গান গায় 🐦 ٣"
    private static let files = [
        File(name: "manifest.json", bytes: Array("{\"text\": \"নমস্কার مرحبا 你好 🐦\"}".utf8)),
        File(name: "empty", bytes: []),
        File(name: "files/ab/\(String(repeating: "ab", count: 16))", bytes: random(70_000, seed: 1)),
        File(name: "block", bytes: random(512, seed: 2)),
        File(name: "zeros", bytes: [UInt8](repeating: 0, count: 3_000_000)),
    ]

    @Test("What is written is read, whatever the pieces", arguments: [1, 7, 512, 4096, 10_000_000])
    func roundTrip(size: Int) async throws {
        let files = size == 1 ? Array(Self.files.dropLast(3)) : Self.files
        #expect(try await read(write(files), size: size) == files)
        #expect(try await read(write([]), size: size) == [])
    }

    @Test("Encrypted archives of every size around a chunk's are read with the passphrase, in any normalization")
    func encrypted() async throws {
        // Incompressible, so that the encrypted text is as long.
        for count in [0, 1, (1 << 20) - 700, (1 << 20) + 5, 2 << 20] {
            let files = [File(name: "a", bytes: random(count, seed: 3))]
            let archive = try await write(files, passphrase: Self.phrase)
            #expect(try await read(archive, passphrase: Self.phrase, size: 100_000) == files)
        }
        let archive = try await write(Self.files, passphrase: "Žluťoučký kůň 🐎".precomposedStringWithCanonicalMapping)
        #expect(
            try await read(archive, passphrase: "Žluťoučký kůň 🐎".decomposedStringWithCanonicalMapping) == Self.files)
        #expect(await kind { _ = try await read(archive, passphrase: "Zlutoucky kun 🐎") } == .wrongPassphrase)
        #expect(await kind { _ = try await read(archive) } == .wrongPassphrase)
        // A passphrase does not matter if nothing is encrypted.
        #expect(try await read(write(Self.files), passphrase: Self.phrase) == Self.files)
    }

    @Test("Nothing of an encrypted archive can be read without its key, and no two are alike")
    func nothingShows() async throws {
        let file = File(name: "canary-name", bytes: Array(String(repeating: "canary-text ", count: 50).utf8))
        let (one, two) = (
            try await write([file], passphrase: Self.phrase), try await write([file], passphrase: Self.phrase)
        )
        #expect(one.prefix(24) == two.prefix(24) && one.count == two.count)
        #expect(one[24..<72] != two[24..<72] && one[72..<200] != two[72..<200])
        let text = String(decoding: one, as: UTF8.self)
        for word in ["canary", "ustar", Self.phrase] { #expect(!text.contains(word)) }
        // gzip's mark would show that the text is not encrypted.
        #expect(!one.dropFirst(72).starts(with: [0x1f, 0x8b]))
    }

    @Test("A plain archive that is cut off anywhere is refused")
    func cutOff() async throws {
        let archive = try await write([File(name: "a", bytes: random(300, seed: 4)), File(name: "b", bytes: [1])])
        for count in 0..<archive.count {
            let found = await kind { _ = try await read(Array(archive.prefix(count)), size: 100) }
            #expect(found == .cutOff, "\(count) of \(archive.count)")
        }
        #expect(await kind { _ = try await read(archive + [0]) } == .damaged)
        #expect(await kind { _ = try await read(archive + archive) } == .damaged)
    }

    @Test("A plain archive with one byte changed is refused, or is the same")
    func oneByte() async throws {
        let files = [File(name: "a", bytes: random(200, seed: 5)), File(name: "b", bytes: [1, 2])]
        let archive = try await write(files)
        var refused = 0
        for index in archive.indices {
            var changed = archive
            changed[index] ^= 0x41
            do {
                let found = try await read(changed)
                #expect(found == files, "byte \(index) was not noticed")
            } catch is ArchiveError {
                refused += 1
            }
        }
        // All but the time and the system in gzip's header.
        #expect(refused >= archive.count - 6)
    }

    @Test("An entry that differs from its hash is named, also if the compression is intact")
    func hashes() async throws {
        let archive = try await write([File(name: "one", bytes: [1]), File(name: "two", bytes: [2])])
        try await withFolder { folder in
            try Data(archive).write(to: URL(filePath: folder + "/a.tar.gz"))
            try run("tar", ["xzf", "a.tar.gz"], in: folder)
            try Data([3]).write(to: URL(filePath: folder + "/two"))
            try run("tar", ["czf", "b.tar.gz", "one", "two", "SHA256SUMS"], in: folder)
            try run("tar", ["czf", "c.tar.gz", "one", "SHA256SUMS"], in: folder)
            try run("tar", ["czf", "d.tar.gz", "one", "two"], in: folder)
            for (name, words) in [("b", "two is not"), ("c", "two is not"), ("d", "no hashes")] {
                let bytes = Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name).tar.gz")))
                do {
                    _ = try await read(bytes)
                    Issue.record("\(name) was read")
                } catch let error as ArchiveError {
                    #expect(error.description.contains(words), "\(error)")
                }
            }
        }
    }

    @Test("What is not an archive is foreign")
    func foreign() async throws {
        for text in [
            "SQLite format 3\0 and more", "PK\u{3}\u{4}", "{}", "MYNAHBKX", String(repeating: "x", count: 9999),
        ] {
            #expect(await kind { _ = try await read(Array(text.utf8), passphrase: Self.phrase) } == .foreign, "\(text)")
        }
        #expect(await kind { _ = try await read([]) } == .cutOff)
    }

    @Test("An entry of another size than it was begun with is refused")
    func size() async throws {
        try await withFolder { folder in
            let archive = try await ArchiveWriter(Memory(), passphrase: nil, sums: folder + "/sums", time: 0)
            try await archive.begin("a", size: 5)
            try await archive.write([1, 2])
            #expect(await kind { try await archive.finish() } == .damaged)
        }
    }
}

@Suite struct SealedFormatTests {
    private static let phrase = "a calm bird sings"

    /// Needs little memory, and has chunks of the usual size.
    private static func seal(_ text: [UInt8]) throws -> [UInt8] {
        let sealer = try Sealer(passphrase: phrase, kibibytes: 8 << 10, passes: 1)
        return try sealer.header + sealer.seal(text, isLast: true)
    }

    private static func open(_ sealed: [UInt8]) async throws -> [UInt8] {
        let opener = try Opener(
            Pieces(Array(sealed.dropFirst(72)), size: 65_536), header: Array(sealed.prefix(72)), beginning: [],
            passphrase: phrase)
        var text: [UInt8] = []
        while let piece = try await opener.next() { text += piece }
        return text
    }

    @Test("Every cut and every changed byte is noticed")
    func cuts() async throws {
        let text = random(100, seed: 6)
        let sealed = try Self.seal(text)
        #expect(try await Self.open(sealed) == text)
        for count in 72..<sealed.count {
            #expect(await kind { _ = try await Self.open(Array(sealed.prefix(count))) } == .cutOff, "\(count)")
        }
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(await kind { _ = try await Self.open(changed) } != nil, "\(index)")
        }
        #expect(await kind { _ = try await Self.open(sealed + [0]) } != nil)
    }

    @Test("Chunks cannot be left out, repeated or moved")
    func chunks() async throws {
        let chunk = (1 << 20) + 16
        let sealed = try Self.seal(random(3 << 20, seed: 7))
        #expect(sealed.count == 72 + 3 * chunk)
        let (header, one, two, three) = (
            sealed[..<72], sealed[72..<72 + chunk], sealed[72 + chunk..<72 + 2 * chunk], sealed[(72 + 2 * chunk)...]
        )
        for (order, wanted) in [
            ([one, two], ArchiveError.Kind.cutOff), ([one], .cutOff), ([one, three], .damaged),
            ([two, one, three], .damaged),
            ([one, two, two, three], .damaged), ([one, two, three, three], .damaged), ([], .cutOff),
        ] {
            let changed = Array(header) + order.flatMap { Array($0) }
            #expect(await kind { _ = try await Self.open(changed) } == wanted, "\(order.count)")
        }
    }

    @Test("A header that asks for too much is refused before any work")
    func expensive() async throws {
        var sealed = try Self.seal([1])
        sealed.replaceSubrange(8..<12, with: [0xff, 0xff, 0xff, 0xff])
        #expect(await kind { _ = try await Self.open(sealed) } == .damaged)
    }
}
