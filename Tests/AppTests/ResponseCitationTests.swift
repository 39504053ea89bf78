import HTTPTypes
import JSON
import LLM
import LLMTesting
import Synchronization
import Testing

@testable import App
@testable import HTTPKit
@testable import ModelAPI
@testable import Platform

/// Responses from a chatbot's files, and their annotations.
@Suite(.timeLimit(.minutes(3))) struct ResponseCitationTests {
    private static let path = ResponsesTests.path
    private static let texts = [
        "সদস্য হতে ৫০ টাকা লাগে।", "المتحف مفتوح يوم الجمعة.", "图书馆星期天开门。", "The 🦜 sleeps at noon.",
    ]

    private func application(
        _ app: TestApp, _ texts: [String] = texts, _ fields: [String: JSONValue] = [:]
    ) async throws -> (key: TestApplication, user: TestUser, file: String) {
        let user = try await app.user("alice")
        let bot = try await app.chatbot(
            .object(["name": "Reader"].merging(fields) { $1 }), prompt: "তুমি গ্রন্থাগারিক।", as: user)
        let file = try await app.knowledge(texts, name: "নিয়ম.md", in: bot, as: user)
        return (try await .make(app, chatbotID: bot, as: user), user, file)
    }

    /// The annotations of a response's text, each of which must be where its marker is.
    private func annotations(_ response: JSONValue) throws -> [JSONValue] {
        let part = try #require(response["output"]?[0]?["content"]?[0], "\(response)")
        let text = Array(try #require(part["text"]?.string).unicodeScalars)
        let annotations = try #require(part["annotations"]?.array)
        for annotation in annotations {
            let (index, n) = (try #require(annotation["index"]?.int), try #require(annotation["n"]?.int))
            #expect(String(String.UnicodeScalarView(text[Int(index)...])).hasPrefix("[\(n)]"), "\(annotation)")
        }
        return annotations
    }

    @Test("Every marker has an annotation, in answers, streams and what is stored; the next answer has other numbers")
    func whole() async throws {
        let provider = ScriptedProvider.answering { _ in
            .text("৫০ টাকা [১", "]। السعر [٢، ٩", "] ", "`[7]` 🦜[[4]]", " [8] [1].")
        }
        try await TestApp.runKnowledge(provider: provider) { app in
            let (key, _, file) = try await application(app)
            let text = "৫০ টাকা [1]। السعر [2] `[7]` 🦜[4] [1]."
            let answer = try await key.call(.post, Self.path, ["input": "কত টাকা?"])
            #expect(
                answer.status == 200 && answer["output"]?[0]?["content"]?[0]?["text"]?.string == text, "\(answer.text)")
            let found = try annotations(answer.json)
            #expect(found.compactMap { $0["n"]?.int } == [1, 2, 4, 1])
            #expect(
                found[0] == [
                    "type": "file_citation", "index": 8, "file_id": .string(file), "filename": "নিয়ম.md", "n": 1,
                    "page": 1, "heading": .null, "start": 0, "end": .int(Int64(Self.texts[0].unicodeScalars.count)),
                ])
            let given = GivenSources(try #require(app.provider.calls.requests.last))
            #expect(given.sources.map(\.text) == Self.texts && given.message == "কত টাকা?", "\(given)")
            let id = try answer.string("id")
            #expect(try await key.call(.get, "\(Self.path)/\(id)")["output"] == answer["output"])
            // The file is the knowledge's: a client's key does not open it.
            #expect(try await key.call(.get, "/v1/files/\(file)").status == 404)

            let body: JSONValue = ["input": "আর?", "previous_response_id": .string(id), "stream": true]
            let stream = try await key.call(.post, Self.path, body)
            #expect(ResponseGrammar.problems(stream.events) == [], "\(stream.text)")
            let last = try #require(stream.events.last?.data["response"])
            #expect(try annotations(last).count == 4)
            let history = try #require(app.provider.calls.requests.last).messages.map(\.content)
            #expect(history[1...2] == ["কত টাকা?", "৫০ টাকা। السعر `[7]` 🦜."])
            // A client that keeps the conversation sends the items back.
            let items: JSONValue = .array(
                [["role": "user", "content": "?"]] + (last["output"]?.array ?? []) + [["role": "user", "content": "!"]])
            try await key.call(.post, Self.path, ["input": items, "store": false])
            #expect(app.provider.calls.requests.last?.messages[2].content == "৫০ টাকা। السعر `[7]` 🦜.")
        }
    }

    @Test("A response in the background keeps its annotations from event to event")
    func background() async throws {
        let gate = Gate()
        let provider = ScriptedProvider.answering { _ in
            .init([.delta("দাম [1] "), .wait(gate.wait), .delta("و [2"), .delta("] 🦜")])
        }
        try await TestApp.runKnowledge(provider: provider) { app in
            let (key, _, _) = try await application(app)
            let begun = try await key.call(.post, Self.path, ["input": "কত?", "background": true])
            let id = try begun.string("id")
            try await app.eventually("it grows") {
                let part = try await key.call(.get, "\(Self.path)/\(id)")["output"]?[0]?["content"]?[0]
                return part?["annotations"]?.array?.count == 1
            }
            gate.open()
            try await app.eventually("it ends") {
                try await key.call(.get, "\(Self.path)/\(id)")["status"] == "completed"
            }
            let stream = try await key.call(.get, "\(Self.path)/\(id)?stream=true")
            #expect(ResponseGrammar.problems(stream.events) == [], "\(stream.text)")
            let added = stream.events.filter { $0.name == "response.output_text.annotation.added" }
            #expect(added.compactMap { $0.data["annotation"]?["n"]?.int } == [1, 2])
            let number = try #require(added.first?.data["sequence_number"]?.int)
            let rest = try await key.call(.get, "\(Self.path)/\(id)?stream=true&starting_after=\(number)")
            #expect(rest.events.map(\.name) == stream.events.map(\.name).dropFirst(Int(number) + 1).map(\.self))
            #expect(try annotations(try await key.call(.get, "\(Self.path)/\(id)").json).count == 2)
        }
    }

    @Test("An answer with tools, in JSON, of another API or of another chatbot is given no files, and is left as it is")
    func without() async throws {
        let provider = ScriptedProvider.answering { given in .text(given.sources.isEmpty ? "[1] {}" : "[1]") }
        try await TestApp.runKnowledge(provider: provider) { app in
            let (key, user, _) = try await application(app)
            let tool: JSONValue = ["type": "function", "name": "send", "parameters": ["type": "object"]]
            let format: JSONValue = ["format": ["type": "json_object"]]
            let input: JSONValue = ["input": "canary JSON 🦜"]
            for more: [String: JSONValue] in [["tools": [tool]], ["text": format]] {
                let body = JSONValue.object(try #require(input.object).merging(more) { $1 })
                let answer = try await key.call(.post, Self.path, body)
                #expect(try annotations(answer.json).isEmpty && answer.text.contains("[1] {}"), "\(answer.text)")
            }
            let messages: JSONValue = [["role": "user", "content": "canary 🦜"]]
            for path in ["/v1/chat/completions", "/v1/messages"] {
                let answer = try await key.call(.post, path, ["messages": messages, "max_tokens": 100])
                #expect(answer.status == 200 && answer.text.contains("[1] {}"), "\(answer.text)")
            }
            let (bob, plain) = (try await app.user("bob"), try await app.chatbot(as: user))
            for who in [
                try await TestApplication.make(app, chatbotID: plain, as: user),
                try await TestApplication.make(app, chatbotID: app.chatbot(as: bob), as: bob),
            ] {
                let answer = try await who.call(.post, Self.path, input)
                #expect(try annotations(answer.json).isEmpty && answer.text.contains("[1] {}"), "\(answer.text)")
            }
            #expect(app.provider.calls.requests.allSatisfy { GivenSources($0).sources.isEmpty })
        }
    }

    @Test(
        "If the owner wants only what files say, an answer that cites nothing is replaced, and nothing is asked in vain"
    )
    func unsourced() async throws {
        let replies = Mutex(["আমি জানি না", "I think so. [9]", "yes [1]"])
        let provider = ScriptedProvider.answering { _ in .text(replies.withLock { $0.removeFirst() }, " 🦜") }
        try await TestApp.runKnowledge(provider: provider) { app in
            let fields: [String: JSONValue] = ["fallback_messages": ["no_source": "১৬২৬৩ নম্বরে ফোন করুন।"]]
            let (key, user, file) = try await application(app, Self.texts, fields)
            for (streams, expected) in [(false, "১৬২৬৩ নম্বরে ফোন করুন।"), (true, "১৬২৬৩ নম্বরে ফোন করুন।"), (true, "yes [1] 🦜")]
            {
                let answer = try await key.call(
                    .post, Self.path, ["input": "?", "stream": .bool(streams)])
                let response = try #require(streams ? answer.events.last?.data["response"] : answer.json)
                #expect(response["output"]?[0]?["content"]?[0]?["text"]?.string == expected, "\(answer.text)")
                #expect(try annotations(response).count == (expected.hasPrefix("yes") ? 1 : 0))
                if streams { #expect(ResponseGrammar.problems(answer.events) == [], "\(answer.text)") }
            }
            // Known a moment ago, and gone: nothing is found.
            try await app.call(.delete, "/chatbots/\(key.chatbotID)/files/\(file)", as: user)
            let asked = app.provider.calls.requests.count
            let answer = try await key.call(.post, Self.path, ["input": "?"])
            #expect(answer["output"]?[0]?["content"]?[0]?["text"] == "১৬২৬৩ নম্বরে ফোন করুন।", "\(answer.text)")
            #expect(app.provider.calls.requests.count == asked)
        }
    }

    @Test("What sources add is reserved and charged as it was; a model that finds them too long is asked without")
    func cost() async throws {
        let provider = ScriptedProvider { request, _ in
            GivenSources(request).sources.isEmpty || !request.messages.contains { $0.content.contains("long") }
                ? .text("ok [1]") : .init([.fail(ProviderError(.contextTooLong, detail: "too long"))])
        }
        var answering = provider
        answering.embeds = ScriptedProvider.meanings().embeds
        try await TestApp.runKnowledge(provider: answering) { app in
            let (key, user, _) = try await application(app)
            try await app.setPlan(user, "free")
            try await app.setPrice(input: 1, output: 0)
            try await app.setCredits(user, 2000)
            let poor = try await key.call(.post, Self.path, ["input": "কত?"])
            #expect(poor.status == 429 || poor.status == 402, "\(poor.text)")
            #expect(poor.text.contains("insufficient_credits"), "\(poor.text)")
            try await app.setCredits(user, 500_000)
            let before = try await app.credits(user).balance
            let answer = try await key.call(.post, Self.path, ["input": "কত?"])
            let given = try #require(app.provider.calls.requests.last)
            let words = given.messages.reduce(0) { $0 + $1.content.split(separator: " ").count }
            #expect(GivenSources(given).sources.count == 4 && answer["usage"]?["input_tokens"]?.int == Int64(words))
            #expect(before - (try await app.credits(user).balance) == words)
            let long = try await key.call(.post, Self.path, ["input": "long?"])
            #expect(long.status == 200 && long["output"]?[0]?["content"]?[0]?["text"] == "ok", "\(long.text)")
            #expect(GivenSources(try #require(app.provider.calls.requests.last)).sources.isEmpty)
        }
    }

    @Test("No marker is split and no number dangles, however the model writes them")
    func random() async throws {
        let parts = [
            "টাকা ", "كتاب", "图书馆", "🦜", "[1]", "[2, 9]", "【৩】", " [4-6]", "[", "]", "1", "`[3]`", "\n", "[[2]]",
        ]
        let provider = ScriptedProvider.answering { _ in
            var random = SystemRandomNumberGenerator()
            let text = "x" + (0..<30).map { _ in parts.randomElement(using: &random)! }.joined()
            return ScriptedProvider.Reply(text.unicodeScalars.map { .delta(String($0)) })
        }
        try await TestApp.runKnowledge(provider: provider) { app in
            let (key, _, _) = try await application(app)
            for _ in 0..<25 {
                let stream = try await key.call(.post, Self.path, ["input": "?", "stream": true, "store": false])
                #expect(ResponseGrammar.problems(stream.events) == [], "\(stream.text)")
                let response = try #require(stream.events.last?.data["response"])
                let numbers = try annotations(response).compactMap { $0["n"]?.int }
                let text = try #require(response["output"]?[0]?["content"]?[0]?["text"]?.string)
                let shown = text.replacing(/`[^`\n]*`?/, with: "").matches(of: /\[([0-9]+)\]/).compactMap {
                    Int64($0.1)
                }
                #expect(numbers == shown && numbers.allSatisfy { (1...4).contains($0) }, "\(text)")
            }
        }
    }
}
