import Foundation
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform
@testable import SMTP

/// What goes over the wire: nothing that anyone wrote may become a header, a command or a second message.
@Suite struct MIMEMessageTests {
    private static let pieces = [
        "a", "Grüße", "বাংলা", "🦜", "é", "=?UTF-8?Q?x?=", "\"", "\\", ".", "..", "\t", "\r\n", "\n", "\r", "\0",
        "\u{2028}", "\u{85}", "\u{7F}", " ", String(repeating: "x", count: 80), "Bcc: x@example.com", "\r\n.\r\n",
    ]

    private static func texts(_ count: Int, seed: UInt64) -> [String] {
        var random = RandomJSON(seed: seed)
        return (0..<count).map { _ in (0..<random.below(12)).map { _ in random.pick(pieces) }.joined() }
    }

    private static func message(
        subject: String = "Hello", to: String = "alice@example.com", text: String = "text", html: String = "<p>"
    ) throws -> MIMEMessage {
        try MIMEMessage(
            from: #require(Mailbox("Mynah <no-reply@example.com>")), to: to, subject: subject, text: text, html: html,
            id: "id", date: Timestamp(milliseconds: 0))
    }

    /// What RFC 2047 says to show.
    private static func shown(_ header: String) throws -> String {
        guard header.hasPrefix("=?") else { return header }
        return try header.components(separatedBy: "\r\n ").map { word in
            let match = try #require(word.wholeMatch(of: /=\?UTF-8\?B\?([A-Za-z0-9+\/=]*)\?=/))
            #expect(word.utf8.count <= 75)
            let bytes = try #require(Data(base64Encoded: String(match.1)))
            return try #require(String(validating: bytes, as: UTF8.self))
        }.joined()
    }

