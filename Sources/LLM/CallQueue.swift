/// Shares out a number of places: at once while there are free ones, then to the caller that holds least, and among
/// equals to the one whose turn was longest ago. A caller counts by its workspace and by its account, whichever holds
/// more: an account gains nothing by having many workspaces.
struct CallQueue {
    /// What one workspace, or one account, holds and waits for.
    private struct Share {
        var running = 0
        var work = 0
        var waiting = 0
        var lastTurn: UInt64
    }

    private struct Waiter {
        let id: UInt64
        let work: Int
    }

    static let maximumWaiting = (each: 256, all: 4096)

    let capacity: Int
    private let most: ProviderShare
    private let waitingEach: Int
    private(set) var running = 0
    private(set) var waiting = 0
    private var workspaces: [String: Share] = [:]
    private var accounts: [String: Share] = [:]
    private var lines: [Gateway.Caller: [Waiter]] = [:]
    private var turn: UInt64 = 0

    /// - Parameters:
    ///   - most: what one workspace, or one account, may hold at once.
    ///   - waitingEach: how many calls of one workspace, or one account, may wait.
    init(capacity: Int, most: ProviderShare = ProviderShare(), waitingEach: Int = Self.maximumWaiting.each) {
        self.capacity = capacity
        self.most = most
        self.waitingEach = waitingEach
    }

    /// Whether a place was free, which is then the caller's.
    mutating func enter(_ caller: Gateway.Caller, work: Int = 1) -> Bool {
        guard lines[caller] == nil, mayRun(caller, work) else { return false }
        take(caller, work)
        return true
    }

    /// False if too many wait already.
    mutating func wait(_ id: UInt64, of caller: Gateway.Caller, work: Int = 1) -> Bool {
        turn += 1
        guard waiting < Self.maximumWaiting.all,
            max(workspaces[caller.workspace]?.waiting ?? 0, accounts[caller.account]?.waiting ?? 0) < waitingEach
        else { return false }
        lines[caller, default: []].append(Waiter(id: id, work: work))
        waiting += 1
        change(caller) { $0.waiting += 1 }
        return true
    }

    /// Whether it still waited.
    mutating func abandon(_ id: UInt64, of caller: Gateway.Caller) -> Bool {
        guard let index = lines[caller]?.firstIndex(where: { $0.id == id }) else { return false }
        pull(index, of: caller)
        return true
    }

    /// Gives a place back, and says who has got one instead.
    mutating func leave(_ caller: Gateway.Caller, work: Int = 1) -> [UInt64] {
        running -= 1
        change(caller) { share in
            share.running -= 1
            share.work -= work
        }
        return next()
    }

    /// Whoever may run now of those that wait: also after one of them has left the queue.
    mutating func next() -> [UInt64] {
        var granted: [UInt64] = []
        while running < capacity, !lines.isEmpty {
            let ready = lines.filter { line in line.value.first.map { mayRun(line.key, $0.work) } ?? false }.keys
            guard let next = ready.min(by: { rank($0) < rank($1) }), let first = lines[next]?.first else { break }
            turn += 1
            let now = turn
            change(next) { $0.lastTurn = now }
            take(next, first.work)
            pull(0, of: next)
            granted.append(first.id)
        }
        return granted
    }

    private func mayRun(_ caller: Gateway.Caller, _ work: Int) -> Bool {
        running < capacity && has(workspaces[caller.workspace], roomFor: work)
            && has(accounts[caller.account], roomFor: work)
    }

    private func has(_ share: Share?, roomFor work: Int) -> Bool {
        guard let share, share.running > 0 else { return true }
        return share.running < most.calls && work <= most.work && share.work <= most.work - work
    }

    private func rank(_ caller: Gateway.Caller) -> (Int, UInt64) {
        let shares = [workspaces[caller.workspace], accounts[caller.account]].compactMap(\.self)
        return (shares.map(\.work).max() ?? 0, shares.map(\.lastTurn).max() ?? 0)
    }

    private mutating func take(_ caller: Gateway.Caller, _ work: Int) {
        running += 1
        change(caller) { share in
            share.running += 1
            share.work += work
        }
    }

    private mutating func pull(_ index: Int, of caller: Gateway.Caller) {
        waiting -= 1
        lines[caller]?.remove(at: index)
        if lines[caller]?.isEmpty == true { lines[caller] = nil }
        change(caller) { $0.waiting -= 1 }
    }

    private mutating func change(_ caller: Gateway.Caller, _ change: (inout Share) -> Void) {
        Self.change(&workspaces[caller.workspace], turn, change)
        Self.change(&accounts[caller.account], turn, change)
    }

    private static func change(_ share: inout Share?, _ turn: UInt64, _ change: (inout Share) -> Void) {
        var changed = share ?? Share(lastTurn: turn)
        change(&changed)
        share = changed.running == 0 && changed.waiting == 0 ? nil : changed
    }
}
