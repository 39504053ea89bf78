struct TreeFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: TreeDecoder
    let members: [String: JSONValue]

    var codingPath: [any CodingKey] { decoder.codingPath }

    var allKeys: [Key] {
        members.keys.compactMap { name in
            isDictionaryKey(Key.self)
                ? Key(stringValue: name) : Key(stringValue: name) ?? Key(stringValue: camelCase(name))
        }
    }

    private func find(_ key: Key) -> JSONValue? {
        members[isDictionaryKey(Key.self) ? key.stringValue : snakeCase(key.stringValue)]
    }

    private func value(_ key: Key) throws -> JSONValue {
        if let value = find(key) { return value }
        throw DecodingError.keyNotFound(key, decoder.context("missing '\(snakeCase(key.stringValue))'"))
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try value(key) == .null }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try decoder.decode(type, try value(key), at: key)
    }

    // The protocol's own versions of these look the key up three times.
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try optional(type, key) }
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try optional(type, key) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try optional(type, key) }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try optional(type, key) }
    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? { try optional(type, key) }

    private func optional<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T? {
        guard let value = find(key), value != .null else { return nil }
        return try decoder.decode(type, value, at: key)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try decoder.child(try value(key), at: key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder.child(try value(key), at: key).unkeyedContainer()
    }

    func superDecoder() -> any Decoder { decoder.child(members["super"] ?? .null, at: PathKey.super) }
    func superDecoder(forKey key: Key) -> any Decoder { decoder.child(find(key) ?? .null, at: key) }
}

struct TreeItems: UnkeyedDecodingContainer {
    let decoder: TreeDecoder
    let items: [JSONValue]
    private(set) var currentIndex = 0

    init(decoder: TreeDecoder, items: [JSONValue]) {
        self.decoder = decoder
        self.items = items
    }

    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { items.count }
    var isAtEnd: Bool { currentIndex == items.count }

    private func next(_ type: Any.Type) throws -> JSONValue {
        if !isAtEnd { return items[currentIndex] }
        throw DecodingError.valueNotFound(type, decoder.context("at its end", at: PathKey.index(currentIndex)))
    }

    mutating func decodeNil() throws -> Bool {
        guard try next(JSONValue?.self) == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let value = try decoder.decode(type, try next(type), at: PathKey.index(currentIndex))
        currentIndex += 1
        return value
    }

    private mutating func nextDecoder(_ type: Any.Type) throws -> TreeDecoder {
        let child = decoder.child(try next(type), at: PathKey.index(currentIndex))
        currentIndex += 1
        return child
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try nextDecoder([String: JSONValue].self).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try nextDecoder([JSONValue].self).unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder { try nextDecoder(JSONValue.self) }
}

struct TreeScalar: SingleValueDecodingContainer {
    let decoder: TreeDecoder
    var codingPath: [any CodingKey] { decoder.codingPath }
    func decodeNil() -> Bool { decoder.value == .null }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.decode(type, decoder.value, at: nil) }
}
