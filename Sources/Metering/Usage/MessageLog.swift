package import HTTPKit
import JSON
package import LLM
package import Platform

/// One exchange with a model: the caller, the model, time and tokens, and how it ended. Its id is the reply's, or the
/// request's if no conversation is kept, so that writing it twice leaves one row.
package struct MessageLog: Sendable {
    package enum Outcome: String, Choice {
        case complete, partial, failed
    }

    /// Who asked, as far as the call tells.
    package struct Asker: Sendable {
        package var userID: String?
        package var keyID: String?
        package var endUserID: String?
        /// An application's own name for its user, if the id is not known.
        package var externalID: String?
        /// Nil: the workspace's owner, who is looked up.
        package var payerID: String?

        package init(
            userID: String? = nil, keyID: String? = nil, endUserID: String? = nil, externalID: String? = nil,
            payerID: String? = nil
        ) {
            self.userID = userID
            self.keyID = keyID
            self.endUserID = endUserID
            self.externalID = externalID
            self.payerID = payerID
        }
    }

    /// What was said, in the form that is encrypted.
    package struct Content: Codable, Sendable, Equatable {
        package let question: String
        package let answer: String

        /// Maximum of each side, in bytes of UTF-8.
        package static let longest = 32_768

        package init(question: String, answer: String) {
            self.question = question.cut(to: Self.longest)
            self.answer = answer.cut(to: Self.longest)
        }
    }

    /// What it took, in the end.
    package struct Usage: Sendable {
        package var promptTokens: Int
        package var completionTokens: Int
        /// Cost in micro-units.
        package var cost: Int64
        /// Parts of the prompt.
        package var cachedTokens: Int
        package var cacheWriteTokens: Int
        /// A part of the completion.
        package var reasoningTokens: Int
        /// Searches that the vendor was asked for.
        package var searches = 0

        package init(
            promptTokens: Int = 0, completionTokens: Int = 0, cost: Int64 = 0, cachedTokens: Int = 0,
            cacheWriteTokens: Int = 0, reasoningTokens: Int = 0
        ) {
            self.promptTokens = promptTokens
            self.completionTokens = completionTokens
            self.cost = cost
            self.cachedTokens = cachedTokens
            self.cacheWriteTokens = cacheWriteTokens
            self.reasoningTokens = reasoningTokens
        }

        package init(_ usage: ChatUsage?, cost: Int64) {
            self.init(
                promptTokens: usage?.promptTokens ?? 0, completionTokens: usage?.completionTokens ?? 0, cost: cost,
                cachedTokens: usage?.cachedTokens ?? 0, cacheWriteTokens: usage?.cacheWriteTokens ?? 0,
                reasoningTokens: usage?.reasoningTokens ?? 0)
        }
    }

    package let id: String
    package let workspaceID: String
    package let chatbotID: String
    package let asker: Asker
    package var conversationID: String?
    package var messageID: String?
    package let requestID: String?
    /// Nil if the process that called has died.
    package let provider: String?
    package let model: String
    package var usage: Usage
    package let firstToken: Duration?
    package let total: Duration
    package let outcome: Outcome
    package let errorCode: String?
    /// Encrypted; nil if it is not kept.
    package let content: String?
    package let createdAt: Timestamp

    package init(
        id: String, workspaceID: String, chatbotID: String, asker: Asker, conversationID: String? = nil,
        messageID: String? = nil, requestID: String?, provider: String?, model: String, usage: Usage,
        firstToken: Duration?, total: Duration, outcome: Outcome, errorCode: String?, content: String?,
        createdAt: Timestamp
    ) {
        self.id = id
        self.workspaceID = workspaceID
        self.chatbotID = chatbotID
        self.asker = asker
        self.conversationID = conversationID
        self.messageID = messageID
        self.requestID = requestID
        self.provider = provider
        self.model = model
        self.usage = usage
        self.firstToken = firstToken
        self.total = total
        self.outcome = outcome
        self.errorCode = errorCode
        self.content = content
        self.createdAt = createdAt
    }
}

extension String {
    /// The longest beginning of so many bytes that splits no character's code.
    func cut(to bytes: Int) -> String {
        guard utf8.count > bytes else { return self }
        var end = utf8.index(startIndex, offsetBy: bytes)
        while UTF8.isContinuation(utf8[end]) { utf8.formIndex(before: &end) }
        return String(self[..<end])
    }
}

extension ChatMessage {
    /// What a log shows of it: pictures are left out.
    package var text: String { parts?.array?.compactMap { $0["text"]?.string }.joined(separator: "\n") ?? content }
}

extension MessageLog.Asker {
    package init(_ requester: TurnRequester, in tenant: Tenant, endUserID: String? = nil, externalID: String? = nil) {
        self.init(
            keyID: requester.key?.id, endUserID: requester.endUserID ?? endUserID, externalID: externalID)
        switch requester {
        case .user(let who):
            userID = who.caller.userID
            payerID = who.caller.personalWorkspaceID == tenant.workspaceID ? userID : nil
        case .application(let who, _): payerID = who.holder.ownerID
        case .visitor(let who, _): payerID = who.holder.ownerID
        }
    }
}
