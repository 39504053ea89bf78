/// What the SQL of one engine spells differently.
package struct Dialect: Sendable, Equatable {
    package let name: String
    /// The type of an id: compared byte by byte, whatever the locale.
    package let idType: String
    package let blobType: String
    /// Takes the table's name.
    let tableExists: String
    /// Whether several processes use one database at a time.
    package let isShared: Bool

    package static let sqlite = Dialect(
        name: "sqlite", idType: "TEXT", blobType: "BLOB",
        tableExists: "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", isShared: false)
}
