import HTTPKit

/// The messages of an export as a tree of those that are shown. Exports have several roots, parents that are missing and
/// circles; whatever comes, each message stands in it once.
struct ImportedTree {
    let nodes: [ImportedConversation.Node]
    /// The shown messages: each after its parent, and branches one after the other, the oldest first.
    private(set) var order: [Int] = []
    /// The messages that are not shown, each with its role.
    private(set) var hidden: [(index: Int, role: String)] = []

    private var indices: [String: Int] = [:]
    private var isShown: [Bool] = []
    /// The nearest shown message above each.
    private var above: [Int?] = []
    private var thoughts: [Int: String] = [:]
    /// Messages that are looked at for the thoughts before a reply.
    private static let mostThoughts = 64

    init(_ nodes: [ImportedConversation.Node]) {
        self.nodes = nodes
        for (index, node) in nodes.enumerated() where indices[node.id] == nil { indices[node.id] = index }
        isShown = nodes.map { node in
            (node.kind == .user || node.kind == .reply) && !CleanText.pieces(node.text, most: .max).isEmpty
        }
        findParents()
        findOrder()
        collectThoughts()
        hide()
    }

    func index(_ id: String) -> Int? { indices[id] }

    /// The message itself if it is shown, or the nearest above it that is.
    func shown(_ index: Int) -> Int? { isShown[index] ? index : above[index] }

    /// The shown message that it follows.
    func parent(of index: Int) -> Int? { above[index] }

    func thought(before index: Int) -> String { thoughts[index] ?? "" }

    private func direct(_ index: Int) -> Int? {
        nodes[index].parent.flatMap { indices[$0] }.flatMap { $0 == index ? nil : $0 }
    }

    private mutating func findParents() {
        above = Array(repeating: nil, count: nodes.count)
        var isKnown = Array(repeating: false, count: nodes.count)
        for start in nodes.indices where !isKnown[start] {
            var (chain, next) = ([start], direct(start))
            var onChain: Set<Int> = [start]
            // Up to a message that is shown, one whose parent is known, or a circle.
            while let index = next, !isShown[index], !isKnown[index], onChain.insert(index).inserted {
                chain.append(index)
                next = direct(index)
            }
            var found: Int?
            if let index = next { found = isShown[index] ? index : isKnown[index] ? above[index] : nil }
            for index in chain {
                above[index] = found
                isKnown[index] = true
            }
        }
    }

    private mutating func findOrder() {
        var children: [Int: [Int]] = [:]
        var roots: [Int] = []
        for index in nodes.indices where isShown[index] {
            if let parent = above[index] { children[parent, default: []].append(index) } else { roots.append(index) }
        }
        var (isPlaced, placed) = (Array(repeating: false, count: nodes.count), [Int]())
        func place(from root: Int, _ children: [Int: [Int]]) {
            var stack = [root]
            while let index = stack.popLast() {
                if isPlaced[index] { continue }
                isPlaced[index] = true
                placed.append(index)
                stack += (children[index] ?? []).reversed()
            }
        }
        children = children.mapValues(sorted)
        for root in sorted(roots) { place(from: root, children) }
        // What is left are circles: the first of each becomes a root.
        for index in nodes.indices where isShown[index] && !isPlaced[index] {
            above[index] = nil
            place(from: index, children)
        }
        order = placed
    }

    /// The oldest first; those of the same time as they came.
    private func sorted(_ indices: [Int]) -> [Int] {
        func key(_ index: Int) -> (Int64, Int) { (nodes[index].time?.milliseconds ?? .max, index) }
        return indices.sorted { key($0) < key($1) }
    }

    /// What the model thought before a reply: in the reply, or in messages between it and the one it follows.
    private mutating func collectThoughts() {
        var used: Set<Int> = []
        for index in order where nodes[index].kind == .reply {
            var found = [nodes[index].thought]
            var (next, steps) = (direct(index), 0)
            while let at = next, !isShown[at], steps < Self.mostThoughts {
                if nodes[at].kind == .thought, used.insert(at).inserted { found.append(nodes[at].text) }
                (next, steps) = (direct(at), steps + 1)
            }
            let thought = Array(found.reversed()).paragraphs
            if !thought.isEmpty { thoughts[index] = thought }
        }
        for (index, node) in nodes.enumerated() where node.kind == .thought && !used.contains(index) {
            hidden.append((index, "thought"))
        }
    }

    private mutating func hide() {
        for (index, node) in nodes.enumerated() {
            if case .hidden(let role) = node.kind { hidden.append((index, role)) }
        }
        hidden.sort { $0.index < $1.index }
    }
}
