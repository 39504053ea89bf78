/// Shares out a number of slots: at once while there are free ones, then to the tenant that has the fewest, and among
/// equals to the one whose turn was longest ago.
struct FairQueue {
    private struct Line {
        var waiting: [UInt64] = []
        var lastTurn: UInt64
    }

    static let maximumWaiting = (each: 256, all: 4096)

    let capacity: Int
    private(set) var running = 0
    private(set) var waiting = 0
    private var runningOf: [String: Int] = [:]
    private var lines: [String: Line] = [:]
    private var turn: UInt64 = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Whether a slot was free, which is then the tenant's.
    mutating func enter(_ tenant: String) -> Bool {
        guard running < capacity else { return false }
        take(tenant)
        return true
    }

    /// False where too many wait already.
    mutating func wait(_ id: UInt64, of tenant: String) -> Bool {
        turn += 1
        guard waiting < Self.maximumWaiting.all,
            lines[tenant]?.waiting.count ?? 0 < Self.maximumWaiting.each
        else { return false }
        lines[tenant, default: Line(lastTurn: turn)].waiting.append(id)
        waiting += 1
        return true
    }

    /// Whether it still waited.
    mutating func abandon(_ id: UInt64, of tenant: String) -> Bool {
        guard let place = lines[tenant]?.waiting.firstIndex(of: id) else { return false }
        pull(place, of: tenant)
        return true
    }

    /// Gives a slot back, and says who has got it instead.
    mutating func leave(_ tenant: String) -> UInt64? {
        running -= 1
        let left = runningOf[tenant, default: 1] - 1
        runningOf[tenant] = left == 0 ? nil : left
        guard let next = lines.min(by: { rank($0) < rank($1) })?.key else { return nil }
        turn += 1
        lines[next]?.lastTurn = turn
        take(next)
        return pull(0, of: next)
    }

    private func rank(_ line: (key: String, value: Line)) -> (Int, UInt64) {
        (runningOf[line.key] ?? 0, line.value.lastTurn)
    }

    private mutating func take(_ tenant: String) {
        running += 1
        runningOf[tenant, default: 0] += 1
    }

    @discardableResult
    private mutating func pull(_ place: Int, of tenant: String) -> UInt64? {
        waiting -= 1
        let id = lines[tenant]?.waiting.remove(at: place)
        if lines[tenant]?.waiting.isEmpty == true { lines[tenant] = nil }
        return id
    }
}
