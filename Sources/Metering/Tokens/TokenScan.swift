/// One pass over a text for `TokenFamily.estimate`.
package struct TokenScan {
    private enum Kind { case none, letter, digit, space, mark, other }

    package private(set) var hundredths = 0
    private let weights: TokenWeights
    /// The character before.
    private var previous: UInt32 = 0
    private var kind = Kind.none
    /// How many letters the word has so far, and of which script they are.
    private var letters = 0
    private var script = CharacterClass.other
    private var digits = 0

    package init(_ family: TokenFamily) {
        weights =
            switch family {
            case .o200k: .o200k
            case .cl100k: .cl100k
            case .bytes: .bytes
            }
    }

    /// Text that is well-formed, as a String's is.
    package mutating func add(_ bytes: UnsafeBufferPointer<UInt8>) {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x80 {
                add(ascii: UInt32(byte))
                index += 1
                continue
            }
            let length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
            guard index + length <= bytes.count else { return }
            var value = UInt32(byte) & (0xff >> UInt32(length + 1))
            for offset in 1..<length { value = value << 6 | UInt32(bytes[index + offset] & 0x3f) }
            if let scalar = Unicode.Scalar(value) { add(scalar, length: length) }
            index += length
        }
    }

    private mutating func add(ascii value: UInt32) {
        switch value {
        case 0x41...0x5a, 0x61...0x7a: addLetter(value)
        case 0x30...0x39:
            if kind != .digit { digits = 0 }
            if digits == 0 { hundredths += 100 }
            digits = digits + 1 == weights.digits ? 0 : digits + 1
            end(.digit)
        case 0x20, 0x09, 0x0a, 0x0d:
            hundredths +=
                kind != .space ? weights.space : value == previous ? weights.sameSpace : weights.otherSpace
            end(.space)
        case 0x21...0x7e:
            hundredths += kind != .mark ? weights.mark : value == previous ? weights.sameMark : weights.otherMark
            end(.mark)
        default:
            hundredths += 100
            end(.other)
        }
        previous = value
    }

    private mutating func end(_ kind: Kind) {
        self.kind = kind
        letters = 0
    }

    private mutating func addLetter(_ value: UInt32) {
        let isCapital = value < 0x61
        if letters > 0, script == .latin {
            letters += 1
            if letters > 4 { hundredths += weights.letter }
            if isCapital {
                let follows = (0x41...0x5a).contains(previous)
                hundredths += follows ? weights.capitalAfterCapital : weights.capitalAfterSmall
            }
            if !UsualPairs.contain(Self.small(previous), value | 0x20) { hundredths += weights.unusual }
        } else {
            hundredths +=
                letters > 0 ? weights.otherScript : kind == .digit ? weights.letterAfterDigit : weights.word
            if isCapital { hundredths += weights.capital }
            letters = 1
            script = .latin
        }
        kind = .letter
    }

    private mutating func add(_ scalar: Unicode.Scalar, length: Int) {
        let (value, each) = (scalar.value, CharacterClass(scalar))
        defer { previous = value }
        guard each.isLetter else {
            hundredths += each == .other ? 100 * length : weights.each[Int(each.rawValue)]
            kind = .other
            // A combining mark does not end a word.
            if !(0x300..<0x370).contains(value) { letters = 0 }
            return
        }
        if letters > 0, script == each {
            letters += 1
            let before = each == .latin ? Self.small(previous) : previous
            if !each.isSingle, !UsualPairs.contain(before, value) { hundredths += weights.rare[Int(each.rawValue)] }
            if each == .latin, letters > 4 { hundredths += weights.letter }
        } else if letters > 0, script == .han && each == .kana || script == .kana && each == .han {
            // Japanese mixes the two in every word.
            letters += 1
            script = each
        } else {
            hundredths +=
                each == .latin ? weights.word : letters > 0 ? weights.otherScript : weights.foreignWord
            letters = 1
            script = each
        }
        if each.isSingle, !UsualPairs.contain(0, value) { hundredths += weights.rare[Int(each.rawValue)] }
        hundredths += weights.each[Int(each.rawValue)]
        kind = .letter
    }

    /// ASCII letters are looked up small; other ASCII comes before a letter only after a mark that combines.
    private static func small(_ value: UInt32) -> UInt32 { value < 0x80 ? value | 0x20 : value }
}
