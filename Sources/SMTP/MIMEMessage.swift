import Foundation
package import HTTPKit

/// A letter as it goes over the wire: plain text, and the same as HTML.
package struct MIMEMessage: Sendable {
    package struct Unfit: Error {}

    package let sender: String
    package let recipient: String
    /// Lines that end with CRLF and are ASCII, but for an address that is not.
    package let bytes: [UInt8]

    /// - Throws: `Unfit` if an address, the subject or the id could break a header.
    package init(
        from sender: Mailbox, to recipient: String, subject: String, text: String, html: String, id: String,
        date: Timestamp
    ) throws(Unfit) {
        guard Email.isValid(recipient), MailHeader.isOneLine(subject), MailHeader.isOneLine(id) else { throw Unfit() }
        self.sender = sender.address
        self.recipient = recipient
        let boundary = "=_\(RandomText.makeHex(bytes: 16))"
        let parts = [("plain", text), ("html", html)].map { type, content in
            """
            --\(boundary)
            Content-Type: text/\(type); charset=utf-8
            Content-Transfer-Encoding: base64

            \(Self.base64(content))
            """
        }
        let all = """
            From: \(sender.header)
            To: \(recipient)
            Subject: \(MailHeader.encoded(subject))
            Date: \(MailHeader.date(date))
            Message-ID: <\(id)@\(sender.domain)>
            Auto-Submitted: auto-generated
            MIME-Version: 1.0
            Content-Type: multipart/alternative; boundary="\(boundary)"

            \(parts.joined(separator: "\n"))
            --\(boundary)--

            """
        bytes = SMTPData.lines(all.utf8)
    }

    /// Whether the mail server must be one that takes addresses outside ASCII (RFC 6531).
    package var needsUTF8: Bool { !(sender + recipient).utf8.allSatisfy { $0 < 128 } }

    private static func base64(_ text: String) -> String {
        Data(SMTPData.lines(text.utf8)).base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed])
    }
}
