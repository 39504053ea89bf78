import HTTPKit

/// What backups are called if no one names them: `mynah-20261129T033000Z-1f2e3d`.
enum BackupName {
    static let (plain, encrypted) = (".tar.gz", ".tar.gz.enc")

    static func make(at time: Timestamp = .now) -> String {
        let digits = time.iso8601.prefix(19).filter { $0 != "-" && $0 != ":" }
        let number = String(UInt32.random(in: 0..<1 << 24), radix: 16)
        return "mynah-\(digits)Z-" + String(repeating: "0", count: 6 - number.utf8.count) + number
    }

    /// When a backup of this name was begun; nil if it is not such a name, with or without an ending.
    static func time(of name: some StringProtocol) -> Timestamp? {
        let name =
            [encrypted, plain].first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) } ?? String(name)
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "mynah", parts[1].utf8.count == 16, parts[2].utf8.count == 6,
            parts[2].utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        let digits = Array(parts[1].utf8)
        func text(_ range: Range<Int>) -> String { String(decoding: digits[range], as: UTF8.self) }
        return Timestamp(
            iso8601: "\(text(0..<4))-\(text(4..<6))-\(text(6..<8))\(text(8..<9))"
                + "\(text(9..<11)):\(text(11..<13)):\(text(13..<15))\(text(15..<16))")
    }
}
