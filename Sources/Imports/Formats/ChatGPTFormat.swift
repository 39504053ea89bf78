import HTTPKit
import JSON

/// ChatGPT: a tree by `mapping`, whose nodes name their parents.
enum ChatGPTFormat {
    static func conversation(_ value: JSONValue) -> ImportedConversation {
        var found = ImportedConversation()
        found.id = value["conversation_id"]?.filled ?? value["id"]?.filled
        found.title = value["title"]?.string
        found.createdAt = .imported(value["create_time"])
        found.updatedAt = .imported(value["update_time"])
        found.leaf = value["current_node"]?.filled
        let model = value["default_model_slug"]?.filled
        found.nodes = (value["mapping"]?.object ?? [:]).map { node($0, $1, model) }
            // An object has no order; the time and the id give the same one each time.
            .sorted { ($0.time?.milliseconds ?? 0, $0.id) < ($1.time?.milliseconds ?? 0, $1.id) }
        return found
    }

    private static func node(_ id: String, _ value: JSONValue, _ model: String?) -> ImportedConversation.Node {
        let parent = value["parent"]?.filled
        guard let message = value["message"], let content = message["content"] else {
            return .init(id: id, parent: parent, kind: .nothing)
        }
        let text = text(content)
        return .init(
            id: id, parent: parent, time: .imported(message["create_time"]), kind: kind(message, content),
            text: text.map(CitationMarks.removed) ?? content.raw,
            model: message["metadata"]?["model_slug"]?.filled ?? model)
    }

    private static func kind(_ message: JSONValue, _ content: JSONValue) -> ImportedConversation.Kind {
        let role = message["author"]?["role"]?.string ?? "unknown"
        let type = content["content_type"]?.string ?? "text"
        let isHidden =
            message["metadata"]?["is_visually_hidden_from_conversation"]?.isTrue == true
            || message["weight"]?.double == 0
        switch (role, type) {
        case ("assistant", "thoughts"), ("assistant", "reasoning_recap"): return .thought
        case _ where isHidden || text(content) == nil || type == "user_editable_context": return .hidden(role)
        case ("user", _): return .user
        case ("assistant", _) where message["recipient"]?.string ?? "all" == "all":
            return message["channel"]?.string == "analysis" ? .thought : .reply
        case ("tool", "multimodal_text"): return .reply
        default: return .hidden(role)
        }
    }

    /// Nil for a type that is not known, and for a profile.
    private static func text(_ content: JSONValue) -> String? {
        switch content["content_type"]?.string ?? "text" {
        case "text", "multimodal_text": (content["parts"]?.array ?? []).compactMap(part).paragraphs
        case "code":
            "```\(content["language"]?.string.flatMap { $0 == "unknown" ? nil : $0 } ?? "")\n"
                + "\(content["text"]?.string ?? "")\n```"
        case "execution_output", "system_error": content["text"]?.string ?? ""
        case "thoughts":
            (content["thoughts"]?.array ?? []).map {
                [$0["summary"]?.string ?? "", $0["content"]?.string ?? ""].paragraphs
            }.paragraphs
        case "reasoning_recap": content["content"]?.string ?? ""
        case "tether_quote", "sonic_webpage":
            [content["title"]?.string ?? "", content["url"]?.string ?? "", content["text"]?.string ?? ""].paragraphs
        case "tether_browsing_display": content["result"]?.string ?? ""
        default: nil
        }
    }

    private static func part(_ part: JSONValue) -> String? {
        if let text = part.string { return text }
        switch part["content_type"]?.string ?? "" {
        case "image_asset_pointer": return "[image]"
        case "audio_transcription": return part["text"]?.string
        case let type where type.contains("audio") || type.contains("video"): return "[audio]"
        default: return part.isNull ? nil : part["text"]?.string
        }
    }
}

/// The places in a text that refer to search results, which mean nothing elsewhere: `【12†source】`, and marks between
/// private characters.
enum CitationMarks {
    private static let (open, close) = (Unicode.Scalar(0xE200)!, Unicode.Scalar(0xE201)!)
    private static let longest = 200

    /// Takes time that grows with the length of the text, whatever is in it.
    static func removed(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0 == open || $0 == "【" }) else { return text }
        var out: [Unicode.Scalar] = []
        out.reserveCapacity(text.unicodeScalars.count)
        // The places in `out` at which a mark may have begun.
        var (private_, bracket): (Int?, Int?) = (nil, nil)
        var hasDagger = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case open: private_ = out.count
            case close:
                if let start = private_ { out.removeLast(out.count - start) }
                private_ = nil
            case "【":
                (bracket, hasDagger) = (out.count, false)
                out.append(scalar)
            case "】":
                if let start = bracket, hasDagger, start <= out.count, out.count - start <= longest {
                    out.removeLast(out.count - start)
                } else {
                    out.append(scalar)
                }
                bracket = nil
            case "†":
                hasDagger = true
                out.append(scalar)
            default: out.append(scalar)
            }
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: out)
        return String(view)
    }
}
