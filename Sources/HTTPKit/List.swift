import Foundation

/// One page of a list, with the cursor of the next page.
package struct List<Item: JSONOutput>: JSONOutput {
    package let data: [Item]
    package let next: String?

    /// `items` holds one item more than `limit` if there is a next page.
    package init(_ items: [Item], limit: Int, cursor: (Item) -> Cursor) {
        let hasMore = items.count > limit
        data = hasMore ? Array(items.prefix(limit)) : items
        next = hasMore ? data.last.map { cursor($0).text } : nil
    }

    package init(data: [Item], next: String?) {
        self.data = data
        self.next = next
    }

    /// The same, of rows that are shown in another form.
    package init<Row>(_ rows: [Row], limit: Int, cursor: (Row) -> Cursor, shown: (Row) throws -> Item) rethrows {
        data = try rows.prefix(limit).map(shown)
        next = rows.count > limit ? cursor(rows[limit - 1]).text : nil
    }
}

/// The end of a page: the last row's sort key and id. Pages follow keys, never offsets, so a row that comes or goes
/// meanwhile neither repeats nor hides another.
package struct Cursor: Sendable {
    package let key: Int64
    package let id: String

    package init(key: Int64 = 0, id: String) {
        self.key = key
        self.id = id
    }

    /// Before every row of a list that is read newest first.
    package static let newest = Cursor(key: .max, id: "\u{10FFFF}")
    /// Before every row of a list that is read oldest first.
    package static let oldest = Cursor(key: .min, id: "")

    package var text: String { Base64URL.encode("\(key) \(id)".utf8) }

    package init?(_ text: String) {
        guard text.utf8.count <= 300, let bytes = Base64URL.decode(text),
            let plain = String(validating: bytes, as: UTF8.self)
        else { return nil }
        let parts = plain.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let key = Int64(parts[0]), String(key) == parts[0], Identifier.isPlausible(parts[1])
        else {
            return nil
        }
        self.init(key: key, id: String(parts[1]))
    }
}

/// `?limit=` and `?after=`, which every list takes.
package struct Paging: Input, Ruled {
    package let limit: Int?
    package let after: String?

    package init(limit: Int?, after: String?) {
        self.limit = limit
        self.after = after
    }

    package static var rules: [String: Rule] {
        ["limit": .number(1...200), "after": .note("The `next` of the page before.")]
    }

    package var count: Int { limit ?? 50 }

    package func cursor(or start: Cursor) throws(APIError) -> Cursor {
        guard let after else { return start }
        guard let cursor = Cursor(after) else { throw APIError(.invalidCursor, param: "after") }
        return cursor
    }
}

extension Identifier {
    /// Ids are made here, or given by demo data: short, plain ASCII. Anything else names nothing.
    package static func isPlausible(_ text: some StringProtocol) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                $0 == 45 || $0 == 95 || (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
            }
    }
}
