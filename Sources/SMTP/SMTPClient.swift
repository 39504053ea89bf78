import Foundation
import NIOCore
import NIOSSL

/// Why a mail server did not take a mail, without what may be in its answer: addresses.
package struct SMTPFailure: Error, CustomStringConvertible, Equatable {
    /// The command that failed.
    package let step: String
    package let reason: String
    /// Another try would fail as well.
    package let isPermanent: Bool

    package var description: String { "\(step): \(reason)" }
}

/// Hands mail to the server of `SMTP_URL` (RFC 5321), one connection a mail.
package struct SMTPClient: Sendable {
    package let settings: SMTPSettings
    /// How this side names itself.
    package let name: String
    private let tls: NIOSSLContext?

    package init(_ settings: SMTPSettings, name: String) throws {
        self.settings = settings
        self.name = name
        guard settings.security != .none else {
            tls = nil
            return
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let path = settings.certificates { configuration.trustRoots = .file(path) }
        tls = try NIOSSLContext(configuration: configuration)
    }

    package func send(_ message: MIMEMessage) async throws(SMTPFailure) {
        try await connected { conversation throws(SMTPFailure) in
            var options = ""
            if message.needsUTF8 {
                guard conversation.offers("SMTPUTF8") else {
                    throw SMTPFailure(
                        step: "EHLO", reason: "the server takes no addresses outside ASCII", isPermanent: true)
                }
                options = conversation.offers("8BITMIME") ? " BODY=8BITMIME SMTPUTF8" : " SMTPUTF8"
            }
            try await conversation.say("MAIL FROM:<\(message.sender)>\(options)", step: "MAIL")
            try await conversation.say("RCPT TO:<\(message.recipient)>", step: "RCPT")
            try await conversation.say("DATA", expecting: 354)
            try await conversation.ask(ByteBuffer(bytes: SMTPData.framed(message.bytes)), step: "the message")
        }
    }

    /// Whether mail could be handed over: all but the mail.
    package func check() async throws(SMTPFailure) { try await connected { _ throws(SMTPFailure) in } }

    private func connected(
        _ body: (inout SMTPConversation) async throws(SMTPFailure) -> Void
    ) async throws(SMTPFailure) {
        var conversation = SMTPConversation(
            connection: try await SMTPConversation.reading("connecting") { try await SMTPConnection.open(settings) })
        let connection = conversation.connection
        let result: Result<Void, SMTPFailure> = await withTaskCancellationHandler {
            do throws(SMTPFailure) {
                try await greet(&conversation)
                try await body(&conversation)
                return .success(())
            } catch {
                return .failure(error)
            }
        } onCancel: {
            connection.run { $0.close() }
        }
        connection.run { $0.close() }
        try result.get()
    }

    private func greet(_ conversation: inout SMTPConversation) async throws(SMTPFailure) {
        try await conversation.begin(settings.security == .tls ? tls : nil)
        try await conversation.hello(name)
        if settings.security == .startTLS {
            guard conversation.offers("STARTTLS") else {
                throw SMTPFailure(step: "EHLO", reason: "the server offers no STARTTLS", isPermanent: false)
            }
            try await conversation.say("STARTTLS")
            try await conversation.secure(tls!)
            try await conversation.hello(name)
        }
        guard let credentials = settings.credentials else { return }
        if conversation.offers("AUTH", "PLAIN") {
            try await conversation.say(
                "AUTH PLAIN " + Self.base64("\0\(credentials.user)\0\(credentials.password)"), step: "AUTH")
        } else if conversation.offers("AUTH", "LOGIN") {
            try await conversation.say("AUTH LOGIN", step: "AUTH", expecting: 334)
            try await conversation.say(Self.base64(credentials.user), step: "AUTH", expecting: 334)
            try await conversation.say(Self.base64(credentials.password), step: "AUTH")
        } else {
            throw SMTPFailure(
                step: "EHLO", reason: "the server offers neither AUTH PLAIN nor LOGIN", isPermanent: false)
        }
    }

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
}

/// What has been said on one connection, and what the server offers.
private struct SMTPConversation {
    let connection: NIOLoopBound<SMTPConnection>
    /// The server's extensions, in capitals, with their parameters.
    private var offered: [[Substring]] = []

    init(connection: NIOLoopBound<SMTPConnection>) { self.connection = connection }

    func offers(_ name: Substring, _ parameter: Substring? = nil) -> Bool {
        offered.contains { $0.first == name && (parameter.map($0.dropFirst().contains) ?? true) }
    }

    func begin(_ tls: NIOSSLContext?) async throws(SMTPFailure) {
        let step = "the greeting"
        try Self.check(try await Self.reading(step) { try await connection.call { $0.greeting(tls) } }, step)
    }

    mutating func hello(_ name: String) async throws(SMTPFailure) {
        offered = try await say("EHLO \(name)", step: "EHLO").lines.dropFirst().map {
            $0.uppercased().split(separator: " ")
        }
    }

    @discardableResult
    func say(_ command: String, step: String? = nil, expecting code: Int? = nil) async throws(SMTPFailure) -> SMTPReply
    {
        try await ask(ByteBuffer(string: command + "\r\n"), step: step ?? command, expecting: code)
    }

    /// - Parameter code: the expected code; any code of success (200–299) if nil.
    @discardableResult
    func ask(_ command: ByteBuffer, step: String, expecting code: Int? = nil) async throws(SMTPFailure) -> SMTPReply {
        let reply = try await Self.reading(step) { try await connection.call { $0.exchange(command) } }
        try Self.check(reply, step, expecting: code)
        return reply
    }

    private static func check(_ reply: SMTPReply, _ step: String, expecting code: Int? = nil) throws(SMTPFailure) {
        guard code.map({ reply.code == $0 }) ?? (200..<300).contains(reply.code) else {
            throw SMTPFailure(step: step, reason: "answered \(reply.summary)", isPermanent: reply.code >= 500)
        }
    }

    func secure(_ tls: NIOSSLContext) async throws(SMTPFailure) {
        try await Self.reading("TLS") { try await connection.call { $0.secure(tls) } }
    }

    static func reading<Value>(
        _ step: String, _ body: () async throws -> Value
    ) async throws(SMTPFailure) -> Value {
        do {
            return try await body()
        } catch let error as SMTPFailure {
            throw error
        } catch {
            let reason =
                switch error {
                case SMTPConnection.Failure.closed: "the server closed the connection"
                case SMTPConnection.Failure.timeout: "no answer in time"
                case SMTPConnection.Failure.unasked: "the server spoke out of turn"
                case SMTPConnection.Failure.certificateOfAnother: "the certificate is not for this host"
                case SMTPReplyParser.Failure.notSMTP: "the answer is not SMTP"
                case SMTPReplyParser.Failure.tooLong: "the answer is too long"
                case let error as ChannelError: "\(error)"
                case is NIOSSLError: "TLS failed: \(error)"
                default: "\(error)"
                }
            throw SMTPFailure(step: step, reason: reason, isPermanent: false)
        }
    }
}

extension NIOLoopBound where Value == SMTPConnection {
    fileprivate func run(_ body: @escaping @Sendable (SMTPConnection) -> Void) {
        eventLoop.execute { body(value) }
    }

    fileprivate func call<Answer: Sendable>(
        _ body: @escaping @Sendable (SMTPConnection) -> EventLoopFuture<Answer>
    ) async throws -> Answer {
        try await eventLoop.flatSubmit { body(value) }.get()
    }
}
