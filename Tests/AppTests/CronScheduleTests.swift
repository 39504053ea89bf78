import Foundation
import Testing

@testable import HTTPKit
@testable import Platform

@Suite struct CronScheduleTests {
    private static func time(_ text: String) throws -> Timestamp { try #require(Timestamp(iso8601: "\(text):00Z")) }

    @Test(
        "The last time that is not after another",
        arguments: [
            ("* * * * *", "2026-11-29T06:15", "2026-11-29T06:15"),
            ("30 3 * * *", "2026-11-29T06:15", "2026-11-29T03:30"),
            ("30 3 * * *", "2026-11-29T03:29", "2026-11-28T03:30"),
            ("*/20 * * * *", "2026-11-29T00:19", "2026-11-29T00:00"),
            ("5/20 * * * *", "2026-11-29T00:59", "2026-11-29T00:45"),
            ("0 22-23 * * *", "2026-11-29T06:00", "2026-11-28T23:00"),
            ("15,45 8 * * *", "2026-11-29T08:44", "2026-11-29T08:15"),
            ("0 0 1 1 *", "2026-11-29T06:00", "2026-01-01T00:00"),
            // 29 November 2026 is a Sunday.
            ("0 0 * * 0", "2026-11-29T06:00", "2026-11-29T00:00"),
            ("0 0 * * 7", "2026-11-29T06:00", "2026-11-29T00:00"),
            ("0 0 * * sun", "2026-11-29T06:00", "2026-11-29T00:00"),
            ("0 0 * * 1-5", "2026-11-29T06:00", "2026-11-27T00:00"),
            ("0 0 * JAN-mar mon", "2026-11-29T06:00", "2026-03-30T00:00"),
            // Either kind of day is enough if both are restricted.
            ("0 0 13 * 5", "2026-11-29T06:00", "2026-11-27T00:00"),
            ("0 0 28 * 5", "2026-11-29T06:00", "2026-11-28T00:00"),
            ("0 0 */2 * 1", "2026-11-30T06:00", "2026-11-23T00:00"),
            ("0 0 29 2 *", "2026-11-29T06:00", "2024-02-29T00:00"),
            ("0 0 31 * *", "2026-11-29T06:00", "2026-10-31T00:00"),
            ("0 0 29 2 *", "2104-02-28T00:00", "2096-02-29T00:00"),
            ("59 23 31 12 *", "2027-01-01T00:00", "2026-12-31T23:59"),
            ("0 12 * * *", "1969-12-31T11:59", "1969-12-30T12:00"),
        ])
    func last(text: String, by: String, wanted: String) throws {
        let schedule = try #require(CronSchedule(text), "\(text)")
        #expect(schedule.last(by: try Self.time(by)) == (try Self.time(wanted)), "\(text)")
    }

    @Test(
        "What is no schedule, or never comes",
        arguments: [
            "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 0 *",
            "* * * 13 *",
            "* * * * 8", "-1 * * * *", "1- * * * *", "5-1 * * * *", "*/0 * * * *", "*/ * * * *", "*/99 * * * *",
            "a * * * *",
            "1,,2 * * * *", ", * * * *", "١ * * * *", "1.5 * * * *", "+5 * * * *", "@daily", "0 0 30 2 *",
            "0 0 31 4,6,9,11 *",
            "0 0 31 feb *", "99999999999999999999 * * * *", "* * * * monday",
        ])
    func refused(text: String) {
        #expect(CronSchedule(text) == nil)
    }

    /// Against a plain search, minute by minute.
    @Test func likeAPlainSearch() throws {
        var random = Plain(random: RandomJSON(seed: 7))
        let start = try Self.time("2027-12-20T00:00").milliseconds / 60_000
        for _ in 0..<60 {
            let (minute, hour) = (Int.random(in: 0..<60, using: &random), Int.random(in: 0..<24, using: &random))
            let (day, weekday) = (Int.random(in: 1...31, using: &random), Int.random(in: 0...6, using: &random))
            let text = [
                "\(minute) \(hour) * * *", "\(minute) */\(hour + 1) * * \(weekday)", "\(minute) \(hour) \(day) * *",
                "\(minute) \(hour) \(day) * \(weekday)",
            ].randomElement(using: &random)!
            let schedule = try #require(CronSchedule(text))
            let from = start + Int64.random(in: 0..<40_000, using: &random)
            let fields = text.split(separator: " ")
            let found = try #require(
                (0..<100_000 as Range<Int64>).lazy.map { from - $0 }.first { Self.matches(fields, $0) }, "\(text)")
            #expect(
                schedule.last(by: Timestamp(milliseconds: from * 60_000 + 59_999))
                    == Timestamp(milliseconds: found * 60_000),
                "\(text)")
        }
    }

    private struct Plain: RandomNumberGenerator {
        var random: RandomJSON
        mutating func next() -> UInt64 { random.next() }
    }

    private static func matches(_ fields: [Substring], _ minutes: Int64) -> Bool {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents(
            [.minute, .hour, .day, .weekday], from: Date(timeIntervalSince1970: Double(minutes) * 60))
        guard Int(fields[0]) == parts.minute, let hour = parts.hour else { return false }
        if fields[1].hasPrefix("*/") {
            guard hour % (Int(fields[1].dropFirst(2)) ?? 1) == 0 else { return false }
        } else if Int(fields[1]) != hour {
            return false
        }
        let isDay = fields[2] == "*" || Int(fields[2]) == parts.day
        let isWeekday = fields[4] == "*" || Int(fields[4]) == parts.weekday.map { $0 - 1 }
        return fields[2] == "*" || fields[4] == "*" ? isDay && isWeekday : isDay || isWeekday
    }
}
