import HTTPKit
import JSON

/// Mynah's own export of one conversation.
enum MynahFormat {
    static func conversation(_ value: JSONValue) -> ImportedConversation {
        let conversation = value["conversation"]
        var found = ImportedConversation()
        found.id = conversation?["id"]?.filled
        found.title = conversation?["title"]?.string
        found.createdAt = .imported(conversation?["created_at"])
        found.updatedAt = .imported(conversation?["updated_at"])
        for (index, message) in (value["messages"]?.array ?? []).enumerated() {
            let sender = message["sender"]?.string ?? "unknown"
            let kind: ImportedConversation.Kind =
                switch sender {
                case "user": .user
                case "ai", "staff": .reply
                default: .hidden(sender)
                }
            found.nodes.append(
                .init(
                    id: message["id"]?.filled ?? "#\(index)", parent: message["parent_id"]?.filled,
                    time: .imported(message["created_at"]), kind: kind, text: message["content"]?.string ?? "",
                    model: message["model"]?.filled, thought: message["reasoning"]?["content"]?.string ?? ""))
        }
        for (index, hidden) in (value["hidden_messages"]?.array ?? []).enumerated() {
            found.nodes.append(
                .init(
                    id: "+\(index)", time: .imported(hidden["created_at"]),
                    kind: .hidden(hidden["role"]?.string ?? "unknown"), text: hidden["content"]?.string ?? ""))
        }
        return found
    }
}
