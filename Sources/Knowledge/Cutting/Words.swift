import Foundation

/// The words by which a text is found, in one form for every way to write them: without case, accents, vowel signs of
/// Arabic and joiners, with the digits 0–9. Marks of Indian scripts stay. Scripts without spaces, such as Chinese, Japanese
/// and Thai, are divided into characters and pairs of neighbours. An emoji is a word.
package enum Words {
    /// What a text that is searched for asks for: pairs alone if a run has some, as single characters are everywhere.
    package static func asked(_ text: String) -> [String] { of(text, singles: .alone) }

    package static func of(_ text: String) -> [String] { of(text, singles: .all) }

    /// The words of a text that is found by their beginnings: a pair begins with its first character, so that of a run only
    /// the last one is a word of its own.
    package static func withBeginnings(_ text: String) -> [String] { of(text, singles: .last) }

    private static func of(_ text: String, singles: WordScan.Singles) -> [String] {
        var scan = WordScan(singles)
        let isASCII = text.utf8.allSatisfy { $0 < 0x80 }
        let plain =
            isASCII ? text.lowercased() : MarkRun.bounded(text).decomposedStringWithCompatibilityMapping.lowercased()
        for scalar in plain.unicodeScalars { scan.add(scalar) }
        scan.end()
        return scan.words
    }
}

/// Counts marks that follow each other. To bring a run of them into its order takes a time that grows with the square of its
/// length, so that what is beyond the limit of Unicode's Stream-Safe Text Format is left out.
struct MarkRun {
    private static let longest = 30
    private var length = 0

    /// Whether a scalar is within the limit.
    mutating func takes(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.value >= 0x300, scalar.properties.canonicalCombiningClass != .notReordered else {
            length = 0
            return true
        }
        length += 1
        return length <= Self.longest
    }

    static func bounded(_ text: String) -> String {
        var run = MarkRun()
        if text.unicodeScalars.allSatisfy({ run.takes($0) }) { return text }
        run = MarkRun()
        return String(String.UnicodeScalarView(text.unicodeScalars.filter { run.takes($0) }))
    }
}

/// Divides a normalized text into words, scalar by scalar.
struct WordScan {
    /// Which single characters of a run without spaces are words.
    enum Singles { case all, alone, last }

    private enum Kind { case letter(Unicode.Scalar), unspaced, emoji, dropped, separator }

    private let singles: Singles
    private(set) var words: [String] = []
    /// Where the words are, if the scalars are added with their places.
    private(set) var places: [LocatedWord] = []
    private var word = String.UnicodeScalarView()
    private var wordPlace: Range<Int>?
    /// Characters of a script without spaces that follow each other.
    private var run: [(scalar: Unicode.Scalar, place: Range<Int>?)] = []

    init(_ singles: Singles) { self.singles = singles }

    /// - Parameter place: in the text as it was before it was normalized, in UTF-16 units.
    mutating func add(_ scalar: Unicode.Scalar, at place: Range<Int>? = nil) {
        switch Self.kind(scalar) {
        case .letter(let plain):
            endRun()
            word.append(plain)
            wordPlace = place.map { (wordPlace?.lowerBound ?? $0.lowerBound)..<$0.upperBound }
        case .unspaced:
            endWord()
            run.append((scalar, place))
        case .emoji:
            end()
            append(String(scalar), place)
        case .dropped: if let place { stretch(over: place) }
        case .separator: end()
        }
    }

    mutating func end() {
        endWord()
        endRun()
    }

    private mutating func append(_ word: String, _ place: Range<Int>?, head: Range<Int>? = nil) {
        words.append(word)
        if let place { places.append(LocatedWord(word: word, place: place, head: head ?? place)) }
    }

    /// What is no part of a word as it is found is one of the word as it is shown.
    private mutating func stretch(over place: Range<Int>) {
        if let start = wordPlace?.lowerBound {
            wordPlace = start..<place.upperBound
        } else if let last = run.indices.last, let start = run[last].place?.lowerBound {
            run[last].place = start..<place.upperBound
        } else if let last = places.indices.last, places[last].place.upperBound == place.lowerBound {
            places[last] = places[last].stretched(to: place.upperBound)
        }
    }

    private mutating func endWord() {
        if word.isEmpty { return }
        append(wordPlace == nil ? String(word) : Self.inOrder(word), wordPlace)
        word = .init()
        wordPlace = nil
    }

    private mutating func endRun() {
        if run.isEmpty { return }
        let last = run[run.count - 1]
        switch singles {
        case .all: for (scalar, place) in run { append(String(scalar), place) }
        case .alone: if run.count == 1 { append(String(last.scalar), last.place) }
        case .last: append(String(last.scalar), last.place)
        }
        for (first, second) in zip(run, run.dropFirst()) {
            append(
                String(first.scalar) + String(second.scalar),
                first.place.flatMap { first in second.place.map { first.lowerBound..<$0.upperBound } },
                head: first.place)
        }
        run = []
    }

    /// Marks that were normalized one by one are not in the order that they have in a normalized text.
    private static func inOrder(_ word: String.UnicodeScalarView) -> String {
        let classes = word.map(\.properties.canonicalCombiningClass)
        let areOrdered = zip(classes, classes.dropFirst()).allSatisfy { $1 == .notReordered || $0 <= $1 }
        return areOrdered ? String(word) : String(word).decomposedStringWithCanonicalMapping
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
