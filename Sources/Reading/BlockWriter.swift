import Foundation

/// Cleans and bounds the blocks of one file, and hands them on as lines.
struct BlockWriter {
    private let write: ([UInt8]) -> Void
    private var pending: [UInt8] = []
    private var (blocks, bytes) = (0, 0)
    var title: String?
    /// Whether any text was found.
    var isEmpty: Bool { blocks == 0 }

    private static let buffer = 64 << 10
    /// How far back a long text is cut at a space, in Unicode scalars.
    private static let reach = 1024

    init(_ write: @escaping ([UInt8]) -> Void) { self.write = write }

    mutating func add(_ kind: DocumentBlock.Kind, _ text: some StringProtocol, page: Int? = nil)
        throws(ReadingFailure)
    {
        let isLine = kind != .paragraph && kind != .code
        var scalars = Array(Self.clean(text, isLine: isLine).unicodeScalars)[...]
        while !scalars.isEmpty {
            let end = scalars.startIndex + Self.length(ofNext: scalars)
            try add(DocumentBlock(kind, Self.trimmed(scalars[..<end], keepsIndent: kind == .code), page: page))
            scalars = scalars[end...]
        }
    }

    private mutating func add(_ block: DocumentBlock) throws(ReadingFailure) {
        guard !block.text.isEmpty else { return }
        blocks += 1
        bytes += block.text.utf8.count
        guard blocks <= ReadingLimits.blocks, bytes <= ReadingLimits.text else { throw .tooLarge }
        pending += block.line
        pending.append(10)
        if pending.count >= Self.buffer { flush() }
    }

    mutating func flush() {
        write(pending)
        pending = []
    }

    /// NFC, with `\n` as the only line break, and without control characters and byte order marks.
    static func clean(_ text: some StringProtocol, isLine: Bool = false) -> String {
        var scalars = String.UnicodeScalarView()
        var last: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            defer { last = scalar }
            switch scalar.value {
            case 9: scalars.append(scalar)
            case 10, 13, 0x2028, 0x2029:
                if scalar == "\n", last == "\r" { continue }
                scalars.append(isLine ? " " : "\n")
            // Controls, also of the direction of text, which programs add and no search expects.
            case 0..<32, 127..<160, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: continue
            default: scalars.append(scalar)
            }
        }
        return String(scalars).precomposedStringWithCanonicalMapping
    }

    /// The number of scalars of the next block: up to a space, or before what combines with the character before it.
    private static func length(ofNext scalars: ArraySlice<Unicode.Scalar>) -> Int {
        let most = DocumentBlock.maxScalars
        guard scalars.count > most else { return scalars.count }
        let (start, end) = (scalars.startIndex, scalars.startIndex + most)
        if let space = scalars[(end - reach)..<end].lastIndex(where: \.properties.isWhitespace) {
            return space + 1 - start
        }
        let cut = scalars[(end - reach)..<end].lastIndex { !$0.properties.isGraphemeExtend && $0 != "\u{200D}" }
        return cut.map { $0 - start } ?? most
    }

    private static func trimmed(_ scalars: ArraySlice<Unicode.Scalar>, keepsIndent: Bool) -> String {
        func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }
        guard let first = scalars.firstIndex(where: { !isBlank($0) }),
            let last = scalars.lastIndex(where: { !isBlank($0) })
        else { return "" }
        let line = keepsIndent ? scalars[..<first].lastIndex(of: "\n").map { $0 + 1 } ?? scalars.startIndex : first
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[line...last])
        return String(view)
    }
}
