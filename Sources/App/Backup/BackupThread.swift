import HTTPKit

extension SideThread {
    /// Makes, restores and proves backups: compressing a large database takes long.
    static let backups = SideThread(name: "backup", nice: 10)
}
