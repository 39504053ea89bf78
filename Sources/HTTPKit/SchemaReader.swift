import JSON
import Synchronization

/// Learns a type's JSON form by letting its own Codable conformance ask for every field, and answering with blanks:
/// schemas come from the types themselves and cannot drift from them.
package enum SchemaReader {
    /// Many routes share a type, so each is read once in a process.
    private static let known = Mutex<[ObjectIdentifier: Schema]>([:])

    package static func read(_ type: any Decodable.Type) -> Schema {
        let id = ObjectIdentifier(type)
        if let schema = known.withLock({ $0[id] }) { return schema }
        let schema = learn(type)
        known.withLock { $0[id] = schema }
        return schema
    }

    private static func learn(_ type: any Decodable.Type) -> Schema {
        if let type = type as? any Described.Type { return type.schema }
        if type == String.self { return Schema(.string) }
        if type == Bool.self { return Schema(.boolean) }
        if type == Int.self || type == Int64.self { return Schema(.integer) }
        if type == Double.self { return Schema(.number) }
        if let list = type as? any ListLike.Type { return Schema(.array(read(list.element))) }
        if let choices = type as? any Choice.Type {
            var schema = Schema(.choice(choices.names))
            schema.choiceName = name(of: type)
            return schema
        }
        let recorder = Recorder()
        _ = try? type.init(from: recorder)
        let rules = (type as? any Ruled.Type)?.rules ?? [:]
        let properties = recorder.fields.map { field in
            var schema = field.schema
            schema.isNullable = schema.isNullable || field.isOptional
            if let rule = rules[field.name] { schema = schema.with(rule) }
            return Schema.Property(name: field.name, schema: schema, isRequired: !field.isOptional)
        }
        assert(Set(rules.keys).isSubset(of: properties.map(\.name)), "\(type) has a rule for a field it does not have")
        return Schema(.object(name: name(of: type), properties: properties))
    }

    /// `Chatbot.Create` → `ChatbotCreate`, `Page<Chatbot>` → `ChatbotPage`.
    private static func name(of type: Any.Type) -> String {
        var name = String(reflecting: type)
        if let open = name.firstIndex(of: "<") {
            let outer = name[..<open].split(separator: ".").last!
            let inner = name[name.index(after: open)...].dropLast().split(separator: ".").dropFirst()
            return inner.joined() + outer
        }
        name = name.split(separator: ".").dropFirst().joined()
        return name
    }

    private final class Recorder: Decoder {
        struct Field {
            let name: String
            let schema: Schema
            let isOptional: Bool
        }

        var fields: [Field] = []
        var optional: Set<String> = []
        var codingPath: [any CodingKey] { [] }
        var userInfo: [CodingUserInfoKey: Any] { [:] }

        func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
            KeyedDecodingContainer(Fields<Key>(recorder: self))
        }
        func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Unreadable() }
        func singleValueContainer() throws -> any SingleValueDecodingContainer { throw Unreadable() }
    }

    package struct Unreadable: Error {}

    private struct Fields<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let recorder: Recorder
        var codingPath: [any CodingKey] { [] }
        var allKeys: [Key] { [] }

        /// Only `Change` asks this: its fields may be left out or null.
        func contains(_ key: Key) -> Bool {
            recorder.optional.insert(key.stringValue)
            return true
        }
        func decodeNil(forKey key: Key) -> Bool { false }

        func note(_ type: any Decodable.Type, _ key: Key, optional: Bool = false) {
            recorder.fields.append(
                .init(
                    name: snakeCase(key.stringValue), schema: SchemaReader.read(type),
                    isOptional: optional || recorder.optional.contains(key.stringValue)))
        }

        func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
            note(type, key)
            return try SchemaReader.blank(type)
        }
        func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
            note(type, key, optional: true)
            return nil
        }
        func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { absent(type, key) }
        func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { absent(type, key) }
        func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { absent(type, key) }
        func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { absent(type, key) }
        func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { absent(type, key) }

        private func absent<T: Decodable>(_ type: T.Type, _ key: Key) -> T? {
            note(type, key, optional: true)
            return nil
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> { throw Unreadable() }
        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw Unreadable() }
        func superDecoder() throws -> any Decoder { recorder }
        func superDecoder(forKey key: Key) throws -> any Decoder { recorder }
    }

    private static func blank<T: Decodable>(_ type: T.Type) throws -> T {
        if let type = type as? any Described.Type { return type.example as! T }
        if let list = type as? any ListLike.Type { return list.empty as! T }
        if let choices = type as? any Choice.Type { return choices.first as! T }
        if type == String.self { return "" as! T }
        if type == Bool.self { return false as! T }
        if type == Int.self { return 0 as! T }
        if type == Int64.self { return Int64(0) as! T }
        if type == Double.self { return 0.0 as! T }
        return try T(from: Recorder())
    }
}

private protocol ListLike {
    static var element: any Decodable.Type { get }
    static var empty: Self { get }
}
extension Array: ListLike where Element: Decodable {
    package static var element: any Decodable.Type { Element.self }
    package static var empty: [Element] { [] }
}

/// An enum that JSON shows as one of several words.
package protocol Choice: Codable, Sendable, CaseIterable, RawRepresentable where RawValue == String {}
extension Choice {
    package static var names: [String] { allCases.map(\.rawValue) }
    package static var first: Self { allCases[allCases.startIndex] }
}
extension Schema {
    fileprivate func with(_ rule: Rule) -> Schema {
        if case .array(let element) = kind, rule.length != Rule().length {
            var element = element
            element.rule = rule
            return Schema(.array(element), nullable: isNullable, rule: self.rule)
        }
        var copy = self
        // A note alone leaves the bounds that the type has of itself.
        if rule == Rule(note: rule.note) { copy.rule.note = rule.note } else { copy.rule = rule }
        return copy
    }
}
