import JSON

/// The calls of tools that a model asks for, put together from the pieces of a stream.
struct ToolCalls {
    private struct Call {
        var index: Int64?
        var fields: [String: JSONValue] = [:]
        var function: [String: JSONValue] = [:]
        /// Apart from the other fields, so that it grows in place.
        var text = ""
    }

    static let maximum = 128

    private var calls: [Call] = []

    struct TooMany: Error {}

    /// The calls in OpenAI's form, without the index that only streams have.
    var value: JSONValue? {
        guard !calls.isEmpty else { return nil }
        return .array(
            calls.map { call in
                var fields = call.fields
                let type = fields["type"]?.string ?? "function"
                var function = call.function
                let isFunction = type == "function"
                // A call without arguments is often left empty, which is no JSON.
                function[isFunction ? "arguments" : "input"] =
                    .string(isFunction && call.text.isEmpty ? "{}" : call.text)
                fields["type"] = .string(type)
                fields[type] = .object(function)
                return .object(fields)
            })
    }

    mutating func add(_ pieces: JSONValue) throws(TooMany) {
        for case .object(let piece) in pieces.array ?? [] {
            try add(piece)
        }
    }

    private mutating func add(_ piece: [String: JSONValue]) throws(TooMany) {
        let position = place(of: piece)
        if position == calls.count {
            guard calls.count < Self.maximum else { throw TooMany() }
            calls.append(Call(index: piece["index"]?.int))
        }
        for (key, value) in piece where key != "index" && !value.isNull {
            guard key == "function" || key == "custom", case .object(let function) = value else {
                if value != "" { calls[position].fields[key] = value }
                continue
            }
            for (key, value) in function where !value.isNull && value != "" {
                switch (key, value) {
                case ("arguments", .string(let text)), ("input", .string(let text)): calls[position].text += text
                // Some vendors send the arguments as what they should be the text of.
                case ("arguments", _): calls[position].text = String(decoding: value.serialized(), as: UTF8.self)
                default: calls[position].function[key] = value
                }
            }
        }
    }

    /// The newest call of the same index, unless another id shows that it is another call: not all vendors count.
    private func place(of piece: [String: JSONValue]) -> Int {
        let id = piece["id"]?.string ?? ""
        let index = piece["index"]?.int
        let found = index == nil ? calls.indices.last : calls.lastIndex { $0.index == index }
        guard let found else { return calls.count }
        let known = calls[found].fields["id"]?.string ?? ""
        return id.isEmpty || known.isEmpty || id == known ? found : calls.count
    }
}
