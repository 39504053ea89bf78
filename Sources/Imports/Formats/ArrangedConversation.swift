package import HTTPKit

/// A conversation in the order in which it is stored: each message after its parent.
package struct ArrangedConversation: Sendable {
    /// Why a conversation is not imported.
    package enum Problem: Error, Sendable {
        /// Nothing in it is shown.
        case empty
        case tooLarge
    }

    package struct Message: Sendable, Equatable {
        package let isFromUser: Bool
        package let text: String
        package let model: String?
        package let thought: String?
        package let createdAt: Timestamp
        /// The place of the message that it follows, starting at 1; 0 for a first one.
        package let parent: Int64
    }

    /// What its source did not show.
    package struct Hidden: Sendable, Equatable {
        package let role: String
        package let text: String
        package let createdAt: Timestamp
        /// The place of the message that it came after; 0 for the beginning.
        package let after: Int64
    }

    /// Messages, shown or not, of one conversation.
    package static let mostNodes = 20_000
    /// Length of one text, in bytes. A longer one is continued in further messages.
    static let longestText = 96_000

    package let title: String?
    package let createdAt: Timestamp
    package let updatedAt: Timestamp
    package private(set) var messages: [Message] = []
    package private(set) var hidden: [Hidden] = []
    /// The places of the messages that are shown.
    package private(set) var path: Set<Int64> = []

    package init(_ conversation: ImportedConversation, now: Timestamp) throws(Problem) {
        guard conversation.nodes.count <= Self.mostNodes else { throw .tooLarge }
        let title = conversation.title.map { CleanText.line($0, most: 200) } ?? ""
        self.title = title.isEmpty ? nil : title
        let tree = ImportedTree(conversation.nodes)
        let created = conversation.createdAt ?? conversation.nodes.lazy.compactMap(\.time).min() ?? now
        createdAt = min(created, now)
        let updated = conversation.updatedAt ?? conversation.nodes.lazy.compactMap(\.time).max() ?? created
        updatedAt = max(createdAt, min(updated, now))
        let places = add(tree)
        guard !messages.isEmpty else { throw .empty }
        addHidden(tree, places)
        let leaf = conversation.leaf.flatMap(tree.index).flatMap { places[tree.shown($0) ?? -1] } ?? newest
        var next = leaf
        while next > 0, path.insert(next).inserted { next = messages[Int(next) - 1].parent }
    }

    /// The place of the message with the latest time, the last one of several.
    private var newest: Int64 {
        Int64((messages.indices.max { messages[$0].createdAt <= messages[$1].createdAt && $0 < $1 } ?? 0) + 1)
    }

    /// Adds the shown messages, a branch after the other. Returns the place of each node's last one.
    private mutating func add(_ tree: ImportedTree) -> [Int: Int64] {
        var places: [Int: Int64] = [:]
        for index in tree.order {
            let node = tree.nodes[index]
            let above = tree.parent(of: index).flatMap { places[$0] } ?? 0
            let time = node.time ?? (above > 0 ? messages[Int(above) - 1].createdAt : createdAt)
            var parent = above
            var thought = CleanText.pieces(tree.thought(before: index), most: Self.longestText).first
            for text in CleanText.pieces(node.text, most: Self.longestText) {
                messages.append(
                    Message(
                        isFromUser: node.kind == .user, text: text,
                        model: node.kind == .user ? nil : node.model.map { CleanText.line($0, most: 200) },
                        thought: node.kind == .user ? nil : thought, createdAt: time, parent: parent))
                thought = nil
                parent = Int64(messages.count)
            }
            places[index] = parent
        }
        return places
    }

    private mutating func addHidden(_ tree: ImportedTree, _ places: [Int: Int64]) {
        for (index, role) in tree.hidden {
            let node = tree.nodes[index]
            let after = tree.parent(of: index).flatMap { places[$0] } ?? 0
            for text in CleanText.pieces(node.text, most: Self.longestText) {
                hidden.append(
                    Hidden(
                        role: CleanText.line(role, most: 40), text: text, createdAt: node.time ?? createdAt,
                        after: after))
            }
        }
    }
}

/// Text as the database can keep it.
package enum CleanText {
    /// One line of at most so many characters, without control characters.
    static func line(_ text: String, most: Int) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.lazy.prefix(most) {
            out.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        return String(out).trimmed
    }

    /// The text without NUL, which PostgreSQL cannot store, in pieces of at most so many bytes. None if it is blank.
    package static func pieces(_ text: String, most: Int) -> [String] {
        guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace && $0.value != 0 }) else { return [] }
        let clean = text.utf8.contains(0) ? text.replacing("\0", with: "\u{FFFD}") : text
        if clean.utf8.count <= most { return [clean] }
        var (pieces, rest) = ([String](), Array(clean.utf8)[...])
        while !rest.isEmpty {
            var end = min(rest.startIndex + most, rest.endIndex)
            // Not within a character of several bytes.
            while end < rest.endIndex, end > rest.startIndex, rest[end] & 0xC0 == 0x80 { end -= 1 }
            pieces.append(String(decoding: rest[..<end], as: UTF8.self))
            rest = rest[end...]
        }
        return pieces
    }
}
