import Foundation

/// User names that look alike, by which one person could pass for another.
package enum Lookalike {
    /// Names that differ only in case, or in how their characters are composed, are one.
    package static func key(of name: String) -> String {
        name.lowercased().precomposedStringWithCompatibilityMapping
    }

    /// The same for all names that look alike: whatever the case, the width, the script of a letter or a digit, and how
    /// its characters are composed. It follows the skeletons of Unicode's UTS 39, with a table of the letters that can stand
    /// in user names and are often confused.
    package static func skeleton(of name: String) -> String {
        var text = ""
        for scalar in name.decomposedStringWithCompatibilityMapping.unicodeScalars
        where !scalar.properties.isDefaultIgnorableCodePoint {
            if let value = digit(scalar) {
                text.unicodeScalars.append(Unicode.Scalar(UInt8(ascii: "0") + UInt8(value)))
            } else {
                // A Latin capital I is an l in most fonts, as in `paypaI`. For other letters case makes no difference, and
                // names that differ in nothing but case have one key anyway.
                text.unicodeScalars.append(scalar == "I" ? "l" : letters[scalar] ?? scalar)
            }
        }
        // Upper case first, so that letters with several lower-case forms become one.
        text = text.uppercased().lowercased().decomposedStringWithCompatibilityMapping
        for (sequence, plain) in sequences {
            text = text.replacingOccurrences(of: sequence, with: plain, options: .literal)
        }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { strokes[$0] ?? $0 }))
    }

    /// Says what is wrong with a user name that fits the pattern; nil if nothing is.
    package static func problem(_ name: String) -> String? {
        let scalars = name.unicodeScalars
        guard !scalars.contains(where: { $0.properties.isDefaultIgnorableCodePoint }) else {
            return "must not contain invisible characters"
        }
        guard scalars.contains(where: { isLetter($0) || $0.properties.numericType != nil }) else {
            return "must have a letter or a digit"
        }
        if let first = scalars.first, isMark(first) { return "must not begin with a combining mark" }
        // Latin, Greek, Cyrillic, Armenian and Cherokee have many letters that look alike, and no word mixes them.
        var found: Set<Alphabet> = []
        for scalar in scalars where isLetter(scalar) { if let alphabet = Alphabet(scalar) { found.insert(alphabet) } }
        return found.count > 1 ? "must not mix Latin, Greek, Cyrillic, Armenian or Cherokee letters" : nil
    }

    private enum Alphabet {
        case latin, greek, cyrillic, armenian, cherokee

        init?(_ scalar: Unicode.Scalar) {
            switch scalar.value {
            case 0x41...0x24F, 0x250...0x2AF, 0x1E00...0x1EFF, 0x2C60...0x2C7F, 0xA720...0xA7FF, 0xAB30...0xAB64,
                0xFF21...0xFF5A:
                self = .latin
            case 0x370...0x3FF, 0x1F00...0x1FFF: self = .greek
            case 0x400...0x52F, 0x1C80...0x1C8F, 0x2DE0...0x2DFF, 0xA640...0xA69F: self = .cyrillic
            case 0x530...0x58F: self = .armenian
            case 0x13A0...0x13FF, 0xAB70...0xABBF: self = .cherokee
            default: return nil
            }
        }
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }

    /// The value of a decimal digit of any script.
    private static func digit(_ scalar: Unicode.Scalar) -> Int? {
        guard scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue else { return nil }
        return Int(value)
    }

    /// Letters by the Latin, Arabic or Chinese one that they look like, each pair beside the other.
    private static let letters = pairs(
        // Cyrillic.
        "АAВBЕEЅSІIЈJКKМMНHОOРPСCТTХXҮYԌGԚQԜWаaеeѕsіiјjоoрpсcуyхxһhԁdԛqԝwӏlҮYүyӀlɡgкkтtмmнhвbԍg"
            // Greek.
            + "ΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXαaβbοoνvρpιiκkτtυuχxγyηn"
            // Armenian, and Latin letters of phonetics.
            + "ՕOՍUօoսuհhոnցgզqіiɑaɩiıi"
            // Cherokee.
            + "ᎪAᏴBᏟCᎠDᎬEᏀGᎻHᎫJᏦKᏞLᎷMᏢPᏒRᏚSᎢTᏙVᎳWᎩYᏃZ"
            // Arabic letters that are one shape with several code points.
            + "یيىيکكہهەهھه"
            // Katakana, hiragana and Chinese.
            + "ヘへロ口カ力タ夕ニ二ハ八エ工ト卜ミ三")

    /// After case folding: l, I and 1, o and 0.
    private static let strokes: [Unicode.Scalar: Unicode.Scalar] = ["1": "l", "0": "o"]

    /// Sequences that look like one letter, in decomposed form.
    private static let sequences = [
        // Bengali and Devanagari A with the sign AA, and Bengali BA with a dot, which is RA.
        ("\u{985}\u{9BE}", "\u{986}"), ("\u{905}\u{93E}", "\u{906}"), ("\u{9AC}\u{9BC}", "\u{9B0}"),
    ]

    private static func pairs(_ text: String) -> [Unicode.Scalar: Unicode.Scalar] {
        let scalars = Array(text.unicodeScalars)
        return stride(from: 0, to: scalars.count - 1, by: 2).reduce(into: [:]) { $0[scalars[$1]] = scalars[$1 + 1] }
    }
}
