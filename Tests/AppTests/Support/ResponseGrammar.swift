import JSON
import Testing

/// The rules of the events of a response's stream: their order, numbers and indexes, and that they add up to the response.
struct ResponseGrammar {
    private(set) var problems: [String] = []
    private(set) var response: JSONValue = .null

    private struct Item {
        var value: JSONValue
        let id: JSONValue
        var isOpen = true
        /// The text of each part so far; nil once it is done.
        var parts: [String?] = []
        /// Those of the part that is open.
        var annotations: [JSONValue] = []
        var arguments = ""
        var isTextDone = false
    }

    private var items: [Item] = []
    private var sequence: Int64
    private var isOver = false

    /// - Parameter first: the number of the first event; above 0 if the beginning is known already.
    init(from first: Int64 = 0) { sequence = first }

    /// The problems of a whole stream.
    static func problems(_ events: [(id: String, name: String, data: JSONValue)]) -> [String] {
        var grammar = ResponseGrammar()
        for event in events { grammar.read(event.name, event.data) }
        return grammar.finish()
    }

    mutating func read(_ name: String, _ data: JSONValue) {
        func says(_ isSo: Bool, _ rule: String) {
            if !isSo { problems.append("\(rule): \(name) \(String(decoding: data.serialized(), as: UTF8.self))") }
        }
        says(data["type"]?.string == name, "the type is the event's name")
        says(data["sequence_number"]?.int == sequence, "events are numbered one by one (\(sequence))")
        says(!isOver, "nothing follows the end")
        if sequence == 0 { says(name == "response.created", "created comes first") }
        if sequence == 1 { says(name == "response.in_progress", "in_progress comes second") }
        sequence += 1
        if let response = data["response"] {
            if self.response != .null { says(response["id"] == self.response["id"], "one stream, one response") }
            self.response = response
            says(
                !["response.completed", "response.incomplete", "response.failed"].contains(name)
                    == (response["status"] == "in_progress"), "the status fits the event")
            guard response["status"] != "in_progress" else { return says(response["output"] == [], "it begins empty") }
            isOver = true
            if response["status"] == "completed" || response["status"] == "incomplete" {
                says(items.allSatisfy { !$0.isOpen }, "every item is done")
                says(response["output"]?.array == items.map(\.value), "the output is the items")
            }
            return
        }
        guard let index = data["output_index"]?.int.map(Int.init) else { return says(false, "it has an output_index") }
        if name == "response.output_item.added" {
            says(index == items.count, "items are counted one by one")
            says(!items.contains { $0.id == data["item"]?["id"] }, "ids are unique")
            items.append(Item(value: data["item"] ?? .null, id: data["item"]?["id"] ?? .null))
            return
        }
        guard items.indices.contains(index), items[index].isOpen else { return says(false, "its item is open") }
        if name == "response.output_item.done" {
            says(items[index].parts.allSatisfy { $0 == nil }, "every part is done")
            says(data["item"]?["id"] == items[index].id, "the item keeps its id")
            items[index].isOpen = false
            items[index].value = data["item"] ?? .null
            return
        }
        says(data["item_id"] == items[index].id, "the event names its item")
        if name.hasPrefix("response.function_call_arguments") || name.hasPrefix("response.custom_tool_call_input") {
            if name.hasSuffix(".delta") {
                items[index].arguments += data["delta"]?.string ?? ""
            } else {
                says((data["arguments"] ?? data["input"])?.string == items[index].arguments, "deltas add up")
            }
            return
        }
        guard let part = (data["content_index"] ?? data["summary_index"])?.int.map(Int.init) else {
            return says(false, "it has a content_index or a summary_index")
        }
        if name.hasSuffix("part.added") {
            says(part == items[index].parts.count, "parts are counted one by one")
            says(items[index].parts.last.map { $0 == nil } ?? true, "one part at a time")
            items[index].parts.append("")
            items[index].annotations = []
            return
        }
        guard items[index].parts.indices.contains(part), let text = items[index].parts[part] else {
            return says(false, "its part is open")
        }
        if name.hasSuffix(".delta") {
            says(data["delta"]?.string?.isEmpty == false, "a delta has text")
            if name == "response.output_text.delta" { says(data["logprobs"]?.array != nil, "text has logprobs") }
            items[index].parts[part] = text + (data["delta"]?.string ?? "")
        } else if name.hasSuffix("part.done") {
            let whole = data["part"]?["text"] ?? data["part"]?["refusal"]
            says(whole?.string == text, "the part is its deltas")
            says(data["part"]?["annotations"]?.array ?? [] == items[index].annotations, "the part has its annotations")
            items[index].parts[part] = nil
        } else if name == "response.output_text.annotation.added" {
            let (annotation, count) = (data["annotation"] ?? .null, items[index].annotations.count)
            says(data["annotation_index"]?.int == Int64(count), "annotations are counted one by one")
            let marker = String(text.unicodeScalars.dropFirst(Int(annotation["index"]?.int ?? -1)))
            says(marker == "[\(annotation["n"]?.int ?? 0)]", "the text ends with what is annotated")
            items[index].annotations.append(annotation)
        } else {
            says((data["text"] ?? data["refusal"])?.string == text, "deltas add up")
        }
    }

    mutating func finish() -> [String] {
        if !isOver { problems.append("it has no end") }
        return problems
    }
}
