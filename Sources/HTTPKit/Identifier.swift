import Synchronization

/// UUID version 7 (RFC 9562): ordered by time, and within one process also by creation, so that ids page lists.
package enum Identifier {
    private static let last = Mutex<(milliseconds: Int64, counter: UInt16)>((0, 0))

    package static func make() -> String {
        let (time, counter) = last.withLock { last in
            let now = Timestamp.now.milliseconds
            if now > last.milliseconds {
                last = (now, UInt16.random(in: 0..<0x400))
            } else if last.counter < 0xFFF {
                last.counter += 1
            } else {
                last = (last.milliseconds + 1, 0)
            }
            return last
        }
        let high = UInt64(time) << 16 | 0x7000 | UInt64(counter)
        let low = UInt64.random(in: 0...UInt64.max) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return String(unsafeUninitializedCapacity: 36) { out in
            var position = 0
            for (value, shifts) in [
                (high, stride(from: 60, through: 0, by: -4)), (low, stride(from: 60, through: 0, by: -4)),
            ] {
                for shift in shifts {
                    if position == 8 || position == 13 || position == 18 || position == 23 {
                        out[position] = UInt8(ascii: "-")
                        position += 1
                    }
                    let digit = UInt8(truncatingIfNeeded: value >> UInt64(shift)) & 0xF
                    out[position] = digit < 10 ? 48 + digit : 87 + digit
                    position += 1
                }
            }
            return 36
        }
    }
}

/// Random bytes from the system's generator, as text.
package enum RandomText {
    package static func make(bytes count: Int) -> String { Base64URL.encode(bytes(count)) }

    /// Letters and digits alone, so that a double click selects all of it.
    package static func makeHex(bytes count: Int) -> String {
        bytes(count).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    package static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
}
