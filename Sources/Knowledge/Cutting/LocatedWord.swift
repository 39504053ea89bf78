import Foundation

/// A word of a text with its place there, in UTF-16 units.
package struct LocatedWord: Sendable, Equatable {
    package let word: String
    package let place: Range<Int>
    /// The place of the first character of a pair; otherwise the same place.
    package let head: Range<Int>

    func stretched(to end: Int) -> LocatedWord {
        LocatedWord(word: word, place: place.lowerBound..<end, head: head.lowerBound..<end)
    }
}

extension Words {
    /// The same words as those of `withBeginnings`, with their places. Slower, and so for what is shown only.
    package static func located(_ text: String) -> [LocatedWord] {
        var scan = WordScan(.last)
        var known: [Unicode.Scalar: [Unicode.Scalar]] = [:]
        var (start, run) = (0, MarkRun())
        for scalar in text.unicodeScalars {
            let end = start + UTF16.width(scalar)
            let plain = run.takes(scalar) ? known[scalar] ?? normalized(scalar) : []
            if !plain.isEmpty { known[scalar] = plain }
            for part in plain { scan.add(part, at: start..<end) }
            start = end
        }
        scan.end()
        return scan.places
    }

    private static func normalized(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        Array(String(scalar).decomposedStringWithCompatibilityMapping.lowercased().unicodeScalars)
    }
}
