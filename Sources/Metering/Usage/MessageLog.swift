import HTTPKit
import JSON
import LLM

/// One exchange with a model: who asked whom, what it took, and how it ended. Its id is that of the reply, or of the
/// request where no conversation is kept, so that what is written twice stands once.
struct MessageLog: Sendable {
    enum Outcome: String, Choice {
        case complete, partial, failed
    }

    /// Who asked, as far as the call tells.
    struct Asker: Sendable {
        var userID: String?
        var keyID: String?
        var endUserID: String?
        /// An application's own name for the one it asks for, where the id is not known.
        var externalID: String?
        /// Nil: the workspace's owner, who is looked up.
        var payerID: String?
    }

    /// What was said, in the form that is encrypted.
    struct Content: Codable, Sendable, Equatable {
        let question: String
        let answer: String

        /// In bytes of UTF-8, of each side.
        static let longest = 32_768

        init(question: String, answer: String) {
            self.question = question.cut(to: Self.longest)
            self.answer = answer.cut(to: Self.longest)
        }
    }

    /// What it took, in the end.
    struct Usage: Sendable {
        var promptTokens = 0
        var completionTokens = 0
        /// In micro-units.
        var cost: Int64 = 0
    }

    let id: String
    let workspaceID: String
    let chatbotID: String
    let asker: Asker
    var conversationID: String?
    var messageID: String?
    let requestID: String?
    /// Nil where the process that asked has died.
    let provider: String?
    let model: String
    var usage: Usage
    let firstToken: Duration?
    let total: Duration
    let outcome: Outcome
    let errorCode: String?
    /// Encrypted; nil where it is not kept.
    let content: String?
    let createdAt: Timestamp
}

/// What is seen of a call of a model while it runs.
struct Exchange: Sendable {
    let beganAt = Timestamp.now
    private let start = ContinuousClock.now
    /// The model that was asked last, under the names that it is asked by.
    private(set) var target: Gateway.Target
    private(set) var firstToken: Duration?
    /// As far as a log keeps it.
    private(set) var answer = ""
    /// The last call of a model; nil before the first.
    private(set) var call: CallProgress?

    init(asking target: Gateway.Target) { self.target = target }

    var total: Duration { ContinuousClock.now - start }

    mutating func asks(_ target: Gateway.Target) {
        self.target = target
        call = CallProgress(of: target)
    }

    mutating func fails() { call?.isRunning = false }

    mutating func receives(_ event: ChatEvent) {
        call?.receives(event)
        guard event.isAnswer else { return }
        if firstToken == nil { firstToken = total }
        guard answer.utf8.count < MessageLog.Content.longest else { return }
        switch event {
        case .delta(let text), .refusal(let text): answer += text
        case .toolCalls(let calls): answer += String(decoding: calls.serialized(), as: UTF8.self)
        case .logprobs, .thoughts: break
        }
    }
}

extension String {
    /// The longest beginning of so many bytes that splits no character's code.
    fileprivate func cut(to bytes: Int) -> String {
        guard utf8.count > bytes else { return self }
        var end = utf8.index(startIndex, offsetBy: bytes)
        while UTF8.isContinuation(utf8[end]) { utf8.formIndex(before: &end) }
        return String(self[..<end])
    }
}

extension ChatMessage {
    /// What a log shows of it: pictures are left out.
    var text: String { parts?.array?.compactMap { $0["text"]?.string }.joined(separator: "\n") ?? content }
}

extension MessageLog.Asker {
    init(_ speaker: Speaker, in tenant: Tenant, endUserID: String? = nil, externalID: String? = nil) {
        self.init(
            keyID: speaker.key?.id, endUserID: speaker.endUserID ?? endUserID, externalID: externalID)
        switch speaker {
        case .user(let who):
            userID = who.caller.userID
            payerID = who.caller.personalWorkspaceID == tenant.workspaceID ? userID : nil
        case .application(let who, _): payerID = who.holder.ownerID
        case .visitor(let who, _): payerID = who.holder.ownerID
        }
    }
}
