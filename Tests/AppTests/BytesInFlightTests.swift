import HTTPTypes
import JSON
import LLM
import LLMTesting
import Testing

@testable import App
@testable import Chat
@testable import HTTPKit

/// What requests hold in memory is bounded for each account and for all together.
@Suite struct BytesInFlightTests {
    private static func account(_ name: String, isStranger: Bool = false) -> BytesInFlight.Account {
        .init(name: name, isStranger: isStranger)
    }

    private static func code(_ body: () throws -> Void) -> APIError.Code? {
        do { try body() } catch { return (error as? APIError)?.code }
        return nil
    }

    @Test("An account has its share, strangers a small one, and the process an end; what is released comes back")
    func shares() throws {
        let bytes = BytesInFlight(.init(process: 8 << 20, account: 4 << 20))
        let (a, b, c) = (Self.account("a"), Self.account("b"), Self.account("c"))
        #expect(Self.code { _ = try bytes.hold(5 << 20, .body, for: a) } == .tooLarge)
        var held = [try bytes.hold(3 << 20, .body, for: a), try bytes.hold(1 << 20, .prompt, for: a)]
        #expect(Self.code { _ = try bytes.hold(1 << 20, .body, for: a) } == .tooMuchAtOnce)
        _ = try bytes.hold(BytesInFlight.small, .body, for: a)
        held.append(try bytes.hold(4 << 20, .body, for: b))
        #expect(Self.code { _ = try bytes.hold(1 << 20, .body, for: c) } == .overloaded)
        _ = try bytes.hold(BytesInFlight.small, .body, for: c)
        try held[1].resize(to: 0)
        held.append(try bytes.hold(1 << 20, .body, for: c))
        #expect(bytes.reading.held.reduce(0) { $0 + $1.bytes } == 8 << 20)
        #expect(bytes.reading.largestAccount == 4 << 20)
        #expect(bytes.reading.refused == (1, 1))
        held.removeAll()
        #expect(bytes.reading.held.allSatisfy { $0.bytes == 0 } && bytes.reading.largestAccount == 0)
    }

    @Test("Strangers of many addresses hold a part together, and leave the rest to those who are known")
    func strangers() throws {
        let bytes = BytesInFlight(.init(process: 8 << 20, account: 8 << 20))
        var held: [HeldBytes] = []
        var refused: APIError.Code?
        for number in 0..<20 {
            do { held.append(try bytes.hold(1 << 20, .body, for: Self.account("\(number)", isStranger: true))) } catch {
                refused = error.code
            }
        }
        #expect(held.count == 2 && refused == .overloaded)
        held.append(try bytes.hold(6 << 20, .body, for: Self.account("alice")))
    }

    @Test("Never more than the bounds, as a plain count of what is held agrees")
    func oracle() {
        let bytes = BytesInFlight(.init(process: 1 << 20, account: 400 << 10))
        var held: [(name: String, size: Int, held: HeldBytes)] = []
        for _ in 0..<3000 {
            if Bool.random(), let index = held.indices.randomElement() {
                if Bool.random() {
                    held.remove(at: index)
                } else {
                    let size = Int.random(in: 0...300 << 10)
                    if (try? held[index].held.resize(to: size)) != nil { held[index].size = size }
                }
            } else {
                let (name, size) = (["a", "b", "c", "d"].randomElement()!, Int.random(in: 0...300 << 10))
                if let one = try? bytes.hold(size, .body, for: Self.account(name)) { held.append((name, size, one)) }
            }
            var sums: [String: Int] = [:]
            for one in held where one.size > BytesInFlight.small { sums[one.name, default: 0] += one.size }
            let reading = bytes.reading
            #expect(reading.held.reduce(0) { $0 + $1.bytes } == sums.values.reduce(0, +))
            #expect(reading.largestAccount == sums.values.max() ?? 0)
            #expect(sums.values.allSatisfy { $0 <= 400 << 10 } && sums.values.reduce(0, +) <= 1 << 20)
        }
    }

