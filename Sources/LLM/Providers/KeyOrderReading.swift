package import JSON

extension KeyOrder {
    /// The order of a document that has been parsed before, so that it is known to be valid. Empty if it is not.
    package init(parsing bytes: some Collection<UInt8>) {
        let order = Array(bytes).withUnsafeBytes { bytes in
            var cursor = JSONCursor(bytes)
            return try? Self.read(&cursor, depth: 64)
        }
        self = order ?? KeyOrder()
    }

    /// The order within one member of a document's top object.
    package static func of(members names: Set<String>, in bytes: UnsafeRawBufferPointer) -> [String: KeyOrder] {
        var orders: [String: KeyOrder] = [:]
        var cursor = JSONCursor(bytes)
        do {
            guard try cursor.enterObject() else { return [:] }
            while let key = try cursor.nextKey() {
                if names.contains(key.name) {
                    orders[key.name] = try read(&cursor, depth: 64)
                } else {
                    try cursor.skip()
                }
            }
        } catch {
            return [:]
        }
        return orders
    }

    private static func read(_ cursor: inout JSONCursor, depth: Int) throws -> KeyOrder {
        guard depth > 0 else { throw JSONCursor.Malformed() }
        var order = KeyOrder()
        if try cursor.isNext("{") {
            _ = try cursor.enterObject()
            while let key = try cursor.nextKey() {
                order.members.append((key.name, try read(&cursor, depth: depth - 1)))
            }
        } else if try cursor.isNext("[") {
            _ = try cursor.enterArray()
            while try cursor.nextItem() { order.items.append(try read(&cursor, depth: depth - 1)) }
        } else {
            try cursor.skip()
        }
        return order
    }
}
