extension JSONValue {
    /// What the value takes in memory, in bytes and roughly.
    package var bytes: Int {
        switch self {
        case .string(let text): 32 + text.utf8.count
        case .array(let items): items.reduce(32) { $0 + $1.bytes }
        case .object(let members): members.reduce(64) { $0 + $1.key.utf8.count + 32 + $1.value.bytes }
        default: 32
        }
    }
}