    @Test(
        "While large calls of one account run, more of them are 429, others' small ones go on, and the body is let go")
    func calls() async throws {
        let gate = Gate()
        let provider = ScriptedProvider { request, _ in
            request.bytes > 100_000 ? .init([.wait(gate.wait), .delta("ok")]) : .text("small")
        }
        try await TestApp.run(
            provider: provider, configure: { $0.bytesInFlight = .init(process: 2_800_000, account: 2 << 20) }
        ) {
            app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let text = String(repeating: "নমস্কার ", count: 20_000)
            let large: JSONValue = ["messages": [["role": "user", "content": .string(text)]]]
            @Sendable func ask(_ body: JSONValue, _ user: TestUser) async throws -> TestApp.Answer {
                try await app.call(.post, CompletionsTests.path, body, as: user)
            }
            async let running = ask(large, alice)
            try await app.eventually("the model waits") { gate.arrivals == 1 }
            let held = app.app.bytesInFlight.reading
            #expect(held.largestAccount == 2 * large.serialized().count, "the text, and once more for the vendor")
            let refused = try await ask(large, alice)
            #expect(refused.status == 429 && refused.errorCode == "too_much_at_once", "\(refused.text)")
            #expect(refused.headers[.retryAfter] != nil && refused["error"]?["type"] == "rate_limit_error")
            for user in [alice, bob] { #expect(try await ask(CompletionsTests.hello, user).status == 200) }
            async let other = ask(large, bob)
            try await app.eventually("the other model waits") { gate.arrivals == 2 }
            let carol = try await app.user("carol")
            let full = try await ask(large, carol)
            #expect(full.status == 503 && full.errorCode == "overloaded" && full.headers[.retryAfter] != nil)
            #expect(try await ask(CompletionsTests.hello, carol).status == 200)
            gate.open()
            #expect(try await running.status == 200)
            #expect(try await other.status == 200)
            try await app.eventually("all is released") { app.app.bytesInFlight.reading.largestAccount == 0 }
            #expect(try await ask(large, alice).status == 200)
        }
    }

    @Test("A large body waits a moment for the account's other calls to end")
    func waits() async throws {
        let gate = Gate()
        let provider = ScriptedProvider { _, _ in .init([.wait(gate.wait), .delta("ok")]) }
        try await TestApp.run(
            provider: provider, configure: { $0.bytesInFlight = .init(process: 8 << 20, account: 2 << 20) }
        ) { app in
            let alice = try await app.user("alice")
            let text = String(repeating: "নমস্কার ", count: 20_000)
            let large: JSONValue = ["messages": [["role": "user", "content": .string(text)]]]
            async let first = app.call(.post, CompletionsTests.path, large, as: alice)
            try await app.eventually("the model waits") { gate.arrivals == 1 }
            async let second = app.call(.post, CompletionsTests.path, large, as: alice)
            try await Task.sleep(for: .milliseconds(300))
            gate.open()
            #expect(try await first.status == 200)
            #expect(try await second.status == 200)
        }
    }

    @Test("Many small values take more room than their text, and one request may hold only so much")
    func decoded() async throws {
        try await TestApp.run(configure: { $0.bytesInFlight = .init(process: 64 << 20, account: 16 << 20) }) { app in
            let user = try await app.user("alice")
            let many =
                Array(#"{"model":"x","messages":["#.utf8) + Array(repeatElement("1,", count: 400_000).joined().utf8)
                + Array("1]}".utf8)
            let answer = try await app.raw(.post, CompletionsTests.path, many, as: user)
            #expect(answer.status == 413, "\(answer.text.prefix(200))")
            let text = String(repeating: #"1,\"{:[,"#, count: 100_000)
            let said = try await app.call(
                .post, CompletionsTests.path, ["messages": [["role": "user", "content": .string(text)]]], as: user)
            #expect(said.status == 200, "\(said.text.prefix(200))")
            let stranger = try await app.raw(.post, "/auth/login", Array(repeating: 32, count: 900_000))
            #expect(stranger.status == 413)
            #expect(app.app.bytesInFlight.reading.largestAccount == 0)
        }
    }

    @Test("A prompt that its variables make longer than any model reads is refused before a model is asked")
    func prompts() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let value = String(repeating: "ক", count: 2000)
            _ = try await app.call(.post, "/users/\(user.id)/details", ["profile_data": .string(value)], as: user)
            let chatbot = try await app.chatbot(
                ["name": "Loud"], prompt: String(repeating: "{{user.profile_data}}", count: 2000), as: user)
            let answer = try await app.call(
                .post, "/chat", ["chatbot_id": .string(chatbot), "message": "Hi"], as: user)
            #expect(answer.status == 422 && answer.errorCode == "message_too_long", "\(answer.text.prefix(300))")
            #expect(app.provider.calls.requests.isEmpty)
        }
    }

    @Test("A text in pieces for slow readers is the same text, and no piece splits a character's code")
    func pieces() {
        for text in ["", "a", "ক", String(repeating: "কখগ👩‍👧‍👦é", count: 9000), String(repeating: "x", count: 200_000)] {
            let bytes = Array(text.utf8)
            var (read, offset) = ("", 0)
            while offset < bytes.count {
                guard case .text(let piece, let end, _) = RunningReply.Piece.text(in: bytes, after: offset) else {
                    return
                }
                #expect(end > offset && end - offset <= 64 << 10 && !piece.contains("\u{FFFD}"))
                read += piece
                offset = end
            }
            #expect(read == text)
        }
    }

    @Test("An account has so many WebSockets open, and may open one when one has closed")
    func sockets() async throws {
        try await TestApp.run { app in
            let sockets = app.app.sockets.sockets
            var places: [OpenSockets.Place] = []
            for _ in 0..<OpenSockets.mostOfAccount { places.append(try sockets.place(for: "alice")) }
            #expect(Self.code { _ = try sockets.place(for: "alice") } == .tooMuchAtOnce)
            _ = try sockets.place(for: "bob")
            places.removeLast()
            places.append(try sockets.place(for: "alice"))
        }
    }
}
