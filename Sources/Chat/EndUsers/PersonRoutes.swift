import Accounts
package import Chatbots
package import HTTPKit
import HTTPTypes
package import Platform
package import Storage

/// What is known of people: of a user by itself, of an application's users by the application.
package struct PersonRoutes: Sendable {
    package let database: Database
    package let secrets: Secrets

    package init(database: Database, secrets: Secrets) {
        self.database = database
        self.secrets = secrets
    }

    package func read(_ who: UserKeyOrOperator) async throws -> User {
        switch who {
        case .userOrKey(let who): return try await NamedPerson.find(in: database, who).user(secrets)
        case .operator(let who):
            guard let account = try await NamedPerson.account(in: database, id: who["id"]) else {
                throw APIError(.notFound)
            }
            return try account.user(secrets)
        }
    }

    /// A user sees itself, an application its own users, an operator all.
    package func list(_ who: UserKeyOrOperator, _ paging: Paging) async throws -> List<User> {
        switch who {
        case .userOrKey(let who): return try await listOwn(who, paging)
        case .operator:
            let after = try paging.cursor(or: .newest)
            let users = try await database.read(.system) { tx in
                try User.list(tx, after: after, limit: paging.count)
            }
            return try List(users, limit: paging.count, cursor: { Cursor(id: $0.user.id) }) {
                $0.user.with(try UserDetails(encrypted: $0.encryptedDetails, secrets))
            }
        }
    }

    /// An application sees its own users after the accounts that its key may name.
    private func listOwn(_ who: UserOrKey, _ paging: Paging) async throws -> List<User> {
        let after = try paging.cursor(or: .newest)
        let limit = paging.count
        let (accountIDs, endUsers) = try await database.read(who.scope) { tx -> ([String], RowPage<EndUser>) in
            switch who {
            case .user(let who): return ([who.caller.userID], RowPage([]))
            case .key(let who):
                let holder = who.holder
                return (
                    try NamedPerson.accountIDs(tx, holder),
                    try EndUser.list(
                        tx, in: Tenant(holder), chatbotID: holder.chatbotID, after: after.key > 0 ? .newest : after,
                        limit: limit)
                )
            }
        }
        var people: [NamedPerson] = []
        for id in accountIDs.sorted(by: >) where (1, id) < (after.key, after.id) {
            if let account = try await NamedPerson.account(in: database, id: id) { people.append(account) }
        }
        people += endUsers.items.map { .endUser($0) }
        var page = RowPage(Array(people.prefix(limit)))
        page.hasMore = people.count > limit || endUsers.hasMore
        return try List(page, cursor: Self.cursor, shown: { try $0.user(secrets) })
    }

    /// Accounts, of which there are two at most, have the key 1 and come first; end users have 0.
    private static func cursor(_ person: NamedPerson) -> Cursor {
        switch person {
        case .account(let user, _): Cursor(key: 1, id: user.id)
        case .endUser(let user): Cursor(key: 0, id: user.id)
        }
    }

    package func details(_ who: UserOrKey) async throws -> UserDetails.Shown {
        let person = try await NamedPerson.find(in: database, who).person
        return shown(try UserDetails(encrypted: person.encryptedDetails, secrets), person)
    }

    /// Adds what the call tells; an application's user who is new is made.
    package func updateDetails(_ who: UserOrKey, _ input: UserDetails.Update) async throws -> UserDetails.Shown {
        let secrets = secrets
        switch (who, try await NamedPerson.findIfAny(in: database, who)) {
        case (.key(let key), .account(let user, _)?) where user.id != key.holder.creatorID:
            throw APIError(.keyNotAllowed, "This API key may read its owner's details, and not change them.")
        case (_, .account(let user, let encrypted)?):
            let details = try await database.write(.user(user.id)) { tx in
                try User.updateDetails(tx, id: user.id, input, secrets, now: .now)
            }
            who.call.languages.forget(userID: user.id)
            return shown(details, Person(id: user.id, email: user.email, encryptedDetails: encrypted))
        case (.key(let key), _):
            let (holder, id) = (key.holder, key.externalID("id"))
            guard !id.isEmpty else { throw APIError(.notFound) }
            let user = try await database.write(key.scope) { tx in
                try EndUser.save(
                    tx, in: Tenant(holder), chatbotID: holder.chatbotID, externalID: id, input, secrets, now: .now)
            }
            let person = NamedPerson.endUser(user).person
            return shown(try UserDetails(encrypted: user.encryptedDetails, secrets), person)
        case (.user, _):
            throw APIError(.notFound)
        }
    }

    private func shown(_ details: UserDetails, _ person: Person) -> UserDetails.Shown {
        UserDetails.Shown(.init(details, email: person.email), userID: person.id)
    }

    package struct ContextFilter: Input, Ruled {
        package let conversationID: String?
        package let sessionID: String?
        package static var rules: [String: Rule] {
            [
                "conversation_id": .note("The latest one if omitted."),
                "session_id": .note("Another name of conversation_id."),
            ]
        }
    }

    /// What a chatbot would be told of the person and the conversation.
    package func context(_ who: UserOrKey, _ filter: ContextFilter) async throws -> UserContext {
        let named = filter.conversationID ?? filter.sessionID
        let person = try await NamedPerson.find(in: database, who)
        let recalled = try await database.read(who.scope) { tx in
            try Self.conversation(tx, who, person, named).map {
                try ConversationContext.find(tx, in: $0.tenant, id: $0.id)
            }
        }
        return try UserContext(
            person.person, sessionData: recalled?.sessionData(secrets) ?? .init(), history: recalled?.history ?? [],
            secrets, now: .now)
    }

    private static func conversation(
        _ tx: Transaction, _ who: UserOrKey, _ person: NamedPerson, _ id: String?
    ) throws -> (id: String, tenant: Tenant)? {
        switch who {
        case .user(let who):
            if let id {
                let found = try Conversation.find(tx, id: id, for: who.caller)
                return (found.conversation.id, found.tenant)
            }
            let tenant = try who.tenant(tx, .read)
            let latest = try Conversation.list(tx, in: tenant, chatbotID: nil, after: .newest, limit: 1)
            return latest.first.map { ($0.id, tenant) }
        case .key(let who):
            let tenant = Tenant(who.holder)
            let chatbotID = who.holder.chatbotID
            let people: ApplicationConversation.Of
            switch person {
            case .endUser(let user): people = .endUser(id: user.id)
            case .account(let user, _) where user.id == who.holder.ownerID: people = .unnamed
            case .account:
                guard id == nil else { throw APIError(.notFound) }
                return nil
            }
            if let id {
                let found = try ApplicationConversation.find(tx, in: tenant, chatbotID: chatbotID, of: people, id: id)
                return (found.conversation.id, tenant)
            }
            let latest = try ApplicationConversation.list(
                tx, in: tenant, chatbotID: chatbotID, of: people, after: .newest, limit: 1)
            return latest.first.map { ($0.conversation.id, tenant) }
        }
    }

    /// A user's chatbots in all of its workspaces; to a key, its own.
    package func chatbots(_ who: UserOrKey, _ paging: Paging) async throws -> List<Chatbot> {
        let after = try paging.cursor(or: .newest)
        _ = try await NamedPerson.find(in: database, who)
        let chatbots = try await database.read(who.scope) { tx in
            switch who {
            case .user(let who):
                return try Chatbot.list(tx, of: who.caller, after: after, limit: paging.count).map {
                    who.shown($0.chatbot, $0.tenant)
                }
            case .key(let who):
                return RowPage([try Chatbot.find(tx, of: who.holder)].filter { $0.id < after.id }.map(who.shown))
            }
        }
        return List(chatbots) { Cursor(id: $0.id) }
    }
}

extension PersonRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/users", .read, id: "list_users", "List the users that the caller may see",
                about: "A user sees itself, a chatbot's key the end users of its application, an operator all users.",
                list),
            Route(
                .get, "/users/{id}", .read, id: "get_user", "Get a user",
                about: "The caller itself, an end user of the key's application, or any user for an operator.",
                read),
            Route(
                .get, "/users/{id}/details", .read, id: "get_user_details", "Get a user's details",
                about: "What chatbots may learn about the user.",
                details),
            Route(
                .post, "/users/{id}/details", .write, id: "update_user_details", "Update a user's details",
                about: "Changes the fields that are sent and keeps the others. By key, an unknown end user is "
                    + "created.",
                updateDetails),
            Route(
                .get, "/users/{id}/context", .read, id: "get_user_context", "Get the context that a chatbot receives",
                about: "The user's profile and the last turns of a conversation, as `POST "
                    + "/chatbots/{chatbot_id}/query` prepares them.",
                context),
            Route(
                .get, "/users/{id}/chatbots", .read, id: "list_user_chatbots", "List a user's chatbots",
                about: "The chatbots of the user's workspaces, or the key's own.",
                chatbots),
        ].tagged(.users)
    }
}
