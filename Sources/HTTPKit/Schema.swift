package import JSON

/// What a JSON value must look like: derived once from a Codable type, used both to check requests and to document them.
package struct Schema: Sendable {
    package indirect enum Kind: Sendable {
        case string, integer, number, boolean, any
        case choice([String])
        case array(Schema)
        case map(Schema)
        case object(name: String, properties: [Property])
    }

    package struct Property: Sendable {
        package let name: String
        package let schema: Schema
        package let isRequired: Bool
    }

    package let kind: Kind
    /// The name of a choice that several fields may share.
    package var choiceName: String?
    package var isNullable = false
    package var rule = Rule()

    package init(_ kind: Kind, nullable: Bool = false, rule: Rule = Rule()) {
        self.kind = kind
        self.isNullable = nullable
        self.rule = rule
    }

    package static func of(_ type: any Decodable.Type) -> Schema { SchemaReader.read(type) }

    /// Whether one of its fields cannot be left out.
    var requiresSomething: Bool {
        guard case .object(_, let properties) = kind else { return true }
        return properties.contains(where: \.isRequired)
    }
}

/// Bounds on one field beyond its type. Text is 1 to 2,000 characters, and not only white space, unless said otherwise.
package struct Rule: Sendable, Equatable {
    package var length: ClosedRange<Int> = 0...2000
    package var isBlankAllowed = true
    package var pattern: String?
    /// A wider pattern that every engine of regular expressions knows, for documents, if `pattern` needs more.
    package var portablePattern: String?
    package var format: String?
    package var minimum: Double?
    package var maximum: Double?
    /// The allowed numbers, if there are only a few.
    package var numbers: [Int]?
    package var maxItems = 100
    package var note: String?
    /// Whether it is a name that others read, which must not look like nothing: see `NameText`.
    package var isName = false
    /// Whether blanks around it mean nothing: they are cut off before the value is checked.
    package var isTrimmed = false

    package init(
        length: ClosedRange<Int> = 0...2000, isBlankAllowed: Bool = true, pattern: String? = nil, format: String? = nil,
        minimum: Double? = nil, maximum: Double? = nil, numbers: [Int]? = nil, maxItems: Int = 100, note: String? = nil,
        isName: Bool = false, isTrimmed: Bool = false
    ) {
        self.length = length
        self.isBlankAllowed = isBlankAllowed
        self.pattern = pattern
        self.format = format
        self.minimum = minimum
        self.maximum = maximum
        self.numbers = numbers
        self.maxItems = maxItems
        self.note = note
        self.isName = isName
        self.isTrimmed = isTrimmed
    }

    package static func text(
        _ length: ClosedRange<Int>, pattern: String? = nil, format: String? = nil, note: String? = nil
    )
        -> Rule
    {
        Rule(length: length, isBlankAllowed: length.lowerBound == 0, pattern: pattern, format: format, note: note)
    }
    /// The same rule with a wider pattern in documents.
    package func documented(as pattern: String) -> Rule {
        var rule = self
        rule.portablePattern = pattern
        return rule
    }
    package static func name(_ length: ClosedRange<Int>, note: String? = nil) -> Rule {
        var rule = text(length, note: note)
        rule.isName = true
        return rule
    }
    package static func number(_ range: ClosedRange<Double>, note: String? = nil) -> Rule {
        Rule(minimum: range.lowerBound, maximum: range.upperBound, note: note)
    }
    package static func items(_ most: Int, note: String? = nil) -> Rule { Rule(maxItems: most, note: note) }
    package static func note(_ note: String) -> Rule { Rule(note: note) }
    package static let email = Rule(length: 3...254, isBlankAllowed: false, format: "email", isTrimmed: true)
    /// A user's name or e-mail address, to sign in with.
    package static let signInName = Rule.text(1...254, note: "The user name or the e-mail address.").trimmed

    /// The same rule with another note.
    package func noting(_ note: String) -> Rule {
        var rule = self
        rule.note = note
        return rule
    }

    package var trimmed: Rule {
        var rule = self
        rule.isTrimmed = true
        return rule
    }
}

/// A type whose fields have bounds, named as in JSON.
package protocol Ruled {
    static var rules: [String: Rule] { get }
}

/// A type with a Codable form of its own making, which therefore states its schema itself.
package protocol Described: Decodable {
    static var schema: Schema { get }
    static var example: Self { get }
}

extension Timestamp: Described {
    package static var schema: Schema { Schema(.string, rule: .text(20...35, format: "date-time")) }
    package static var example: Timestamp { Timestamp(milliseconds: 0) }
}

