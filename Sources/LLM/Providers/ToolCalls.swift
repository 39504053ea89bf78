import JSON

/// The calls of tools that a model asks for, put together from the pieces of a stream. Vendors differ in what they tell:
/// what is passed on has an index, an id, a type, a name and arguments as text, whatever came.
struct ToolCalls {
    private struct Call {
        var index: Int64?
        var fields: [String: JSONValue] = [:]
        var function: [String: JSONValue] = [:]
        /// Apart from the other fields, so that it grows in place.
        var text = ""
        var joiner = TextJoiner()
        /// Whether its first piece, which has the id and the name, was passed on.
        var isAnnounced = false

        var type: String { fields["type"]?.string ?? "function" }
        var textName: String { type == "function" ? "arguments" : "input" }
        var id: String { fields["id"]?.string ?? "" }
        var name: String { function["name"]?.string ?? "" }
    }

    static let maximum = 128

    private var calls: [Call] = []

    struct TooMany: Error {}

    var isEmpty: Bool { calls.isEmpty }

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
    /// pieces to pass on, in which each character is whole; nil if there are none.
    @discardableResult
    mutating func add(_ pieces: JSONValue, torn: [Int: VendorText] = [:]) throws(TooMany) -> JSONValue? {
        var passed: [JSONValue] = []
        for case (let place, .object(let piece)) in (pieces.array ?? []).enumerated() {
            if let piece = try add(piece, torn[place]) { passed.append(piece) }
        }
        return passed.isEmpty ? nil : .array(passed)
    }

    /// The pieces that are still due: calls without a name, arguments that never came, and the characters that were begun
    /// and will not be completed. Nil if there are none.
    mutating func finish() -> JSONValue? {
        var pieces: [JSONValue] = []
        for position in calls.indices {
            var rest = calls[position].joiner.finish()
            if calls[position].type == "function", calls[position].text.isEmpty, rest.isEmpty { rest = "{}" }
            calls[position].text += rest
            if calls[position].isAnnounced {
                if !rest.isEmpty { pieces.append(Self.piece(calls[position], at: position, rest)) }
            } else {
                pieces.append(announce(position))
            }
        }
        return pieces.isEmpty ? nil : .array(pieces)
    }

    private mutating func add(_ piece: [String: JSONValue], _ torn: VendorText?) throws(TooMany) -> JSONValue? {
        let position = place(of: piece)
        if position == calls.count {
            guard calls.count < Self.maximum else { throw TooMany() }
            calls.append(Call(index: piece["index"]?.int))
        }
        var (text, more) = ("", [String: JSONValue]())
        for (key, value) in piece where key != "index" && !value.isNull {
            guard key == "function" || key == "custom", case .object(let function) = value else {
                // An id that comes after one was made up for the call would be another one.
                if value == "" || ["id", "type"].contains(key) && calls[position].isAnnounced { continue }
                calls[position].fields[key] = value
                more[key] = value
                continue
            }
            for (field, value) in function where !value.isNull && value != "" {
                switch (field, value) {
                case ("arguments", .string(let part)), ("input", .string(let part)):
                    text += calls[position].joiner.add(torn ?? VendorText(part))
                // Some vendors send the arguments as what they should be the text of.
                case ("arguments", _): text += String(decoding: value.serialized(), as: UTF8.self)
                case ("name", _) where calls[position].isAnnounced: break
                default: calls[position].function[field] = value
                }
            }
        }
        calls[position].text += text
        let call = calls[position]
        guard call.isAnnounced else { return call.name.isEmpty ? nil : announce(position) }
        return text.isEmpty && more.isEmpty ? nil : Self.piece(call, at: position, text, more)
    }

    /// The first piece of a call, with all that is known of it.
    private mutating func announce(_ position: Int) -> JSONValue {
        let id = calls[position].id
        if id.isEmpty || calls[..<position].contains(where: { $0.id == id }) {
            calls[position].fields["id"] = .string(Self.newID())
        }
        calls[position].fields["type"] = .string(calls[position].type)
        calls[position].isAnnounced = true
        let call = calls[position]
        var function = call.function
        function[call.textName] = .string(call.text)
        var fields = call.fields
        fields["index"] = .int(Int64(position))
        fields[call.type] = .object(function)
        return .object(fields)
    }

    private static func piece(
        _ call: Call, at position: Int, _ text: String, _ more: [String: JSONValue] = [:]
    ) -> JSONValue {
        var fields = more
        fields["index"] = .int(Int64(position))
        fields[call.type] = [call.textName: .string(text)]
        return .object(fields)
    }

    private static func newID() -> String {
        var random = SystemRandomNumberGenerator()
        let digits = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        return "call_" + String((0..<24).map { _ in digits[Int.random(in: 0..<36, using: &random)] })
    }

    /// The newest call of the same index, unless the piece begins another one: not all vendors count, or give ids.
    private func place(of piece: [String: JSONValue]) -> Int {
        let index = piece["index"]?.int
        let found = index == nil ? calls.indices.last : calls.lastIndex { $0.index == index }
        guard let found else { return calls.count }
        let known = calls[found]
        let id = piece["id"]?.string ?? ""
        let function = piece["function"] ?? piece["custom"]
        let name = function?["name"]?.string ?? ""
        let knownID = known.id
        if !id.isEmpty, id == knownID || name.isEmpty { return found }
        guard !name.isEmpty, !known.name.isEmpty else { return found }
        if !id.isEmpty, !knownID.isEmpty || known.isAnnounced { return calls.count }
        if name != known.name { return calls.count }
        // The same name again: another call of the same function if the first one is whole.
        let begins = function?["arguments"]?.string.map { $0.hasPrefix("{") } ?? true
        let isWhole = (try? JSONValue(parsing: known.text.utf8))?.object != nil
        return isWhole && begins ? calls.count : found
    }
}
