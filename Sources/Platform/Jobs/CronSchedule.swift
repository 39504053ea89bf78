package import HTTPKit

/// When something recurs, as `cron` says it: minute, hour, day of the month, month and day of the week, in UTC. If both
/// kinds of days are restricted, either is enough.
package struct CronSchedule: Sendable, Equatable {
    private let minutes: Set<Int>
    private let hours: Set<Int>
    private let days: Set<Int>
    private let months: Set<Int>
    /// Numbers from 0, which is Sunday.
    private let weekdays: Set<Int>
    private let isEveryDay: Bool
    private let isEveryWeekday: Bool
    /// Without a leap year between them, 29 February is eight years after the one before.
    private static let longestWait: Int64 = 8 * 366 + 1

    private static let monthNames = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    private static let weekdayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    /// Returns nil if the text is not five fields, or names days that no year has, such as 30 February.
    package init?(_ text: String) {
        let fields = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard fields.count == 5, let minutes = Self.values(fields[0], 0...59),
            let hours = Self.values(fields[1], 0...23), let days = Self.values(fields[2], 1...31),
            let months = Self.values(fields[3], 1...12, names: Self.monthNames, firstName: 1),
            let weekdays = Self.values(fields[4], 0...7, names: Self.weekdayNames, firstName: 0)
        else { return nil }
        self.minutes = minutes
        self.hours = hours
        self.days = days
        self.months = months
        self.weekdays = Set(weekdays.map { $0 % 7 })
        isEveryDay = fields[2].hasPrefix("*")
        isEveryWeekday = fields[4].hasPrefix("*")
        guard last(by: Timestamp(milliseconds: 4_102_444_800_000)) != nil else { return nil }
    }

    /// The last time that is not after another one; nil if there was none in eight years.
    package func last(by time: Timestamp) -> Timestamp? {
        let total = time.milliseconds.dividedDown(by: 60_000)
        var (day, minute) = (total.dividedDown(by: 1440), Int(total - total.dividedDown(by: 1440) * 1440))
        let first = day - Self.longestWait
        while day >= first {
            if matches(day: day),
                let found = hours.flatMap({ hour in minutes.map { hour * 60 + $0 } }).filter({ $0 <= minute }).max()
            {
                return Timestamp(milliseconds: (day * 1440 + Int64(found)) * 60_000)
            }
            (day, minute) = (day - 1, 1439)
        }
        return nil
    }

    /// - Parameter day: since 1970-01-01, which was a Thursday.
    private func matches(day: Int64) -> Bool {
        let date = Timestamp.civil(day)
        guard months.contains(date.month) else { return false }
        let isDay = days.contains(date.day)
        let isWeekday = weekdays.contains(Int(((day + 4) % 7 + 7) % 7))
        return isEveryDay || isEveryWeekday ? isDay && isWeekday : isDay || isWeekday
    }

    /// `*`, `5`, `1-5`, `*/15`, `0-30/10`, or several of them with commas between.
    private static func values(
        _ field: Substring, _ range: ClosedRange<Int>, names: [String] = [], firstName: Int = 0
    ) -> Set<Int>? {
        func value(_ text: Substring) -> Int? {
            if let name = names.firstIndex(of: text.lowercased()) { return name + firstName }
            guard !text.isEmpty, text.utf8.count <= 2, text.utf8.allSatisfy({ (48...57).contains($0) }),
                let value = Int(text), range.contains(value)
            else { return nil }
            return value
        }
        var found: Set<Int> = []
        for part in field.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let step = halves.count == 1 ? 1 : Int(halves[1]) ?? 0
            guard (1...range.upperBound + 1).contains(step) else { return nil }
            let bounds: ClosedRange<Int>
            if halves[0] == "*" {
                bounds = range
            } else {
                let ends = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
                guard let first = value(ends[0]) else { return nil }
                // `5/10` begins at 5, as in most crons.
                let open = halves.count == 1 ? first : range.upperBound
                guard let last = ends.count == 1 ? open : value(ends[1]), first <= last else { return nil }
                bounds = first...last
            }
            found.formUnion(stride(from: bounds.lowerBound, through: bounds.upperBound, by: step))
        }
        return found
    }
}

extension Int64 {
    fileprivate func dividedDown(by divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : -((divisor - 1 - self) / divisor)
    }
}
