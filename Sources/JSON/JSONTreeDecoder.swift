/// Makes Swift values of a parsed JSON value. A property `createdAt` is read from `created_at`, fields that no property
/// asks for are passed over, null and absent are both nil to an optional, and 1.0 is an integer while 1.5 is not.
package struct JSONTreeDecoder: Sendable {
    private let lenientScalars: Bool

    /// - Parameter lenientScalars: whether numbers and booleans may come as text, as forms and queries have them.
    package init(lenientScalars: Bool = false) {
        self.lenientScalars = lenientScalars
    }

    package func decode<T: Decodable>(_ type: T.Type, from value: JSONValue) throws -> T {
        try TreeDecoder(value, lenient: lenientScalars).decode(type, value, at: nil)
    }
}

/// The decoder of one value within the tree.
final class TreeDecoder: Decoder {
    let value: JSONValue
    let lenient: Bool
    private let parent: TreeDecoder?
    private let key: (any CodingKey)?

    init(_ value: JSONValue, lenient: Bool, parent: TreeDecoder? = nil, key: (any CodingKey)? = nil) {
        self.value = value
        self.lenient = lenient
        self.parent = parent
        self.key = key
    }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    var codingPath: [any CodingKey] {
        var path: [any CodingKey] = []
        var decoder: TreeDecoder? = self
        while let current = decoder {
            if let key = current.key { path.append(key) }
            decoder = current.parent
        }
        return path.reversed()
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else { throw mismatch([String: JSONValue].self, value, "an object") }
        return KeyedDecodingContainer(TreeFields(decoder: self, members: members))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let items) = value else { throw mismatch([JSONValue].self, value, "an array") }
        return TreeItems(decoder: self, items: items)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { TreeScalar(decoder: self) }

    func child(_ value: JSONValue, at key: any CodingKey) -> TreeDecoder {
        TreeDecoder(value, lenient: lenient, parent: self, key: key)
    }
}

// Scalars
extension TreeDecoder {
    /// Decodes the value as a `T`. `key` is its key within this decoder's value; nil if it is that value itself.
    func decode<T: Decodable>(_ type: T.Type, _ value: JSONValue, at key: (any CodingKey)?) throws -> T {
        // Equal types make the forced casts below certain; in specialized code both vanish.
        if type == String.self { return try string(value, at: key) as! T }
        if type == Int.self { return try integer(Int.self, value, at: key) as! T }
        if type == Bool.self { return try bool(value, at: key) as! T }
        if type == Int64.self { return try integer(Int64.self, value, at: key) as! T }
        if type == Double.self { return try double(value, at: key) as! T }
        if type == JSONValue.self { return value as! T }
        if type == [String: JSONValue].self, case .object(let members) = value { return members as! T }
        if type == [JSONValue].self, case .array(let items) = value { return items as! T }
        if type == Float.self { return Float(try double(value, at: key)) as! T }
        if type == Int32.self { return try integer(Int32.self, value, at: key) as! T }
        if type == Int16.self { return try integer(Int16.self, value, at: key) as! T }
        if type == Int8.self { return try integer(Int8.self, value, at: key) as! T }
        if type == UInt.self { return try integer(UInt.self, value, at: key) as! T }
        if type == UInt64.self { return try integer(UInt64.self, value, at: key) as! T }
        if type == UInt32.self { return try integer(UInt32.self, value, at: key) as! T }
        if type == UInt16.self { return try integer(UInt16.self, value, at: key) as! T }
        if type == UInt8.self { return try integer(UInt8.self, value, at: key) as! T }
        if type == Int128.self { return try integer(Int128.self, value, at: key) as! T }
        if type == UInt128.self { return try integer(UInt128.self, value, at: key) as! T }
        return try T(from: key.map { child(value, at: $0) } ?? self)
    }

    private func string(_ value: JSONValue, at key: (any CodingKey)?) throws -> String {
        guard case .string(let text) = value else { throw mismatch(String.self, value, "a string", at: key) }
        return text
    }

    private func bool(_ value: JSONValue, at key: (any CodingKey)?) throws -> Bool {
        switch value {
        case .bool(let value): return value
        case .string("true") where lenient: return true
        case .string("false") where lenient: return false
        default: throw mismatch(Bool.self, value, "true or false", at: key)
        }
    }

    private func double(_ value: JSONValue, at key: (any CodingKey)?) throws -> Double {
        switch value {
        case .double(let value): return value
        case .int(let value): return Double(value)
        case .string(let text) where lenient:
            if let value = Double(text), value.isFinite { return value }
        default: break
        }
        throw mismatch(Double.self, value, "a number", at: key)
    }

    private func integer<T: FixedWidthInteger>(
        _ type: T.Type, _ value: JSONValue, at key: (any CodingKey)?
    ) throws -> T {
        switch value {
        case .int(let number):
            if let exact = T(exactly: number) { return exact }
        case .double(let number):
            if let exact = T(exactly: number) { return exact }
            guard number == number.rounded() else { throw mismatch(type, value, "a whole number", at: key) }
        case .string(let text) where lenient:
            if let exact = T(text) { return exact }
            throw mismatch(type, value, "a whole number", at: key)
        default:
            throw mismatch(type, value, "a whole number", at: key)
        }
        throw DecodingError.dataCorrupted(context("too large or too small", at: key))
    }

    func mismatch(_ type: Any.Type, _ value: JSONValue, _ wanted: String, at key: (any CodingKey)? = nil)
        -> DecodingError
    {
        value == .null
            ? .valueNotFound(type, context("null, not \(wanted)", at: key))
            : .typeMismatch(type, context("not \(wanted)", at: key))
    }

    func context(_ description: String, at key: (any CodingKey)? = nil) -> DecodingError.Context {
        .init(codingPath: key.map { codingPath + [$0] } ?? codingPath, debugDescription: description)
    }
}
