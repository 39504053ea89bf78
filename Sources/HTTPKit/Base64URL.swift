import Foundation

/// Base64 in the URL-safe alphabet without padding (RFC 4648, section 5).
package enum Base64URL {
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        let plain = Data(bytes).base64EncodedData()
        return String(unsafeUninitializedCapacity: plain.count) { out in
            plain.withUnsafeBytes { plain in
                var count = 0
                for byte in plain where byte != UInt8(ascii: "=") {
                    out[count] =
                        switch byte {
                        case UInt8(ascii: "+"): UInt8(ascii: "-")
                        case UInt8(ascii: "/"): UInt8(ascii: "_")
                        default: byte
                        }
                    count += 1
                }
                return count
            }
        }
    }

    package static func decode(_ text: String) -> [UInt8]? {
        var plain = Data(capacity: text.utf8.count + 3)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "-"): plain.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): plain.append(UInt8(ascii: "/"))
            case 48...57, 65...90, 97...122: plain.append(byte)
            default: return nil
            }
        }
        plain.append(contentsOf: repeatElement(UInt8(ascii: "="), count: (4 - plain.count % 4) % 4))
        return Data(base64Encoded: plain).map(Array.init)
    }
}
