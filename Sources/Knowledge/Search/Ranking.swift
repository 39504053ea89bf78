/// The best of many, by score and then by number, so that equal scores have one order.
struct Ranking: Sendable {
    struct Item: Sendable, Equatable {
        let number: Int64
        let score: Double

        func isBetter(than other: Item) -> Bool {
            score != other.score ? score > other.score : number < other.number
        }
    }

    private let most: Int
    /// Best first.
    private(set) var items: [Item] = []

    init(most: Int) { self.most = most }

    /// The score that an item must exceed to be considered.
    var threshold: Double { items.count < most ? -.infinity : items[items.count - 1].score }

    mutating func add(_ number: Int64, _ score: Double) {
        guard score.isFinite, score >= threshold else { return }
        let item = Item(number: number, score: score)
        var (low, high) = (0, items.count)
        while low < high {
            let middle = (low + high) / 2
            if items[middle].isBetter(than: item) { low = middle + 1 } else { high = middle }
        }
        guard low < most else { return }
        items.insert(item, at: low)
        if items.count > most { items.removeLast() }
    }

    /// Reciprocal rank fusion: each list counts by what is first in it, whatever its scores mean.
    static func fused(_ lists: [Ranking], most: Int) -> Ranking {
        var scores: [Int64: Double] = [:]
        for list in lists {
            for (rank, item) in list.items.enumerated() {
                scores[item.number, default: 0] += 1 / Double(damping + rank + 1)
            }
        }
        var fused = Ranking(most: most)
        // One is what is first in two lists.
        for (number, score) in scores { fused.add(number, score * Double(damping + 1) / 2) }
        return fused
    }

    private static let damping = 60
}
