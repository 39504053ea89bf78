/// Text of all of Unicode that depends on nothing but its seed, for tests that compare a fast way with a plain one.
package struct RandomText: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// SplitMix64.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Any scalar. Each length in UTF-8 and each script of `SampleText` is as likely as the others, not each scalar.
    package mutating func scalar() -> Unicode.Scalar {
        switch Int.random(in: 0..<8, using: &self) {
        case 0: Unicode.Scalar(UInt8.random(in: 0...127, using: &self))
        case 1: Unicode.Scalar(UInt8.random(in: 32...126, using: &self))
        case 2: Unicode.Scalar(UInt32.random(in: 0x80...0x7ff, using: &self))!
        case 3: Unicode.Scalar(UInt32.random(in: 0x800...0xd7ff, using: &self))!
        case 4: Unicode.Scalar(UInt32.random(in: 0xe000...0xffff, using: &self))!
        case 5: Unicode.Scalar(UInt32.random(in: 0x1_0000...0x1_ffff, using: &self))!
        case 6: Unicode.Scalar(UInt32.random(in: 0x2_0000...0x10_ffff, using: &self))!
        default: Self.spoken.randomElement(using: &self)!.randomElement(using: &self)!
        }
    }

    /// As many scalars as `length` says: some texts of one kind of character, some of many kinds.
    package mutating func text(length: ClosedRange<Int> = 0...200) -> String {
        let count = Int.random(in: length, using: &self)
        var scalars = String.UnicodeScalarView()
        let script = Self.spoken.randomElement(using: &self)!
        let isMixed = Bool.random(using: &self)
        for _ in 0..<count { scalars.append(isMixed ? scalar() : script.randomElement(using: &self)!) }
        return String(scalars)
    }

    /// Code units in UTF-16, with halves of surrogate pairs among them.
    package mutating func units(length: ClosedRange<Int> = 0...40) -> [UInt16] {
        (0..<Int.random(in: length, using: &self)).flatMap { _ -> [UInt16] in
            Int.random(in: 0..<4, using: &self) == 0
                ? [.random(in: 0xD800...0xDFFF, using: &self)] : Array(String(scalar()).utf16)
        }
    }

    private static let spoken = SampleText.all.map { Array($0.long.unicodeScalars) }
}
