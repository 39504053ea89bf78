/// Writes values as JSON straight into bytes. A property `createdAt` is written as `created_at`; keys of dictionaries and
/// of `JSONValue` objects are data and stay as they are.
package struct JSONWriter {
    /// What becomes of a property that is nil.
    package enum Nils: Sendable {
        case write, omit
    }

    /// Throws `EncodingError` if a number is not finite or a type's own encoding fails.
    package static func encode<T: Encodable>(_ value: T, nils: Nils = .write) throws -> [UInt8] {
        let encoder = ValueEncoder(JSONBytes(), nils)
        try encoder.write(whole: value)
        encoder.finish()
        return encoder.out.assembled()
    }
}

extension JSONValue {
    /// With sorted names and no space.
    package func serialized() -> [UInt8] {
        let out = JSONBytes()
        out.append(self)
        return out.assembled()
    }
}

/// The encoder of one value: what is open is closed by `finish`, when the value has written all it will.
final class ValueEncoder: Encoder {
    private enum State { case empty, object, array, scalar }

    let out: JSONBytes
    let nils: JSONWriter.Nils
    private let parent: ValueEncoder?
    private let key: (any CodingKey)?
    private var state = State.empty
    private(set) var count = 0

    init(_ out: JSONBytes, _ nils: JSONWriter.Nils, parent: ValueEncoder? = nil, key: (any CodingKey)? = nil) {
        self.out = out
        self.nils = nils
        self.parent = parent
        self.key = key
    }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    var codingPath: [any CodingKey] {
        var path: [any CodingKey] = []
        var encoder: ValueEncoder? = self
        while let current = encoder {
            if let key = current.key { path.append(key) }
            encoder = current.parent
        }
        return path.reversed()
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        begin(.object)
        return KeyedEncodingContainer(ObjectWriter(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        begin(.array)
        return ArrayWriter(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { ScalarWriter(encoder: self) }

    /// A type may ask for the same container again, and then goes on with it.
    private func begin(_ wanted: State) {
        guard state != wanted else { return }
        precondition(state == .empty, "a value is encoded as two kinds of JSON at once")
        state = wanted
        out.append(wanted == .object ? UInt8(ascii: "{") : UInt8(ascii: "["))
    }

    func finish() {
        switch state {
        case .object: out.append(UInt8(ascii: "}"))
        case .array: out.append(UInt8(ascii: "]"))
        case .empty: out.append(literal: "{}")
        case .scalar: break
        }
    }

    @inline(__always)
    func beginMember<Key: CodingKey>(_ key: Key) {
        if count > 0 { out.append(UInt8(ascii: ",")) }
        count += 1
        out.append(name: key.stringValue, isData: isDictionaryKey(Key.self))
    }

    func beginItem() {
        if count > 0 { out.append(UInt8(ascii: ",")) }
        count += 1
    }

    /// An encoder whose bytes come here once all is written: until then, both it and this one may go on.
    func nested(_ key: any CodingKey) -> ValueEncoder {
        let child = ValueEncoder(JSONBytes(), nils, parent: self, key: key)
        out.insert(child)
        return child
    }
}

// Values
extension ValueEncoder {
    func writeNull() {
        state = .scalar
        out.append(literal: "null")
    }

    /// `value` is all that this encoder writes.
    func write(whole value: some Encodable) throws {
        state = .scalar
        try write(value, key: nil)
    }

    /// Writes the value. `key` is its key within this encoder's value; nil if it is that value itself.
    @inline(__always)
    func write<T: Encodable>(_ value: T, key: @autoclosure () -> (any CodingKey)?) throws {
        // Equal types make the forced casts certain; in specialized code both vanish.
        if T.self == String.self { return out.append(string: value as! String) }
        if T.self == Int.self { return out.append(integer: value as! Int) }
        if T.self == Bool.self { return out.append(literal: value as! Bool ? "true" : "false") }
        if T.self == Int64.self { return out.append(integer: value as! Int64) }
        if T.self == Double.self { return try write(float: value as! Double, key: key()) }
        if T.self == JSONValue.self { return try write(tree: value as! JSONValue, key: key()) }
        if T.self == Float.self { return try write(float: value as! Float, key: key()) }
        if T.self == Int32.self { return out.append(integer: value as! Int32) }
        if T.self == Int16.self { return out.append(integer: value as! Int16) }
        if T.self == Int8.self { return out.append(integer: value as! Int8) }
        if T.self == Int128.self { return out.append(integer: value as! Int128) }
        if T.self == UInt.self { return out.append(integer: value as! UInt) }
        if T.self == UInt64.self { return out.append(integer: value as! UInt64) }
        if T.self == UInt32.self { return out.append(integer: value as! UInt32) }
        if T.self == UInt16.self { return out.append(integer: value as! UInt16) }
        if T.self == UInt8.self { return out.append(integer: value as! UInt8) }
        if T.self == UInt128.self { return out.append(integer: value as! UInt128) }
        try write(composite: value, key: key())
    }

    private func write<T: Encodable>(composite value: T, key: (any CodingKey)?) throws {
        guard let key else {
            state = .empty
            return try value.encode(to: self)
        }
        let child = ValueEncoder(out, nils, parent: self, key: key)
        try value.encode(to: child)
        child.finish()
    }

    private func write(tree value: JSONValue, key: (any CodingKey)?) throws {
        guard out.append(value) else { throw notFinite(value, key) }
    }

    private func write(float value: some BinaryFloatingPoint & LosslessStringConvertible, key: (any CodingKey)?) throws
    {
        guard value.isFinite else { throw notFinite(value, key) }
        out.append(plain: value.description)
    }

    private func notFinite(_ value: Any, _ key: (any CodingKey)?) -> EncodingError {
        let path = key.map { codingPath + [$0] } ?? codingPath
        return .invalidValue(value, .init(codingPath: path, debugDescription: "not a finite number"))
    }
}
