import HTTPKit
import JSON

/// Claude: a list of messages that name their parents, or an older one in which each follows the one before it.
enum ClaudeFormat {
    static func conversation(_ value: JSONValue) -> ImportedConversation {
        var found = ImportedConversation()
        found.id = value["uuid"]?.filled
        found.title = value["name"]?.string
        found.createdAt = .imported(value["created_at"])
        found.updatedAt = .imported(value["updated_at"])
        found.leaf = value["current_leaf_message_uuid"]?.filled
        let messages = value["chat_messages"]?.array ?? []
        let isTree = messages.contains { $0["parent_message_uuid"]?.filled != nil }
        var before: String?
        for (index, message) in messages.enumerated() {
            let id = message["uuid"]?.filled ?? "#\(index)"
            let parent = isTree ? message["parent_message_uuid"]?.filled : before
            found.nodes += nodes(message, id: id, parent: parent, model: value["model"]?.filled)
            before = id
        }
        return found
    }

    /// The message, before it the calls of tools that are part of it, and the texts of attached files.
    private static func nodes(
        _ message: JSONValue, id: String, parent: String?, model: String?
    ) -> [ImportedConversation.Node] {
        let isUser = message["sender"]?.string == "human"
        var parts = Parts()
        for block in message["content"]?.array ?? [] { parts.add(block) }
        if parts.texts.allSatisfy(\.isEmpty), let text = message["text"]?.string { parts.texts = [text] }
        let names = fileNames(message)
        if !names.isEmpty { parts.texts.append(names.map { "[file: \($0)]" }.joined(separator: "\n")) }
        let time = Timestamp.imported(message["created_at"])
        var (nodes, last) = ([ImportedConversation.Node](), parent)
        func hide(_ text: String, _ role: String) {
            let hidden = "\(id)+\(nodes.count)"
            nodes.append(.init(id: hidden, parent: last, time: time, kind: .hidden(role), text: text))
            last = hidden
        }
        for text in parts.hidden { hide(text, "tool") }
        for file in message["attachments"]?.array ?? [] {
            if let text = file["extracted_content"]?.filled { hide(text, "file") }
        }
        nodes.append(
            .init(
                id: id, parent: last, time: time, kind: isUser ? .user : .reply, text: parts.texts.paragraphs,
                model: isUser ? nil : model, thought: isUser ? "" : parts.thoughts.paragraphs))
        return nodes
    }

    private struct Parts {
        var texts: [String] = []
        var thoughts: [String] = []
        var hidden: [String] = []

        mutating func add(_ block: JSONValue) {
            switch block["type"]?.string {
            case "text": texts.append(block["text"]?.string ?? "")
            case "thinking": thoughts.append(block["thinking"]?.string ?? "")
            case "token_budget": break
            default: hidden.append(block.raw)
            }
        }
    }

    /// The same file may be named in several lists.
    private static func fileNames(_ message: JSONValue) -> [String] {
        var (names, known) = ([String](), Set<String>())
        for list in ["attachments", "files", "files_v2"] {
            for file in message[list]?.array ?? [] {
                guard let name = file["file_name"]?.filled else { continue }
                if known.insert(file["file_uuid"]?.filled ?? name).inserted, !names.contains(name) {
                    names.append(name)
                }
            }
        }
        return names
    }
}
