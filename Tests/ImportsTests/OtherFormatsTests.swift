import HTTPKit
import JSON
import Testing

@testable import Imports

/// What becomes of each kind of message in the exports of Claude, Open WebUI, LibreChat and Mynah.
@Suite struct OtherFormatsTests {
    @Test("Claude: blocks, tools, thoughts, files and their texts")
    func claudeBlocks() throws {
        let found = try conversation(
            #"""
            {"uuid": "u1", "name": "", "created_at": "2026-02-03T04:05:06.789012+00:00", "updated_at": "x",
             "account": {"uuid": "a"}, "chat_messages": [
              {"uuid": "m1", "sender": "human", "text": "পড়ো", "content": [], "created_at": "2026-02-03T04:05:07Z",
               "attachments": [{"file_name": "বই.txt", "extracted_content": "ভিতরের লেখা"}],
               "files": [{"file_name": "ছবি.png", "file_uuid": "f"}], "files_v2": [{"file_name": "ছবি.png", "file_uuid": "f"}]},
              {"uuid": "m2", "sender": "assistant", "text": "ignored", "content": [
                {"type": "thinking", "thinking": "思考中", "summaries": [], "cut_off": false},
                {"type": "text", "text": "প্রথম"}, {"type": "token_budget"},
                {"type": "tool_use", "id": null, "name": "web", "input": {"q": "鸟"}},
                {"type": "tool_result", "tool_use_id": null, "content": [{"type": "knowledge"}], "is_error": false},
                {"type": "text", "text": "দ্বিতীয় 🦜"}], "created_at": "2026-02-03T04:05:08Z"}]}
            """#, .claude)
        #expect(found.shown == ["> পড়ো\n\n[file: বই.txt]\n[file: ছবি.png]", "প্রথম\n\nদ্বিতীয় 🦜"])
        #expect(found.messages[1].thought == "思考中" && found.messages[1].model == nil && found.title == nil)
        #expect(
            found.kept.map { $0.prefix(12) }
                == ["file: ভিতরের ল".prefix(12), "tool: {\"", "tool: {\""].map { $0.prefix(12) }
                || found.hidden.map(\.role) == ["file", "tool", "tool"])
        #expect(found.hidden[0].text == "ভিতরের লেখা" && found.hidden[1].after == 1)
        #expect(found.createdAt.iso8601 == "2026-02-03T04:05:06.789Z")
    }

    @Test("Claude: abandoned edits lie beside the thread that was shown, whatever the order of the array")
    func claudeTree() throws {
        func message(_ id: String, _ parent: String, _ sender: String, _ second: Int) -> String {
            """
            {"uuid": "\(id)", "parent_message_uuid": "\(parent)", "sender": "\(sender)", "text": "\(id)",
             "created_at": "2026-02-03T04:05:0\(second)Z"}
            """
        }
        let root = "00000000-0000-4000-8000-000000000000"
        let messages = [
            message("b2", "b1", "assistant", 4), message("a1", root, "human", 1), message("b1", root, "human", 3),
            message("a2", "a1", "assistant", 2),
        ].joined(separator: ",")
        let newest = try conversation(#"{"uuid": "u", "chat_messages": [\#(messages)]}"#, .claude)
        #expect(newest.shown == ["> b1", "b2"] && newest.all == ["a1", "a2", "b1", "b2"])
        #expect(newest.messages.map(\.parent) == [0, 1, 0, 3])
        let saved = try conversation(
            #"{"uuid": "u", "model": "claude-x", "current_leaf_message_uuid": "a2", "chat_messages": [\#(messages)]}"#,
            .claude)
        #expect(saved.shown == ["> a1", "a2"] && saved.messages[1].model == "claude-x")
    }

    @Test("Claude: without parents each message follows the one before it")
    func claudeLinear() throws {
        let found = try conversation(
            #"""
            {"uuid": "u", "chat_messages": [{"uuid": "1", "sender": "human", "text": "এক"},
             {"uuid": "2", "sender": "assistant", "text": "", "content": [{"type": "text", "text": "দুই"}]},
             {"uuid": "3", "sender": "human", "text": "তিন"}]}
            """#, .claude)
        #expect(found.shown == ["> এক", "দুই", "> তিন"] && found.messages.map(\.parent) == [0, 1, 2])
    }

    @Test("Open WebUI: the tree, thoughts and tools within the text, files, and the system prompt")
    func openWebUI() throws {
        let details =
            #"<details type=\"reasoning\" done=\"true\" duration=\"3\">\n<summary>Thought for 3 seconds</summary>\nভাবছি\n</details>\nউত্তর <details type=\"tool_calls\" name=\"x\">\n{}\n</details>"#
        let found = try conversation(
            #"""
            {"id": "w1", "title": "شعر", "created_at": 1700000000, "updated_at": 1700000009, "pinned": true,
             "chat": {"params": {"system": "Obey"}, "history": {"currentId": "b", "messages": {
              "a": {"id": "a", "parentId": null, "childrenIds": ["b", "c"], "role": "user", "content": "সালাম",
                    "timestamp": 1700000001, "files": [{"name": "ملف.pdf"}]},
              "c": {"id": "c", "parentId": "a", "role": "assistant", "content": "পুরোনো", "timestamp": 1700000002},
              "b": {"id": "b", "parentId": "a", "role": "assistant", "content": "\#(details)", "model": "llama",
                    "timestamp": 1700000003}}}}}
            """#, .openWebUI)
        #expect(found.shown == ["> সালাম\n\n[file: ملف.pdf]", "উত্তর"] && found.all.count == 3)
        let reply = try #require(found.messages.last)
        #expect(reply.thought == "ভাবছি" && reply.model == "llama" && reply.parent == 1)
        #expect(found.hidden.map(\.role) == ["tool", "system"] && found.hidden[1].text == "Obey")
    }

    @Test("Open WebUI: newer outputs, lists of parts, the older form and plain lists")
    func openWebUIForms() throws {
        let newer = try conversation(
            #"""
            {"chat": {"messages": [{"role": "user", "content": [{"type": "text", "text": "কী?"}, {"type": "image_url", "image_url": {}}]},
             {"role": "assistant", "content": "old", "output": [
               {"type": "reasoning", "summary": [{"type": "summary_text", "text": "想"}]},
               {"type": "function_call", "call_id": "1", "name": "f", "arguments": "{}"},
               {"type": "message", "content": [{"type": "output_text", "text": "এই"}]}]}]}}
            """#, .openWebUI)
        #expect(newer.shown == ["> কী?\n\n[image]", "এই"] && newer.messages[1].thought == "想")
        #expect(newer.hidden.map(\.role) == ["tool"])
        let older = try conversation(
            #"""
            {"title": "t", "models": ["m"], "history": {"currentId": "1", "messages": {"1": {"role": "user", "content": "একা",
             "timestamp": 1700000000}}}}
            """#, .openWebUI)
        #expect(older.shown == ["> একা"])
    }

    @Test("LibreChat: a list of messages and a tree of them give the same")
    func libreChat() throws {
        let root = "00000000-0000-0000-0000-000000000000"
        let flat = #"""
            {"conversationId": "l1", "endpoint": "openAI", "title": "图书", "exportAt": "2026-05-01T00:00:00.000Z",
             "options": {"model": "gpt-x", "promptPrefix": "Be rude"}, "recursive": false, "messages": [
              {"messageId": "1", "parentMessageId": "\#(root)", "text": "প্রশ্ন", "isCreatedByUser": true,
               "createdAt": "2026-04-01T00:00:01Z", "files": [{"filename": "ক.png"}]},
              {"messageId": "2", "parentMessageId": "1", "isCreatedByUser": false, "createdAt": "2026-04-01T00:00:02Z",
               "content": [{"type": "think", "think": "চিন্তা"}, {"type": "text", "text": {"value": "উত্তর"}},
                           {"type": "tool_call", "tool_call": {"name": "f"}}]},
              {"messageId": "3", "parentMessageId": "1", "sender": "GPT", "text": "অন্য", "model": "gpt-y",
               "createdAt": "2026-04-01T00:00:03Z"}]}
            """#
        let tree = #"""
            {"conversationId": "l1", "title": "图书", "options": {"model": "gpt-x", "promptPrefix": "Be rude"},
             "recursive": true, "messagesTree": [{"messageId": "1", "text": "প্রশ্ন", "isCreatedByUser": true,
              "createdAt": "2026-04-01T00:00:01Z", "files": [{"filename": "ক.png"}], "children": [
               {"messageId": "2", "isCreatedByUser": false, "createdAt": "2026-04-01T00:00:02Z", "children": [],
                "content": [{"type": "think", "think": "চিন্তা"}, {"type": "text", "text": "উত্তর"},
                            {"type": "tool_call", "tool_call": {"name": "f"}}]},
               {"messageId": "3", "sender": "GPT", "text": "অন্য", "model": "gpt-y", "createdAt": "2026-04-01T00:00:03Z"}]}]}
            """#
        let (one, other) = (try conversation(flat, .librechat), try conversation(tree, .librechat))
        #expect(one.shown == ["> প্রশ্ন\n\n[file: ক.png]", "অন্য"] && one.all.count == 3)
        #expect(one.messages.map(\.model) == [nil, "gpt-x", "gpt-y"] && one.messages[1].thought == "চিন্তা")
        #expect(one.hidden.map(\.role) == ["system", "tool"])
        #expect(one.messages == other.messages && one.hidden == other.hidden && one.path == other.path)
    }

    @Test("Mynah: an exported conversation comes back with its versions")
    func mynah() throws {
        let found = try conversation(
            #"""
            {"conversation": {"id": "c", "title": "নাম", "created_at": "2026-01-01T00:00:00.000Z"}, "messages": [
              {"id": "1", "parent_id": null, "sender": "user", "content": "এক", "created_at": "2026-01-01T00:00:01.000Z"},
              {"id": "2", "parent_id": "1", "sender": "ai", "content": "দুই", "model": "m", "reasoning": {"content": "想", "seconds": 1},
               "created_at": "2026-01-01T00:00:02.000Z"},
              {"id": "3", "parent_id": "1", "sender": "ai", "content": "তিন", "created_at": "2026-01-01T00:00:03.000Z"}],
             "hidden_messages": [{"id": "h", "role": "system", "content": "Rule", "created_at": "2026-01-01T00:00:00.000Z"}]}
            """#, .mynah)
        #expect(found.shown == ["> এক", "তিন"] && found.messages[1].thought == "想" && found.kept == ["system: Rule"])
    }

    @Test("Folders and other things are no conversations")
    func others() throws {
        for json in [
            #"{"name": "Folder", "id": "f"}"#, "[]", "null", "5", #""text""#, "{}", #"{"mapping": []}"#,
            #"{"chat_messages": {}}"#, #"{"history": {"messages": []}}"#, #"{"messages": [5]}"#,
            #"{"conversationId": "x"}"#,
        ] {
            #expect(ImportFormat(try JSONValue(parsing: json.utf8)) == nil, "\(json)")
        }
    }
}
