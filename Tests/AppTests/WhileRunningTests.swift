import HTTPTypes
import JSON
import LLM
import LLMTesting
import Synchronization
import Testing

@testable import App
@testable import Chat
@testable import HTTPKit

/// What becomes of messages that come while a reply is being written, if they are not to be refused.
@Suite(.timeLimit(.minutes(3))) struct WhileRunningTests {
    /// The reply to প্রথম waits for the gate; the others answer at once.
    private static func held(by gate: Gate) -> ScriptedProvider {
        ScriptedProvider { request, _ in
            let last = request.messages.last?.content ?? ""
            return last == "প্রথম" ? .init([.delta("উত্তর"), .wait(gate.wait), .delta(" ১")]) : .text("উত্তর: \(last)")
        }
    }

    private func say(
        _ app: TestApp, _ content: String, _ whileRunning: String, in id: String, as user: TestUser
    ) async throws -> TestApp.Answer {
        try await app.call(
            .post, "/conversations/\(id)/messages",
            ["content": .string(content), "while_running": .string(whileRunning)], as: user)
    }

    private func contents(_ app: TestApp, _ id: String, as user: TestUser) async throws -> [String] {
        try await app.all("/conversations/\(id)/messages", as: user).compactMap { $0["content"]?.string }
    }

    @Test("Queued messages are answered one after the other, in the order in which they came, also on another instance")
    func queue() async throws {
        let gate = Gate()
        try await TestApp.run(provider: Self.held(by: gate)) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            async let first = app.send("প্রথম", in: id, as: user)
            try await app.eventually("the first reply is written") { gate.arrivals == 1 }
            async let second = say(app, "الثانية", "queue", in: id, as: user)
            try await app.eventually("one waits") { app.app.replies.lines.count(in: id) == 1 }
            async let third = app.call(
                .post, "/chat", ["conversation_id": .string(id), "message": "第三 🐦", "while_running": "queue"],
                as: user)
            try await app.eventually("two wait") { app.app.replies.lines.count(in: id) == 2 }
            #expect(app.provider.calls.requests.count == 1)
            gate.open()
            #expect(try await first.json[1]?["content"] == "উত্তর ১")
            #expect(try await second.json[1]?["content"] == "উত্তর: الثانية")
            #expect(try await third["message"]?["content"] == "উত্তর: 第三 🐦")
            #expect(
                try await contents(app, id, as: user) == [
                    "প্রথম", "উত্তর ১", "الثانية", "উত্তর: الثانية", "第三 🐦", "উত্তর: 第三 🐦",
                ])
            #expect(app.app.replies.lines.count(in: id) == 0)
        }
    }

    @Test("A message that interrupts ends the reply, which keeps what came", arguments: [false, true])
    func interrupt(isElsewhere: Bool) async throws {
        let gate = Gate()
        try await TestApp.run(provider: Self.held(by: gate)) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            async let first = app.send("প্রথম", in: id, as: user)
            try await app.eventually("the first reply is written") { gate.arrivals == 1 }
            let interrupting = { @Sendable (app: TestApp) in
                let answer = try await say(app, "থামো ✋", "interrupt", in: id, as: user)
                #expect(answer.json[1]?["content"] == "উত্তর: থামো ✋", "\(answer.text)")
            }
            if isElsewhere { try await app.another(nil, interrupting) } else { try await interrupting(app) }
            let stopped = try await first
            #expect(stopped.json[1]?["status"] == "partial" && stopped.json[1]?["content"] == "উত্তর", "\(stopped.text)")
            #expect(try await contents(app, id, as: user) == ["প্রথম", "উত্তর", "থামো ✋", "উত্তর: থামো ✋"])
            #expect(app.provider.calls.cancelled == 1)
        }
    }

    @Test("A queued message waits for a reply that another instance writes")
    func elsewhere() async throws {
        let gate = Gate()
        try await TestApp.run(provider: Self.held(by: gate)) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            async let first = app.send("প্রথম", in: id, as: user)
            try await app.eventually("the first reply is written") { gate.arrivals == 1 }
            try await app.another { other in
                async let second = say(other, "دوم", "queue", in: id, as: user)
                try await other.eventually("it waits") { other.app.replies.lines.count(in: id) == 1 }
                gate.open()
                #expect(try await second.json[1]?["content"] == "উত্তর: دوم")
            }
            #expect(try await first.json[1]?["status"] == "complete")
        }
    }

    @Test("Without a running reply all three are sent at once, and an edit takes its turn, too")
    func idle() async throws {
        let gate = Gate()
        try await TestApp.run(provider: Self.held(by: gate)) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            for way in ["reject", "queue", "interrupt"] {
                #expect(
                    try await say(app, "一 \(way)", way, in: id, as: user).json[1]?["content"]?.string == "উত্তর: 一 \(way)"
                )
            }
            let own = try #require(try await app.all("/conversations/\(id)/messages", as: user).first?["id"]?.string)
            async let first = app.send("প্রথম", in: id, as: user)
            try await app.eventually("the first reply is written") { gate.arrivals == 1 }
            async let edited = app.call(
                .post, "/conversations/\(id)/messages/\(own)/edit", ["content": "二", "while_running": "queue"], as: user
            )
            try await app.eventually("it waits") { app.app.replies.lines.count(in: id) == 1 }
            gate.open()
            #expect(try await first.status == 200)
            #expect(try await edited.json[1]?["content"] == "উত্তর: 二")
            #expect(try await contents(app, id, as: user) == ["二", "উত্তর: 二"])
            let unknown = try await say(app, "?", "later", in: id, as: user)
            #expect(unknown.status == 422 && unknown["error"]?["param"] == "while_running")
        }
    }

    @Test("No more than five wait, a stranger never does, and a deleted conversation ends the waiting")
    func bounds() async throws {
        let gate = Gate()
        try await TestApp.run(provider: Self.held(by: gate)) { app in
            let (user, stranger) = (try await app.user("alice"), try await app.user("bob"))
            let id = try await app.conversation(as: user)
            async let first = app.send("প্রথম", in: id, as: user)
            try await app.eventually("the first reply is written") { gate.arrivals == 1 }
            for way in ["queue", "interrupt"] {
                #expect(try await say(app, "غريب", way, in: id, as: stranger).status == 404)
            }
            #expect(app.app.replies.lines.count(in: id) == 0)
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<8 {
                    group.addTask { try await say(app, "বার্তা \(number)", "queue", in: id, as: user).status }
                }
                for _ in 0..<3 { #expect(try await group.next() == 409) }
                #expect(app.app.replies.lines.count(in: id) == WaitingLines.longest)
                try await app.call(.delete, "/conversations/\(id)", as: user)
                for try await status in group { #expect(status == 404) }
            }
            gate.open()
            _ = try await first
            #expect(app.provider.calls.requests.count == 1 && app.app.replies.lines.count(in: id) == 0)
        }
    }

    @Test("After its time a message that waits is refused, and leaves the turn to the next one")
    func impatience() async throws {
        let gate = Gate()
        try await TestApp.run(provider: Self.held(by: gate), configure: { $0.waitingPatience = .milliseconds(300) }) {
            app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            async let first = app.send("প্রথম", in: id, as: user)
            try await app.eventually("the first reply is written") { gate.arrivals == 1 }
            try await app.another(app.app.configuration) { other in
                // The reply is another instance's, so that it is asked about.
                let answer = try await say(other, "দ্বিতীয়", "queue", in: id, as: user)
                #expect(answer.status == 409 && answer.errorCode == "conversation_busy", "\(answer.text)")
                #expect(other.app.replies.lines.count(in: id) == 0)
            }
            gate.open()
            #expect(try await first.status == 200)
            #expect(try await contents(app, id, as: user).count == 2)
        }
    }

    @Test("A server that closes refuses those that wait")
    func closing() async throws {
        let gate = Gate()
        try await TestApp.run(provider: Self.held(by: gate)) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            async let first = app.send("প্রথম", in: id, as: user)
            try await app.eventually("the first reply is written") { gate.arrivals == 1 }
            async let second = say(app, "দ্বিতীয়", "queue", in: id, as: user)
            try await app.eventually("it waits") { app.app.replies.lines.count(in: id) == 1 }
            await app.app.replies.close(grace: .zero)
            let refused = try await second
            #expect(refused.status == 503 && refused.errorCode == "shutting_down", "\(refused.text)")
            #expect(try await first.json[1]?["status"] == "partial")
            #expect(try await contents(app, id, as: user) == ["প্রথম", "উত্তর"])
        }
    }

    @Test(
        "Calls take turns in their order, one at a time in each conversation, whichever of them leave",
        arguments: 1...20)
    func lines(round: Int) async throws {
        let lines = WaitingLines()
        let running = Mutex<Set<String>>([])
        let order = Mutex<[String: [Int]]>([:])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for conversation in ["ক", "ب", "三"] {
                let gate = Gate()
                group.addTask { try await lines.inTurn(in: conversation) { try await gate.wait() } }
                while lines.count(in: conversation) < 1 { try await Task.sleep(for: .milliseconds(1)) }
                var tasks: [Task<Void, any Error>] = []
                for number in 1..<WaitingLines.longest {
                    tasks.append(
                        Task { @Sendable in
                            try await lines.inTurn(in: conversation) {
                                let isAlone = running.withLock { $0.insert(conversation).inserted }
                                #expect(isAlone)
                                order.withLock { $0[conversation, default: []].append(number) }
                                await Task.yield()
                                _ = running.withLock { $0.remove(conversation) }
                            }
                        })
                    while lines.count(in: conversation) <= number { try await Task.sleep(for: .milliseconds(1)) }
                }
                await #expect(throws: APIError.self) { try await lines.inTurn(in: conversation) {} }
                for task in tasks {
                    let leaves = Bool.random()
                    group.addTask {
                        if leaves { task.cancel() }
                        do { try await task.value } catch is CancellationError { #expect(leaves) }
                    }
                }
                group.addTask { gate.open() }
            }
            try await group.waitForAll()
        }
        for conversation in ["ক", "ب", "三"] {
            let numbers = order.withLock { $0[conversation] ?? [] }
            #expect(numbers == numbers.sorted() && lines.count(in: conversation) == 0)
        }
    }
}
