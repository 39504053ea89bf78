import JSON

/// The calls of tools that a model asks for, put together from the pieces of a stream.
struct ToolCalls {
    private struct Call {
        var index: Int64?
        var fields: [String: JSONValue] = [:]
        var function: [String: JSONValue] = [:]
        /// Apart from the other fields, so that it grows in place.
        var text = ""
        var joiner = TextJoiner()

        var type: String { fields["type"]?.string ?? "function" }
        var textName: String { type == "function" ? "arguments" : "input" }
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
                var function = call.function
                // A call without arguments is often left empty, which is no JSON.
                function[call.textName] =
                    .string(call.type == "function" && call.text.isEmpty ? "{}" : call.text)
                fields["type"] = .string(call.type)
                fields[call.type] = .object(function)
                return .object(fields)
            })
    }

    /// `torn` has the text of arguments that may begin or end within a character, by its place in `pieces`. Returns the
    /// pieces to pass on, in which each character is whole.
    @discardableResult
    mutating func add(_ pieces: JSONValue, torn: [Int: VendorText] = [:]) throws(TooMany) -> JSONValue {
        guard var items = pieces.array else { return pieces }
        for case (let place, .object(let piece)) in items.enumerated() {
            items[place] = .object(try add(piece, torn[place]))
        }
        return .array(items)
    }

    /// The pieces with the characters that were begun and will not be completed, if any.
    mutating func finish() -> JSONValue? {
        var pieces: [JSONValue] = []
        for position in calls.indices {
            let rest = calls[position].joiner.finish()
            if rest.isEmpty { continue }
            calls[position].text += rest
            let call = calls[position]
            var piece: [String: JSONValue] = [call.type: [call.textName: .string(rest)]]
            if let index = call.index { piece["index"] = .int(index) }
            pieces.append(.object(piece))
        }
        return pieces.isEmpty ? nil : .array(pieces)
    }

    private mutating func add(
        _ piece: [String: JSONValue], _ torn: VendorText?
    ) throws(TooMany) -> [String: JSONValue] {
        var passed = piece
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
            var passedFunction = function
            for (field, value) in function where !value.isNull && value != "" {
                switch (field, value) {
                case ("arguments", .string(let text)), ("input", .string(let text)):
                    let whole = calls[position].joiner.add(torn ?? VendorText(text))
                    calls[position].text += whole
                    passedFunction[field] = .string(whole)
                // Some vendors send the arguments as what they should be the text of.
                case ("arguments", _): calls[position].text = String(decoding: value.serialized(), as: UTF8.self)
                default: calls[position].function[field] = value
                }
            }
            passed[key] = .object(passedFunction)
        }
        return passed
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
