import Testing

@testable import Fairness

@Suite struct FairQueueTests {
    @Test func givesAFreedSlotToWhoHasFewest() {
        var queue = FairQueue<String, UInt64>(capacity: 3)
        let entered = (0..<4).map { _ in queue.enter("greedy") }
        #expect(entered == [true, true, true, false])
        let waits = ["greedy", "greedy", "modest", "modest"].enumerated().map { queue.wait(UInt64($0), of: $1) }
        #expect(waits == [true, true, true, true])
        #expect(queue.waiting == 4)
        let order = (0..<3).map { _ in queue.leave("greedy") }
        #expect(order == [2, 0, 3], "modest has none; then as many, so they take turns")
        #expect(queue.running == 3)
    }

    @Test func takesTurnsAmongEquals() {
        let tenants = ["a", "a", "b", "b", "c"]
        var queue = FairQueue<String, UInt64>(capacity: 1)
        _ = queue.enter("x")
        for (id, tenant) in tenants.enumerated() { _ = queue.wait(UInt64(id), of: tenant) }
        var order: [UInt64] = []
        var holder = "x"
        while let next = queue.leave(holder) {
            order.append(next)
            holder = tenants[Int(next)]
        }
        #expect(order == [0, 2, 4, 1, 3])
        #expect(queue.running == 0)
    }

    @Test func isBounded() {
        var queue = FairQueue<String, UInt64>(capacity: 1)
        _ = queue.enter("x")
        let each = (0..<257).map { queue.wait($0, of: "t0") }
        #expect(each == Array(repeating: true, count: 256) + [false])
        for tenant in 1..<16 { for id in 0..<256 { _ = queue.wait(UInt64(tenant * 1000 + id), of: "t\(tenant)") } }
        #expect(queue.waiting == 4096)
        let inAll = [queue.wait(9, of: "new"), queue.abandon(1, of: "t0"), queue.abandon(1, of: "t0")]
        #expect(inAll == [false, true, false])
        let afterwards = queue.wait(9, of: "new")
        #expect(afterwards)
    }

    @Test func oneTenantNeverHasAllSlotsIfItMayNot() {
        var queue = FairQueue<String, UInt64>(capacity: 4, slots: 3)
        let entered = (0..<4).map { _ in queue.enter("greedy") }
        #expect(entered == [true, true, true, false])
        _ = queue.wait(1, of: "greedy")
        let none = queue.next() == nil
        #expect(none && queue.running == 3, "the last slot is for others")
        let other = queue.enter("modest")
        #expect(other && !queue.mayRun("third"))
        #expect(queue.leave("modest") == nil)
        #expect(queue.leave("greedy") == 1)
    }

    @Test func popsInTurnsWithoutSlots() {
        var queue = FairQueue<String, UInt64>(capacity: 1)
        for id in 0..<3 { _ = queue.wait(UInt64(id), of: "flood") }
        _ = queue.wait(10, of: "modest")
        let order = (0..<5).map { _ in queue.pop()?.element }
        #expect(order == [0, 10, 1, 2, nil])
    }

    /// The same rules, looked up by going through all who wait.
    private struct Plain {
        let capacity: Int
        let slots: Int
        var runningOf: [Int: Int] = [:]
        var lines: [Int: (waiting: [Int], lastTurn: Int)] = [:]
        var turn = 0
        var running: Int { runningOf.values.reduce(0, +) }

        mutating func wait(_ element: Int, of tenant: Int) {
            turn += 1
            lines[tenant, default: ([], turn)].waiting.append(element)
        }

        mutating func next(_ takesSlot: Bool) -> Int? {
            let first = lines.min { rank($0) < rank($1) }?.key
            guard let first, !takesSlot || running < capacity && runningOf[first, default: 0] < slots else {
                return nil
            }
            turn += 1
            if takesSlot { runningOf[first, default: 0] += 1 }
            defer { if lines[first]!.waiting.isEmpty { lines[first] = nil } }
            lines[first]!.lastTurn = turn
            return lines[first]!.waiting.removeFirst()
        }

        private func rank(_ line: (key: Int, value: (waiting: [Int], lastTurn: Int))) -> (Int, Int) {
            (runningOf[line.key, default: 0], line.value.lastTurn)
        }
    }

    @Test func doesWhatThePlainVersionDoes() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let capacity = Int.random(in: 1...6, using: &random)
            let slots = Int.random(in: 1...capacity, using: &random)
            var fast = FairQueue<Int, Int>(
                capacity: capacity, slots: slots, waitingEach: .max, waitingInAll: .max)
            var plain = Plain(capacity: capacity, slots: slots)
            var holders: [Int] = []
            for step in 0..<300 {
                let tenant = Int.random(in: 0..<8, using: &random)
                switch Int.random(in: 0..<10, using: &random) {
                case 0..<4:
                    _ = fast.wait(step, of: tenant)
                    plain.wait(step, of: tenant)
                case 4..<6:
                    let next = fast.next()
                    #expect(next?.element == plain.next(true))
                    if let next { holders.append(next.tenant) }
                case 6..<8 where !holders.isEmpty:
                    let tenant = holders.remove(at: Int.random(in: holders.indices, using: &random))
                    fast.release(tenant)
                    plain.runningOf[tenant]! -= 1
                case 8:
                    #expect(fast.pop()?.element == plain.next(false))
                default:
                    let removed = fast.remove(of: tenant) { $0.isMultiple(of: 3) }
                    var line = plain.lines[tenant] ?? ([], 0)
                    #expect(removed == line.waiting.filter { $0.isMultiple(of: 3) })
                    line.waiting.removeAll { $0.isMultiple(of: 3) }
                    plain.lines[tenant] = line.waiting.isEmpty ? nil : line
                }
                #expect(fast.waiting == plain.lines.values.reduce(0) { $0 + $1.waiting.count })
                #expect(fast.running == plain.running)
            }
        }
    }
}
