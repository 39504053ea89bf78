import Storage

extension Migrations {
    static let avatar = Migration(
        number: 99, name: "avatar", dropsData: true,
        up: { tx, _ in try tx.script("ALTER TABLE chatbots ADD COLUMN avatar_url TEXT") },
        down: { tx, _ in try tx.script("ALTER TABLE chatbots DROP COLUMN avatar_url") })
}
