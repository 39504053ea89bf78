/// What `CitationScanner` does, said of the whole text at once.
struct CitationOracle {
    private(set) var text = ""
    private(set) var numbers: [Int] = []
    private let all: [Unicode.Scalar]
    private let sources: Int

    init(_ text: String, sources: Int) throws {
        all = Array(text.unicodeScalars)
        self.sources = sources
        var index = 0
        while index < all.count {
            if all[index] == "`" {
                index = code(from: index)
            } else if let end = try citation(from: index) {
                index = end
            } else if try isCutOff(from: index) {
                index = all.count
            } else {
                self.text.unicodeScalars.append(all[index])
                index += 1
            }
        }
    }

    private func string(_ range: Range<Int>) -> String { String(String.UnicodeScalarView(all[range])) }

    /// Copies code with its backticks; returns where it ends.
    private mutating func code(from start: Int) -> Int {
        let run = length(ofRunAt: start)
        let line = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).last ?? []
        let isBlock = run >= 3 && line.allSatisfy { $0 == " " || $0 == "\t" }
        var end = start + run
        var isBlank = false
        while end < all.count {
            if all[end] == "\n" {
                if !isBlock { break }
                isBlank = true
            } else if all[end] == "`" {
                let next = length(ofRunAt: end)
                if isBlock ? isBlank && next >= run : next == run {
                    end += next
                    break
                }
                end += next
                isBlank = false
                continue
            } else if all[end] != " ", all[end] != "\t" {
                isBlank = false
            }
            end += 1
        }
        text += string(start..<end)
        return end
    }

    private func length(ofRunAt start: Int) -> Int { all[start...].prefix { $0 == "`" }.count }

    private static let item = #"\p{Nd}{1,9}(?:[-–]\p{Nd}{1,9})?"#
    private static let items = " *\(item) *(?:[,;，、；،؛] *\(item) *)*"

    private mutating func citation(from start: Int) throws -> Int? {
        let first = all[start] == " " ? start + 1 : start
        let rest = string(first..<min(all.count, first + 64))
        let wide = try Regex(#"[\[【［]{2}\#(Self.items)[\]】］]{2}"#).matchingSemantics(.unicodeScalar)
        let narrow = try Regex(#"[\[【［]\#(Self.items)[\]】］]"#).matchingSemantics(.unicodeScalar)
        guard let found = try wide.prefixMatch(in: rest) ?? narrow.prefixMatch(in: rest) else { return nil }
        let marker = rest[found.range]
        var known: [Int] = []
        for match in marker.matches(of: try Regex(Self.item).matchingSemantics(.unicodeScalar)) {
            let ends = marker[match.range].split { "-–".contains($0) }.map { Self.value($0) }
            for number in ends.min()!...ends.max()! {
                if number > sources { break }
                if number > 0, !known.contains(number) { known.append(number) }
            }
        }
        if !known.isEmpty { text += (first > start ? " " : "") + known.map { "[\($0)]" }.joined() }
        for number in known where !numbers.contains(number) { numbers.append(number) }
        return first + marker.unicodeScalars.count
    }

    private static func value(_ digits: Substring) -> Int {
        digits.unicodeScalars.reduce(0) { $0 * 10 + Int($1.properties.numericValue ?? 0) }
    }

    /// Whether the rest is the beginning of a marker, with a digit in it.
    private func isCutOff(from start: Int) throws -> Bool {
        let first = all[start] == " " ? start + 1 : start
        guard first < all.count, all.count - first < 64 else { return false }
        let rest = string(first..<all.count)
        let open = #"[\[【［]{1,2} *(?:\#(Self.item) *[,;，、；،؛] *)*(?:\p{Nd}{1,9}(?:[-–]|(?:[-–]\p{Nd}{1,9})? *))?"#
        let closing = #"[\[【［]{2}\#(Self.items)[\]】］]"#
        let isBegun = try [open, closing].contains {
            try Regex($0).matchingSemantics(.unicodeScalar).wholeMatch(in: rest) != nil
        }
        return isBegun && rest.unicodeScalars.contains { $0.properties.generalCategory == .decimalNumber }
    }
}
