import Crypto
import Foundation
package import HTTPKit
import Platform

/// Time-based one-time passwords (RFC 6238) as authenticator apps make them: SHA-1, 30 seconds, six digits.
package struct TOTP: Sendable {
    package static let period: Int64 = 30
    /// Clocks differ: a code of the step before or after is taken too.
    private static let drift: Int64 = 1

    package let secret: [UInt8]

    package static func step(at time: Timestamp) -> Int64 { time.milliseconds / 1000 / period }

    package func code(step: Int64) -> String {
        let counter = withUnsafeBytes(of: step.bigEndian) { Array($0) }
        let mac = Array(
            HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: secret)))
        let offset = Int(mac[mac.count - 1] & 0xF)
        let number = mac[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let digits = String(number % 1_000_000)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// The step that the code belongs to; nil if the code is not valid now.
    package func step(of code: String, now: Timestamp) -> Int64? {
        let current = Self.step(at: now)
        return (current - Self.drift...current + Self.drift).last { self.code(step: $0) == code }
    }

    /// What an authenticator app scans.
    package func uri(account: String) -> String {
        let label = account.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "otpauth://totp/Mynah:\(label)?secret=\(Base32.encode(secret))&issuer=Mynah&algorithm=SHA1&digits=6"
            + "&period=\(Self.period)"
    }
}

/// Base32 (RFC 4648) without padding.
package enum Base32 {
    package static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var out: [UInt8] = []
        var (buffer, bits) = (UInt32(0), 0)
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                out.append(alphabet[Int(buffer >> UInt32(bits) & 31)])
            }
            buffer &= 0xFF
        }
        if bits > 0 { out.append(alphabet[Int(buffer << UInt32(5 - bits) & 31)]) }
        return String(decoding: out, as: UTF8.self)
    }
}

extension Rule {
    package static let secondFactorCode = Rule.text(
        1...40, note: "Where a second factor is on: what the authenticator shows, or a recovery code.")
}

/// A second factor: an authenticator's secret, and codes for when the authenticator is lost.
package enum SecondFactor {
    package static let recoveryCodes = 10
    private static let recoveryBytes = 10

    /// Whether one is asked for. One that is not confirmed yet is none.
    package struct State: JSONOutput {
        package let enabled: Bool
        package let since: Timestamp?
        /// Those that have not been used.
        package let recoveryCodesLeft: Int
    }

    /// What the authenticator needs: shown once.
    package struct Offer: JSONOutput {
        package let secret: String
        package let otpauthURI: String
    }

    /// Each of them stands in for one code of the authenticator, once.
    package struct RecoveryCodes: JSONOutput {
        package let recoveryCodes: [String]
    }

    /// As long as HMAC's hash, as RFC 4226 recommends.
    package static func makeSecret() -> [UInt8] { RandomText.bytes(20) }

    /// `ABCD-EFGH-IJKL-MNOP`: 80 bits, so that the plain hash of one tells nothing.
    package static func makeRecoveryCode() -> String {
        let text = Base32.encode(RandomText.bytes(recoveryBytes))
        return stride(from: 0, to: text.count, by: 4).map { String(text.dropFirst($0).prefix(4)) }
            .joined(separator: "-")
    }

    /// As people type it: spaces, hyphens and lower case make no difference.
    package static func typed(_ code: String) -> String { code.uppercased().filter { $0 != " " && $0 != "-" } }

    package static func hash(recoveryCode: String) -> [UInt8] { Secrets.hash(typed(recoveryCode)) }
}
