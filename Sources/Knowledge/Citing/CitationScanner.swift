/// Follows a reply while it comes, in pieces of any size: notes which sources it cites, writes every marker as `[n]`, and
/// leaves out numbers of no source. What could be a marker is held back until it is one or is none.
package struct CitationScanner: Sendable {
    /// The first citation of a source.
    package struct Use: Sendable, Equatable {
        package let number: Int
        /// Bytes of the shown text before it.
        package let offset: Int

        package init(number: Int, offset: Int) {
            self.number = number
            self.offset = offset
        }
    }

    /// A citation as it stands in the shown text.
    package struct Marker: Sendable, Equatable {
        package let number: Int
        /// Unicode scalars of the shown text up to its end.
        package let end: Int
    }

    /// The most sources that one range of numbers stands for.
    private static let mostOfRange = 32

    private let sources: ClosedRange<Int>?
    private var place = CodePlace()
    private var held: [Unicode.Scalar] = []
    private var shown = String.UnicodeScalarView()
    private var length = 0
    private var scalars = 0
    private var markers: [Marker] = []
    /// In the order of the text.
    package private(set) var uses: [Use] = []

    /// - Parameter sources: how many there are; their numbers begin with 1.
    package init(sources: Int) { self.sources = sources > 0 ? 1...sources : nil }

    /// Returns what can be shown.
    package mutating func add(_ text: String) -> String {
        for scalar in text.unicodeScalars {
            held.append(scalar)
            settle()
        }
        return take()
    }

    /// Returns the rest. A marker that was cut off is left out.
    package mutating func finish() -> String {
        if !held.contains(where: { CitationMarker.digit($0) != nil }) { for scalar in held { show(scalar) } }
        held = []
        return take()
    }

    /// Those that have been shown since they were last taken, in the order of the text.
    package mutating func takeMarkers() -> [Marker] {
        defer { markers = [] }
        return markers
    }

    /// The text without its citations.
    package static func stripped(_ text: String) -> String {
        var scanner = CitationScanner(sources: 0)
        return scanner.add(text) + scanner.finish()
    }

    /// The first citations in a text that has been shown.
    package static func uses(in text: String) -> [Use] {
        var scanner = CitationScanner(sources: Int(Int32.max))
        _ = scanner.add(text)
        return scanner.uses
    }

    private mutating func settle() {
        while let first = held.first {
            guard !place.isCode(before: first), first == " " || CitationMarker.opens(first) else {
                show(held.removeFirst())
                continue
            }
            let isSpace = first == " "
            switch CitationMarker.read(held.dropFirst(isSpace ? 1 : 0)) {
            case .unfinished: return
            case .none: show(held.removeFirst())
            case .numbers(let numbers, let length):
                held.removeFirst(length + (isSpace ? 1 : 0))
                cite(numbers, afterSpace: isSpace)
            }
        }
    }

    private mutating func cite(_ numbers: [ClosedRange<Int>], afterSpace: Bool) {
        var cited: [Int] = []
        for range in numbers {
            guard let sources, range.overlaps(sources) else { continue }
            for number in range.clamped(to: sources).prefix(Self.mostOfRange) where !cited.contains(number) {
                cited.append(number)
            }
        }
        if cited.isEmpty { return }
        if afterSpace { show(" ") }
        for number in cited {
            if !uses.contains(where: { $0.number == number }) { uses.append(Use(number: number, offset: length)) }
            for scalar in "[\(number)]".unicodeScalars { show(scalar) }
            markers.append(Marker(number: number, end: scalars))
        }
    }

    private mutating func show(_ scalar: Unicode.Scalar) {
        place.pass(scalar)
        shown.append(scalar)
        length += UTF8.width(scalar)
        scalars += 1
    }

    private mutating func take() -> String {
        defer { shown = .init() }
        return String(shown)
    }
}
