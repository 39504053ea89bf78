import Testing
import Texts

@testable import Archive
@testable import Imports

/// Exports that come as ZIP archives.
@Suite struct ArchiveFileTests {
    @Test("The files with conversations are read in the order of their names, and nothing else")
    func chosen() async throws {
        let zip = ZipBytes.make([
            ("chat.html", "<html>"), ("user.json", #"{"id": 1}"#), ("b/conversations-001.json", "[3,4]"),
            ("b/conversations-000.json", "[1,2]"), ("__MACOSX/b/._conversations-000.json", "no"),
            ("dalle-generations/ছবি.webp", "x"), ("shared_conversations.json", "[9]"),
        ])
        #expect(try await elements(of: zip) == ["1", "2", "3", "4"])
        #expect(
            try await elements(of: ZipBytes.make([("one.json", "[1]"), ("চ্যাট.json", "{}"), ("notes.json", "5")]))
                == ["1", "{}"])
    }

    @Test("A path outside of the archive, an absolute one and a folder's name do no harm")
    func paths() async throws {
        let zip = ZipBytes.make([
            ("../../etc/conversations.json", "[1]"), ("/conversations.json", "[2]"), ("a.json/", ""),
            ("C:\\conversations.json", "[3]"),
        ])
        #expect(try await elements(of: zip) == ["1", "2"])
    }

    @Test("What cannot be read has a name")
    func failures() async throws {
        func fails(_ wanted: FileFailure, _ zip: [UInt8]) async {
            await #expect(throws: wanted) { try await elements(of: zip) }
        }
        let plain = ZipBytes.make([("conversations.json", "[1]")])
        await fails(.unknownFormat, ZipBytes.make([(name: String, text: String)]()))
        await fails(.unknownFormat, ZipBytes.make([("a.txt", "[1]")]))
        await fails(.nested, ZipBytes.make([("data-batch-0000.zip", "PK")]))
        await fails(.encrypted, ZipBytes.make([("conversations.json", "[1]")], flags: 1))
        await fails(.unsupported, ZipBytes.make([("conversations.json", "[1]")], method: 14))
        await fails(.damaged, ZipBytes.make([("conversations.json", "[1]")], crc: 7))
        await fails(.damaged, ZipBytes.make([("conversations.json", "not deflated")], method: 8))
        await fails(.damaged, Array(plain.dropLast(30)))
        await fails(.damaged, Array(plain.prefix(4)))
        // A file that is no JSON is passed over.
        #expect(
            try await elements(of: ZipBytes.make([("conversations-1.json", "hello"), ("conversations-2.json", "[2]")]))
                == ["2"])
    }

    /// 100 MB of spaces, which a megabyte holds a thousand times less of than the limit for text.
    @Test("A bomb is not expanded to its end", .timeLimit(.minutes(10)))
    func bomb() async throws {
        let spaces = [UInt8(ascii: "[")] + [UInt8](repeating: 0x20, count: (1 << 20) - 1)
        let zeros = try Deflated.bytes(spaces, times: 200)
        #expect(zeros.bytes.count < 400 << 10)
        let zip = ZipBytes.make([("conversations.json", zeros.bytes)], method: 8, crc: zeros.crc, expanded: 200 << 20)
        await #expect(throws: FileFailure.tooLarge) { try await elements(of: zip) }
    }

    @Test("Compressed entries come out as they went in", .timeLimit(.minutes(10)))
    func deflated() async throws {
        let text = Array(("[" + (0..<5000).map { "{\"পাখি\":\($0)}" }.joined(separator: ",") + "]").utf8)
        let packed = try Deflated.bytes(text, times: 1)
        let zip = ZipBytes.make(
            [("conversations.json", packed.bytes)], method: 8, crc: packed.crc, expanded: text.count)
        let found = try await elements(of: zip)
        #expect(found.count == 5000 && found.last == #"{"পাখি":4999}"#)
    }

    @Test("Changed bytes of an archive never end the process")
    func fuzzed() async throws {
        var random = Chance(seed: 22)
        let zip = ZipBytes.make([("conversations.json", "[1,2,3]"), ("a.json", "{}")])
        for _ in 0..<3000 {
            var bytes = zip
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
            do {
                _ = try await elements(of: bytes)
            } catch is FileFailure {}
        }
    }
}

/// What the entry of an archive holds if it is compressed.
private enum Deflated {
    /// Takes the header and the end of gzip's format off.
    static func bytes(_ piece: [UInt8], times: Int) throws -> (bytes: [UInt8], crc: UInt32) {
        let deflater = try Deflater()
        var packed: [UInt8] = []
        for index in 0..<times { packed += deflater.compress(piece, isLast: index == times - 1) }
        let crc = packed.suffix(8).prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return (Array(packed.dropFirst(10).dropLast(8)), crc)
    }
}
