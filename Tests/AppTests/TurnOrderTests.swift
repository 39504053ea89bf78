import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Synchronization
import Testing

@testable import Accounts
@testable import App
@testable import Chat
@testable import HTTPKit
@testable import Platform

/// What happens beside a reply that is being written: other requests, a second message, a stop, another reply.
@Suite struct TurnOrderTests {
    @Test("No database connection is held during a model call")
    func noHandleHeld() async throws {
        let gate = Gate()
        let provider = ScriptedProvider(.init([.wait(gate.wait), .delta("done")]))
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            // Far more turns than the database has readers.
            try await withThrowingTaskGroup { group in
                for _ in 0..<20 {
                    group.addTask {
                        let answer = try await app.call(.post, "/chat", ["message": "hi"], as: user)
                        #expect(answer["message"]?["content"] == "done")
                    }
                }
                try await app.eventually("all turns wait for the model") { gate.arrivals == 20 }
                // As many chatbots as the free plan allows.
                for number in 1..<50 {
                    #expect(try await app.call(.get, "/conversations", as: user).status == 200)
                    let written = try await app.call(
                        .post, "/chatbots", ["name": .string("Bot \(number)")], as: user)
                    #expect(written.status == 201)
                }
                #expect(app.database.statistics.waitingReads == 0)
                #expect(app.database.statistics.waitingWrites == 0)
                gate.open()
                try await group.waitForAll()
            }
        }
    }

    @Test("The user's message is durable before the model is called")
    func durableFirst() async throws {
        let gate = Gate()
        let provider = ScriptedProvider(.init([.wait(gate.wait), .delta("done")]))
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            async let turn = app.send("keep me", in: id, as: user)
            try await app.eventually("the model is called") { gate.arrivals == 1 }
            // Another instance sees what is committed, and nothing else.
            try await app.another { other in
                let messages = try await other.all("/conversations/\(id)/messages", as: user)
                #expect(messages.compactMap { $0["content"]?.string } == ["keep me"])
                let conversation = try await other.call(.get, "/conversations/\(id)", as: user)
                #expect(conversation["running_message_id"]?.string != nil)
            }
            gate.open()
            #expect(try await turn.json[1]?["content"] == "done")
            #expect(try await app.call(.get, "/conversations/\(id)", as: user)["running_message_id"] == .null)
        }
    }

    @Test("A second message while a reply is written is 409, and changes nothing")
    func busy() async throws {
        let gate = Gate()
        let provider = ScriptedProvider(.init([.wait(gate.wait), .delta("done")]))
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            async let turn = app.send("first", in: id, as: user)
            try await app.eventually("the model is called") { gate.arrivals == 1 }
            let first = try #require(try await app.all("/conversations/\(id)/messages", as: user).first?["id"]?.string)
            let running = "/conversations/\(id)/messages/\(first)"
            let switched = try await app.call(
                .put, "/conversations/\(id)/branch", ["message_id": .string(first)], as: user)
            #expect(switched.status == 409 && switched.errorCode == "conversation_busy")
            for (path, body) in [
                ("/conversations/\(id)/messages", ["content": "second"]),
                ("/chat", ["conversation_id": .string(id), "message": "second"]),
                ("/conversations/\(id)/regenerate", [:]), (running + "/edit", ["content": "third"]),
                (running + "/regenerate", [:]),
            ] as [(String, JSONValue)] {
                let answer = try await app.call(.post, path, body, as: user)
                #expect(answer.status == 409 && answer.errorCode == "conversation_busy", "\(path): \(answer.text)")
            }
            gate.open()
            #expect(try await turn.status == 200)
            #expect(provider.calls.requests.count == 1)
            let messages = try await app.all("/conversations/\(id)/messages", as: user)
            #expect(messages.compactMap { $0["content"]?.string } == ["first", "done"])
            #expect(try await app.send("second", in: id, as: user).status == 200)
        }
    }

    @Test("Of messages sent at once exactly one is answered, and the model called once", arguments: 1...5)
    func simultaneous(round: Int) async throws {
        let gate = Gate()
        let provider = ScriptedProvider(.init([.wait(gate.wait), .delta("done")]))
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for content in ["first", "second", "third"] {
                    group.addTask { try await app.send(content, in: id, as: user).status }
                }
                var statuses: [Int] = []
                for try await status in group {
                    statuses.append(status)
                    // The winner waits for its reply until all others have been refused.
                    if statuses.count == 2 { gate.open() }
                }
                return statuses
            }
            #expect(statuses == [409, 409, 200])
            #expect(provider.calls.requests.count == 1)
            #expect(try await app.all("/conversations/\(id)/messages", as: user).count == 2)
        }
    }

    @Test("A message that comes while the reply before it is being stored is answered with that reply in mind")
    func settledMeanwhile() async throws {
        let gate = Gate()
        let provider = ScriptedProvider { _, number in
            number == 0 ? .init([.wait(gate.wait), .delta("the first reply")]) : .text("the second reply")
        }
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            async let first = app.send("first", in: id, as: user)
            try await app.eventually("the model is called") { gate.arrivals == 1 }
            let isHeld = Mutex(false)
            let released = DispatchSemaphore(value: 0)
            let holder = Task {
                try await app.database.write(.system) { tx in
                    try tx.run("UPDATE conversations SET title = title WHERE id = ?", [id])
                    isHeld.withLock { $0 = true }
                    released.wait()
                }
            }
            try await app.eventually("the conversation is held") { isHeld.withLock { $0 } }
            gate.open()
            // On PostgreSQL they wait within the server, which does not count them.
            let countsWaiting = !app.database.dialect.isShared
            try await Task.sleep(for: .milliseconds(countsWaiting ? 0 : 500))
            try await app.eventually("the reply waits to be stored") {
                !countsWaiting || app.database.statistics.waitingWrites >= 1
            }
            let waiting = app.database.statistics.waitingWrites
            async let second = app.send("second", in: id, as: user)
            try await Task.sleep(for: .milliseconds(countsWaiting ? 0 : 500))
            try await app.eventually("the message waits for its turn") {
                !countsWaiting || app.database.statistics.waitingWrites > waiting
            }
            released.signal()
            try await holder.value
            #expect(try await first.status == 200)
            #expect(try await second.status == 200)
            #expect(
                provider.calls.requests.last?.messages.filter { $0.role != .system }.map(\.content)
                    == ["first", "the first reply", "second"])
        }
    }

    @Test("A turn that begins while the server closes is waited for, and stopped once the grace is over")
    func beginsWhileClosing() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let tenant = try await app.database.read(.system) { tx in
                try tx.row("SELECT m.workspace_id, \(Tenant.roleColumn) FROM members m WHERE m.user_id = ?", [user.id])
                {
                    try Tenant($0, userID: user.id)
                }
            }
            let replies = RunningReplies()
            try replies.enter()
            let isClosed = Mutex(false)
            let closing = Task {
                await replies.close(grace: .zero)
                isClosed.withLock { $0 = true }
            }
            try await app.eventually("it closes") { replies.isClosing }
            #expect(throws: APIError.self) { () throws in try replies.enter() }
            let reply = RunningReply(
                tenant: try #require(tenant), conversationID: "c", messageID: "m",
                beganAt: .now, userMessage: nil)
            replies.add(reply)
            replies.leave()
            try await app.eventually("the reply is stopped") { reply.isStopped }
            #expect(!isClosed.withLock { $0 })
            replies.remove(reply)
            await closing.value
        }
    }

    @Test("Stop ends the model's call and keeps what came")
    func stop() async throws {
        let gate = Gate()
        let provider = ScriptedProvider { _, number in
            number == 0 ? .init([.delta("Hel"), .delta("lo"), .wait(gate.wait), .delta(" world")]) : .text("next")
        }
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            async let turn = app.send("hi", in: id, as: user)
            try await app.eventually("the model is called") { gate.arrivals == 1 }
            let stopped = try await app.call(.post, "/conversations/\(id)/stop", as: user)
            #expect(stopped.status == 200 && stopped["conversation_id"]?.string == id)
            #expect(stopped["message"]?["content"] == "Hello" && stopped["message"]?["status"] == "partial")
            #expect(stopped["message"]?["error_code"] == .null)
            let reply = try await turn.json[1]
            #expect(reply == stopped["message"])
            #expect(provider.calls.cancelled == 1 && provider.calls.finished == 0)
            #expect(try await app.all("/conversations/\(id)/messages", as: user).last == reply)
            let idle = try await app.call(.post, "/conversations/\(id)/stop", as: user)
            #expect(idle.status == 200 && idle["message"] == .null)
            #expect(try await app.send("again", in: id, as: user).json[1]?["content"] == "next")
            #expect(provider.calls.requests[1].messages.suffix(2).first?.content == "Hello")
        }
    }

    @Test("A reply that is stopped before its first word leaves an empty partial message, which the model never sees")
    func stopBeforeAnything() async throws {
        let gate = Gate()
        let provider = ScriptedProvider { _, number in number == 0 ? .init([.wait(gate.wait)]) : .text("next") }
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(with: app.chatbot(as: user), as: user)
            async let turn = app.send("hi", in: id, as: user)
            try await app.eventually("the model is called") { gate.arrivals == 1 }
            let stopped = try await app.call(.post, "/conversations/\(id)/stop", as: user)
            #expect(stopped["message"]?["content"] == "" && stopped["message"]?["status"] == "partial")
            _ = try await turn
            try await app.send("again", in: id, as: user)
            #expect(provider.calls.requests[1].messages.allSatisfy { !$0.content.isEmpty && $0.role == .user })
        }
    }

    @Test("Another reply is shown in the old one's place; where it fails the old one stays")
    func regenerate() async throws {
        let provider = ScriptedProvider { _, number in
            number == 2 ? .failure(ProviderError(.timeout, detail: "")) : .text("reply \(number)")
        }
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(with: app.chatbot(as: user), as: user)
            let path = "/conversations/\(id)/regenerate"
            let nothing = try await app.call(.post, path, as: user)
            #expect(nothing.status == 409 && nothing.errorCode == "nothing_to_regenerate")
            let first = try #require(try await app.send("question", in: id, as: user).json[1])
            func contents() async throws -> [String] {
                try await app.all("/conversations/\(id)/messages", as: user).compactMap { $0["content"]?.string }
            }
            let second = try await app.call(.post, path, as: user)
            #expect(second.status == 200 && second["message"]?["content"] == "reply 1")
            #expect(second["message"]?["id"] != first["id"])
            #expect(try await contents() == ["question", "reply 1"])
            #expect(provider.calls.requests[1].messages.map(\.content) == ["question"])

            let failed = try await app.call(.post, path, as: user)
            #expect(failed.status == 200 && failed["message"]?["status"] == "failed")
            #expect(try await contents() == ["question", "reply 1"])
            #expect(try await app.call(.post, path, as: user)["message"]?["content"] == "reply 3")
            #expect(try await contents() == ["question", "reply 3"])
            try await app.send("another", in: id, as: user)
            #expect(provider.calls.requests[4].messages.map(\.content) == ["question", "reply 3", "another"])
            #expect(try await contents() == ["question", "reply 3", "another", "reply 4"])
        }
    }

    @Test("A conversation that is deleted while its reply is written is gone, and so is the call")
    func deletedMeanwhile() async throws {
        let gate = Gate()
        let provider = ScriptedProvider(.init([.delta("some"), .wait(gate.wait)]))
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            async let turn = app.send("hi", in: id, as: user)
            try await app.eventually("the model is called") { gate.arrivals == 1 }
            #expect(try await app.call(.delete, "/conversations/\(id)", as: user).status == 204)
            #expect(try await turn.status < 500)
            #expect(provider.calls.cancelled == 1)
            #expect(try await app.call(.get, "/conversations/\(id)/messages", as: user).status == 404)
            let left = try await app.database.read(.system) { tx in
                try tx.row("SELECT COUNT(*) AS n FROM messages") { try $0.int("n") }
            }
            #expect(left == 0)
        }
    }

    @Test("A stopping server refuses new messages and keeps what running replies have")
    func shutdown() async throws {
        let gate = Gate()
        let provider = ScriptedProvider(.init([.delta("some"), .wait(gate.wait)]))
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            async let turn = app.send("hi", in: id, as: user)
            try await app.eventually("the model is called") { gate.arrivals == 1 }
            async let closing: Void = app.app.finishReplies()
            try await app.eventually("the server is closing") { app.app.replies.isClosing }
            let refused = try await app.call(.post, "/chat", ["message": "hi"], as: user)
            #expect(refused.status == 503 && refused.errorCode == "shutting_down")
            #expect(refused.headers[.retryAfter] != nil)
            #expect(try await app.call(.get, "/health/ready").status == 503)
            #expect(try await app.call(.get, "/health/live").status == 200)
            let reply = try await turn.json[1]
            #expect(reply?["status"] == "partial" && reply?["content"] == "some")
            await closing
            #expect(try await app.all("/conversations/\(id)/messages", as: user).last == reply)
        }
    }
}
