import Foundation
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

@Suite struct TimestampTests {
    @Test(
        "Known moments",
        arguments: [
            (Int64(0), "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (1_769_862_896_789, "2026-01-31T12:34:56.789Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (-86_400_000, "1969-12-31T00:00:00.000Z"),
        ])
    func known(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).iso8601 == text)
        #expect(Timestamp(iso8601: text)?.milliseconds == milliseconds)
    }

    @Test(
        "Every day of these years is the one that Foundation names",
        arguments: [1600, 1899, 1900, 1970, 2000, 2024, 2100, 2400])
    func againstFoundation(year: Int) throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        let start = try #require(calendar.date(from: DateComponents(year: year, month: 1, day: 1)))
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for day in 0..<366 {
            let milliseconds = Int64(start.timeIntervalSince1970) * 1000 + Int64(day) * 86_400_000 + 45_296_789
            let text = Timestamp(milliseconds: milliseconds).iso8601
            let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            // Foundation cuts the fraction off, and a double holds it only nearly.
            #expect(text.prefix(19) == date.formatted(style).prefix(19))
            #expect(Timestamp(iso8601: text)?.milliseconds == milliseconds)
        }
    }

    @Test("Random moments survive the round trip, and their texts sort as they do")
    func roundTrip() {
        var random = RandomJSON(seed: 7)
        let moments = (0..<2000).map { _ in
            Timestamp(milliseconds: Int64(random.next() % 315_569_519_999_999) - 62_167_219_200_000)
        }
        for moment in moments { #expect(Timestamp(iso8601: moment.iso8601) == moment) }
        #expect(moments.sorted().map(\.iso8601) == moments.map(\.iso8601).sorted())
    }

    @Test(
        "Offsets and fractions are read",
        arguments: [
            ("2026-01-31T18:34:56+06:00", "2026-01-31T12:34:56.000Z"),
            ("2026-01-31T12:34:56-05:30", "2026-01-31T18:04:56.000Z"),
            ("2026-01-31t12:34:56z", "2026-01-31T12:34:56.000Z"),
            ("2026-01-31T12:34:56.7Z", "2026-01-31T12:34:56.700Z"),
            ("2026-01-31T12:34:56.123456789Z", "2026-01-31T12:34:56.123Z"),
            ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"),
        ])
    func read(text: String, expected: String) {
        #expect(Timestamp(iso8601: text)?.iso8601 == expected)
    }

    @Test(
        "What is no moment is refused",
        arguments: [
            "", "now", "2026-01-31", "2026-01-31T12:34:56", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
            "2026-01-32T00:00:00Z", "2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2100-02-29T00:00:00Z",
            "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z", "2026-01-31T12:34:61Z", "2026-01-31T12:34:56.Z",
            "2026-01-31T12:34:56+6", "2026-01-31T12:34:56+06:00x", "2026-01-31 12:34:56Z", "2026-01-31T12:34:56+99:99",
            "0000-01-01T00:00:00+00:01", "0000-01-01T12:00:00+23:59", "9999-12-31T23:59:59-00:01",
            "9999-12-31T23:59:60Z", "+026-01-31T12:34:56Z", "২০২৬-01-31T12:34:56Z", "2026-01-31T12:34:56+06-00",
        ])
    func refused(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test("A moment beyond the years that can be written shows as the nearest one, and sums end at the last")
    func bounds() {
        for milliseconds: Int64 in [Int64.min, Int64.min + 1, Timestamp.earliest.milliseconds - 1] {
            #expect(Timestamp(milliseconds: milliseconds).iso8601 == "0000-01-01T00:00:00.000Z")
        }
        for milliseconds: Int64 in [Int64.max, Timestamp.latest.milliseconds + 1] {
            #expect(Timestamp(milliseconds: milliseconds).iso8601 == "9999-12-31T23:59:59.999Z")
        }
        let most = Duration(secondsComponent: .max, attosecondsComponent: 999_999_999_999_999_999)
        #expect(Timestamp.now.adding(most).milliseconds == .max)
        #expect(Timestamp.now.adding(.zero - most).milliseconds < Timestamp.earliest.milliseconds)
        #expect(Timestamp(milliseconds: .max).nextDay.milliseconds == .max)
        for seconds in [Double.greatestFiniteMagnitude, .infinity, 1e17] {
            #expect(Timestamp(Date(timeIntervalSince1970: seconds)) == .latest)
            #expect(Timestamp(Date(timeIntervalSince1970: -seconds)) == .earliest)
        }
        _ = Timestamp(Date(timeIntervalSince1970: .nan))
    }

    @Test("Durations are added to the millisecond")
    func adding() {
        let moment = Timestamp(milliseconds: 1_000)
        #expect(moment.adding(.milliseconds(1)).milliseconds == 1_001)
        #expect(moment.adding(.seconds(-2)).milliseconds == -1_000)
        #expect(moment.adding(.milliseconds(-1)).milliseconds == 999)
        let now = Timestamp.now.milliseconds
        #expect(abs(now - Int64(Date().timeIntervalSince1970 * 1000)) < 60_000)
    }
}
