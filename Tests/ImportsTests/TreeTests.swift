import HTTPKit
import JSON
import Testing
import Texts

@testable import Imports

/// The order of messages, whatever an export says about their parents.
@Suite struct TreeTests {
    private typealias Node = ImportedConversation.Node

    private static func arranged(_ nodes: [Node], leaf: String? = nil) throws -> ArrangedConversation {
        var found = ImportedConversation()
        found.nodes = nodes
        found.leaf = leaf
        return try ArrangedConversation(found, now: Timestamp(milliseconds: 1_800_000_000_000))
    }

    @Test("A message follows the nearest shown one above it")
    func hiddenBetween() throws {
        let found = try Self.arranged([
            Node(id: "root", kind: .nothing), Node(id: "h", parent: "root", kind: .hidden("system"), text: "rule"),
            Node(id: "q", parent: "h", kind: .user, text: "প্রশ্ন"),
            Node(id: "t", parent: "q", kind: .hidden("tool"), text: "call"),
            Node(id: "blank", parent: "t", kind: .reply, text: " \n"),
            Node(id: "a", parent: "blank", kind: .reply, text: "উত্তর"),
        ])
        #expect(found.shown == ["> প্রশ্ন", "উত্তর"] && found.messages.map(\.parent) == [0, 1])
        #expect(found.hidden.map(\.after) == [0, 1])
    }

    @Test("Circles, orphans, several roots and repeated ids lose no message")
    func broken() throws {
        let found = try Self.arranged([
            Node(id: "a", parent: "c", kind: .user, text: "a"), Node(id: "b", parent: "a", kind: .reply, text: "b"),
            Node(id: "c", parent: "b", kind: .user, text: "c"),
            Node(id: "self", parent: "self", kind: .user, text: "s"),
            Node(id: "orphan", parent: "gone", kind: .reply, text: "o"),
            Node(id: "h1", parent: "h2", kind: .hidden("tool"), text: "1"),
            Node(id: "h2", parent: "h1", kind: .hidden("tool"), text: "2"),
            Node(id: "below", parent: "h1", kind: .user, text: "below"), Node(id: "a", kind: .user, text: "again"),
        ])
        #expect(Set(found.all) == ["a", "b", "c", "s", "o", "below", "again"] && found.all.count == 7)
        #expect(found.hidden.count == 2)
    }

    @Test("A long text is continued in further messages, and what follows it follows the last of them")
    func longText() throws {
        let long = String(repeating: "পাখি🦜", count: 20_000)
        let found = try Self.arranged([
            Node(id: "q", kind: .user, text: long), Node(id: "a", parent: "q", kind: .reply, text: "a"),
            Node(id: "b", parent: "q", kind: .reply, text: "b"),
        ])
        let parts = found.messages.filter(\.isFromUser)
        #expect(parts.count > 2 && parts.map(\.text).joined() == long)
        #expect(parts.allSatisfy { $0.text.utf8.count <= ArrangedConversation.longestText })
        #expect(found.messages.suffix(2).map(\.parent) == [Int64(parts.count), Int64(parts.count)])
        #expect(found.shown.count == parts.count + 1)
    }

    @Test("Random trees: each shown message once, after its parent, and the path leads to the beginning")
    func property() throws {
        var random = Chance(seed: 20)
        for _ in 0..<300 {
            let count = Int.random(in: 1...60, using: &random)
            let nodes = (0..<count).map { index -> Node in
                let kind: ImportedConversation.Kind =
                    [.user, .reply, .thought, .hidden("x"), .nothing].randomElement(using: &random)!
                let parent = Bool.random(using: &random) ? "\(Int.random(in: 0..<count + 3, using: &random))" : nil
                let time = Bool.random(using: &random) ? Int64.random(in: 1...9, using: &random) : nil
                return Node(
                    id: "\(index)", parent: parent, time: time.map { Timestamp(milliseconds: 1_700_000_000_000 + $0) },
                    kind: kind, text: "\(index)")
            }
            let leaf = Bool.random(using: &random) ? "\(Int.random(in: 0..<count, using: &random))" : nil
            let shown = nodes.filter { $0.kind == .user || $0.kind == .reply }
            guard !shown.isEmpty else {
                #expect(throws: ArrangedConversation.Problem.empty) { try Self.arranged(nodes, leaf: leaf) }
                continue
            }
            let found = try Self.arranged(nodes, leaf: leaf)
            #expect(found.all.sorted() == shown.map(\.text).sorted())
            for (index, message) in found.messages.enumerated() { #expect((0...Int64(index)).contains(message.parent)) }
            #expect(found.path.allSatisfy { $0 >= 1 && $0 <= found.messages.count } && !found.path.isEmpty)
            let ends = found.path.filter { found.messages[Int($0) - 1].parent == 0 }
            #expect(ends.count == 1)
            for place in found.path where found.messages[Int(place) - 1].parent > 0 {
                #expect(found.path.contains(found.messages[Int(place) - 1].parent))
            }
        }
    }

    @Test("Long chains of hidden messages take time that grows with their number", .timeLimit(.minutes(10)))
    func longChains() throws {
        let half = ArrangedConversation.mostNodes / 2
        let chain = (0..<half).map { Node(id: "h\($0)", parent: "h\($0 - 1)", kind: .hidden("x"), text: "x") }
        let leaves = (0..<half).map { Node(id: "m\($0)", parent: "h\(half - 1)", kind: .reply, text: "m") }
        #expect(try Self.arranged(chain + leaves).messages.count == half)
        let line = (0..<2 * half).map { Node(id: "m\($0)", parent: "m\($0 - 1)", kind: .user, text: "m") }
        #expect(try Self.arranged(line.reversed()).path.count == 2 * half)
        #expect(throws: ArrangedConversation.Problem.tooLarge) {
            try Self.arranged(line + [Node(id: "one too many", kind: .user, text: "x")])
        }
    }
}
