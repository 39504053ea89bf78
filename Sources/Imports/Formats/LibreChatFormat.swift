import HTTPKit
import JSON

/// LibreChat: a list of messages that name their parents, or a tree of messages within messages.
enum LibreChatFormat {
    static func conversation(_ value: JSONValue) -> ImportedConversation {
        var found = ImportedConversation()
        found.id = value["conversationId"]?.filled
        found.title = value["title"]?.string
        found.createdAt = .imported(value["createdAt"])
        found.updatedAt = .imported(value["updatedAt"] ?? value["exportAt"])
        let model = value["options"]?["model"]?.filled
        if let prompt = value["options"]?["promptPrefix"]?.filled ?? value["options"]?["system"]?.filled {
            found.nodes.append(.init(id: "+system", kind: .hidden("system"), text: prompt))
        }
        // Those that are still to be read, the last one next.
        var rest: [(message: JSONValue, parent: String?)] = []
        for message in (value["messages"]?.array ?? value["messagesTree"]?.array ?? []).reversed() {
            rest.append((message, nil))
        }
        while let (message, parent) = rest.popLast() {
            let id = message["messageId"]?.filled ?? "#\(found.nodes.count)"
            found.nodes += nodes(
                message, id: id, parent: message["parentMessageId"]?.filled ?? parent, model: model)
            for child in (message["children"]?.array ?? []).reversed() { rest.append((child, id)) }
        }
        return found
    }

    private static func nodes(
        _ message: JSONValue, id: String, parent: String?, model: String?
    ) -> [ImportedConversation.Node] {
        let isUser = message["isCreatedByUser"]?.bool ?? (message["sender"]?.string == "User")
        let time = Timestamp.imported(message["createdAt"])
        var (texts, thoughts, hidden) = ([String](), [String](), [String]())
        for part in message["content"]?.array ?? [] {
            switch part["type"]?.string {
            case "text": texts.append(text(part["text"]))
            case "think": thoughts.append(text(part["think"]))
            case "image_file", "image_url": texts.append("[image]")
            default: hidden.append(part.raw)
            }
        }
        if texts.isEmpty { texts = [message["text"]?.string ?? ""] }
        for list in ["attachments", "files"] {
            texts += (message[list]?.array ?? []).compactMap { $0["filename"]?.filled.map { "[file: \($0)]" } }
        }
        var (nodes, last) = ([ImportedConversation.Node](), parent)
        for (index, text) in hidden.enumerated() {
            nodes.append(.init(id: "\(id)+\(index)", parent: last, time: time, kind: .hidden("tool"), text: text))
            last = "\(id)+\(index)"
        }
        nodes.append(
            .init(
                id: id, parent: last, time: time, kind: isUser ? .user : .reply, text: texts.paragraphs,
                model: isUser ? nil : message["model"]?.filled ?? model, thought: thoughts.paragraphs))
        return nodes
    }

    /// A text, or an object with one.
    private static func text(_ value: JSONValue?) -> String { value?.string ?? value?["value"]?.string ?? "" }
}
