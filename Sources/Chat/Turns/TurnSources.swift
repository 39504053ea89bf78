import HTTPKit
package import Knowledge
package import LLM
package import Logging
package import Metering
import ModelCalls
package import Platform

/// The sources of one turn: the files that its chatbot knows.
package struct TurnSources: Sendable {
    /// A turn does not wait longer for the model that finds by meaning: then words alone find.
    private static let patience = Duration.seconds(8)
    /// Unicode scalars of the message, and of the user's message before it, that are looked for as they stand.
    private static let longest = (message: 1500, before: 400)

    private let room: SourceRoom?
    private let question: KnowledgeSearch.Question
    private let rewriting: Rewriting?

    /// - Parameters:
    ///   - room: Nil if the model has none for sources.
    ///   - conversation: Oldest first, the message last.
    package init(
        room: SourceRoom?, _ requester: TurnRequester, in tenant: Tenant, chatbotID: String,
        conversation: [ChatMessage], by choice: ModelChoice
    ) {
        let asked = conversation.filter { $0.role == .user }.suffix(2).map(\.text)
        let text = asked.last?.beginning(Self.longest.message) ?? ""
        let before = asked.count < 2 ? "" : "\n" + asked[0].beginning(Self.longest.before)
        self.room = room
        rewriting = Rewriting(conversation, by: choice)
        question = KnowledgeSearch.Question(
            text + before, requester.scope,
            EmbeddingCaller(requester, in: tenant, chatbotID: chatbotID, isMessage: false),
            requestID: requester.call.id, patience: Self.patience)
    }

    /// Returns none if the search fails: the turn goes on without.
    package func find(by search: KnowledgeSearch, _ logger: Logger) async -> [Source] {
        guard let room else { return [] }
        do {
            return try await search.sources(for: question, room: room, rewriting: rewriting)
        } catch {
            if !Task.isCancelled {
                logger.warning("a reply is made without its sources", metadata: ["cause": "\(error)"])
            }
            return []
        }
    }
}

/// Writes what a model answers into a reply, with its citations if it has sources.
struct ReplyWriter {
    private let reply: RunningReply
    private let sources: [Source]
    private var scanner: CitationScanner?
    /// What is shown in place of a text that cites nothing; nil if any text may be shown.
    private let unsourced: String?
    /// What came before the first citation, as long as nothing else may be shown.
    private var held = ""

    /// - Parameter sources: Nil if the chatbot knows no files.
    init(_ reply: RunningReply, _ sources: [Source]?, unsourced: String? = nil) {
        self.reply = reply
        self.sources = sources ?? []
        self.unsourced = sources == nil ? nil : unsourced
        scanner = sources.map { CitationScanner(sources: $0.count) }
    }

    mutating func write(_ text: String) {
        guard scanner != nil else { return reply.append(text) }
        let known = scanner?.uses.count ?? 0
        // PostgreSQL takes no NUL, and places are counted in bytes without it.
        let shown = scanner?.add(text.replacing("\0", with: "")) ?? ""
        append(shown, after: known)
    }

    /// - Parameter isWhole: Whether the model ended its answer itself.
    mutating func finish(isWhole: Bool) {
        let known = scanner?.uses.count ?? 0
        append(scanner?.finish() ?? "", after: known)
        if isWhole, let unsourced, scanner?.uses.isEmpty == true { reply.append(unsourced) }
    }

    private mutating func append(_ text: String, after known: Int) {
        guard unsourced == nil || scanner?.uses.isEmpty == false else {
            held += text
            return
        }
        let text = held + text
        held = ""
        let uses = scanner?.uses.dropFirst(known) ?? []
        reply.append(text, citing: uses.map { ($0.offset, Citation(sources[$0.number - 1])) })
    }
}
