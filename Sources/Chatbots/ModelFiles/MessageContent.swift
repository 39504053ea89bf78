import JSON
package import LLM

/// What a message says with its files, as parts. A message of text alone stays one text, which every model takes.
package struct MessageContent {
    private var parts: [JSONValue] = []

    package init(omitted: [String]) {
        for name in omitted { leaveOut(name) }
    }

    package mutating func add(_ file: ModelFile, id: String) { parts.append(file.part(id: id)) }

    /// Tells the model that there was a file, which it is not given again.
    package mutating func leaveOut(_ name: String) {
        let name = String(decoding: JSONValue.string(name).serialized(), as: UTF8.self)
        parts.append(["type": "text", "text": .string("(The file \(name) was attached here and is not shown.)")])
    }

    package func put(into message: inout ChatMessage) {
        let all = parts + [["type": "text", "text": .string(message.content)]]
        let texts = all.compactMap { $0["text"]?.string }
        message.content = texts.joined(separator: "\n\n")
        message.parts = texts.count == all.count ? nil : .array(all)
    }
}
