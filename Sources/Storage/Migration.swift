/// One numbered step of the schema and the way back. On SQLite, foreign keys are checked at its end only.
package struct Migration: Sendable {
    package typealias Step = @Sendable (Transaction, Dialect) throws -> Void

    /// Number of the migration, starting at 1.
    package let number: Int
    package let name: String
    /// Whether `down` loses what users have stored.
    package let dropsData: Bool
    package let up: Step
    package let down: Step

    package init(number: Int, name: String, dropsData: Bool, up: @escaping Step, down: @escaping Step) {
        self.number = number
        self.name = name
        self.dropsData = dropsData
        self.up = up
        self.down = down
    }
}

package struct MigrationStatus: Sendable, Equatable {
    package let number: Int
    package let name: String
    /// UTC milliseconds; nil if it is not applied.
    package let appliedAt: Int64?
}
