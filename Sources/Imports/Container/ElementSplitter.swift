/// Cuts a JSON document into the conversations that it holds, without reading them: the elements of its array, of an array
/// `conversations` within its object, or the object itself. It looks at each byte once and keeps at most one conversation,
/// so that a conversation that is not valid costs no other.
package struct ElementSplitter: Sendable {
    package enum Element: Sendable, Equatable {
        case bytes([UInt8])
        /// Longer than `most`.
        case tooLong
    }

    /// Neither an array nor an object.
    package struct NotJSON: Error {}

    private let most: Int
    private var element: [UInt8] = []
    private var isTooLong = false
    private var depth = 0
    /// The depth at which elements are; nil until it is known whether it is 1, 2 or 0, the object itself.
    private var level: Int?
    private var isInString = false
    private var isEscaped = false
    private var hasBegun = false
    private var isOver = false
    private var name: [UInt8] = []
    private var lastName: [UInt8] = []

    /// - Parameter most: maximum length of one conversation, in bytes.
    package init(most: Int) { self.most = most }

    /// Whether the document ended before its end.
    package var isCutOff: Bool { !isOver }

    /// Takes the next bytes, and adds the conversations that end within them.
    package mutating func take(_ bytes: [UInt8], into found: inout [Element]) throws(NotJSON) {
        var at = 0
        while !hasBegun, at < bytes.count {
            try begin(bytes[at])
            at += 1
        }
        bytes.withUnsafeBufferPointer { bytes in
            while at < bytes.count, !isOver {
                at = isInString ? string(bytes, from: at) : outside(bytes, from: at, &found)
            }
        }
    }

    private mutating func begin(_ byte: UInt8) throws(NotJSON) {
        switch byte {
        case UInt8(ascii: "["): level = 1
        case UInt8(ascii: "{"): keep(CollectionOfOne(byte))
        // White space, or a byte order mark.
        case 0x20, 0x0A, 0x0D, 0x09, 0xEF, 0xBB, 0xBF: return
        default: throw NotJSON()
        }
        hasBegun = true
        depth = 1
    }

    /// Takes a string up to its end. Returns the place after it.
    private mutating func string(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var (at, isEscaped) = (start, isEscaped)
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
                break
            }
        }
        self.isEscaped = isEscaped
        keep(bytes[start..<at])
        if level == nil, depth == 1 {
            name += bytes[start..<at].dropLast(isInString ? 0 : 1).prefix(16 - min(16, name.count))
            if !isInString { (lastName, name) = (name, []) }
        }
        return at
    }

    /// Takes what is outside of strings up to the next byte that means something, and that byte. Returns the place after it.
    private mutating func outside(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ found: inout [Element]
    ) -> Int {
        var at = start
        while at < bytes.count, !Self.hasMeaning(bytes[at]) { at += 1 }
        // White space between conversations means nothing.
        let run = bytes[start..<at]
        keep(element.isEmpty ? run.drop { $0 <= 0x20 } : run)
        guard at < bytes.count else { return at }
        let byte = bytes[at]
        switch byte {
        case UInt8(ascii: "\""):
            isInString = true
            keep(CollectionOfOne(byte))
        case UInt8(ascii: "["), UInt8(ascii: "{"): open(byte)
        case UInt8(ascii: "]"), UInt8(ascii: "}"): close(byte, &found)
        default: if depth == level { end(&found) } else { keep(CollectionOfOne(byte)) }
        }
        return at + 1
    }

    private static func hasMeaning(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "]"), UInt8(ascii: "}"),
            UInt8(ascii: ","):
            true
        default: false
        }
    }

    private mutating func open(_ byte: UInt8) {
        depth += 1
        if level == nil, depth == 2, byte == UInt8(ascii: "["), lastName.elementsEqual("conversations".utf8) {
            level = 2
            (element, isTooLong) = ([], false)
        } else {
            keep(CollectionOfOne(byte))
        }
    }

    private mutating func close(_ byte: UInt8, _ found: inout [Element]) {
        if depth == level {
            end(&found)
            isOver = true
            return
        }
        keep(CollectionOfOne(byte))
        depth -= 1
        if depth == 0 {
            end(&found)
            isOver = true
        }
    }

    private mutating func keep(_ bytes: some Collection<UInt8>) {
        let room = most - element.count
        if bytes.count <= room {
            element += bytes
        } else {
            element += bytes.prefix(room)
            isTooLong = true
        }
    }

    private mutating func end(_ found: inout [Element]) {
        if isTooLong {
            found.append(.tooLong)
        } else if !element.isEmpty {
            found.append(.bytes(element))
        }
        element.removeAll(keepingCapacity: element.capacity <= 1 << 20)
        isTooLong = false
    }
}
