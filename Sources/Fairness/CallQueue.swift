/// Shares out a number of places: at once while there are free ones, then to the caller that holds least, and among
/// equals to the one whose turn was longest ago. A caller counts by its workspace and by its account, whichever holds
/// more: an account gains nothing by having many workspaces.
package struct CallQueue: Sendable {
    /// The workspace and account that a call is made for. Neither gets more than its share.
    package struct Caller: Sendable, Hashable {
        package var workspace: String
        /// The user who calls, or the owner of the key that is used.
        package var account: String

        package init(workspace: String, account: String) {
            self.workspace = workspace
            self.account = account
        }
    }

    /// How much one workspace, or one account, may hold at once.
    package struct Share: Sendable {
        /// Maximum number of calls.
        package var calls: Int
        /// Maximum sum of the `work` of running calls, in the callers' unit. One call that exceeds it may run alone.
        package var work: Int

        package init(calls: Int = .max, work: Int = .max) {
            self.calls = calls
            self.work = work
        }
    }

    /// What one workspace, or one account, holds and waits for.
    private struct Held {
        var running = 0
        var work = 0
        var waiting = 0
        var lastTurn: UInt64
    }

    private struct Waiter {
        let id: UInt64
        let work: Int
    }

    package static let maximumWaiting = (each: 256, all: 4096)

    package let capacity: Int
    private let most: Share
    private let waitingEach: Int
    package private(set) var running = 0
    package private(set) var waiting = 0
    private var workspaces: [String: Held] = [:]
    private var accounts: [String: Held] = [:]
    private var lines: [Caller: [Waiter]] = [:]
    private var turn: UInt64 = 0

    /// - Parameters:
    ///   - most: what one workspace, or one account, may hold at once.
    ///   - waitingEach: how many calls of one workspace, or one account, may wait.
    package init(capacity: Int, most: Share = Share(), waitingEach: Int = Self.maximumWaiting.each) {
        self.capacity = capacity
        self.most = most
        self.waitingEach = waitingEach
    }

    /// Whether a place was free, which is then the caller's.
    package mutating func enter(_ caller: Caller, work: Int = 1) -> Bool {
        guard lines[caller] == nil, mayRun(caller, work) else { return false }
        take(caller, work)
        return true
    }

    /// Returns false if too many calls wait already.
    package mutating func wait(_ id: UInt64, of caller: Caller, work: Int = 1) -> Bool {
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
    package mutating func abandon(_ id: UInt64, of caller: Caller) -> Bool {
        guard let index = lines[caller]?.firstIndex(where: { $0.id == id }) else { return false }
        pull(index, of: caller)
        return true
    }

    /// Gives a place back, and says who has got one instead.
    package mutating func leave(_ caller: Caller, work: Int = 1) -> [UInt64] {
        running -= 1
        change(caller) { share in
            share.running -= 1
            share.work -= work
        }
        return next()
    }

    /// Takes slots for the waiting calls that may run now and returns their ids. Call it also after a call has left the
    /// queue.
    package mutating func next() -> [UInt64] {
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

    private func mayRun(_ caller: Caller, _ work: Int) -> Bool {
        running < capacity && has(workspaces[caller.workspace], roomFor: work)
            && has(accounts[caller.account], roomFor: work)
    }

    private func has(_ share: Held?, roomFor work: Int) -> Bool {
        guard let share, share.running > 0 else { return true }
        return share.running < most.calls && work <= most.work && share.work <= most.work - work
    }

    private func rank(_ caller: Caller) -> (Int, UInt64) {
        let shares = [workspaces[caller.workspace], accounts[caller.account]].compactMap(\.self)
        return (shares.map(\.work).max() ?? 0, shares.map(\.lastTurn).max() ?? 0)
    }

    private mutating func take(_ caller: Caller, _ work: Int) {
        running += 1
        change(caller) { share in
            share.running += 1
            share.work += work
        }
    }

    private mutating func pull(_ index: Int, of caller: Caller) {
        waiting -= 1
        lines[caller]?.remove(at: index)
        if lines[caller]?.isEmpty == true { lines[caller] = nil }
        change(caller) { $0.waiting -= 1 }
    }

    private mutating func change(_ caller: Caller, _ change: (inout Held) -> Void) {
        Self.change(&workspaces[caller.workspace], turn, change)
        Self.change(&accounts[caller.account], turn, change)
    }

    private static func change(_ share: inout Held?, _ turn: UInt64, _ change: (inout Held) -> Void) {
        var changed = share ?? Held(lastTurn: turn)
        change(&changed)
        share = changed.running == 0 && changed.waiting == 0 ? nil : changed
    }
}