extension JSONValue: Described {
    package static var schema: Schema { Schema(.any) }
    package static var example: JSONValue { .null }
}

/// A JSON object with any fields, such as a chatbot's `config`.
package struct JSONObject: Codable, Sendable, Described, Equatable {
    package var members: [String: JSONValue] = [:]

    package init(_ members: [String: JSONValue] = [:]) { self.members = members }

    package init(from decoder: any Decoder) throws {
        guard case .object(let members) = try JSONValue(from: decoder) else {
            throw DecodingError.typeMismatch(
                Self.self, .init(codingPath: decoder.codingPath, debugDescription: "not an object"))
        }
        self.members = members
    }

    package func encode(to encoder: any Encoder) throws { try JSONValue.object(members).encode(to: encoder) }

    package static var schema: Schema { Schema(.map(Schema(.any))) }
    package static var example: JSONObject { JSONObject() }
}

/// A field of a change: left out (unchanged), null (cleared), or a new value.
package enum Change<Value: Codable & Sendable>: Sendable {
    case unchanged
    case cleared
    case value(Value)

    package var isGiven: Bool {
        if case .unchanged = self { false } else { true }
    }

    package func applied(to old: Value?) -> Value? {
        switch self {
        case .unchanged: old
        case .cleared: nil
        case .value(let value): value
        }
    }
}

extension Change: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self = container.decodeNil() ? .cleared : .value(try container.decode(Value.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if case .value(let value) = self { try container.encode(value) } else { try container.encodeNil() }
    }
}

extension KeyedDecodingContainer {
    /// Synthesized decoding prefers this overload, which tells a field left out from one that is null.
    package func decode<Value>(_ type: Change<Value>.Type, forKey key: Key) throws -> Change<Value> {
        guard contains(key) else { return .unchanged }
        return try decodeNil(forKey: key) ? .cleared : .value(try decode(Value.self, forKey: key))
    }
}

extension Schema {
    /// Refuses what a client must not send, naming the field: 422, before anything is decoded.
    package func check(_ value: JSONValue, at path: String? = nil, lenient: Bool = false) throws(APIError) {
        if case .null = value {
            if isNullable { return }
            if case .any = kind { return }
            throw .invalid(
                path, "\(Self.name(path)) must not be null.", bengali: "\(Self.bengaliName(path)) null থাকতে পারে না।")
        }
        switch (kind, value) {
        case (.any, _):
            try Self.refuseNUL(value, at: path)
        case (.string, .string(let text)):
            try check(text: text, at: path)
        case (.choice(let choices), .string(let text)):
            guard choices.contains(text) else {
                let all = choices.joined(separator: ", ")
                throw .invalid(
                    path, "\(Self.name(path)) must be one of: \(all).",
                    bengali: "\(Self.bengaliName(path)) এগুলোর একটি থাকতে হবে: \(all)।")
            }
        case (.integer, .int(let number)):
            try check(number: Double(number), at: path)
        case (.integer, .double(let number)) where number == number.rounded() && abs(number) < 9e15:
            try check(number: number, at: path)
        case (.number, .int(let number)):
            try check(number: Double(number), at: path)
        case (.number, .double(let number)):
            try check(number: number, at: path)
        case (.boolean, .bool):
            break
        case (.integer, .string(let text)) where lenient && Int64(text) != nil:
            try check(number: Double(Int64(text)!), at: path)
        case (.number, .string(let text)) where lenient && Double(text)?.isFinite == true:
            try check(number: Double(text)!, at: path)
        case (.boolean, .string(let text)) where lenient && (text == "true" || text == "false"):
            break
        case (.array(let element), .array(let items)):
            guard items.count <= rule.maxItems else {
                throw .invalid(
                    path, "\(Self.name(path)) must have at most \(rule.maxItems) items.",
                    bengali: "\(Self.bengaliName(path)) সর্বোচ্চ \(rule.maxItems)টি উপাদান থাকতে পারে।")
            }
            for (index, item) in items.enumerated() { try element.check(item, at: "\(path ?? "")[\(index)]") }
        case (.map(let element), .object(let members)):
            guard members.count <= rule.maxItems else {
                throw .invalid(path, "\(Self.name(path)) must have at most \(rule.maxItems) fields.")
            }
            for (key, item) in members {
                guard !key.utf8.contains(0) else { throw .invalid(path, "\(Self.name(path)) must not contain U+0000.") }
                try element.check(item, at: path.map { "\($0).\(key)" } ?? key)
            }
        case (.object(_, let properties), .object(let members)):
            // By index, since a property is large to copy; most are absent.
            for index in properties.indices {
                let member = members[properties[index].name]
                guard member != nil || properties[index].isRequired else { continue }
                let name = path.map { "\($0).\(properties[index].name)" } ?? properties[index].name
                guard let member else {
                    throw APIError(
                        .missingField, "'\(name)' is required.", bengali: "'\(name)' ঘরটি দেওয়া আবশ্যক।", param: name)
                }
                try properties[index].schema.check(member, at: name, lenient: lenient)
            }
        default:
            throw .invalid(path, "\(Self.name(path)) must be \(article).")
        }
    }

