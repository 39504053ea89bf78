import JSON
import TestSupport
import Testing

@testable import LLM

/// What vendors really send and take, beyond what their documents say.
@Suite struct VendorShapeTests {
    private static func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: text.utf8) }

    @Test(
        "Two calls come out whole, with ids and indexes, however they are told",
        arguments: [
            [
                #"[{"id":"c1","function":{"name":"আবহাওয়া","arguments":"{\"x\":1}"}}]"#,
                #"[{"id":"c2","function":{"name":"clock","arguments":"{\"y\":2}"}}]"#,
            ],
            [
                #"[{"index":0,"id":"c1","function":{"name":"আবহাওয়া","arguments":"{\"x\":1}"}}]"#,
                #"[{"index":0,"id":"c2","function":{"name":"clock","arguments":"{\"y\":2}"}}]"#,
            ],
            [
                #"[{"index":0,"function":{"name":"আবহাওয়া","arguments":"{\"x\":1}"}}]"#,
                #"[{"index":0,"function":{"name":"clock","arguments":"{\"y\":2}"}}]"#,
            ],
            [
                #"[{"index":0,"id":"","function":{"name":"আবহাওয়া","arguments":{"x":1}}},"#
                    + #"{"index":1,"id":"","function":{"name":"clock","arguments":{"y":2}}}]"#
            ],
            [
                #"[{"index":7,"id":"same","function":{"name":"আবহাওয়া"}}]"#,
                #"[{"index":7,"function":{"arguments":"{\"x\":1}"}}]"#,
                #"[{"index":-3,"id":"same","function":{"name":"clock","arguments":"{\"y\":2}"}}]"#,
            ],
        ])
    func calls(_ chunks: [String]) throws {
        var calls = ToolCalls()
        var pieces: [JSONValue] = []
        for chunk in chunks { pieces += try calls.add(Self.json(chunk))?.array ?? [] }
        pieces += calls.finish()?.array ?? []
        // As a client puts them together: strictly by index.
        var (ids, names, texts) = ([Int64: String](), [Int64: String](), [Int64: String]())
        for piece in pieces {
            let index = try #require(piece["index"]?.int)
            ids[index] = ids[index] ?? piece["id"]?.string
            names[index] = names[index] ?? piece["function"]?["name"]?.string
            texts[index, default: ""] += piece["function"]?["arguments"]?.string ?? ""
        }
        #expect(names == [0: "আবহাওয়া", 1: "clock"] && texts == [0: #"{"x":1}"#, 1: #"{"y":2}"#])
        #expect(Set(ids.values).count == 2 && !ids.values.contains(""))
        let known = (calls.value?.array ?? []).map { $0["id"]?.string }
        #expect(known == [ids[0], ids[1]])
    }

    @Test(
        "Thoughts in the text are told from the answer, wherever it is cut",
        arguments: [
            ("<think>\nভাবি</think>\n\nHello", "\nভাবি", "Hello"), ("  <think>想</think>😀", "想", "😀"),
            ("Hello <think>x</think>", "", "Hello <think>x</think>"), ("<think>never closed", "never closed", ""),
            ("<thinker>", "", "<thinker>"), ("[THINK]a[b[/THINK]c", "a[b", "c"), (" \n", "", " \n"), ("<", "", "<"),
            ("<think></think>", "", ""),
        ])
    func splits(_ text: String, _ thoughts: String, _ answer: String) {
        for size in 1...max(1, text.count) {
            var splitter = ThoughtSplitter()
            var out = (thoughts: "", text: "")
            var rest = text[...]
            while !rest.isEmpty {
                let piece = splitter.add(String(rest.prefix(size)))
                rest = rest.dropFirst(size)
                out = (out.thoughts + piece.thoughts, out.text + piece.text)
            }
            let last = splitter.finish()
            #expect(out.thoughts + last.thoughts == thoughts && out.text + last.text == answer, "\(size)")
        }
    }

    @Test("Servers with chat templates get one system message and alternating roles, OpenAI what was sent")
    func roles() throws {
        let messages = [
            ChatMessage(role: .system, content: "দোকান"), ChatMessage(role: .system, content: "Be brief."),
            ChatMessage(role: .user, content: "a"), ChatMessage(role: .user, content: "ب"),
            ChatMessage(role: .assistant, content: "c"), ChatMessage(role: .system, content: "rhyme"),
            ChatMessage(role: .user, content: "d"),
        ]
        let request = ChatRequest(model: "m", messages: messages, maxTokens: 1)
        #expect(request.adapted(to: .openAI).messages == messages)
        for kind in VendorKind.allCases where kind.hasStrictTemplates {
            let sent = request.adapted(to: kind).messages
            #expect(sent.map(\.role) == [.system, .user, .assistant, .system, .user])
            #expect(sent.map(\.content) == ["দোকান\n\nBe brief.", "a\n\nب", "c", "rhyme", "d"])
        }
    }

    @Test("Thoughts go back to the vendors that need them alone")
    func thoughtsBack() throws {
        var message = ChatMessage(role: .assistant, content: "ok")
        message.thoughts = Thoughts(text: "হুম")
        let request = ChatRequest(model: "m", messages: [message], maxTokens: 1)
        for kind in VendorKind.allCases where kind.format == .openAI {
            let body = OpenAIWire.encode(request.adapted(to: kind), tokenLimitField: .maxTokens, kind)
            let sent = try JSONValue(parsing: body)["messages"]?[0]
            #expect(sent?["reasoning_content"]?.string == ([.compatible, .local].contains(kind) ? "হুম" : nil))
            #expect(sent?["reasoning"]?.string == ([.ollama, .openRouter].contains(kind) ? "হুম" : nil))
        }
    }

    @Test("Pictures and failures in a tool's result reach a vendor that has neither there")
    func toolResults() throws {
        let picture: JSONValue = ["type": "image_url", "image_url": ["url": "data:image/png;base64,aGk="]]
        var failed = ChatMessage(role: .tool, content: "no such file", toolCallID: String(repeating: "é", count: 4000))
        failed.isError = true
        let messages = [
            ChatMessage(
                role: .tool, content: "here", parts: [["type": "text", "text": "here"], picture], toolCallID: "t1"),
            failed,
        ]
        let sent = ChatRequest(model: "m", messages: messages, maxTokens: 1).adapted(to: .openAI).messages
        #expect(sent.map(\.role) == [.tool, .tool, .user])
        #expect(
            sent[0].content == "here" && sent[0].parts == nil
                && sent[1].content == "The tool failed with an error: no such file")
        #expect(sent[1].toolCallID?.utf8.count ?? 99 <= 40 && sent[2].parts?[1] == picture)
    }

    @Test("Anthropic gets no white space alone, ids that it accepts, and a message of instructions alone")
    func anthropicRequests() throws {
        func body(_ messages: [ChatMessage], _ options: [String: JSONValue] = [:]) throws -> JSONValue {
            try JSONValue(
                parsing: AnthropicWire.encode(
                    ChatRequest(model: "m", messages: messages, maxTokens: 1, options: options)))
        }
        let blank = try body([
            ChatMessage(role: .user, content: "hi"), ChatMessage(role: .assistant, content: " \n"),
            ChatMessage(role: .user, content: "go"), ChatMessage(role: .assistant, content: "Well \n"),
        ])
        #expect(
            blank["messages"] == [
                ["role": "user", "content": [["type": "text", "text": "hi"], ["type": "text", "text": "go"]]],
                ["role": "assistant", "content": [["type": "text", "text": "Well"]]],
            ])
        let alone = try body([ChatMessage(role: .system, content: "বলো")])
        #expect(alone["messages"]?[0]?["content"]?[0]?["text"] == "বলো" && alone["system"] == nil)
        let id = "call:" + String(repeating: "x", count: 8192)
        var result = ChatMessage(role: .tool, content: "no", toolCallID: id)
        result.isError = true
        let calls = try body([
            ChatMessage(
                role: .assistant, content: "",
                toolCalls: [["id": .string(id), "function": ["name": "f", "arguments": "{}"]]]), result,
        ])
        let sentID = calls["messages"]?[0]?["content"]?[0]?["id"]
        let sent = calls["messages"]?[1]?["content"]?[0]
        #expect(sent?["tool_use_id"] == sentID && sentID?.string?.utf8.count ?? 99 <= 64 && sent?["is_error"] == true)
        let schema: JSONValue = ["type": "object", "properties": ["city": ["type": "string"]]]
        let format: JSONValue = ["type": "json_schema", "json_schema": ["name": "c", "schema": schema]]
        let structured = try body(
            [ChatMessage(role: .user, content: "x")], ["response_format": format, "reasoning_effort": "high"])
        #expect(
            structured["output_config"]
                == ["effort": "high", "format": ["type": "json_schema", "schema": schema]])
    }

    @Test("A PDF file reaches OpenAI as a file part and Anthropic as a document block")
    func documents() throws {
        let file: JSONValue = ["filename": "চুক্তি عقد.pdf", "file_data": "data:application/pdf;base64,JVBERg=="]
        let request = ChatRequest(
            model: "m",
            messages: [
                ChatMessage(
                    role: .user, content: "?",
                    parts: [["type": "file", "file": file], ["type": "text", "text": "সারাংশ?"]])
            ], maxTokens: 5)
        let sent = try JSONValue(parsing: OpenAIWire.encode(request.adapted(to: .openAI), tokenLimitField: .maxTokens))
        #expect(sent["messages"]?[0]?["content"]?[0] == ["type": "file", "file": file])
        let body = try JSONValue(parsing: AnthropicWire.encode(request))
        #expect(
            body["messages"]?[0]?["content"] == [
                [
                    "type": "document", "title": "চুক্তি عقد.pdf",
                    "source": ["type": "base64", "media_type": "application/pdf", "data": "JVBERg=="],
                ], ["type": "text", "text": "সারাংশ?"],
            ])
    }

    @Test("A block's start may hold its text, or the whole input of a call")
    func blockStarts() async throws {
        let vendor = AnthropicProviderTests.streaming(
            AnthropicProviderTests.start,
            #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"হ্যা"}}"#,
            AnthropicProviderTests.text("লো"), #"{"type":"content_block_stop","index":0}"#,
            #"{"type":"content_block_start","index":1,"content_block":"#
                + #"{"type":"tool_use","id":"t1","name":"f","input":{"city":"ঢাকা"}}}"#,
            #"{"type":"content_block_stop","index":1}"#, AnthropicProviderTests.end("tool_use"),
            AnthropicProviderTests.stop)
        let (result, _, _) = try await AnthropicProviderTests.ask(vendor)
        #expect(result?.content == "হ্যালো" && result?.finishReason == .toolCalls)
        #expect(result?.toolCalls?[0]?["function"]?["arguments"] == #"{"city":"ঢাকা"}"#)
    }

    @Test("A message after the pieces that it consists of is not the answer once more")
    func wholeMessage() async throws {
        let message = #"{"choices":[{"index":0,"message":{"content":"你好 all"},"finish_reason":"stop"}]}"#
        for before in [["你好", " all"], ["你好"], []] {
            let chunks = before.map { OpenAIProviderTests.chunk(#"{"content":"\#($0)"}"#) }
            let vendor = Vendor { connection in
                guard connection.request() != nil else { return }
                connection.startStream()
                for event in chunks + [message, "[DONE]"] { connection.event(event) }
                connection.endStream()
            }
            #expect(try await vendor.ask().text == "你好 all")
        }
    }

    @Test("Every field has a treatment at every kind of vendor, and none that is passed is forbidden")
    func fields() {
        #expect(Set(RequestField.all.map(\.name)).count == RequestField.all.count)
        let own: Set = [
            "model", "messages", "n", "stream", "stream_options", "max_tokens", "max_completion_tokens", "tools",
        ]
        for field in RequestField.all where !own.contains(field.name) {
            for kind in VendorKind.allCases where [.passed, .translated].contains(field.treatment(at: kind)) {
                #expect(!RequestField.forbidden.contains(field.name), "\(field.name) at \(kind)")
            }
        }
    }

    @Test("The order of a schema's members is kept")
    func order() throws {
        let text = #"{"z":{"b":1,"a":[{"d":1,"c":2}]},"a":"হ"}"#
        let value = try Self.json(text)
        #expect(String(decoding: value.serialized(in: KeyOrder(parsing: text.utf8)), as: UTF8.self) == text)
        #expect(KeyOrder(parsing: "{".utf8).isEmpty)
        #expect(value.serialized(in: KeyOrder()) == value.serialized())
    }
}
