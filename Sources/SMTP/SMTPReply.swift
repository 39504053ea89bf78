/// What a mail server answers: a code and its lines of text.
package struct SMTPReply: Sendable, Equatable {
    package let code: Int
    /// Without the code.
    package let lines: [String]

    /// The code, followed by the enhanced code (RFC 2034) if there is one. Safe to log, unlike the text, which may hold
    /// an address.
    package var summary: String {
        let first = lines.first?.split(separator: " ").first ?? ""
        return first.wholeMatch(of: /[245]\.\d{1,3}\.\d{1,3}/) == nil ? String(code) : "\(code) \(first)"
    }
}

/// Makes replies of bytes, as many as one reply may reasonably have.
package struct SMTPReplyParser {
    package enum Failure: Error { case notSMTP, tooLong }

    private static let longestLine = 4096
    private static let mostLines = 100

    private var line: [UInt8] = []
    private var code: Int?
    private var lines: [String] = []

    /// - Returns: the reply, when `byte` ends it.
    package mutating func take(_ byte: UInt8) throws(Failure) -> SMTPReply? {
        guard byte == UInt8(ascii: "\n") else {
            guard line.count < Self.longestLine else { throw .tooLong }
            line.append(byte)
            return nil
        }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        defer { line = [] }
        let text = String(decoding: line, as: UTF8.self)
        guard let match = text.wholeMatch(of: /([2-5]\d\d)(?:([ -])(.*))?/), let code = Int(match.1),
            self.code ?? code == code
        else { throw .notSMTP }
        lines.append(match.3.map(String.init) ?? "")
        guard lines.count <= Self.mostLines else { throw .tooLong }
        self.code = code
        if match.2 == "-" { return nil }
        defer {
            self.code = nil
            lines = []
        }
        return SMTPReply(code: code, lines: lines)
    }
}
