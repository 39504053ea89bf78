/// How a model refers to its sources: `[1]`, `[1, 3]`, `[2-4]`, also doubled or with wide brackets, in digits of any script.
enum CitationMarker {
    enum Reading: Equatable {
        case none
        /// What follows may make it one.
        case unfinished
        /// - Parameter length: in Unicode scalars.
        case numbers([ClosedRange<Int>], length: Int)
    }

    /// The most scalars that one has: what is longer is text.
    static let longest = 64
    private static let mostDigits = 9
    private static let openers: Set<Unicode.Scalar> = ["[", "【", "［"]
    private static let closers: Set<Unicode.Scalar> = ["]", "】", "］"]
    private static let separators: Set<Unicode.Scalar> = [",", ";", "，", "、", "；", "،", "؛"]
    private static let dashes: Set<Unicode.Scalar> = ["-", "–"]

    static func opens(_ scalar: Unicode.Scalar) -> Bool { openers.contains(scalar) }

    static func digit(_ scalar: Unicode.Scalar) -> Int? {
        if scalar.isASCII { return (0x30...0x39).contains(scalar.value) ? Int(scalar.value) - 0x30 : nil }
        let properties = scalar.properties
        return properties.generalCategory == .decimalNumber ? properties.numericValue.map { Int($0) } : nil
    }

    /// Reads one at the beginning of a text that may go on.
    static func read(_ text: ArraySlice<Unicode.Scalar>) -> Reading {
        let reading = parse(text.prefix(longest))
        return reading == .unfinished && text.count >= longest ? .none : reading
    }

    private static func parse(_ text: ArraySlice<Unicode.Scalar>) -> Reading {
        var rest = text
        var opened = 0
        while opened < 2, let next = rest.first, openers.contains(next) {
            rest.removeFirst()
            opened += 1
        }
        guard opened > 0 || rest.isEmpty else { return .none }
        var numbers: [ClosedRange<Int>] = []
        repeat {
            rest = rest.drop { $0 == " " }
            guard let range = range(&rest) else { return rest.isEmpty ? .unfinished : .none }
            numbers.append(range)
            rest = rest.drop { $0 == " " }
        } while take(separators, &rest)
        for _ in 0..<opened where !take(closers, &rest) { return rest.isEmpty ? .unfinished : .none }
        return .numbers(numbers, length: rest.startIndex - text.startIndex)
    }

    private static func range(_ rest: inout ArraySlice<Unicode.Scalar>) -> ClosedRange<Int>? {
        guard let first = number(&rest) else { return nil }
        guard take(dashes, &rest) else { return first...first }
        return number(&rest).map { min(first, $0)...max(first, $0) }
    }

    private static func number(_ rest: inout ArraySlice<Unicode.Scalar>) -> Int? {
        var (number, count) = (0, 0)
        while count < mostDigits, let digit = rest.first.flatMap(digit) {
            rest.removeFirst()
            number = number * 10 + digit
            count += 1
        }
        return count == 0 ? nil : number
    }

    private static func take(_ scalars: Set<Unicode.Scalar>, _ rest: inout ArraySlice<Unicode.Scalar>) -> Bool {
        guard let next = rest.first, scalars.contains(next) else { return false }
        rest.removeFirst()
        return true
    }
}

/// Whether a place of a Markdown text is code, in which brackets with numbers are no citations. A run of backticks begins
/// it, and a run of the same length or the line's end ends it; a block of three or more ends at such a line.
struct CodePlace {
    private var run = 0
    private var startsLine = true
    private var runStartsLine = true
    private var block = 0
    private var span = 0

    /// Whether what comes now is code.
    mutating func isCode(before next: Unicode.Scalar) -> Bool {
        if next != "`" { endRun() }
        return block > 0 || span > 0
    }

    mutating func pass(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "`":
            if run == 0 { runStartsLine = startsLine }
            run += 1
            startsLine = false
        case "\n":
            span = 0
            startsLine = true
        case " ", "\t": break
        default: startsLine = false
        }
    }

    private mutating func endRun() {
        if run == 0 { return }
        defer { run = 0 }
        if block > 0 {
            if runStartsLine, run >= block { block = 0 }
        } else if span > 0 {
            if run == span { span = 0 }
        } else if run >= 3, runStartsLine {
            block = run
        } else {
            span = run
        }
    }
}
