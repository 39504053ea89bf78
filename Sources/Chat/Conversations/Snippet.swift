import Foundation
import Knowledge

/// The part of a text that has most of the words that were asked for, with their places in it, in UTF-16 units.
struct Snippet: Equatable {
    /// Its length in UTF-16 units, without the ellipses.
    private static let longest = 200
    /// Shown before the first word.
    private static let lead = 40
    /// Words further apart than this are not shown together.
    private static let span = 140

    let text: String
    let marks: [Range<Int>]

    private struct Match {
        let place: Range<Int>
        let asked: Int
    }

    init(_ text: String, asked: [String]) {
        let matches = Self.matches(in: text, asked)
        let start = Self.start(of: text, at: (Self.best(matches)?.place.lowerBound ?? 0) - Self.lead)
        let (shown, ends) = Self.part(of: text[start...])
        let offset = start.utf16Offset(in: text)
        var marks: [Range<Int>] = []
        for match in matches {
            let (from, to) = (match.place.lowerBound - offset, match.place.upperBound - offset)
            guard from >= 0, let first = ends.last(where: { $0 <= from }), let last = ends.first(where: { $0 >= to })
            else { continue }
            if let before = marks.last, first <= before.upperBound {
                marks[marks.count - 1] = before.lowerBound..<max(before.upperBound, last)
            } else {
                marks.append(first..<last)
            }
        }
        let lead = start == text.startIndex ? "" : "…"
        let isWhole = offset + (ends.last ?? 0) >= text.utf16.count
        self.text = lead + shown + (isWhole ? "" : "…")
        self.marks = marks.map { $0.lowerBound + lead.utf16.count..<$0.upperBound + lead.utf16.count }
    }

    private static func matches(in text: String, _ asked: [String]) -> [Match] {
        let all = Words.located(text).compactMap { word -> Match? in
            // Byte by byte, as the index does.
            guard let index = asked.firstIndex(where: { word.word.utf8.starts(with: $0.utf8) }) else { return nil }
            let isHead = asked[index].unicodeScalars.count == 1 && word.head != word.place
            return Match(place: isHead ? word.head : word.place, asked: index)
        }
        return all.sorted { $0.place.lowerBound < $1.place.lowerBound }
    }

    /// The first of those that have most others shortly after them.
    private static func best(_ matches: [Match]) -> Match? {
        var best: (match: Match, count: Int)?
        var last = 0
        var counts: [Int: Int] = [:]
        for match in matches {
            while last < matches.count, matches[last].place.upperBound <= match.place.lowerBound + span {
                counts[matches[last].asked, default: 0] += 1
                last += 1
            }
            if counts.count > best?.count ?? -1 { best = (match, counts.count) }
            if let count = counts[match.asked] { counts[match.asked] = count == 1 ? nil : count - 1 }
        }
        return best?.match
    }

    /// The beginning of the character at an offset; that of the text if the offset is less.
    private static func start(of text: String, at offset: Int) -> String.Index {
        guard offset > 0 else { return text.startIndex }
        let index = String.Index(utf16Offset: offset, in: text)
        guard index < text.endIndex else { return text.startIndex }
        return text.index(before: text.index(after: index))
    }

    /// Whole characters in one line, and the offsets between them.
    private static func part(of text: Substring) -> (String, ends: [Int]) {
        var (shown, ends) = ("", [0])
        for character in text {
            let end = ends[ends.count - 1] + character.utf16.count
            if end > longest { break }
            ends.append(end)
            if character.isNewline || character == "\t" {
                shown += String(repeating: " ", count: character.utf16.count)
            } else {
                shown.append(character)
            }
        }
        return (shown, ends)
    }
}
