/// What counts as an e-mail address here: one `@`, a domain with a dot, no character that would break a header or is
/// invisible. Addresses are shown for accounts that have no other name.
package enum Email {
    package static func isValid(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), (3...190).contains(parts[1].utf8.count),
            text.unicodeScalars.allSatisfy({ !$0.properties.isWhitespace && $0.value > 0x20 && $0.value != 0x7F }),
            !text.unicodeScalars.contains(where: { "<>()[],;:\\\"".unicodeScalars.contains($0) }),
            NameText.problem(text) == nil
        else { return false }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2 && labels.allSatisfy { !$0.isEmpty && !$0.hasPrefix("-") && !$0.hasSuffix("-") }
            && !parts[0].hasPrefix(".") && !parts[0].hasSuffix(".") && !parts[0].contains("..")
    }

    /// Addresses that differ only in case are one.
    package static func key(_ text: String) -> String { text.lowercased() }
}
