/// Shares out a number of slots among tenants: at once while there are free ones, then to the tenant that has the fewest,
/// and among equals to the one whose turn was longest ago.
///
/// Every operation takes logarithmic time in the number of waiting tenants: `order` is a heap of ranks in which outdated
/// entries stay until they come up.
package struct FairQueue<Tenant: Hashable, Element> {
    fileprivate struct Line {
        var waiting: [Element] = []
        /// Index of the first element that still waits.
        var head = 0
        var lastTurn: UInt64

        var count: Int { waiting.count - head }

        mutating func removeFirst() -> Element {
            let element = waiting[head]
            head += 1
            if head >= 64, head * 2 >= waiting.count {
                waiting.removeFirst(head)
                head = 0
            }
            return element
        }
    }

    private struct Rank: Comparable, Sendable {
        let running: Int
        let lastTurn: UInt64

        static func < (one: Rank, other: Rank) -> Bool {
            one.running == other.running ? one.lastTurn < other.lastTurn : one.running < other.running
        }
    }

    package let capacity: Int
    /// Slots that one tenant can have at once.
    private let mostSlots: Int
    private let mostWaiting: (each: Int, all: Int)
    package private(set) var running = 0
    package private(set) var waiting = 0
    private var runningOf: [Tenant: Int] = [:]
    private var lines: [Tenant: Line] = [:]
    private var order: [(rank: Rank, tenant: Tenant)] = []
    private var turn: UInt64 = 0

    /// - Parameter slots: the most that one tenant can have at once; all of them if nil.
    package init(capacity: Int, slots: Int? = nil, waitingEach: Int = 256, waitingInAll: Int = 4096) {
        self.capacity = capacity
        mostSlots = slots ?? capacity
        mostWaiting = (waitingEach, waitingInAll)
    }

    package func mayRun(_ tenant: Tenant) -> Bool {
        running < capacity && (mostSlots >= capacity || runningOf[tenant, default: 0] < mostSlots)
    }

    /// Whether a slot was free, which is then the tenant's.
    package mutating func enter(_ tenant: Tenant) -> Bool {
        guard mayRun(tenant) else { return false }
        take(tenant)
        rankAgain(tenant)
        return true
    }

    /// Returns false if too many elements wait already.
    package mutating func wait(_ element: Element, of tenant: Tenant) -> Bool {
        turn += 1
        guard waiting < mostWaiting.all else { return false }
        guard var line = lines[tenant] else {
            guard mostWaiting.each > 0 else { return false }
            lines[tenant] = Line(waiting: [element], lastTurn: turn)
            waiting += 1
            rankAgain(tenant)
            return true
        }
        guard line.count < mostWaiting.each else { return false }
        lines[tenant] = nil  // so that the array is not copied
        line.waiting.append(element)
        lines[tenant] = line
        waiting += 1
        return true
    }

    /// Gives a slot back, and returns who has got it instead.
    package mutating func leave(_ tenant: Tenant) -> Element? {
        release(tenant)
        return next()?.element
    }

    /// Gives a slot back.
    package mutating func release(_ tenant: Tenant) {
        running -= 1
        let left = runningOf[tenant, default: 1] - 1
        runningOf[tenant] = left == 0 ? nil : left
        rankAgain(tenant)
    }

    /// Takes a slot for the next element and returns it. Returns nil if no waiting element may have a slot.
    package mutating func next() -> (tenant: Tenant, element: Element)? {
        guard running < capacity, let tenant = first, mayRun(tenant) else { return nil }
        take(tenant)
        return (tenant, pull(from: tenant))
    }

    /// Removes the next element without taking a slot, even if none is free.
    package mutating func pop() -> (tenant: Tenant, element: Element)? {
        first.map { ($0, pull(from: $0)) }
    }

    package func count(where isMeant: (Element) -> Bool) -> Int {
        lines.values.reduce(0) { $0 + $1.waiting[$1.head...].count(where: isMeant) }
    }

    /// Takes out those that no longer wait.
    package mutating func remove(where isMeant: (Element) -> Bool) -> [Element] {
        var removed: [Element] = []
        for tenant in Array(lines.keys) { removed += remove(of: tenant, where: isMeant) }
        return removed
    }

    package mutating func remove(of tenant: Tenant, where isMeant: (Element) -> Bool) -> [Element] {
        guard var line = lines[tenant] else { return [] }
        let removed = line.waiting[line.head...].filter(isMeant)
        guard !removed.isEmpty else { return [] }
        line.waiting = line.waiting[line.head...].filter { !isMeant($0) }
        line.head = 0
        waiting -= removed.count
        lines[tenant] = line.count == 0 ? nil : line
        return removed
    }

    // MARK: The order

    private func rank(_ tenant: Tenant) -> Rank? {
        lines[tenant].map { Rank(running: runningOf[tenant, default: 0], lastTurn: $0.lastTurn) }
    }

    /// The tenant whose turn it is.
    private var first: Tenant? {
        mutating get {
            while let top = order.first {
                if rank(top.tenant) == top.rank { return top.tenant }
                dropFirst()
            }
            return nil
        }
    }

    private mutating func take(_ tenant: Tenant) {
        running += 1
        runningOf[tenant, default: 0] += 1
    }

    private mutating func pull(from tenant: Tenant) -> Element {
        turn += 1
        waiting -= 1
        var line = lines.removeValue(forKey: tenant)!
        let element = line.removeFirst()
        line.lastTurn = turn
        guard line.count > 0 else { return element }
        lines[tenant] = line
        rankAgain(tenant)
        return element
    }

    private mutating func rankAgain(_ tenant: Tenant) {
        guard let rank = rank(tenant) else { return }
        if order.count > 2 * lines.count + 64 {
            order.removeAll(keepingCapacity: true)
            for tenant in lines.keys { insert(self.rank(tenant)!, tenant) }
        } else {
            insert(rank, tenant)
        }
    }

    private mutating func insert(_ rank: Rank, _ tenant: Tenant) {
        order.append((rank, tenant))
        var place = order.count - 1
        while place > 0, case let parent = (place - 1) / 2, order[place].rank < order[parent].rank {
            order.swapAt(place, parent)
            place = parent
        }
    }

    private mutating func dropFirst() {
        order.swapAt(0, order.count - 1)
        order.removeLast()
        var place = 0
        while true {
            var child = 2 * place + 1
            guard child < order.count else { return }
            if child + 1 < order.count, order[child + 1].rank < order[child].rank { child += 1 }
            guard order[child].rank < order[place].rank else { return }
            order.swapAt(place, child)
            place = child
        }
    }
}

extension FairQueue.Line: Sendable where Element: Sendable {}
extension FairQueue: Sendable where Tenant: Sendable, Element: Sendable {}

extension FairQueue where Element: Equatable {
    /// Whether it still waited.
    package mutating func abandon(_ element: Element, of tenant: Tenant) -> Bool {
        !remove(of: tenant) { $0 == element }.isEmpty
    }
}
