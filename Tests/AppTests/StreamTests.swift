import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App
@testable import Chat
@testable import HTTPKit

@Suite struct StreamTests {
    private static let pieces: [ScriptedProvider.Step] = [.delta("Hel"), .delta("lo, "), .delta("wörld 🦜")]

    /// The text of a stream's deltas, and the name of its last event.
    private static func read(_ answer: TestApp.Answer) -> (text: String, last: String) {
        let events = answer.events
        let text = events.filter { $0.name == "delta" }.compactMap { $0.data["content"]?.string }.joined()
        return (text, events.last?.name ?? "")
    }

    @Test("A stream starts, sends the text, and ends with the body that the call returns without streaming")
    func events() async throws {
        try await TestApp.run(provider: ScriptedProvider(.init(Self.pieces))) { app in
            let user = try await app.user("alice")
            let plain = try await app.conversation(as: user)
            let streamed = try await app.conversation(as: user)
            for (route, body) in [
                ("messages", ["content": "hi"]), ("chat", ["message": "hi"]), ("regenerate", [:]),
            ] as [(String, JSONValue)] {
                func call(_ id: String, _ more: [String: JSONValue], _ headers: HTTPFields) async throws
                    -> TestApp.Answer
                {
                    var body = (body.object ?? [:]).merging(more) { $1 }
                    if route == "chat" { body["conversation_id"] = .string(id) }
                    let path = route == "chat" ? "/chat" : "/conversations/\(id)/\(route)"
                    return try await app.call(.post, path, .object(body), as: user, headers: headers)
                }
                let whole = try await call(plain, [:], [:])
                #expect(whole.headers[.contentType] == "application/json; charset=utf-8")
                for (more, headers) in [
                    (["stream": true], [:]), ([:], [.accept: "text/event-stream"]),
                ] as [([String: JSONValue], HTTPFields)] {
                    let stream = try await call(streamed, more, headers)
                    #expect(stream.status == 200)
                    #expect(stream.headers[.contentType] == "text/event-stream; charset=utf-8")
                    let events = stream.events
                    #expect(events.first?.name == "start" && events.last?.name == "done")
                    #expect(events.dropFirst().dropLast().allSatisfy { $0.name == "delta" })
                    #expect(Self.read(stream).text == "Hello, wörld 🦜")
                    let messageID = try #require(events.first?.data["message_id"]?.string)
                    #expect(events.first?.data["conversation_id"]?.string == streamed)
                    #expect(events.allSatisfy { $0.id.hasPrefix("\(messageID):") })
                    #expect(Set(events.map(\.id)).count == events.count)
                    let done = try #require(events.last?.data)
                    #expect(Self.shape(done) == Self.shape(whole.json), "\(route)")
                    let message = done["message"] ?? done[1]
                    #expect(message?["id"]?.string == messageID && message?["content"] == "Hello, wörld 🦜")
                    let stored = try await app.all("/conversations/\(streamed)/messages", as: user).last
                    #expect(stored == message)
                }
                let refused = try await call(plain, ["stream": false], [.accept: "text/event-stream"])
                #expect(refused.headers[.contentType] == "application/json; charset=utf-8")
            }
        }
    }

