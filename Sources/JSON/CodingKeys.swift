/// The place of an array's item, or of a superclass, in a coding path.
enum PathKey: CodingKey {
    case index(Int)
    case `super`

    var intValue: Int? { if case .index(let index) = self { index } else { nil } }

    var stringValue: String {
        switch self {
        case .index(let index): "Index \(index)"
        case .super: "super"
        }
    }

    init?(intValue: Int) { self = .index(intValue) }
    init?(stringValue: String) { nil }
}

/// Whether the key is one of a dictionary, which is data, and not the name of a property.
@inline(__always)
func isDictionaryKey<Key: CodingKey>(_ type: Key.Type) -> Bool {
    ObjectIdentifier(type) == DictionaryKey.type
}

/// The standard library keeps the type of a dictionary's coding keys to itself; asked to decode, it shows it.
private enum DictionaryKey {
    static let type: ObjectIdentifier? = {
        do { _ = try [String: Int](from: Probe()) } catch let found as Found { return found.type } catch {}
        return nil
    }()

    struct Found: Error {
        let type: ObjectIdentifier?
    }

    struct Probe: Decoder {
        var codingPath: [any CodingKey] { [] }
        var userInfo: [CodingUserInfoKey: Any] { [:] }
        func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
            throw Found(type: ObjectIdentifier(type))
        }
        func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Found(type: nil) }
        func singleValueContainer() throws -> any SingleValueDecodingContainer { throw Found(type: nil) }
    }
}
