/// The order in which a document's objects name their members, kept apart from the values: `JSONValue` does not keep it.
package struct KeyOrder: Sendable, Equatable {
    /// The members in their order, each with the order within it.
    package var members: [(name: String, order: KeyOrder)] = []
    package var items: [KeyOrder] = []

    package init() {}

    package init(_ members: [(name: String, order: KeyOrder)]) { self.members = members }

    package init(items: [KeyOrder]) { self.items = items }

    package var isEmpty: Bool { members.isEmpty && items.isEmpty }

    package subscript(name: String) -> KeyOrder? { members.first { $0.name == name }?.order }

    package static func == (one: KeyOrder, other: KeyOrder) -> Bool {
        one.items == other.items
            && one.members.elementsEqual(other.members) { $0.name == $1.name && $0.order == $1.order }
    }
}

extension JSONValue {
    /// The members in the given order; members that it does not name come last, sorted.
    package func serialized(in order: KeyOrder) -> [UInt8] {
        let out = JSONBytes()
        out.append(self, in: order)
        return out.assembled()
    }
}

extension JSONBytes {
    package func append(_ value: JSONValue, in order: KeyOrder?) {
        guard let order, !order.isEmpty else {
            append(value)
            return
        }
        switch value {
        case .array(let items):
            append(literal: "[")
            for (index, item) in items.enumerated() {
                if index > 0 { append(literal: ",") }
                append(item, in: index < order.items.count ? order.items[index] : nil)
            }
            append(literal: "]")
        case .object(let members):
            append(literal: "{")
            var rest = members
            var isFirst = true
            func write(_ name: String, _ value: JSONValue, _ order: KeyOrder?) {
                if !isFirst { append(literal: ",") }
                isFirst = false
                append(name: name, isData: true)
                append(value, in: order)
            }
            for (name, order) in order.members {
                if let value = rest.removeValue(forKey: name) { write(name, value, order) }
            }
            for (name, value) in rest.sorted(by: { $0.key < $1.key }) { write(name, value, nil) }
            append(literal: "}")
        default: append(value)
        }
    }
}
