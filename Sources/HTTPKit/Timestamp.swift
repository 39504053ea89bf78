package import Foundation

/// A moment in UTC, in whole milliseconds since 1970: what the database stores and ISO 8601 shows.
package struct Timestamp: Sendable, Hashable, Comparable, Codable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// The first and the last moment that ISO 8601 has four digits for.
    package static let earliest = Timestamp(milliseconds: -62_167_219_200_000)
    package static let latest = Timestamp(milliseconds: 253_402_300_799_999)

    package static var now: Timestamp { Timestamp(.now) }

    /// A moment that is no number, or is before the year 0 or after 9999, becomes the nearest one that is not.
    package init(_ date: Date) {
        let milliseconds = date.timeIntervalSince1970 * 1000
        let bounds = Double(Self.earliest.milliseconds)...Double(Self.latest.milliseconds)
        self.milliseconds = Int64(max(bounds.lowerBound, min(milliseconds, bounds.upperBound)))
    }

    /// Ends at the first or last moment that there is.
    package func adding(_ duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        let added = seconds.multipliedSaturated(by: 1000).addingSaturated(attoseconds / 1_000_000_000_000_000)
        return Timestamp(milliseconds: milliseconds.addingSaturated(added))
    }

    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

    /// `2026-01-31T12:34:56.789Z`, always 24 bytes; a moment beyond the years 0–9999 shows as their first or last one.
    package var iso8601: String {
        let milliseconds = max(Self.earliest.milliseconds, min(milliseconds, Self.latest.milliseconds))
        var days = milliseconds / 86_400_000
        var rest = milliseconds % 86_400_000
        if rest < 0 {
            rest += 86_400_000
            days -= 1
        }
        let (year, month, day) = Self.civil(days)
        let form: StaticString = "0000-00-00T00:00:00.000Z"
        return String(unsafeUninitializedCapacity: 24) { out in
            out.baseAddress!.initialize(from: form.utf8Start, count: 24)
            func put(_ value: Int, _ width: Int, at start: Int) {
                var value = value
                var position = start + width
                while position > start {
                    position -= 1
                    out[position] = UInt8(48 + value % 10)
                    value /= 10
                }
            }
            let seconds = Int(rest / 1000)
            put(year, 4, at: 0)
            put(month, 2, at: 5)
            put(day, 2, at: 8)
            put(seconds / 3600, 2, at: 11)
            put(seconds / 60 % 60, 2, at: 14)
            put(seconds % 60, 2, at: 17)
            put(Int(rest % 1000), 3, at: 20)
            return 24
        }
    }

    /// The proleptic Gregorian date of a day number (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    package static func civil(_ days: Int64) -> (year: Int, month: Int, day: Int) {
        let z = days + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (
            Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)), Int(month), Int(dayOfYear - (153 * shifted + 2) / 5 + 1)
        )
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = Timestamp(iso8601: text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a time like 2026-01-31T12:34:56Z"))
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(iso8601)
    }

    /// Reads `YYYY-MM-DDTHH:MM:SS[.fff]` with `Z` or an offset such as `+06:00`. Nil if it is none within the years 0–9999.
    package init?(iso8601 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 35 else { return nil }
        func number(_ start: Int, _ width: Int) -> Int64? {
            guard start + width <= bytes.count else { return nil }
            var value: Int64 = 0
            for byte in bytes[start..<start + width] {
                guard (48...57).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 48)
            }
            return value
        }
        func sign(_ position: Int, _ character: Character) -> Bool { bytes[position] == character.asciiValue }
        guard let year = number(0, 4), sign(4, "-"), let month = number(5, 2), sign(7, "-"), let day = number(8, 2),
            sign(10, "T") || sign(10, "t"), let hour = number(11, 2), sign(13, ":"), let minute = number(14, 2),
            sign(16, ":"), let second = number(17, 2),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        var position = 19
        var fraction: Int64 = 0
        if sign(position, ".") {
            position += 1
            var scale: Int64 = 100
            let start = position
            while position < bytes.count, (48...57).contains(bytes[position]) {
                fraction += Int64(bytes[position] - 48) * scale
                scale /= 10
                position += 1
            }
            guard position > start else { return nil }
        }
        guard position < bytes.count else { return nil }
        var offset: Int64 = 0
        if sign(position, "Z") || sign(position, "z") {
            position += 1
        } else {
            guard sign(position, "+") || sign(position, "-"), let hours = number(position + 1, 2),
                let minutes = number(position + 4, 2), sign(position + 3, ":"), hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * (sign(position, "-") ? -1 : 1)
            position += 6
        }
        guard position == bytes.count else { return nil }
        let shiftedYear = year - (month <= 2 ? 1 : 0)
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        // A day that its month does not have would come out as one of the next month's.
        guard Self.civil(days).day == Int(day) else { return nil }
        milliseconds = (((days * 24 + hour) * 60 + minute - offset) * 60 + second) * 1000 + fraction
        // An offset leads out of the years that can be written: `0000-01-01T00:00:00+01:00`.
        guard (Self.earliest...Self.latest).contains(self) else { return nil }
    }
}
