/// What the parts of a text add to its estimate, in hundredths of a token, for o200k, cl100k and bytes. The numbers were
/// fitted to sentences in 90 languages and to random text, so that natural text comes to about 1.35 times its tokens.
package struct TokenWeights: Sendable {
    /// The first letter of a word.
    package var word: Int
    /// Added if that letter is a capital.
    package var capital: Int
    /// Each Latin letter after the fourth of its word.
    package var letter: Int
    package var capitalAfterCapital: Int
    package var capitalAfterSmall: Int
    /// Added for a pair of ASCII letters that is not a usual one.
    package var unusual: Int
    /// The first letter of a word that follows a digit.
    package var letterAfterDigit: Int
    /// The first letter of a word that follows a letter of another script.
    package var otherScript: Int
    /// The first letter of a word that is not Latin.
    package var foreignWord: Int
    /// White space after anything else, after the same, and after another kind of white space.
    package var space: Int
    package var sameSpace: Int
    package var otherSpace: Int
    /// ASCII punctuation after anything else, after the same, and after another mark.
    package var mark: Int
    package var sameMark: Int
    package var otherMark: Int
    /// How many digits make one token.
    package var digits: Int
    /// A character of each class, and what it adds if its pair is not a usual one.
    package var each: [Int]
    package var rare: [Int]

    package static let o200k = TokenWeights(
        word: 43, capital: 8, letter: 30, capitalAfterCapital: 10, capitalAfterSmall: 87, unusual: 188,
        letterAfterDigit: 113, otherScript: 252, foreignWord: 0, space: 59, sameSpace: 22, otherSpace: 66, mark: 140,
        sameMark: 25, otherMark: 75, digits: 3, each: each(\.each.o), rare: each(\.rare.o))
    package static let cl100k = TokenWeights(
        word: 20, capital: 40, letter: 41, capitalAfterCapital: 10, capitalAfterSmall: 30, unusual: 260,
        letterAfterDigit: 106, otherScript: 145, foreignWord: 57, space: 68, sameSpace: 10, otherSpace: 80, mark: 135,
        sameMark: 25, otherMark: 75, digits: 3, each: each(\.each.c), rare: each(\.rare.c))
    package static let bytes = TokenWeights(
        word: 20, capital: 33, letter: 54, capitalAfterCapital: 10, capitalAfterSmall: 30, unusual: 300,
        letterAfterDigit: 127, otherScript: 231, foreignWord: 248, space: 71, sameSpace: 27, otherSpace: 82, mark: 140,
        sameMark: 25, otherMark: 91, digits: 1, each: each(\.each.b), rare: each(\.rare.b))

    package typealias ByFamily = (o: Int, c: Int, b: Int)
    package typealias Entry = (class: CharacterClass, each: ByFamily, rare: ByFamily)

    private static let table: [Entry] = [
        (.latin, (55, 160, 240), (222, 300, 300)),
        (.greek, (37, 119, 68), (224, 125, 182)),
        (.cyrillic, (29, 49, 63), (300, 300, 300)),
        (.armenian, (29, 200, 195), (239, 300, 0)),
        (.hebrew, (46, 140, 113), (232, 95, 137)),
        (.arabic, (33, 85, 87), (260, 209, 275)),
        (.devanagari, (31, 140, 111), (300, 93, 130)),
        (.bengali, (31, 180, 206), (300, 35, 0)),
        (.gurmukhi, (67, 184, 161), (0, 0, 0)),
        (.gujarati, (44, 202, 299), (4, 0, 0)),
        (.oriya, (109, 283, 273), (0, 0, 0)),
        (.tamil, (30, 202, 206), (300, 9, 0)),
        (.telugu, (42, 209, 300), (169, 0, 300)),
        (.kannada, (37, 212, 300), (162, 0, 300)),
        (.malayalam, (37, 188, 237), (61, 0, 0)),
        (.sinhala, (60, 200, 200), (0, 0, 0)),
        (.thai, (30, 113, 213), (172, 94, 0)),
        (.lao, (130, 200, 200), (0, 0, 0)),
        (.tibetan, (250, 214, 235), (0, 0, 0)),
        (.myanmar, (82, 205, 286), (0, 0, 0)),
        (.georgian, (38, 228, 198), (300, 0, 0)),
        (.ethiopic, (300, 300, 300), (0, 16, 14)),
        (.khmer, (61, 152, 193), (0, 0, 0)),
        (.kana, (102, 136, 203), (300, 300, 58)),
        (.han, (93, 137, 199), (300, 300, 300)),
        (.hangul, (80, 118, 287), (300, 300, 46)),
        (.latinMark, (56, 41, 200), (0, 0, 0)),
        (.generalMark, (176, 193, 200), (0, 0, 0)),
        (.symbol, (300, 300, 292), (0, 0, 0)),
        (.fullWidth, (206, 230, 273), (0, 0, 0)),
        (.emoji, (300, 390, 400), (0, 0, 0)),
        (.joiner, (110, 300, 300), (0, 0, 0)),
    ]

    private static func each(_ weight: (Entry) -> Int) -> [Int] {
        var weights = [Int](repeating: 0, count: CharacterClass.allCases.count)
        for entry in table { weights[Int(entry.class.rawValue)] = weight(entry) }
        return weights
    }
}

