import Foundation

/// The passwords that everyone tries first.
package struct CommonPasswords: Sendable {
    private let passwords: Set<String>

    /// - Parameter path: a file with one password a line.
    package init(contentsOf path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        passwords = Set(text.split(whereSeparator: \.isNewline).map { $0.lowercased() })
    }

    package func contains(_ password: String) -> Bool { passwords.contains(password.lowercased()) }
}
