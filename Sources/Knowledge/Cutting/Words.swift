import Foundation

/// The words by which a text is found, in one form for every way to write them: without case, accents, vowel signs of
/// Arabic and joiners, with the digits 0–9. Marks of Indian scripts stay. Scripts without spaces, such as Chinese, Japanese
/// and Thai, are divided into characters and pairs of neighbours. An emoji is a word.
package enum Words {
    /// What a text that is searched for asks for: pairs alone if a run has some, as single characters are everywhere.
    package static func asked(_ text: String) -> [String] { of(text, hasSingles: false) }

    package static func of(_ text: String) -> [String] { of(text, hasSingles: true) }

    private static func of(_ text: String, hasSingles: Bool) -> [String] {
        var scan = WordScan(hasSingles: hasSingles)
        let isASCII = text.utf8.allSatisfy { $0 < 0x80 }
        let plain = isASCII ? text.lowercased() : text.decomposedStringWithCompatibilityMapping.lowercased()
        for scalar in plain.unicodeScalars { scan.add(scalar) }
        scan.endWord()
        scan.endRun()
        return scan.words
    }
}

private struct WordScan {
    private enum Kind { case letter(Unicode.Scalar), unspaced, emoji, dropped, separator }

    let hasSingles: Bool
    var words: [String] = []
    private var word = String.UnicodeScalarView()
    /// Characters of a script without spaces that follow each other.
    private var run: [Unicode.Scalar] = []

    init(hasSingles: Bool) { self.hasSingles = hasSingles }

    mutating func add(_ scalar: Unicode.Scalar) {
        switch Self.kind(scalar) {
        case .letter(let plain):
            endRun()
            word.append(plain)
        case .unspaced:
            endWord()
            run.append(scalar)
        case .emoji:
            endWord()
            endRun()
            words.append(String(scalar))
        case .dropped: break
        case .separator:
            endWord()
            endRun()
        }
    }

    mutating func endWord() {
        if word.isEmpty { return }
        words.append(String(word))
        word = .init()
    }

    mutating func endRun() {
        if run.isEmpty { return }
        if hasSingles || run.count == 1 { words += run.map { String($0) } }
        for (first, second) in zip(run, run.dropFirst()) { words.append(String(first) + String(second)) }
        run = []
    }

    private static func kind(_ scalar: Unicode.Scalar) -> Kind {
        switch scalar.value {
        case 0x30...0x39, 0x61...0x7A: .letter(scalar)
        case 0..<0x80: .separator
        // Accents, the vowel signs and the stretching of Arabic, joiners, variation selectors, skin tones.
        case 0x300...0x36F, 0x640, 0x64B...0x65F, 0x670, 0xAD, 0x200C, 0x200D, 0xFE00...0xFE0F, 0x1F3FB...0x1F3FF:
            .dropped
        // Arabic letters that many write alike.
        case 0x629: .letter("\u{647}")
        case 0x649: .letter("\u{64A}")
        case 0xE00...0xEFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3005...0x3007, 0x3040...0x30FF, 0x31F0...0x31FF,
            0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF:
            .unspaced
        default: other(scalar)
        }
    }

    private static func other(_ scalar: Unicode.Scalar) -> Kind {
        let properties = scalar.properties
        switch properties.generalCategory {
        case .decimalNumber:
            return .letter(properties.numericValue.flatMap { Unicode.Scalar(0x30 + UInt32($0)) } ?? scalar)
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .enclosingMark, .letterNumber, .otherNumber, .privateUse:
            return .letter(scalar)
        default: return properties.isEmoji ? .emoji : .separator
        }
    }
}
