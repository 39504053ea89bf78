import Foundation
import HTTPKit

/// An e-mail address with an optional display name, as in `MAIL_FROM`.
package struct Mailbox: Sendable, Equatable {
    package let name: String?
    package let address: String

    /// Parses `Mynah <no-reply@example.com>` or the address alone. Fails if the text is neither.
    package init?(_ text: String) {
        let text = text.trimmingCharacters(in: .whitespaces)
        guard text.hasSuffix(">"), let start = text.lastIndex(of: "<") else {
            self.init(name: nil, address: text)
            return
        }
        let name = text[..<start].trimmingCharacters(in: .whitespaces).trimmingCharacters(in: ["\""])
        self.init(name: name.isEmpty ? nil : name, address: String(text[text.index(after: start)...].dropLast()))
    }

    private init?(name: String?, address: String) {
        guard Email.isValid(address), name.map(MailHeader.isOneLine) ?? true else { return nil }
        self.name = name
        self.address = address
    }

    package var domain: String { String(address[address.index(after: address.lastIndex(of: "@")!)...]) }

    package var header: String {
        guard let name else { return address }
        let isPlain = name.utf8.allSatisfy {
            $0 >= 32 && $0 < 127 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        return (isPlain ? "\"\(name)\"" : MailHeader.encoded(name)) + " <\(address)>"
    }
}
