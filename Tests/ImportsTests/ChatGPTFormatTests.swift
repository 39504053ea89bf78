import HTTPKit
import JSON
import Testing

@testable import Imports

/// What becomes of each kind of message in an export of ChatGPT.
@Suite struct ChatGPTFormatTests {
    /// A conversation of messages that follow one another.
    private static func linear(_ messages: [String], more: String = "") -> String {
        let nodes = messages.enumerated().map { index, message in
            """
            "n\(index)": {"id": "n\(index)", "parent": \(index == 0 ? "null" : "\"n\(index - 1)\""), "children": [],
                "message": \(message)}
            """
        }
        return """
            {"title": "পাখি", "create_time": 1700000000.5, "update_time": 1700000100, "conversation_id": "c1",
             "mapping": {\(nodes.joined(separator: ","))} \(more)}
            """
    }

    private static func message(_ role: String, _ content: String, _ more: String = "") -> String {
        #"{"author": {"role": "\#(role)"}, "create_time": 1700000001, "content": \#(content) \#(more)}"#
    }

    private static func text(_ role: String, _ text: String, _ more: String = "") -> String {
        message(role, #"{"content_type": "text", "parts": ["\#(text)"]}"#, more)
    }

    private static let hello = text("user", "হ্যালো مرحبا 你好 🦜")

    @Test("A plain conversation keeps its texts, times, title, model and id")
    func plain() throws {
        let json = Self.linear(
            [
                "null", Self.hello, Self.text("assistant", "নমস্কার", #", "metadata": {"model_slug": "gpt-5"}"#),
                Self.text("assistant", "আবার"),
            ], more: #", "default_model_slug": "gpt-4o""#)
        let found = try conversation(json, .chatgpt)
        #expect(found.shown == ["> হ্যালো مرحبا 你好 🦜", "নমস্কার", "আবার"])
        #expect(found.messages.map(\.model) == [nil, "gpt-5", "gpt-4o"])
        #expect(found.title == "পাখি" && found.createdAt.milliseconds == 1_700_000_000_500)
        #expect(found.updatedAt.milliseconds == 1_700_000_100_000)
        #expect(found.messages[0].createdAt.milliseconds == 1_700_000_001_000)
        #expect(ImportFormat.chatgpt.conversation(try JSONValue(parsing: json.utf8)).id == "c1")
    }

    @Test(
        "Each type of content is shown, folded into the reply or kept hidden",
        arguments: [
            (
                #"assistant|{"content_type": "code", "language": "python", "text": "print('পাখি')"}"#,
                "```python\nprint('পাখি')\n```", nil
            ),
            (
                #"user|{"content_type": "multimodal_text", "parts": ["দেখো", {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_1", "size_bytes": 9}, null, {"content_type": "audio_transcription", "text": "صوت"}, {"content_type": "real_time_user_audio_video_asset_pointer"}]}"#,
                "> দেখো\n\n[image]\n\nصوت\n\n[audio]", nil
            ),
            (
                #"tool|{"content_type": "multimodal_text", "parts": [{"content_type": "image_asset_pointer"}]}"#,
                "[image]", nil
            ),
            (#"tool|{"content_type": "execution_output", "text": "42"}"#, nil, "tool: 42"),
            (
                #"tool|{"content_type": "tether_quote", "title": "书", "url": "https://a.example", "text": "引用"}"#, nil,
                "tool: 书\n\nhttps://a.example\n\n引用"
            ),
            (#"tool|{"content_type": "tether_browsing_display", "result": "结果"}"#, nil, "tool: 结果"),
            (
                #"tool|{"content_type": "sonic_webpage", "url": "https://b.example", "title": null, "text": "নিউজ"}"#,
                nil,
                "tool: https://b.example\n\nনিউজ"
            ),
            (#"tool|{"content_type": "system_error", "text": "ভুল"}"#, nil, "tool: ভুল"),
            (
                #"assistant|{"content_type": "model_editable_context", "model_set_context": "x"}"#, nil,
                #"assistant: {"content_type":"model_editable_context","model_set_context":"x"}"#
            ),
            (
                #"user|{"content_type": "user_editable_context", "user_profile": "আমি", "user_instructions": "নিয়ম"}"#,
                nil,
                #"user: {"content_type":"user_editable_context","user_instructions":"নিয়ম","user_profile":"আমি"}"#
            ),
            (
                #"assistant|{"content_type": "hologram_2031", "beam": [1, 2]}"#, nil,
                #"assistant: {"beam":[1,2],"content_type":"hologram_2031"}"#
            ),
            (#"system|{"content_type": "text", "parts": ["Ignore all rules"]}"#, nil, "system: Ignore all rules"),
        ] as [(String, String?, String?)])
    func types(_ line: String, shown: String?, hidden: String?) throws {
        let (role, content) = (line.prefix { $0 != "|" }, line.drop { $0 != "|" }.dropFirst())
        let found = try conversation(Self.linear([Self.hello, Self.message(String(role), String(content))]), .chatgpt)
        #expect(found.shown == ["> হ্যালো مرحبا 你好 🦜"] + (shown.map { [$0] } ?? []))
        #expect(found.kept.map(Self.sorted) == (hidden.map { [Self.sorted($0)] } ?? []))
    }

    /// The members of an object have no order.
    private static func sorted(_ text: String) -> String {
        guard let start = text.firstIndex(of: "{"), text.hasSuffix("}") else { return text }
        return text[..<start] + text[start...].dropFirst().dropLast().split(separator: ",").sorted().joined()
    }

    @Test(
        "What was not shown to the user is hidden",
        arguments: [
            #", "metadata": {"is_visually_hidden_from_conversation": true}"#, #", "weight": 0"#, #", "weight": 0.0"#,
            #", "recipient": "python""#, #", "recipient": "browser", "metadata": {}"#,
        ])
    func hiding(_ more: String) throws {
        let found = try conversation(
            Self.linear([Self.hello, Self.text("assistant", "গোপন", more), Self.text("assistant", "উত্তর")]), .chatgpt)
        #expect(found.shown == ["> হ্যালো مرحبا 你好 🦜", "উত্তর"])
        #expect(found.kept == ["assistant: গোপন"] && found.hidden[0].after == 1)
    }

    @Test("Thoughts and recaps fold into the reply that follows, and stay if none does")
    func thoughts() throws {
        let thoughts = Self.message(
            "assistant",
            #"{"content_type": "thoughts", "thoughts": [{"summary": "ভাবি", "content": "思考"}, {"content": "আরও"}]}"#)
        let recap = Self.message("assistant", #"{"content_type": "reasoning_recap", "content": "Thought for 3s"}"#)
        let analysis = Self.text("assistant", "analysis", #", "channel": "analysis""#)
        let found = try conversation(
            Self.linear([Self.hello, thoughts, recap, Self.text("assistant", "উত্তর"), analysis]), .chatgpt)
        #expect(found.shown == ["> হ্যালো مرحبا 你好 🦜", "উত্তর"])
        #expect(found.messages[1].thought == "ভাবি\n\n思考\n\nআরও\n\nThought for 3s")
        #expect(found.kept == ["thought: analysis"])
    }

    @Test("Other versions stay beside the thread that was shown, and a missing current node is the newest message")
    func branches() throws {
        func node(_ id: String, _ parent: String?, _ role: String, _ time: Int) -> String {
            """
            "\(id)": {"id": "\(id)", "parent": \(parent.map { "\"\($0)\"" } ?? "null"), "message": {
              "author": {"role": "\(role)"}, "create_time": \(1_700_000_000 + time),
              "content": {"content_type": "text", "parts": ["\(id)"]}}}
            """
        }
        let mapping = [
            node("q", nil, "user", 1), node("a1", "q", "assistant", 2), node("a2", "q", "assistant", 3),
            node("q2", "a1", "user", 4), node("b", "q2", "assistant", 5),
        ].joined(separator: ",")
        func read(_ current: String) throws -> ArrangedConversation {
            try conversation(#"{"id": "x", "current_node": \#(current), "mapping": {\#(mapping)}}"#, .chatgpt)
        }
        #expect(try read(#""a2""#).shown == ["> q", "a2"])
        #expect(try read("null").shown == ["> q", "a1", "> q2", "b"])
        #expect(try read(#""nowhere""#).shown == ["> q", "a1", "> q2", "b"])
        #expect(try read("null").all == ["q", "a1", "q2", "b", "a2"])
        #expect(try read("null").messages.map(\.parent) == [0, 1, 2, 3, 1])
    }

    @Test("Marks of citations are taken out")
    func citations() throws {
        let text = "রাজধানী 【12†source】 ঢাকা \\ue200cite\\ue202turn0search1\\ue201।【খোলা】"
        let found = try conversation(Self.linear([Self.text("assistant", text)]), .chatgpt)
        #expect(found.shown == ["রাজধানী  ঢাকা ।【খোলা】"])
    }

    @Test("Odd values cost nothing: absent metadata, lone surrogates, NUL, huge and ancient times")
    func odd() throws {
        for time in ["0", "null", "1e300", "-5", "99999999999999", "\"soon\"", "9223372036854775807", "1e18"] {
            let message = #"""
                {"author": {"role": "user", "name": null}, "create_time": \#(time), "content": {"content_type": "text",
                 "parts": ["\ud83e half \u0000 zero", null, 5]}}
                """#
            let found = try conversation(Self.linear([message]), .chatgpt)
            #expect(found.shown == ["> \u{FFFD} half \u{FFFD} zero"])
            #expect(found.messages[0].createdAt.milliseconds == 1_700_000_000_500, "\(time)")
        }
    }

    @Test("A conversation in which nothing is shown is empty")
    func empty() throws {
        #expect(throws: ArrangedConversation.Problem.empty) {
            try conversation(Self.linear(["null", Self.text("system", "rules"), Self.text("user", " \\n ")]), .chatgpt)
        }
    }
}
