import JSON

extension OpenAPIWriter {
    /// The JSON Schema of a value. Objects are components, to which this returns a reference.
    mutating func json(_ schema: Schema) -> JSONValue {
        var out: [String: JSONValue] = [:]
        var type: String?
        switch schema.kind {
        case .string:
            type = "string"
            out = Self.bounds(of: schema.rule)
        case .choice(let names):
            if let name = schema.choiceName { return reference(to: choice(name, names), schema) }
            type = "string"
            out["enum"] = .array(names.map { .string($0) } + (schema.isNullable ? [.null] : []))
        case .integer, .number:
            if case .integer = schema.kind { type = "integer" } else { type = "number" }
            if let minimum = schema.rule.minimum { out["minimum"] = number(minimum) }
            if let maximum = schema.rule.maximum { out["maximum"] = number(maximum) }
            if let numbers = schema.rule.numbers { out["enum"] = .array(numbers.map { .int(Int64($0)) }) }
        case .boolean:
            type = "boolean"
        case .any:
            break
        case .array(let element):
            type = "array"
            out["items"] = json(element)
        case .map(let element):
            type = "object"
            out["additionalProperties"] = json(element)
        case .object(let name, let properties):
            return reference(to: component(name, properties), schema)
        }
        if let type { out["type"] = schema.isNullable ? [.string(type), "null"] : .string(type) }
        if let note = schema.rule.note { out["description"] = .string(note) }
        return .object(out)
    }

    private func reference(to component: String, _ schema: Schema) -> JSONValue {
        var reference: [String: JSONValue] = ["$ref": .string("#/components/schemas/\(component)")]
        if schema.isNullable { reference = ["anyOf": [.object(reference), ["type": "null"]]] }
        if let note = schema.rule.note { reference["description"] = .string(note) }
        return .object(reference)
    }

    private mutating func choice(_ swiftName: String, _ names: [String]) -> String {
        let text = texts.text(of: swiftName)
        if text == nil { missing.insert("schema \(swiftName)") }
        let name = text?.name ?? swiftName
        schemas[name] = [
            "type": "string", "enum": .array(names.map { .string($0) }), "description": .string(text?.about ?? ""),
            "examples": .array([.string(names[0])]),
        ]
        return name
    }

    private static func bounds(of rule: Rule) -> [String: JSONValue] {
        var out: [String: JSONValue] = ["maxLength": .int(Int64(rule.length.upperBound))]
        if rule.length.lowerBound > 0 { out["minLength"] = .int(Int64(rule.length.lowerBound)) }
        if let pattern = rule.portablePattern ?? rule.pattern {
            out["pattern"] = .string("^(?:\(pattern))$")
        } else if !rule.isBlankAllowed, rule.format == nil {
            out["pattern"] = .string("[^\\s]")
        }
        if let format = rule.format { out["format"] = .string(format) }
        return out
    }

    /// - Returns: the component's name.
    private mutating func component(_ swiftName: String, _ properties: [Schema.Property]) -> String {
        let text = texts.text(of: swiftName)
        if text == nil { missing.insert("schema \(swiftName)") }
        let name = text?.name ?? swiftName
        guard schemas[name] == nil else { return name }
        // Before its members, which may refer to it.
        schemas[name] = [:]
        var members: [String: JSONValue] = [:]
        for property in properties { members[property.name] = json(property.schema) }
        var object: [String: JSONValue] = [
            "type": "object", "properties": .object(members), "description": .string(text?.about ?? ""),
            "examples": .array([example(Schema(.object(name: swiftName, properties: properties)), field: "", of: "")]),
        ]
        let required = properties.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { object["required"] = .array(required) }
        schemas[name] = .object(object)
        return name
    }

    private func number(_ value: Double) -> JSONValue {
        value == value.rounded() && abs(value) < 9e15 ? .int(Int64(value)) : .double(value)
    }

    /// An example that fits the schema.
    ///
    /// - Parameter field: The field that has the value; empty for a whole body.
    /// - Parameter owner: The name in the document of the schema that has the field.
    mutating func example(_ schema: Schema, field: String, of owner: String) -> JSONValue {
        let stated = texts.examples["\(owner).\(field)"] ?? texts.examples[field]
        if let stated, (try? schema.check(stated)) != nil { return stated }
        switch schema.kind {
        case .object(let swiftName, let properties):
            let text = texts.text(of: swiftName)
            let name = text?.name ?? swiftName
            let shown = properties.filter { text?.exampleFields?.contains($0.name) ?? true }
            return .object(
                shown.reduce(into: [:]) { $0[$1.name] = example($1.schema, field: $1.name, of: name) })
        case .array(let element): return .array([example(element, field: field, of: owner)])
        case .map: return .object([:])
        case .any: return schema.isNullable ? .null : .object([:])
        case .boolean: return false
        case .choice(let names): return .string(names[0])
        case .integer, .number:
            if let first = schema.rule.numbers?.first { return .int(Int64(first)) }
            let low = schema.rule.minimum ?? 0
            return number(min(max(low, 1), schema.rule.maximum ?? .infinity))
        case .string:
            if schema.rule.format == "date-time" { return "2026-11-28T09:30:00.000Z" }
            if field.hasSuffix("_url") { return "https://example.com/page" }
            missing.insert("example of \(owner).\(field)")
            return schema.isNullable ? .null : ""
        }
    }
}