    private func check(text: String, at path: String?) throws(APIError) {
        guard !text.utf8.contains(0) else { throw .invalid(path, "\(Self.name(path)) must not contain U+0000.") }
        // Unicode scalars are counted, as JSON Schema does.
        let count = text.unicodeScalars.count
        guard rule.length.contains(count) else {
            let bounds = rule.length
            throw .invalid(
                path,
                "\(Self.name(path)) must have \(bounds.lowerBound) to \(bounds.upperBound) characters; it has \(count).",
                bengali: "\(Self.bengaliName(path)) \(bounds.lowerBound) থেকে \(bounds.upperBound)টি অক্ষর থাকতে হবে; "
                    + "এখন আছে \(count)টি।")
        }
        guard rule.isBlankAllowed || text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw .invalid(
                path, "\(Self.name(path)) must not be blank.",
                bengali: "\(Self.bengaliName(path)) কিছু লেখা থাকতে হবে।")
        }
        if rule.isName, let problem = NameText.problem(text) {
            throw .invalid(path, "\(Self.name(path)) \(problem).")
        }
        if rule.format == "email", !Email.isValid(text) {
            throw .invalid(
                path, "\(Self.name(path)) must be an e-mail address such as name@example.com.",
                bengali: "\(Self.bengaliName(path)) name@example.com-এর মতো একটি ই-মেইল ঠিকানা থাকতে হবে।")
        }
        if rule.format == "uri", !text.hasPrefix("http://") && !text.hasPrefix("https://") {
            throw .invalid(
                path, "\(Self.name(path)) must be an address that begins with http:// or https://.",
                bengali: "\(Self.bengaliName(path)) http:// বা https:// দিয়ে শুরু একটি ঠিকানা থাকতে হবে।")
        }
        if let pattern = rule.pattern, (try? Regex(pattern).wholeMatch(in: text)) == nil {
            throw .invalid(path, "\(Self.name(path)) is not of the accepted form\(rule.note.map { ": \($0)" } ?? ".")")
        }
    }

    private func check(number: Double, at path: String?) throws(APIError) {
        let low = rule.minimum ?? -.infinity
        let high = rule.maximum ?? .infinity
        guard number >= low, number <= high else {
            throw .invalid(
                path, "\(Self.name(path)) must be from \(Self.plain(low)) to \(Self.plain(high)).",
                bengali: "\(Self.bengaliName(path)) \(Self.plain(low)) থেকে \(Self.plain(high))-এর মধ্যে একটি সংখ্যা "
                    + "থাকতে হবে।")
        }
        if let numbers = rule.numbers, !numbers.contains(where: { Double($0) == number }) {
            throw .invalid(
                path, "\(Self.name(path)) must be \(numbers.map(String.init).joined(separator: " or ")).")
        }
    }

    private static func plain(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : String(number)
    }

    private static func refuseNUL(_ value: JSONValue, at path: String?) throws(APIError) {
        switch value {
        case .string(let text):
            guard !text.utf8.contains(0) else { throw .invalid(path, "\(name(path)) must not contain U+0000.") }
        case .array(let items):
            for item in items { try refuseNUL(item, at: path) }
        case .object(let members):
            for (key, item) in members {
                try refuseNUL(.string(key), at: path)
                try refuseNUL(item, at: path)
            }
        default: break
        }
    }

    private static func name(_ path: String?) -> String { path.map { "'\($0)'" } ?? "The body" }
    private static func bengaliName(_ path: String?) -> String { path.map { "'\($0)' ঘরে" } ?? "অনুরোধে" }

    private var article: String {
        switch kind {
        case .string, .choice: "a string"
        case .integer: "a whole number"
        case .number: "a number"
        case .boolean: "true or false"
        case .array: "an array"
        case .map, .object: "an object"
        case .any: "any value"
        }
    }
}
