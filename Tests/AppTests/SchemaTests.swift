import HTTPTypes
import JSON
import Testing

@testable import App
@testable import HTTPKit

@Suite struct SchemaTests {
    private enum Colour: String, Choice { case red, green = "GREEN" }

    private struct Inner: Codable, Sendable { let count: Int }

    private struct Everything: Input, Ruled {
        let text: String
        let note: String?
        let flag: Bool
        let count: Int
        let big: Int64?
        let ratio: Double
        let colour: Colour
        let maybeColour: Colour?
        let when: Timestamp
        let tags: [String]
        let inner: Inner
        let inners: [Inner]?
        let free: JSONObject
        let value: JSONValue
        let change: Change<String>
        let number: Change<Double>
        let camelCaseURL: String?

        static var rules: [String: Rule] {
            ["text": .text(2...5), "ratio": .number(0...1), "tags": .text(1...3), "change": .text(1...4)]
        }
    }

    private static var properties: [String: Schema.Property] {
        guard case .object(_, let properties) = Schema.of(Everything.self).kind else { return [:] }
        return Dictionary(uniqueKeysWithValues: properties.map { ($0.name, $0) })
    }

    @Test("A schema is read from the type's own Codable form")
    func read() throws {
        let properties = Self.properties
        #expect(
            Set(properties.keys) == [
                "text", "note", "flag", "count", "big", "ratio", "colour", "maybe_colour", "when", "tags", "inner",
                "inners", "free", "value", "change", "number", "camel_case_url",
            ])
        let optional = Set(properties.values.filter { !$0.isRequired }.map(\.name))
        #expect(optional == ["note", "big", "maybe_colour", "inners", "change", "number", "camel_case_url"])
        #expect(Set(properties.values.filter(\.schema.isNullable).map(\.name)) == optional)
        func kind(_ name: String) throws -> String { "\(try #require(properties[name]).schema.kind)" }
        #expect(try kind("text") == "string" && kind("change") == "string" && kind("camel_case_url") == "string")
        #expect(try kind("flag") == "boolean" && kind("count") == "integer" && kind("big") == "integer")
        #expect(try kind("ratio") == "number" && kind("number") == "number" && kind("value") == "any")
        if case .choice(let names) = try #require(properties["maybe_colour"]).schema.kind {
            #expect(names == ["red", "GREEN"])
        } else {
            Issue.record("an enum is not read as a choice")
        }
        if case .array(let element) = try #require(properties["inners"]).schema.kind,
            case .object(_, let inner) = element.kind
        {
            #expect(inner.map(\.name) == ["count"])
        } else {
            Issue.record("a nested array is not read")
        }
        #expect(properties["when"]?.schema.rule.format == "date-time")
        #expect(properties["text"]?.schema.rule.length == 2...5)
    }

    private static let valid: [String: JSONValue] = [
        "text": "abc", "flag": true, "count": 5, "ratio": 0.5, "colour": "red", "when": "2026-01-31T12:34:56Z",
        "tags": ["a", "bc"], "inner": ["count": 1], "free": ["x": [1, .null]], "value": "anything",
    ]

    @Test("What fits is decoded: a change is a value, cleared, or unchanged")
    func decoded() throws {
        func decode(_ more: [String: JSONValue]) throws -> Everything {
            let value = JSONValue.object(Self.valid.merging(more) { $1 })
            try Schema.of(Everything.self).check(value)
            return try JSONTreeDecoder().decode(Everything.self, from: value)
        }
        let plain = try decode([:])
        #expect(plain.text == "abc" && plain.colour == .red && plain.inner.count == 1)
        if case .unchanged = plain.change {} else { Issue.record("a field left out is a change") }
        if case .cleared = try decode(["change": .null]).change {} else { Issue.record("null does not clear") }
        if case .value("x") = try decode(["change": "x"]).change {} else { Issue.record("a value is lost") }
        #expect(try decode(["number": 2]).number.applied(to: 1) == 2)
        #expect(try decode([:]).number.applied(to: 1) == 1)
        #expect(try decode(["number": .null]).number.applied(to: 1) == nil)
        #expect(try decode(["count": 7.0]).count == 7)
        #expect(try decode(["ratio": 1]).ratio == 1)
    }

    @Test(
        "What does not fit is refused by its name",
        arguments: [
            ("text", "a"), ("text", "abcdef"), ("text", "  "), ("text", 5), ("text", .null), ("flag", "true"),
            ("flag", 1), ("count", 1.5), ("count", "1"), ("count", 1e300), ("ratio", 1.1), ("ratio", -0.1),
            ("ratio", "0.5"), ("colour", "blue"), ("colour", "green"), ("colour", .null), ("when", 5),
            ("tags", "a"), ("tags", [""]), ("tags", ["abcd"]), ("tags", [.null]), ("inner", []), ("inner", .null),
            ("inner", [:]), ("inner", ["count": "1"]), ("free", []), ("free", ["a": "\0"]), ("value", "\0"),
            ("change", ""), ("change", 5), ("number", "1"), ("note", "\0"),
        ] as [(String, JSONValue)])
    func refused(name: String, value: JSONValue) throws {
        let whole = JSONValue.object(Self.valid.merging([name: value]) { $1 })
        let error = #expect(throws: APIError.self) { try Schema.of(Everything.self).check(whole) }
        #expect(error?.code.status.code == 422)
        #expect(error?.param?.hasPrefix(name) == true, "\(error?.param ?? "none")")
    }

    @Test("A required field that is missing is named", arguments: Self.valid.keys.sorted())
    func missing(name: String) throws {
        var members = Self.valid
        members[name] = nil
        let error = #expect(throws: APIError.self) { try Schema.of(Everything.self).check(.object(members)) }
        #expect(error?.code == .missingField && error?.param == name)
    }

    @Test("The values of a form are read from text, and nothing else is")
    func lenient() throws {
        struct Form: Codable, Sendable {
            let count: Int
            let flag: Bool
            let ratio: Double
        }
        let schema = Schema.of(Form.self)
        let value: JSONValue = ["count": "5", "flag": "true", "ratio": "0.5"]
        try schema.check(value, lenient: true)
        let form = try JSONTreeDecoder(lenientScalars: true).decode(Form.self, from: value)
        #expect(form.count == 5 && form.flag && form.ratio == 0.5)
        #expect(throws: APIError.self) { try schema.check(value) }
        for (name, text) in [
            ("count", "5.0"), ("count", " 5"), ("count", ""), ("flag", "TRUE"), ("flag", "1"), ("ratio", "inf"),
            ("ratio", "nan"), ("ratio", "x"),
        ] {
            let bad = JSONValue.object((value.object ?? [:]).merging([name: .string(text)]) { $1 })
            #expect(throws: APIError.self, "\(name)=\(text)") { try schema.check(bad, lenient: true) }
        }
    }

    @Test("Every input of every route has a schema whose sample it accepts")
    func samples() async throws {
        try await TestApp.run { app in
            for route in app.app.routes {
                guard let input = route.input, let body = route.sampleBody else { continue }
                #expect(throws: Never.self, "\(route.name)") { try input.check(body) }
            }
        }
    }
}
