import HTTPTypes
import JSON
import LLM
import LLMTesting
import Testing

@testable import App
@testable import Chat

/// Random changes of conversations, held against a tree in memory.
@Suite struct MessageTreeTests {
    /// Does what a conversation should do, in the plainest way.
    struct Oracle {
        struct Node: Equatable {
            let id: String
            let parent: Int?
            let content: String
            let isUser: Bool
            let isFailed: Bool
        }

        var nodes: [Node] = []
        var leaf: Int?

        func path(to node: Int?) -> [Int] {
            guard let node else { return [] }
            return path(to: nodes[node].parent) + [node]
        }

        func versions(of node: Int) -> [String] {
            nodes.filter { $0.parent == nodes[node].parent && $0.isUser == nodes[node].isUser }.map(\.id)
        }

        func newest(from node: Int) -> Int {
            nodes.indices.last { path(to: $0).contains(node) }!
        }

        /// What a model is told of a path.
        func history(to node: Int?) -> [String] {
            path(to: node).filter { !nodes[$0].isFailed }.map { nodes[$0].content }
        }

        mutating func add(_ message: JSONValue, after parent: Int?) {
            nodes.append(
                Node(
                    id: message["id"]?.string ?? "", parent: parent, content: message["content"]?.string ?? "",
                    isUser: message["sender"] == "user", isFailed: message["status"] == "failed"))
            leaf = nodes.count - 1
        }
    }

    struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    static let texts = ["নমস্কার", "مرحبا", "你好吗", "👩‍👩‍👧 ok", "plain"]

