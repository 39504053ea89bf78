import HTTPKit
package import JSON

/// A conversation as an export has it, before its messages are put in order. Ids are those of its source.
package struct ImportedConversation: Sendable {
    /// What it is recognized by when it comes again.
    var id: String?
    var title: String?
    var createdAt: Timestamp?
    var updatedAt: Timestamp?
    var nodes: [Node] = []
    /// The last message that was shown; the newest one if nil.
    var leaf: String?

    /// A message, or a place in the tree without one.
    struct Node: Sendable {
        let id: String
        var parent: String?
        var time: Timestamp?
        var kind: Kind
        var text = ""
        var model: String?
        /// What the model thought before this reply.
        var thought = ""
    }

    enum Kind: Sendable, Equatable {
        case user, reply
        /// Thoughts that stand in a message of their own, before the reply.
        case thought
        /// Not shown by its source: instructions, calls of tools, their results. The text says which.
        case hidden(String)
        case nothing
    }
}

/// The services whose exports are read.
package enum ImportFormat: String, Choice {
    case chatgpt, claude, openWebUI = "open_webui", librechat, mynah

    /// The format of one conversation by its fields; nil if it is something else, such as a folder.
    package init?(_ value: JSONValue) {
        if value["mapping"]?.object != nil {
            self = .chatgpt
        } else if value["chat_messages"]?.array != nil {
            self = .claude
        } else if value["conversationId"] != nil, value["messages"]?.array != nil || value["messagesTree"]?.array != nil
        {
            self = .librechat
        } else if value["conversation"]?.object != nil, value["messages"]?.array != nil {
            self = .mynah
        } else if OpenWebUIFormat.isConversation(value) {
            self = .openWebUI
        } else {
            return nil
        }
    }

    package func conversation(_ value: JSONValue) -> ImportedConversation {
        switch self {
        case .chatgpt: ChatGPTFormat.conversation(value)
        case .claude: ClaudeFormat.conversation(value)
        case .openWebUI: OpenWebUIFormat.conversation(value)
        case .librechat: LibreChatFormat.conversation(value)
        case .mynah: MynahFormat.conversation(value)
        }
    }
}
