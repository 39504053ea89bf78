package import Chatbots
import HTTPKit
package import Platform
import Storage

/// The files that a call attaches to its message.
package struct TurnAttachments: Sendable {
    var references: [Attachment.Reference] = []
    /// The uploads among them.
    var uploads: [ReadableFile] = []
    /// Who stored the uploads.
    var owner: FileOwner?

    /// The files, read from the conversation unless they are uploads. Throws `not_found` if one is not there.
    func files(_ tx: Transaction, in tenant: Tenant, conversationID: String?) throws -> [ReadableFile] {
        try references.map { reference in
            if let upload = uploads.first(where: { $0.id == reference.uploadID }) { return upload }
            guard let conversationID, let id = reference.fileID, Identifier.isPlausible(id) else {
                throw Attachment.missing
            }
            do {
                return try ReadableFile(
                    tx, StoredFile.find(tx, in: tenant, .conversation(conversationID), id: id))
            } catch let error as APIError where error.code == .notFound {
                throw Attachment.missing
            }
        }
    }

    /// Makes the uploads files of the conversation, and gives the message all of them. The caller holds the conversation's
    /// row.
    func attach(
        _ tx: Transaction, in tenant: Tenant, conversationID: String, messageID: String
    ) throws -> [Attachment]? {
        guard let owner, !references.isEmpty else { return nil }
        if !uploads.isEmpty {
            try Attachment.requireRoom(tx, in: tenant, conversationID: conversationID, for: uploads.count)
        }
        let ids = try references.map { reference in
            if let id = reference.fileID { return id }
            return try StoredFile.create(
                tx, in: tenant, .conversation(conversationID), from: reference.uploadID ?? "", by: owner, now: .now
            ).id
        }
        try Attachment.attach(tx, in: tenant, conversationID: conversationID, messageID: messageID, fileIDs: ids)
        return try Attachment.files(tx, in: tenant, ofMessages: [messageID])[messageID, default: []].map {
            Attachment($0)
        }
    }
}

extension FileOwner {
    package init(_ requester: TurnRequester) {
        switch requester {
        case .user(let who): self.init(UserOrKey.user(who))
        case .application(let who, _): self.init(UserOrKey.key(who))
        case .visitor(let who, let endUserID): self.init(who, endUserID: endUserID)
        }
    }
}
