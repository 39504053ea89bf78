/// A ZIP archive for tests, whose entries can say what is not true.
package enum ZipBytes {
    /// - Parameter method: how the contents are compressed already.
    package static func make(
        _ entries: [(name: String, content: [UInt8])], method: UInt16 = 0, flags: UInt16 = 0, crc: UInt32? = nil,
        expanded: Int? = nil
    ) -> [UInt8] {
        var (archive, directory) = ([UInt8](), [UInt8]())
        for (name, content) in entries {
            let offset = archive.count
            // Version, flags, method, time and date, checksum, sizes, lengths of the name and of what is added to it.
            var fields: [UInt8] = []
            for (number, width) in [
                (20, 2), (Int(flags), 2), (Int(method), 2), (0, 4), (Int(crc ?? checksum(content)), 4),
                (content.count, 4),
                (expanded ?? content.count, 4), (name.utf8.count, 2), (0, 2),
            ] {
                fields += bytes(number, width)
            }
            archive += bytes(0x0403_4B50, 4) + fields + Array(name.utf8) + content
            directory += bytes(0x0201_4B50, 4) + bytes(20, 2) + fields + bytes(0, 2) + bytes(0, 2) + bytes(0, 2)
            directory += bytes(0, 4) + bytes(offset, 4) + Array(name.utf8)
        }
        var end: [UInt8] = []
        for (number, width) in [
            (0x0605_4B50, 4), (0, 4), (entries.count, 2), (entries.count, 2), (directory.count, 4), (archive.count, 4),
            (0, 2),
        ] {
            end += bytes(number, width)
        }
        return archive + directory + end
    }

    package static func make(
        _ entries: [(name: String, text: String)], method: UInt16 = 0, flags: UInt16 = 0, crc: UInt32? = nil
    ) -> [UInt8] {
        make(entries.map { ($0.name, Array($0.text.utf8)) }, method: method, flags: flags, crc: crc)
    }

    private static func bytes(_ number: some BinaryInteger, _ width: Int) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: UInt64(number) >> UInt64(8 * $0)) }
    }

    /// CRC-32.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 {
                let isOdd = crc & 1 == 1
                crc >>= 1
                if isOdd { crc ^= 0xEDB8_8320 }
            }
        }
        return ~crc
    }
}