    @Test("Conversations do what a tree in memory does", arguments: 1...6)
    func random(seed: UInt64) async throws {
        let provider = ScriptedProvider { request, number in
            request.messages.last?.content.hasSuffix("fail") == true
                ? .failure(ProviderError(.timeout, detail: "")) : .text("উত্তর \(number) 🌿")
        }
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(with: app.chatbot(as: user), as: user)
            var dice = Dice(state: seed)
            var oracle = Oracle()
            for step in 0..<40 {
                let called = provider.calls.requests.count
                let asked = try await change(app, user, id, &oracle, &dice, step)
                if let asked {
                    let request = try #require(provider.calls.requests.dropFirst(called).first)
                    #expect(request.messages.map(\.content) == asked, "seed \(seed), step \(step)")
                }
                try await compare(app, user, id, oracle, "seed \(seed), step \(step)")
            }
            let copied = try #require(oracle.nodes.indices.randomElement(using: &dice))
            let copy = try await app.call(
                .post, "/conversations/\(id)/copy", ["message_id": .string(oracle.nodes[copied].id)], as: user)
            #expect(copy.status == 201, "\(copy.text)")
            let messages = try await app.all("/conversations/\(copy.string("id"))/messages", as: user)
            #expect(messages.map { $0["content"]?.string } == oracle.path(to: copied).map { oracle.nodes[$0].content })
            #expect(messages.allSatisfy { $0["siblings"]?.array?.count == 1 })
        }
    }

    /// Does something at random. Returns what the model should have been asked, if it was.
    private func change(
        _ app: TestApp, _ user: TestUser, _ id: String, _ oracle: inout Oracle, _ dice: inout Dice, _ step: Int
    ) async throws -> [String]? {
        let path = "/conversations/\(id)"
        let text =
            "\(Self.texts.randomElement(using: &dice)!) \(step)\(Int.random(in: 0..<5, using: &dice) == 0 ? " fail" : "")"
        let any = oracle.nodes.indices.randomElement(using: &dice)
        switch (Int.random(in: 0..<6, using: &dice), any) {
        case (0, let any?):
            let shown = try await app.call(
                .put, "\(path)/branch", ["message_id": .string(oracle.nodes[any].id)], as: user)
            #expect(shown.status == 200, "\(shown.text)")
            oracle.leaf = oracle.newest(from: any)
            return nil
        case (1, let any?), (2, let any?):
            let named = oracle.nodes[any]
            guard named.isUser else {
                return try await regenerate(app, user, "\(path)/messages/\(named.id)", any, &oracle)
            }
            let answer = try await app.call(
                .post, "\(path)/messages/\(named.id)/edit", ["content": .string(text)], as: user)
            let asked = oracle.history(to: named.parent) + [text]
            try add(answer, to: &oracle, after: named.parent)
            return asked
        case (3, let any?):
            let isLast = Bool.random(using: &dice)
            let named = isLast ? oracle.leaf! : any
            return try await regenerate(
                app, user, isLast ? path : "\(path)/messages/\(oracle.nodes[any].id)", named, &oracle)
        default:
            let asked = oracle.history(to: oracle.leaf) + [text]
            try add(try await app.send(text, in: id, as: user), to: &oracle, after: oracle.leaf)
            return asked
        }
    }

    private func regenerate(
        _ app: TestApp, _ user: TestUser, _ path: String, _ named: Int, _ oracle: inout Oracle
    ) async throws -> [String] {
        let parent = oracle.nodes[named].isUser ? named : oracle.nodes[named].parent!
        let answer = try await app.call(.post, "\(path)/regenerate", [:], as: user)
        #expect(answer.status == 200, "\(answer.text)")
        let hasOthers = oracle.nodes.contains { $0.parent == parent }
        if answer["message"]?["status"] != "failed" || !hasOthers {
            oracle.add(try #require(answer["message"]), after: parent)
            #expect(answer["message"]?["siblings"]?.array?.compactMap(\.string) == oracle.versions(of: oracle.leaf!))
        }
        return oracle.history(to: parent)
    }

    private func add(_ answer: TestApp.Answer, to oracle: inout Oracle, after parent: Int?) throws {
        let pair = try #require(answer.json.array, "\(answer.text)")
        #expect(pair[0]["parent_id"]?.string == parent.map { oracle.nodes[$0].id })
        #expect(pair[1]["parent_id"] == pair[0]["id"])
        oracle.add(pair[0], after: parent)
        #expect(pair[0]["siblings"]?.array?.compactMap(\.string) == oracle.versions(of: oracle.leaf!))
        oracle.add(pair[1], after: oracle.leaf)
    }

    /// Every way to read the conversation shows what the oracle has.
    private func compare(
        _ app: TestApp, _ user: TestUser, _ id: String, _ oracle: Oracle, _ place: String
    ) async throws {
        let path = "/conversations/\(id)/messages"
        func expect(_ messages: [JSONValue], _ nodes: [Int], _ what: String) {
            #expect(messages.map { $0["id"]?.string } == nodes.map { oracle.nodes[$0].id }, "\(what), \(place)")
            #expect(
                messages.map { $0["content"]?.string } == nodes.map { oracle.nodes[$0].content }, "\(what), \(place)")
            #expect(
                messages.map { $0["parent_id"]?.string }
                    == nodes.map { oracle.nodes[$0].parent.map { oracle.nodes[$0].id } },
                "\(what), \(place)")
            #expect(
                messages.map { $0["siblings"]?.array?.compactMap(\.string) } == nodes.map { oracle.versions(of: $0) },
                "\(what), \(place)")
        }
        let shown = oracle.path(to: oracle.leaf)
        expect(try await app.all(path, limit: 3, as: user), shown, "pages")
        expect(
            try await app.call(.get, "\(path)?order=desc&limit=4", as: user)["data"]?.array ?? [],
            Array(shown.reversed().prefix(4)), "newest")
        expect(
            try await app.call(.get, "\(path)?branch=all&limit=200", as: user)["data"]?.array ?? [],
            Array(oracle.nodes.indices), "all")
        let export = try await app.call(.get, "/conversations/\(id)/export", as: user)
        expect(export["messages"]?.array ?? [], shown, "export")
    }

    @Test("Of edits, replies and switches at once, each happens whole or not at all", arguments: 1...3)
    func storm(round: Int) async throws {
        try await TestApp.run(provider: ScriptedProvider { _, number in .text("উত্তর \(number)") }) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(with: app.chatbot(as: user), as: user)
            let path = "/conversations/\(id)"
            for text in ["এক", "二", "ثلاثة"] { try await app.send(text, in: id, as: user) }
            let known = try await app.all("\(path)/messages", as: user)
            let ids = try known.map { try #require($0["id"]?.string) }
            let done = try await withThrowingTaskGroup(of: (Int, TestApp.Answer).self) { group in
                for number in 0..<24 {
                    let message = ids[number / 4 % ids.count]
                    group.addTask {
                        switch number % 4 {
                        case 0:
                            let edited = ids[number / 4 % 3 * 2]
                            return (
                                0,
                                try await app.call(
                                    .post, "\(path)/messages/\(edited)/edit", ["content": .string("বদল \(number)")],
                                    as: user)
                            )
                        case 1:
                            return (
                                1, try await app.call(.post, "\(path)/messages/\(message)/regenerate", [:], as: user)
                            )
                        case 2:
                            return (
                                2,
                                try await app.call(
                                    .put, "\(path)/branch", ["message_id": .string(message)], as: user)
                            )
                        default: return (3, try await app.send("আরও \(number)", in: id, as: user))
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(done.allSatisfy { $1.status == 200 || $1.errorCode == "conversation_busy" })
            #expect(done.contains { $1.status == 200 })
            let all = try #require(
                try await app.call(.get, "\(path)/messages?branch=all&limit=200", as: user)["data"]?.array)
            let stored = Dictionary(uniqueKeysWithValues: all.map { ($0["id"]!, $0) })
            var expected = known.count
            for (kind, answer) in done where answer.status == 200 && kind != 2 {
                let messages = kind == 1 ? [try #require(answer["message"])] : try #require(answer.json.array)
                expected += messages.count
                for message in messages {
                    let kept = try #require(stored[message["id"]!], "an answered message is not stored")
                    #expect(kept["parent_id"] == message["parent_id"] && kept["content"] == message["content"])
                }
            }
            #expect(all.count == expected, "no more was stored than was answered")
            let shown = try await app.all("\(path)/messages", as: user)
            #expect(shown.first?["parent_id"] == .null)
            #expect(zip(shown, shown.dropFirst()).allSatisfy { $1["parent_id"] == $0["id"] })
            #expect(!all.contains { $0["parent_id"] == shown.last?["id"] }, "the path ends with a leaf")
        }
    }
}
