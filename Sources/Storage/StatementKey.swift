/// SQL as a key. Its length and its end tell nearly all statements apart; to hash all of each text at each use is what would
/// cost.
struct StatementKey: Hashable {
    let sql: String

    func hash(into hasher: inout Hasher) {
        var sql = sql
        sql.withUTF8 { text in
            hasher.combine(text.count)
            hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text).suffix(32)))
        }
    }
}
