import Crypto
import Foundation

/// Amazon's Signature Version 4 for requests whose body is known before they are sent.
struct S3Signature {
    let region: String
    let accessKey: String
    let secretKey: String
    var service = "s3"

    struct Request {
        let method: String
        /// As in the `Host` header.
        let host: String
        /// Escaped as it is sent.
        let path: String
        /// Not escaped. Each name at most once.
        let query: [(name: String, value: String)]
        let headers: [(name: String, value: String)]
        /// SHA-256 of the body in hexadecimal.
        let bodyHash: String

        init(
            method: String, host: String, path: String, query: [(name: String, value: String)] = [],
            headers: [(name: String, value: String)] = [], bodyHash: String
        ) {
            self.method = method
            self.host = host
            self.path = path
            self.query = query
            self.headers = headers
            self.bodyHash = bodyHash
        }

        /// Sorted and escaped, as it is both signed and sent.
        var escapedQuery: String {
            query.map { (S3Signature.escape($0.name), S3Signature.escape($0.value)) }
                .sorted { $0.0 < $1.0 }.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
        }
    }

    /// Returns the headers to send beside `Host`.
    func headers(for request: Request, at date: Date) -> [(name: String, value: String)] {
        let time = Self.time(date)
        let day = String(time.prefix(8))
        let added = [("x-amz-content-sha256", request.bodyHash), ("x-amz-date", time)]
        let signed = ([("host", request.host)] + request.headers.map { ($0.name.lowercased(), $0.value) } + added)
            .sorted { $0.0 < $1.0 }
        let names = signed.map(\.0).joined(separator: ";")
        let canonical = [
            request.method, request.path, request.escapedQuery,
            signed.map { "\($0.0):\(Self.trimmed($0.1))\n" }.joined(), names, request.bodyHash,
        ].joined(separator: "\n")
        let scope = "\(day)/\(region)/\(service)/aws4_request"
        let text = ["AWS4-HMAC-SHA256", time, scope, Self.hash(Array(canonical.utf8))].joined(separator: "\n")
        let key = [day, region, service, "aws4_request"].reduce(Array("AWS4\(secretKey)".utf8)) { Self.mac($1, $0) }
        let signature = Self.mac(text, key).hexadecimal
        let authorization =
            "AWS4-HMAC-SHA256 Credential=\(accessKey)/\(scope), SignedHeaders=\(names), Signature=\(signature)"
        return request.headers + added.map { (name: $0.0, value: $0.1) }
            + [(name: "Authorization", value: authorization)]
    }

    static func hash(_ bytes: [UInt8]) -> String { SHA256.hash(data: bytes).hexadecimal }

    /// All but the unreserved characters of RFC 3986 is escaped, by UTF-8 bytes in upper case.
    static func escape(_ text: String, keepingSlashes: Bool = false) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: "/") where keepingSlashes: out += "/"
            default: out += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return out
    }

    /// Blanks around a header's value do not count, and several within are one.
    private static func trimmed(_ value: String) -> String {
        value.split(separator: " ").joined(separator: " ")
    }

    /// `20260131T123456Z`.
    private static func time(_ date: Date) -> String {
        let parts = Calendar.utc.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        func two(_ number: Int?) -> String { (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }
        return "\(parts.year ?? 0)\(two(parts.month))\(two(parts.day))T"
            + "\(two(parts.hour))\(two(parts.minute))\(two(parts.second))Z"
    }

    private static func mac(_ text: String, _ key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
    }
}

extension Calendar {
    fileprivate static let utc: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }()
}