    /// The names and kinds of all fields. The place in the conversation differs from call to call.
    private static func shape(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            .object(
                Dictionary(
                    uniqueKeysWithValues: members.map { name, value in
                        (name, ["parent_id", "siblings"].contains(name) ? "place" : shape(value))
                    }))
        case .array(let items): .array(items.map(shape))
        case .string: "string"
        case .int, .double: "number"
        case .bool: "boolean"
        case .null: .null
        }
    }

    @Test("A failure ends the stream with an error that carries the fallback message")
    func failure() async throws {
        let provider = ScriptedProvider { _, number in
            let error = ProviderError(.timeout, detail: "internal detail")
            return number == 0 ? .failure(error) : .init([.delta("half"), .fail(error)])
        }
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let chatbot = try await app.chatbot(["name": "Bot", "fallback_message": "Ask my human."], as: user)
            let body: JSONValue = ["chatbot_id": .string(chatbot), "message": "hi", "stream": true]
            let failed = try await app.call(.post, "/chat", body, as: user)
            #expect(failed.status == 200)
            #expect(failed.events.map(\.name) == ["start", "error"])
            let error = try #require(failed.events.last?.data["error"])
            #expect(error["code"] == "provider_timeout" && error["message"] == "Ask my human.")
            #expect(error["request_id"]?.string == failed.headers[.requestID])
            let half = try await app.call(.post, "/chat", body, as: user)
            #expect(half.events.map(\.name) == ["start", "delta", "error"])
            #expect(half.events.last?.data["error"]?["code"] == "provider_timeout")
            #expect(!(failed.text + half.text).contains("internal detail"))
        }
    }

    @Test("What is wrong before the reply begins is an ordinary error")
    func refused() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            for (path, body, status) in [
                ("/chat", ["message": " ", "stream": true], 422),
                ("/chat", ["message": "hi", "chatbot_id": "x", "stream": true], 404),
                ("/conversations/\(id)/regenerate", ["stream": true], 409),
            ] as [(String, JSONValue, Int)] {
                let answer = try await app.call(.post, path, body, as: user)
                #expect(answer.status == status && answer.errorCode != nil, "\(path)")
            }
            #expect(try await app.call(.get, "/conversations/\(id)/stream", as: user).status == 404)
        }
    }

    @Test("A reader continues from any event, while the reply is written and after it has ended")
    func resume() async throws {
        let gate = Gate()
        let steps = [.delta("Hel"), .delta("lo, "), .wait(gate.wait), .delta("wörld 🦜")] as [ScriptedProvider.Step]
        try await TestApp.run(provider: ScriptedProvider(.init(steps))) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            let path = "/conversations/\(id)/stream"
            async let first = app.call(
                .post, "/conversations/\(id)/messages", ["content": "hi", "stream": true], as: user)
            try await app.eventually("the model has begun") { gate.arrivals == 1 }
            let messageID = try await app.call(.get, "/conversations/\(id)", as: user).string("running_message_id")
            async let whole = app.call(.get, path, as: user)
            async let rest = app.call(.get, path, as: user, headers: [.lastEventID: "\(messageID):3"])
            try await app.eventuallyFollowed(by: 2)
            gate.open()
            let text = "Hello, wörld 🦜"
            #expect(Self.read(try await first) == (text, "done"))
            #expect(Self.read(try await whole) == (text, "done"))
            #expect(Self.read(try await rest) == (String(text.dropFirst(3)), "done"))
            #expect(try await whole.events.first?.name == "start")
            #expect(try await rest.events.first?.name == "delta")
            #expect(try await whole.events.last?.data["message"]?["id"]?.string == messageID)

            for event in try await first.events {
                let resumed = try await app.call(.get, path, as: user, headers: [.lastEventID: event.id])
                let offset = Int(event.id.split(separator: ":")[1])
                let expected = offset.map { String(decoding: Array(text.utf8)[$0...], as: UTF8.self) } ?? ""
                #expect(Self.read(resumed) == (expected, "done"), "\(event.id)")
            }
            // Without an event to continue from, there is nothing left to follow.
            #expect(try await app.call(.get, path, as: user).status == 404)
        }
    }

    @Test(
        "A Last-Event-ID that no stream gave is refused",
        arguments: ["", "x", "x:y", "x:-1", ":", "::", "x:1:2", "é:1", "x:99999999999999999999"])
    func badEventID(id: String) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let conversation = try await app.conversation(as: user)
            let answer = try await app.call(
                .get, "/conversations/\(conversation)/stream", as: user, headers: [.lastEventID: id])
            #expect(answer.status == 422 && answer["error"]?["param"] == "Last-Event-ID", "\(answer.text)")
        }
    }

    @Test("An event of another conversation, or of one's own message, is no place to continue from")
    func foreignEventID() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let theirs = try await app.conversation(as: bob)
            let pair = try await app.send("secret", in: theirs, as: bob).json
            let own = try await app.conversation(as: alice)
            for index in 0..<2 {
                let id = try #require(pair[index]?["id"]?.string)
                for offset in ["0", "end", "100000"] {
                    let answer = try await app.call(
                        .get, "/conversations/\(own)/stream", as: alice, headers: [.lastEventID: "\(id):\(offset)"])
                    #expect(answer.status == 404, "\(answer.text)")
                }
            }
            // An offset beyond the end, or inside a character, does no harm.
            let reply = try #require(try await app.send("é", in: own, as: alice).json[1]?["id"]?.string)
            for offset in ["1", "2", "3", "100000", "\(Int.max)"] {
                let answer = try await app.call(
                    .get, "/conversations/\(own)/stream", as: alice, headers: [.lastEventID: "\(reply):\(offset)"])
                #expect(answer.status == 200 && answer.events.last?.name == "done")
            }
        }
    }

    @Test("Leaving does not lose the reply: it is finished and stored", arguments: [true, false])
    func readerLeaves(streams: Bool) async throws {
        let gate = Gate()
        let steps = [.delta("Hello, "), .wait(gate.wait), .delta("world")] as [ScriptedProvider.Step]
        try await TestApp.run(provider: ScriptedProvider(.init(steps))) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            let reader = Task {
                try await app.call(
                    .post, "/conversations/\(id)/messages", ["content": "hi", "stream": .bool(streams)], as: user)
            }
            try await app.eventually("the model has begun") { gate.arrivals == 1 }
            reader.cancel()
            _ = await reader.result
            #expect(app.provider.calls.cancelled == 0)
            gate.open()
            try await app.eventually("the reply is stored") {
                try await app.all("/conversations/\(id)/messages", as: user).count == 2
            }
            let reply = try await app.all("/conversations/\(id)/messages", as: user)[1]
            #expect(reply["content"] == "Hello, world" && reply["status"] == "complete")
        }
    }

    @Test("Several readers follow one reply, and one that leaves does not disturb the others")
    func followers() async throws {
        let gate = Gate()
        let steps = [.delta("Hello, "), .wait(gate.wait), .delta("world")] as [ScriptedProvider.Step]
        try await TestApp.run(provider: ScriptedProvider(.init(steps))) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            async let turn = app.send("hi", in: id, as: user)
            try await app.eventually("the model has begun") { gate.arrivals == 1 }
            let readers = (0..<10).map { _ in
                Task { try await app.call(.get, "/conversations/\(id)/stream", as: user) }
            }
            try await app.eventuallyFollowed(by: 10)
            readers[3].cancel()
            gate.open()
            for (number, reader) in readers.enumerated() where number != 3 {
                #expect(Self.read(try await reader.value) == ("Hello, world", "done"))
            }
            _ = await readers[3].result
            #expect(try await turn.json[1]?["content"] == "Hello, world")
        }
    }

    @Test("Another instance follows the reply from the database, and can stop it")
    func otherInstance() async throws {
        let gate = Gate()
        let provider = ScriptedProvider { _, number in
            number == 0
                ? .init([.delta("Hello, "), .wait(gate.wait), .delta("world")])
                : .init([.delta("Endless"), .pause(.seconds(60))])
        }
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            async let turn = app.send("hi", in: id, as: user)
            try await app.eventually("the model has begun") { gate.arrivals == 1 }
            try await app.another { other in
                async let followed = other.call(.get, "/conversations/\(id)/stream", as: user)
                try await other.eventuallyFollowed(by: 1)
                let early = try await other.send("too early", in: id, as: user)
                #expect(early.errorCode == "conversation_busy")
                gate.open()
                let (text, last) = Self.read(try await followed)
                #expect(text == "Hello, world" && last == "done")
            }
            #expect(try await turn.json[1]?["status"] == "complete")

            async let endless = app.send("again", in: id, as: user)
            try await app.eventually("the model has begun") { provider.calls.requests.count == 2 }
            try await app.another { other in
                try await app.eventually("something has come") {
                    app.app.replies.all.contains { $0.length > 0 }
                }
                let stopped = try await other.call(.post, "/conversations/\(id)/stop", as: user)
                #expect(stopped.status == 200)
            }
            let reply = try await endless.json[1]
            #expect(reply?["status"] == "partial" && reply?["content"] == "Endless")
        }
    }

    @Test("A turn whose writer is gone is closed, by the sweep and by the next message", arguments: [true, false])
    func abandoned(bySweep: Bool) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(with: app.chatbot(as: user), as: user)
            let reply = try #require(try await app.send("question", in: id, as: user).json[1]?["id"]?.string)
            func leave(until: Timestamp) async throws {
                try await app.database.write(.system) { tx in
                    try tx.run("UPDATE messages SET status = 'running', content = 'half' WHERE id = ?", [reply])
                    try tx.run(
                        "UPDATE conversations SET turn_message_id = ?, turn_until = ? WHERE id = ?", [reply, until, id])
                }
            }
            try await leave(until: Timestamp.now.adding(TurnQueries.lease))
            try await app.sweep()
            #expect(try await app.send("next", in: id, as: user).errorCode == "conversation_busy")

            try await leave(until: Timestamp.now.adding(.seconds(-1)))
            if bySweep { try await app.sweep() }
            let followed = try await app.call(
                .get, "/conversations/\(id)/stream", as: user, headers: [.lastEventID: "\(reply):0"])
            #expect(Self.read(followed) == ("half", "done"))
            let left = try await app.all("/conversations/\(id)/messages", as: user)
            #expect(left.last?["content"] == "half" && left.last?["status"] == "partial")
            #expect(try await app.send("next", in: id, as: user).status == 200)
            #expect(app.provider.calls.requests.last?.messages.map(\.content) == ["question", "half", "next"])
            let status = try await app.database.read(.system) { tx in
                try tx.row("SELECT status FROM messages WHERE id = ?", [reply]) { try $0.string("status") }
            }
            #expect(status == "partial")
        }
    }
}
