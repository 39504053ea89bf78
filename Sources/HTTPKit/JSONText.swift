package import JSON

/// JSON in a column of text.
package enum JSONText {
    package static func parse<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONTreeDecoder().decode(type, from: value(text))
    }

    package static func value(_ text: String) throws -> JSONValue {
        var text = text
        return try text.withUTF8 { try JSONValue(parsing: UnsafeRawBufferPointer($0)) }
    }

    package static func text(_ value: some Encodable) throws -> String {
        String(decoding: try JSONWriter.encode(value), as: UTF8.self)
    }
}
