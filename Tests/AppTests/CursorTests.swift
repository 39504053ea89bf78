import Testing

@testable import App
@testable import Chat
@testable import HTTPKit

@Suite struct CursorTests {
    @Test("A cursor survives the round trip", arguments: [Int64.min, -1, 0, 1, 1_769_862_896_789, .max])
    func roundTrip(key: Int64) throws {
        for id in ["c1", Identifier.make(), String(repeating: "x", count: 64)] {
            let read = try #require(Cursor(Cursor(key: key, id: id).text))
            #expect(read.key == key && read.id == id)
        }
    }

    @Test(
        "What did not come from a list is no cursor",
        arguments: [
            "", " ", "1", "x y", "1 ", "01 c1", "+1 c1", "1  c1", "1 c1 c2", "1 é", "9223372036854775808 c1", "- c1",
        ])
    func refused(plain: String) {
        #expect(Cursor(Base64URL.encode(plain.utf8)) == nil)
        #expect(Cursor(plain) == nil)
    }

    @Test("Random bytes and random text are refused or read, and never crash")
    func random() {
        var random = RandomJSON(seed: 11)
        let alphabet = Array("ABCabc0123-_=+/ .\0é")
        for _ in 0..<20_000 {
            let bytes = random.bytes(random.below(40))
            if let cursor = Cursor(Base64URL.encode(bytes)) { #expect(Identifier.isPlausible(cursor.id)) }
            _ = Cursor(String((0..<random.below(30)).map { _ in random.pick(alphabet) }))
            _ = try? EventStream.position(String(decoding: bytes, as: UTF8.self))
        }
        #expect(Cursor(String(repeating: "A", count: 100_000)) == nil)
    }

    @Test("URL-safe Base64, both ways", arguments: 0..<70)
    func base64(count: Int) {
        var random = RandomJSON(seed: UInt64(count))
        let bytes = random.bytes(count)
        let text = Base64URL.encode(bytes)
        #expect(Base64URL.decode(text) == bytes)
        #expect(!text.contains(where: { "+/=".contains($0) }))
        #expect(Base64URL.decode(text + "=") == nil)
    }
}
