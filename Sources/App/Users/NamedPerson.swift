import Storage

/// Someone whom a path names: an account, or one of a chatbot's end users, who goes by the application's own id.
enum NamedPerson: Sendable {
    case account(User, encryptedDetails: String?)
    case endUser(EndUser)

    /// For a user, itself, as `me` or by its id. For a chatbot's key, the chatbot's end users, the user who made the key and
    /// the owner of its workspace, for whom it speaks.
    static func find(_ tx: Transaction, _ who: UserOrKey) throws -> NamedPerson {
        let found: NamedPerson? =
            switch who {
            case .user(let who):
                ["me", who.caller.userID].contains(who["id"])
                    ? try account(tx, id: who.caller.userID) : nil
            case .key(let who):
                try endUser(tx, who.holder, who.externalID("id")) ?? account(tx, who.holder, who["id"])
            }
        guard let found else { throw APIError(.notFound) }
        return found
    }

    private static func account(_ tx: Transaction, id: String) throws -> NamedPerson? {
        try User.find(tx, id: id).map { .account($0.user, encryptedDetails: $0.encryptedDetails) }
    }

    private static func endUser(_ tx: Transaction, _ holder: KeyHolder, _ id: String) throws -> NamedPerson? {
        try EndUser.find(tx, in: Tenant(holder), chatbotID: holder.chatbotID, externalID: id).map { .endUser($0) }
    }

    private static func account(_ tx: Transaction, _ holder: KeyHolder, _ id: String) throws -> NamedPerson? {
        try accountIDs(tx, holder).contains(id) ? account(tx, id: id) : nil
    }

    /// The accounts that a key may name. Who made it and has left the workspace since is none of them.
    static func accountIDs(_ tx: Transaction, _ holder: KeyHolder) throws -> [String] {
        guard let creatorID = holder.creatorID, creatorID != holder.ownerID else { return [holder.ownerID] }
        let isMember = try tx.row(
            "SELECT 1 AS found FROM members WHERE workspace_id = ? AND user_id = ?", [holder.workspaceID, creatorID]
        ) { _ in true }
        return isMember == true ? [holder.ownerID, creatorID] : [holder.ownerID]
    }

    /// As the turn of a conversation knows it.
    var person: Person {
        switch self {
        case .account(let user, let details): Person(id: user.id, email: user.email, encryptedDetails: details)
        case .endUser(let user): Person(id: user.externalID, email: nil, encryptedDetails: user.encryptedDetails)
        }
    }

    /// In the form of an account, which an application sees its own users in too.
    func user(_ secrets: Secrets) throws -> User {
        let details = try UserDetails(encrypted: person.encryptedDetails, secrets)
        switch self {
        case .account(let user, _): return user.with(details)
        case .endUser(let user):
            return User(
                id: user.externalID, username: nil, email: details.email, emailVerified: false,
                firstName: details.firstName, lastName: details.lastName, workspaceID: user.workspaceID,
                createdAt: user.createdAt, updatedAt: user.updatedAt)
        }
    }
}
