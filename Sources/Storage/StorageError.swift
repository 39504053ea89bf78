/// Why a statement or a transaction failed, in the same terms on every engine.
package struct StorageError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        /// The columns are empty if the engine does not name them, such as for an index on an expression.
        case unique(columns: [String])
        case foreignKey, check, notNull
        /// Too much is waiting, or another process holds the database: worth another try.
        case busy
        case full, io, corrupt
        /// The database cannot be opened, or is closed.
        case unavailable
        /// A newer release has migrated this database.
        case newerSchema
        case invalidURL
        case other
    }

    package let kind: Kind
    /// For the log: names statements and columns, never values.
    package let message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { "\(kind): \(message)" }
}
