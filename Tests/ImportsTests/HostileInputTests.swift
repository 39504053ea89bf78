import HTTPKit
import JSON
import Testing
import Texts

@testable import Imports

/// Whatever is in a file, reading it ends, and in a time that grows with its length.
@Suite struct HostileInputTests {
    private static let samples = [
        #"{"conversation_id":"c","title":"t","create_time":1700000000.0,"current_node":"b","mapping":{"a":{"id":"a","parent":null,"children":["b"],"message":{"author":{"role":"user"},"create_time":1,"content":{"content_type":"multimodal_text","parts":["পাখি",{"content_type":"image_asset_pointer"}]},"metadata":{"model_slug":"m"}}},"b":{"id":"b","parent":"a","message":{"author":{"role":"assistant"},"recipient":"all","weight":1,"content":{"content_type":"text","parts":["【1†s】"]}}}}}"#,
        #"{"uuid":"u","name":"n","chat_messages":[{"uuid":"1","sender":"human","text":"x","content":[{"type":"text","text":"طائر"}],"attachments":[{"file_name":"f","extracted_content":"e"}],"parent_message_uuid":"0"},{"uuid":"2","sender":"assistant","content":[{"type":"thinking","thinking":"t"},{"type":"tool_use"}],"parent_message_uuid":"1"}]}"#,
        #"{"id":"w","chat":{"title":"t","history":{"currentId":"b","messages":{"a":{"role":"user","content":"x","timestamp":1700000000},"b":{"parentId":"a","role":"assistant","content":"<details type=\"reasoning\">y</details>z","output":[{"type":"message","content":[{"text":"鸟"}]}]}}}}}"#,
        #"{"conversationId":"l","options":{"model":"m"},"messagesTree":[{"messageId":"1","text":"x","isCreatedByUser":true,"children":[{"messageId":"2","content":[{"type":"think","think":"t"},{"type":"text","text":{"value":"v"}}]}]}]}"#,
        #"{"conversation":{"id":"c"},"messages":[{"id":"1","sender":"user","content":"x"},{"id":"2","parent_id":"1","sender":"ai","content":"y"}],"hidden_messages":[{"role":"r","content":"c"}]}"#,
    ]

    /// Replaces values of a document by others.
    private static func mutated(_ value: JSONValue, _ random: inout Chance) -> JSONValue {
        let odd: [JSONValue] = [
            .null, true, 0, -1, .int(.max), .int(.min), .double(1e300), .double(-0.5), "", "\0", "a", "🦜", [], [.null],
            [:],
            ["text": "x"], [["type": "text"]],
        ]
        if Int.random(in: 0..<12, using: &random) == 0 { return odd.randomElement(using: &random)! }
        switch value {
        case .array(let items):
            var items = items.map { mutated($0, &random) }
            if Int.random(in: 0..<6, using: &random) == 0, let item = items.first { items.append(item) }
            return .array(items)
        case .object(let members):
            return .object(
                Dictionary(
                    members.sorted { $0.key < $1.key }.map { key, value in
                        (Int.random(in: 0..<20, using: &random) == 0 ? "parent" : key, mutated(value, &random))
                    }
                ) { $1 })
        default: return value
        }
    }

    @Test("Changed documents of every format are read or refused, never a trap")
    func fuzzed() throws {
        var random = Chance(seed: 23)
        var read = 0
        for round in 0..<10_000 {
            let sample = try JSONValue(parsing: Self.samples[round % Self.samples.count].utf8)
            let changed = Self.mutated(sample, &random)
            guard let format = ImportFormat(changed) else { continue }
            do {
                let found = try ArrangedConversation(format.conversation(changed), now: .now)
                read += 1
                #expect(!found.messages.isEmpty && !found.path.isEmpty)
                for (index, message) in found.messages.enumerated() { #expect(message.parent <= Int64(index)) }
                #expect(found.messages.allSatisfy { !$0.text.utf8.contains(0) })
            } catch ArrangedConversation.Problem.empty {}
        }
        #expect(read > 2000)
    }

    @Test("The samples themselves are conversations")
    func samples() throws {
        let formats = try Self.samples.map { ImportFormat(try JSONValue(parsing: $0.utf8)) }
        #expect(formats == [.chatgpt, .claude, .openWebUI, .librechat, .mynah])
    }

    /// What takes the square of its length takes hours here.
    @Test(
        "Megabytes of marks that are never closed take seconds", .timeLimit(.minutes(10)),
        arguments: [
            "【", "†】", "【1†", "\u{E200}", "\u{E201}", "\u{E200}cite\u{E202}", "<details type=\"reasoning\">",
            "</details>",
            "<details", "<details type=\"x\"></details>", "<summary>", "\\ue200",
        ])
    func linear(_ mark: String) throws {
        let text = String(repeating: mark, count: 2_000_000 / mark.utf8.count)
        #expect(CitationMarks.removed(text).utf8.count <= text.utf8.count)
        #expect(DetailsBlocks(text).text.utf8.count <= text.utf8.count)
        _ = CleanText.pieces(text, most: 96_000)
    }
}
