import Foundation
import Testing

@testable import App
@testable import HTTPKit

@Suite struct IdentifierTests {
    @Test("Ids are version 7 UUIDs, unique and in the order in which they were made")
    func order() {
        let before = Timestamp.now.milliseconds
        let ids = (0..<100_000).map { _ in Identifier.make() }
        #expect(Set(ids).count == ids.count)
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
        for id in ids.prefix(1000) {
            #expect(id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
            #expect(UUID(uuidString: id) != nil && Identifier.isPlausible(id))
        }
        let time = Int64(ids[0].replacing("-", with: "").prefix(12), radix: 16)!
        #expect(time >= before)
    }

    @Test("Ids made at the same time by several tasks are unique")
    func concurrent() async {
        let ids = await withTaskGroup(of: [String].self) { group in
            for _ in 0..<10 { group.addTask { @concurrent in (0..<10_000).map { _ in Identifier.make() } } }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(ids).count == 100_000)
    }

    @Test(
        "What can be an id",
        arguments: [
            ("c1", true), ("u_1-A", true), (String(repeating: "x", count: 64), true), ("", false), (" ", false),
            (String(repeating: "x", count: 65), false), ("é", false), ("a b", false), ("a/b", false), ("a\0", false),
            ("..", false),
        ])
    func plausible(id: String, expected: Bool) {
        #expect(Identifier.isPlausible(id) == expected)
    }

    @Test("Random text is URL-safe, of the length asked for, and never the same")
    func randomText() {
        let texts = (0..<1000).map { _ in RandomText.make(bytes: 32) }
        #expect(Set(texts).count == 1000)
        #expect(texts.allSatisfy { $0.utf8.count == 43 && Base64URL.decode($0)?.count == 32 })
        #expect(RandomText.make(bytes: 0) == "")
    }
}
