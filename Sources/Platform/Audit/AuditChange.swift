package import JSON

extension AuditEntry {
    /// Maximum length of one value, in bytes. A longer list is recorded as its length only, so that the rest fits.
    private static let maxValue = 600

    /// The values that an entry records: of the members in `names`, or of all members if it is nil.
    package static func values(of value: some Encodable, in names: [String]? = nil) throws -> [String: JSONValue] {
        let members = try JSONWriter.encode(value).withUnsafeBytes { try JSONValue(parsing: $0) }.object ?? [:]
        return members.filter { names?.contains($0.key) ?? true }.mapValues { value in
            guard value.serialized().count > maxValue else { return value }
            return value.array.map { ["count": .int(Int64($0.count))] } ?? "left out"
        }
    }

    /// Which of these members are others than before: `{"from": …, "to": …}` for each.
    package static func changes<Value: Encodable>(
        from old: Value, to new: Value, in names: [String]? = nil
    ) throws -> [String: JSONValue] {
        let (old, new) = (try values(of: old, in: names), try values(of: new, in: names))
        let changed = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }
        return Dictionary(
            uniqueKeysWithValues: changed.map { ($0, ["from": old[$0] ?? .null, "to": new[$0] ?? .null]) })
    }
}

extension AuditEntry {
    /// A key by its id, and what it may do.
    package static func granted(_ key: APIKey) throws -> [String: JSONValue] {
        var detail = try values(of: key, in: ["kind", "scopes", "budget", "rate_limit", "expires_at"])
        detail["key"] = .string(key.id)
        return detail
    }
}
