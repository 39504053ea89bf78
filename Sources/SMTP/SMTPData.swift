/// What follows the command DATA (RFC 5321, 4.5.2).
package enum SMTPData {
    /// Changes every line ending to CRLF, so that no server reads one message as two (SMTP smuggling).
    package static func lines(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        var isAfterReturn = false
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n"):
                if !isAfterReturn { out += [13, 10] }
            case UInt8(ascii: "\r"): out += [13, 10]
            default: out.append(byte)
            }
            isAfterReturn = byte == UInt8(ascii: "\r")
        }
        return out
    }

    /// With a second dot before each line that begins with one, and the line that ends it all.
    package static func framed(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        var isAtStart = true
        for byte in lines(bytes) {
            if isAtStart, byte == UInt8(ascii: ".") { out.append(byte) }
            out.append(byte)
            isAtStart = byte == UInt8(ascii: "\n")
        }
        if !isAtStart { out += [13, 10] }
        return out + Array(".\r\n".utf8)
    }
}
