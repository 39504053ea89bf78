import HTTPKit
import JSON

/// Open WebUI: a tree by `history.messages`, or a list. Older exports are the chat without what wraps it.
enum OpenWebUIFormat {
    static func isConversation(_ value: JSONValue) -> Bool {
        let chat = value["chat"] ?? value
        return chat["history"]?["messages"]?.object != nil
            || chat["messages"]?.array?.first.map { $0["role"]?.string != nil } == true
    }

    static func conversation(_ value: JSONValue) -> ImportedConversation {
        let chat = value["chat"] ?? value
        var found = ImportedConversation()
        found.id = value["id"]?.filled ?? chat["id"]?.filled
        found.title = value["title"]?.string ?? chat["title"]?.string
        found.createdAt = .imported(value["created_at"] ?? chat["timestamp"])
        found.updatedAt = .imported(value["updated_at"])
        found.leaf = chat["history"]?["currentId"]?.filled
        if let messages = chat["history"]?["messages"]?.object, !messages.isEmpty {
            let sorted = messages.sorted { (time($0.value), $0.key) < (time($1.value), $1.key) }
            found.nodes = sorted.flatMap { nodes($1, id: $0, parent: $1["parentId"]?.filled) }
        } else {
            var before: String?
            for (index, message) in (chat["messages"]?.array ?? []).enumerated() {
                let id = message["id"]?.filled ?? "#\(index)"
                found.nodes += nodes(message, id: id, parent: before)
                before = id
            }
        }
        if let prompt = chat["system"]?.filled ?? chat["params"]?["system"]?.filled {
            found.nodes.append(.init(id: "+system", kind: .hidden("system"), text: prompt))
        }
        return found
    }

    private static func time(_ message: JSONValue) -> Int64 {
        Timestamp.imported(message["timestamp"])?.milliseconds ?? 0
    }

    private static func nodes(_ message: JSONValue, id: String, parent: String?) -> [ImportedConversation.Node] {
        let role = message["role"]?.string ?? "unknown"
        let time = Timestamp.imported(message["timestamp"])
        guard role == "user" || role == "assistant" else {
            return [.init(id: id, parent: parent, time: time, kind: .hidden(role), text: text(message["content"]))]
        }
        var parts = (text: text(message["content"]), thought: "", hidden: [String]())
        if role == "assistant" {
            if let output = message["output"]?.array, !output.isEmpty { parts = Self.output(output) }
            if parts.text.contains("<details") {
                let found = DetailsBlocks(parts.text)
                parts.text = found.text
                parts.thought = [parts.thought, found.thoughts.paragraphs].paragraphs
                parts.hidden += found.others
            }
        }
        let names = (message["files"]?.array ?? []).compactMap { $0["name"]?.filled ?? $0["file"]?["name"]?.filled }
        parts.text = ([parts.text] + names.map { "[file: \($0)]" }).paragraphs
        var (nodes, last) = ([ImportedConversation.Node](), parent)
        for (index, text) in parts.hidden.enumerated() {
            nodes.append(.init(id: "\(id)+\(index)", parent: last, time: time, kind: .hidden("tool"), text: text))
            last = "\(id)+\(index)"
        }
        nodes.append(
            .init(
                id: id, parent: last, time: time, kind: role == "user" ? .user : .reply, text: parts.text,
                model: message["model"]?.filled, thought: parts.thought))
        return nodes
    }

    /// The items of a response: messages, reasoning, and calls.
    private static func output(_ items: [JSONValue]) -> (text: String, thought: String, hidden: [String]) {
        var (texts, thoughts, hidden) = ([String](), [String](), [String]())
        for item in items {
            switch item["type"]?.string {
            case "message": texts.append(text(item["content"]))
            case "reasoning":
                let summary = text(item["summary"])
                thoughts.append(summary.isEmpty ? text(item["content"]) : summary)
            default: hidden.append(item.raw)
            }
        }
        return (texts.paragraphs, thoughts.paragraphs, hidden)
    }

    /// A text, or a list of parts.
    private static func text(_ content: JSONValue?) -> String {
        if let parts = content?.array {
            return parts.compactMap { part in
                part["type"]?.string == "image_url" ? "[image]" : part["text"]?.string ?? part.string
            }.paragraphs
        }
        return content?.text ?? ""
    }
}

/// Takes the blocks `<details type="…">` out of a text, in which a reply's thoughts and calls of tools are written.
struct DetailsBlocks {
    private(set) var text = ""
    private(set) var thoughts: [String] = []
    private(set) var others: [String] = []

    init(_ whole: String) {
        let bytes = Array(whole.utf8)
        let (start, end) = (Array("<details type=\"".utf8), Array("</details>".utf8))
        var (kept, at): ([UInt8], Int) = ([], 0)
        // Both searches go forward only.
        while let open = Self.find(start, in: bytes, from: at), let close = Self.find(end, in: bytes, from: open) {
            kept += bytes[at..<open]
            add(bytes[open + start.count..<close])
            at = close + end.count
        }
        kept += bytes[at...]
        text = String(decoding: kept, as: UTF8.self).trimmed
    }

    private mutating func add(_ block: ArraySlice<UInt8>) {
        let type = block.prefix { $0 != UInt8(ascii: "\"") }
        let content = block.drop { $0 != UInt8(ascii: ">") }.dropFirst()
        guard type.elementsEqual("reasoning".utf8) else {
            return others.append(String(decoding: block, as: UTF8.self))
        }
        var inner = content
        // What folds the block up: `<summary>Thought for 3 seconds</summary>`.
        let summary = Array("</summary>".utf8)
        if let end = Self.find(summary, in: Array(inner.prefix(500)), from: 0) {
            inner = inner.dropFirst(end + summary.count)
        }
        thoughts.append(String(decoding: inner, as: UTF8.self).trimmed)
    }

    private static func find(_ wanted: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= wanted.count else { return nil }
        var at = start
        while at <= bytes.count - wanted.count {
            if bytes[at] == wanted[0], bytes[at..<at + wanted.count].elementsEqual(wanted) { return at }
            at += 1
        }
        return nil
    }
}

extension String {
    /// Without white space at the beginning and the end.
    var trimmed: String {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}
