package import Storage

/// Every migration in order: `mynah migrate` applies them, and `serve` does so before it listens. A new one is a new file
/// with the next number; one that was released is never edited.
package enum Migrations {
    package static let all: [Migration] = [
        firstConversation, keysAndContext, operators, plansAndCredits, records, visitorsShare, neighbours, invitations,
        keptAnswers, files, thoughtsAndUsage, backups, widgetSettings, responses, callPrices, attachments,
        fileTexts, knowledgeIndex, messageTree, citations, curatedAnswers, filePartOwners, replyAuthors, imports,
        messageSearch, pinnedConversations, shares, folders, writtenTitles,
    ]
}
