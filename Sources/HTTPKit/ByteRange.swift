/// What a `Range` header asks of a file (RFC 9110, 14.2).
package enum ByteRange: Equatable {
    /// The whole file: the header is not valid, has another unit, or asks for several parts, which a server need not send.
    case whole
    case part(ClosedRange<Int>)
    case unsatisfiable

    /// Ranges asked for at once beyond which the header is ignored.
    private static let most = 32

    package init(_ header: String, size: Int) {
        self = Self.read(header, size: size) ?? .whole
    }

    /// Nil if the header is not valid.
    private static func read(_ header: String, size: Int) -> ByteRange? {
        let parts = header.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].withoutOptionalSpace.lowercased() == "bytes" else { return nil }
        let specifications = parts[1].split(separator: ",").map(\.withoutOptionalSpace).filter { !$0.isEmpty }
        guard (1...most).contains(specifications.count) else { return nil }
        var satisfiable: [ClosedRange<Int>] = []
        for specification in specifications {
            switch range(specification, size: size) {
            case nil: return nil
            case .part(let range)?: satisfiable.append(range)
            case .whole?, .unsatisfiable?: break
            }
        }
        switch satisfiable.count {
        case 0: return .unsatisfiable
        case 1: return .part(satisfiable[0])
        default: return .whole
        }
    }

    /// `first-last`, `first-` or `-length`; nil if it is none of these.
    private static func range(_ text: Substring, size: Int) -> ByteRange? {
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2, ends.allSatisfy(isDigits), !(ends[0].isEmpty && ends[1].isEmpty) else { return nil }
        // What is no Int lies behind the end of every file.
        if ends[0].isEmpty {
            let length = min(Int(ends[1]) ?? .max, size)
            return length > 0 ? .part(size - length...size - 1) : .unsatisfiable
        }
        let first = Int(ends[0]) ?? .max
        let last = ends[1].isEmpty ? .max : Int(ends[1]) ?? .max
        guard isOrdered(ends) else { return nil }
        guard first < size else { return .unsatisfiable }
        return .part(first...min(last, size - 1))
    }

    private static func isDigits(_ text: Substring) -> Bool { text.utf8.allSatisfy { (48...57).contains($0) } }

    /// Whether the first number is not greater than the last, however long they are.
    private static func isOrdered(_ ends: [Substring]) -> Bool {
        guard !ends[1].isEmpty else { return true }
        let (first, last) = (ends[0].drop { $0 == "0" }, ends[1].drop { $0 == "0" })
        return first.utf8.count == last.utf8.count ? first <= last : first.utf8.count < last.utf8.count
    }
}
