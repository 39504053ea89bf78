import TestSupport
import Testing

@testable import Fairness

@Suite struct CallQueueTests {
    @Test func givesAFreedSlotToWhoHasFewest() {
        var queue = CallQueue(capacity: 3)
        let entered = (0..<4).map { _ in queue.enter("greedy") }
        #expect(entered == [true, true, true, false])
        let waiting: [CallQueue.Caller] = ["greedy", "greedy", "modest", "modest"]
        let waits = waiting.enumerated().map { queue.wait(UInt64($0), of: $1) }
        #expect(waits == [true, true, true, true])
        #expect(queue.waiting == 4)
        let order = (0..<3).flatMap { _ in queue.leave("greedy") }
        #expect(order == [2, 0, 3], "modest has none; then as many, so they take turns")
        #expect(queue.running == 3)
    }

    @Test func takesTurnsAmongEquals() {
        let tenants: [CallQueue.Caller] = ["a", "a", "b", "b", "c"]
        var queue = CallQueue(capacity: 1)
        _ = queue.enter("x")
        for (id, tenant) in tenants.enumerated() { _ = queue.wait(UInt64(id), of: tenant) }
        var order: [UInt64] = []
        var holder: CallQueue.Caller = "x"
        while let next = queue.leave(holder).first {
            order.append(next)
            holder = tenants[Int(next)]
        }
        #expect(order == [0, 2, 4, 1, 3])
        #expect(queue.running == 0)
    }

    @Test func isBounded() {
        var queue = CallQueue(capacity: 1)
        _ = queue.enter("x")
        let each = (0..<257).map { queue.wait($0, of: "t0") }
        #expect(each == Array(repeating: true, count: 256) + [false])
        for tenant in 1..<16 {
            for id in 0..<256 { _ = queue.wait(UInt64(tenant * 1000 + id), of: CallQueue.Caller("t\(tenant)")) }
        }
        #expect(queue.waiting == 4096)
        let inAll = [queue.wait(9, of: "new"), queue.abandon(1, of: "t0"), queue.abandon(1, of: "t0")]
        #expect(inAll == [false, true, false])
        let afterwards = queue.wait(9, of: "new")
        #expect(afterwards)
    }

    @Test func anAccountGainsNothingByManyWorkspaces() {
        var queue = CallQueue(capacity: 1)
        _ = queue.enter("x")
        let greedy = (0..<20).map { CallQueue.Caller(workspace: "w\($0)", account: "greedy") }
        for (id, caller) in greedy.enumerated() { _ = queue.wait(UInt64(id), of: caller) }
        for id in 100..<103 as Range<UInt64> { _ = queue.wait(id, of: "modest") }
        var order: [UInt64] = []
        var holder: CallQueue.Caller = "x"
        while order.count < 6, let next = queue.leave(holder).first {
            order.append(next)
            holder = next < 100 ? greedy[Int(next)] : "modest"
        }
        #expect(order.filter { $0 >= 100 } == [100, 101, 102], "every other turn is the modest one's")
    }

    @Test func keepsPlacesFreeOfOneCallersCrowd() {
        var queue = CallQueue(capacity: 4, most: CallQueue.Share(calls: 3))
        let crowd = (0..<5).map { CallQueue.Caller(workspace: "w\($0)", account: "greedy") }
        let entered = crowd.map { queue.enter($0) }
        #expect(entered == [true, true, true, false, false])
        _ = queue.wait(1, of: crowd[3])
        let modest = queue.enter("modest")
        #expect(modest)
        let none = queue.leave("modest")
        #expect(none.isEmpty, "the crowd has all that it may hold")
        let next = queue.leave(crowd[0])
        #expect(next == [1])
    }

    @Test func sharesByWork() {
        var queue = CallQueue(capacity: 4, most: CallQueue.Share(work: 1000))
        let entered = [
            queue.enter("greedy", work: 1900), queue.enter("greedy", work: 10), queue.enter("modest", work: 50),
            queue.enter("modest", work: 950), queue.enter("modest", work: 1),
        ]
        #expect(entered == [true, false, true, true, false], "one that is too large may run alone")
        for id in 1...3 as ClosedRange<UInt64> { _ = queue.wait(id, of: "greedy", work: 400) }
        _ = queue.wait(4, of: "modest", work: 1)
        let afterLarge = queue.leave("greedy", work: 1900)
        #expect(afterLarge == [1, 2], "a third of 400 would be more than 1000")
        let afterSmall = queue.leave("modest", work: 950)
        #expect(afterSmall == [4])
        let none = queue.leave("modest", work: 50)
        #expect(none.isEmpty)
        let last = queue.leave("greedy", work: 400)
        #expect(last == [3])
    }

    /// With a number of callers that come and go at random, no bound is ever passed and no free place is left unused.
    @Test(arguments: 0..<20) func boundsHold(_ seed: UInt64) {
        var random = Seeded(seed)
        let most = CallQueue.Share(calls: 3, work: 100)
        var queue = CallQueue(capacity: 5, most: most)
        var running: [(caller: CallQueue.Caller, work: Int)] = []
        var waiting: [UInt64: (caller: CallQueue.Caller, work: Int)] = [:]
        for id in 0..<2000 as Range<UInt64> {
            var granted: [UInt64] = []
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                let caller = CallQueue.Caller(
                    workspace: "w\(Int.random(in: 0..<6, using: &random))",
                    account: "a\(Int.random(in: 0..<3, using: &random))")
                let work = Int.random(in: 1...120, using: &random)
                if queue.enter(caller, work: work) {
                    running.append((caller, work))
                } else if queue.wait(id, of: caller, work: work) {
                    waiting[id] = (caller, work)
                }
            case 2:
                if let one = waiting.randomElement(using: &random) {
                    waiting[one.key] = nil
                    let waited = queue.abandon(one.key, of: one.value.caller)
                    #expect(waited)
                    granted = queue.next()
                }
            default:
                guard !running.isEmpty else { continue }
                let left = running.remove(at: Int.random(in: running.indices, using: &random))
                granted = queue.leave(left.caller, work: left.work)
            }
            for id in granted { running.append(waiting.removeValue(forKey: id)!) }
            #expect(queue.running == running.count && running.count <= 5 && queue.waiting == waiting.count)
            for share in [\CallQueue.Caller.workspace, \.account] {
                for (_, held) in Dictionary(grouping: running, by: { $0.caller[keyPath: share] }) {
                    #expect(held.count <= most.calls)
                    #expect(held.count == 1 || held.reduce(0) { $0 + $1.work } <= most.work)
                }
            }
        }
        while !running.isEmpty {
            let left = running.removeLast()
            for id in queue.leave(left.caller, work: left.work) {
                running.append(waiting.removeValue(forKey: id)!)
            }
        }
        #expect(waiting.isEmpty, "nobody is forgotten")
    }
}

extension CallQueue.Caller: ExpressibleByStringLiteral {
    init(_ name: String) { self.init(workspace: name, account: name) }
    package init(stringLiteral name: String) { self.init(name) }
}