    @Test("A subject of any kind is one header, and is shown as it was")
    func subjects() throws {
        for subject in Self.texts(2000, seed: 1) {
            guard MailHeader.isOneLine(subject) else {
                #expect(throws: MIMEMessage.Unfit.self) { try Self.message(subject: subject) }
                continue
            }
            #expect(try Self.shown(MailHeader.encoded(subject)) == subject)
            let text = String(decoding: try Self.message(subject: subject).bytes, as: UTF8.self)
            let head = try #require(text.components(separatedBy: "\r\n\r\n").first)
            let names = head.components(separatedBy: "\r\n").filter { !$0.hasPrefix(" ") }
                .compactMap { $0.split(separator: ":").first.map(String.init) }
            #expect(
                names == [
                    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
                ])
        }
    }

    @Test("No line end and no control character passes for a subject's own")
    func controls() {
        for scalar in (0..<0x20).map({ Unicode.Scalar($0)! }) + ["\u{7F}", "\u{85}", "\u{2028}", "\u{2029}"] {
            #expect(!MailHeader.isOneLine("a\(scalar)b"))
        }
    }

    @Test("What follows DATA ends once, has whole lines, and is what it was when its dots are taken off")
    func framing() {
        for text in Self.texts(3000, seed: 2) {
            let framed = SMTPData.framed(text.utf8)
            #expect(framed.suffix(3) == Array(".\r\n".utf8))
            for (index, byte) in framed.enumerated() {
                if byte == 13 { #expect(index + 1 < framed.count && framed[index + 1] == 10) }
                if byte == 10 { #expect(index > 0 && framed[index - 1] == 13) }
            }
            var lines = framed.split(separator: 10, omittingEmptySubsequences: false).dropLast().map { $0.dropLast() }
            #expect(lines.removeLast() == [46])
            #expect(!lines.contains([46]), "\(text.debugDescription) ends early")
            let read = lines.map { $0.first == 46 ? $0.dropFirst() : $0 }
                .reduce(into: [UInt8]()) { $0 += $1 + [13, 10] }
            let whole = SMTPData.lines(text.utf8)
            #expect(read == (whole.isEmpty || whole.last == 10 ? whole : whole + [13, 10]))
        }
    }

    @Test("Both parts come out as they went in, in short lines of ASCII")
    func parts() throws {
        let text = "নমস্কার\n.\n" + String(repeating: "long ", count: 500)
        let bytes = try Self.message(text: text, html: "<p>ü</p>").bytes
        #expect(bytes.allSatisfy { $0 < 128 })
        let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 78 || $0.hasPrefix("Content-Type:") })
        let boundary = try #require(lines.first { $0.hasPrefix("--") })
        let parts = lines.split { $0.hasPrefix(boundary) }.dropFirst().dropLast()
        let contents = try parts.map { part in
            let body = part.split(separator: "", maxSplits: 1).last!.joined()
            return String(decoding: try #require(Data(base64Encoded: body)), as: UTF8.self)
        }
        #expect(contents == [text.replacing("\n", with: "\r\n"), "<p>ü</p>"])
    }

    @Test(
        "An address that would break a header or a command is refused",
        arguments: [
            "a@example.com\r\nBcc: b@example.com", "a@example.com>", "<a@example.com", "a b@example.com", "a@b@c.de",
            "",
            "a@example.com\u{0}", "a>\u{0301}@example.com", "a@example.com>\u{0301}", "a@exam\u{2028}ple.com",
        ])
    func addresses(address: String) {
        #expect(throws: MIMEMessage.Unfit.self) { try Self.message(to: address) }
    }

    @Test(
        "MAIL_FROM is an address, with or without a name",
        arguments: [
            ("no-reply@example.com", "no-reply@example.com"),
            ("Mynah <no-reply@example.com>", "\"Mynah\" <no-reply@example.com>"),
            ("\"My, nah\" <no-reply@example.com>", "\"My, nah\" <no-reply@example.com>"),
            ("ময়না <no-reply@example.com>", "=?UTF-8?B?4Kau4Kav4Ka84Kao4Ka+?= <no-reply@example.com>"),
            ("Mynah", nil), ("Mynah <>", nil), ("Mynah <a@example.com", nil), ("a\r\nBcc: x <a@example.com>", nil),
        ] as [(String, String?)])
    func mailboxes(text: String, header: String?) {
        #expect(Mailbox(text)?.header == header)
    }

    @Test("The date is RFC 5322's")
    func date() {
        #expect(MailHeader.date(Timestamp(milliseconds: 1_000_000_000_000)) == "Sun, 09 Sep 2001 01:46:40 +0000")
    }

    @Test("What a server answers is read whole, and nothing but answers")
    func replies() throws {
        func read(_ text: String) throws -> [SMTPReply] {
            var parser = SMTPReplyParser()
            return try Array(text.utf8).compactMap { try parser.take($0) }
        }
        #expect(
            try read("250-a\r\n250 b\r\n354\n") == [
                SMTPReply(code: 250, lines: ["a", "b"]), SMTPReply(code: 354, lines: [""]),
            ])
        for text in ["hello\r\n", "25\r\n", "250a\r\n", "250-a\r\n251 b\r\n", "999 x\r\n", "\r\n"] {
            #expect(throws: SMTPReplyParser.Failure.notSMTP) { try read(text) }
        }
        #expect(throws: SMTPReplyParser.Failure.tooLong) { try read(String(repeating: "2", count: 5000)) }
        #expect(throws: SMTPReplyParser.Failure.tooLong) { try read(String(repeating: "250-x\r\n", count: 200)) }
        #expect(try read("550 5.1.1 <alice@example.com> unknown\r\n")[0].summary == "550 5.1.1")
        #expect(try read("550 <alice@example.com> unknown\r\n")[0].summary == "550")
    }

    @Test("Every letter says where its link leads and how long, in plain text and in HTML that fetches nothing")
    func letters() {
        for language in [MailJob.Language.english, .bengali] {
            for kind in [
                MailJob.Kind.verifyEmail, .changeEmail, .emailChanged, .resetPassword, .alreadyRegistered,
                .secondFactorRemoved,
            ] {
                let mail = MailJob(
                    kind: kind, userID: "u", recipient: "a@example.com", language: language, token: "the-token")
                let letter = MailContent(mail, server: "https://chat.example.com/a&b")
                #expect(MailHeader.isOneLine(letter.subject))
                #expect(letter.text.contains(letter.link.address) && letter.html.contains("&amp;b"))
                #expect(!letter.html.contains("a&b") && !letter.html.contains("src=") && !letter.html.contains("url("))
                #expect(letter.html.contains("lang=\"\(language.rawValue)\""))
                guard ![.emailChanged, .secondFactorRemoved].contains(kind) else { continue }
                let page = [.verifyEmail, .changeEmail].contains(kind) ? "verify" : "reset"
                #expect(letter.link.address == "https://chat.example.com/a&b/#/\(page)?token=the-token")
                #expect(letter.text.contains(/24|২৪|hour|ঘণ্টা/))
            }
        }
    }
}