/// What characters beyond ASCII are to an estimate: a script, or a kind of sign.
package enum CharacterClass: UInt8, Sendable, CaseIterable {
    /// Each byte is taken for a token.
    case other
    case latin, greek, cyrillic, armenian, hebrew, arabic, devanagari, bengali, gurmukhi, gujarati, oriya, tamil, telugu
    case kannada, malayalam, sinhala, thai, lao, tibetan, myanmar, georgian, ethiopic, khmer
    /// Looked up one by one in `UsualPairs`.
    case kana, han, hangul
    case latinMark, generalMark, symbol, fullWidth, emoji, joiner

    package var isLetter: Bool { rawValue >= Self.latin.rawValue && rawValue <= Self.hangul.rawValue }
    package var isSingle: Bool { rawValue >= Self.kana.rawValue && rawValue <= Self.hangul.rawValue }

    package init(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x200d, 0xfe0f: self = .joiner
        case ..<0x1_0000: self = Self.blocks[Int(scalar.value >> 4)]
        case 0x1_f000..<0x1_fb00: self = .emoji
        default: self = .other
        }
    }

    private static let ranges: [(ClosedRange<Int>, CharacterClass)] = [
        (0x80...0xbf, .latinMark), (0xc0...0x24f, .latin), (0x370...0x3ff, .greek), (0x400...0x52f, .cyrillic),
        (0x530...0x58f, .armenian), (0x590...0x5ff, .hebrew), (0x600...0x77f, .arabic), (0x900...0x97f, .devanagari),
        (0x980...0x9ff, .bengali), (0xa00...0xa7f, .gurmukhi), (0xa80...0xaff, .gujarati), (0xb00...0xb7f, .oriya),
        (0xb80...0xbff, .tamil), (0xc00...0xc7f, .telugu), (0xc80...0xcff, .kannada), (0xd00...0xd7f, .malayalam),
        (0xd80...0xdff, .sinhala), (0xe00...0xe7f, .thai), (0xe80...0xeff, .lao), (0xf00...0xfff, .tibetan),
        (0x1000...0x109f, .myanmar), (0x10a0...0x10ff, .georgian), (0x1200...0x139f, .ethiopic),
        (0x1780...0x17ff, .khmer), (0x1e00...0x1eff, .latin), (0x2000...0x206f, .generalMark),
        (0x2070...0x27bf, .symbol), (0x3000...0x30ff, .kana), (0x4e00...0x9fff, .han), (0xac00...0xd7af, .hangul),
        (0xff00...0xffef, .fullWidth),
    ]

    /// The class of each block of 16 scalars in the first plane.
    private static let blocks: [CharacterClass] = {
        var blocks = [CharacterClass](repeating: .other, count: 0x1000)
        for (range, each) in ranges {
            for scalar in stride(from: range.lowerBound, through: range.upperBound, by: 16) {
                blocks[scalar >> 4] = each
            }
        }
        return blocks
    }()
}
