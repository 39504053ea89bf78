import HTTPTypes

/// The whole HTTP surface. Who may call a route is the type of context that its handler takes.
extension App {
    var routes: [Route] {
        let table: [Route] = [
            Route(.get, "/", "The console", pages.console),
            Route(.get, "/docs", "This documentation, to try out", pages.docs),
            Route(.get, "/redoc", "This documentation, to read", pages.redoc),
            Route(.get, "/openapi.json", "This documentation, for programs", pages.openAPI),
            Route(.get, "/health", "How the server is doing", health.health, errors: [.databaseUnavailable]),
            Route(.get, "/health/live", "Whether the process answers", health.live),
            Route(
                .get, "/health/ready", "Whether requests may be sent here", health.ready,
                errors: [.databaseUnavailable, .shuttingDown]),
            Route(.get, "/db-status", "The database's state and record counts", health.databaseStatus),

            Route(
                .post, "/auth/register", "Register", users.register, .created,
                errors: [.registrationClosed, .usernameTaken, .emailTaken, .passwordTooCommon, .overloaded]),
            Route(
                .post, "/auth/login", "Sign in, or refresh", access.token,
                errors: [.invalidCredentials, .tokenReused, .overloaded]),
            Route(
                .post, "/auth/token", "Sign in, or refresh", access.token,
                errors: [.invalidCredentials, .tokenReused, .overloaded]),
            Route(
                .post, "/auth/refresh", "Exchange a refresh token", access.refresh,
                errors: [.invalidToken, .tokenReused]),
            Route(.post, "/auth/logout", "End this session", access.logout, .noContent),
            Route(
                .post, "/auth/session", "Sign in to the console", access.beginConsoleSession,
                errors: [.invalidCredentials, .originRefused, .overloaded]),
            Route(.delete, "/auth/session", "Sign out of the console", access.endConsoleSession, .noContent),
            Route(.get, "/auth/sessions", "Where I am signed in", access.sessions),
            Route(.delete, "/auth/sessions/{session_id}", "End one of my sessions", access.endSession, .noContent),
            Route(
                .post, "/auth/password", "Change the password", access.changePassword, .noContent,
                errors: [.wrongPassword, .passwordTooCommon, .overloaded]),
            Route(.get, "/.well-known/jwks.json", "The keys that verify access tokens", access.publicKeys),

            Route(.get, "/users/me", "My account", users.me),
            Route(.patch, "/users/me", "Change my account", users.update, errors: [.usernameTaken]),
            Route(
                .delete, "/users/me", "Delete my account", users.delete, .noContent,
                errors: [.wrongPassword, .lastOwner, .overloaded]),

            Route(
                .post, "/users/me/api-keys", "Make a key of my own", keys.createOwn, .created,
                errors: [.reauthenticationRequired, .wrongPassword, .overloaded]),
            Route(.get, "/users/me/api-keys", "My own keys", keys.listOwn),
            Route(
                .post, "/users/me/api-keys/{own_key_id}/rotate", "Replace a key of my own by a new one", keys.rotateOwn,
                errors: [.conflict, .reauthenticationRequired, .wrongPassword, .overloaded]),
            Route(.delete, "/users/me/api-keys/{own_key_id}", "Revoke a key of my own", keys.revokeOwn, .noContent),

            Route(.get, "/users", "Myself; to a chatbot's key, its application's users", people.list),
            Route(
                .post, "/users", "Register", users.register, .created,
                errors: [.registrationClosed, .usernameTaken, .emailTaken, .passwordTooCommon, .overloaded]),
            Route(.get, "/users/{id}", "Read a user", people.read),
            Route(.patch, "/users/{id}", "Change my account", users.updateNamed, errors: [.usernameTaken]),
            Route(
                .delete, "/users/{id}", "Delete my account", users.deleteNamed, .noContent,
                errors: [.wrongPassword, .lastOwner, .overloaded]),
            Route(.get, "/users/{id}/details", "What is known of a user", people.details),
            Route(.post, "/users/{id}/details", "Tell more of a user", people.tell),
            Route(.get, "/users/{id}/context", "What a chatbot is told of a user", people.context),
            Route(.get, "/users/{id}/chatbots", "A user's chatbots", people.chatbots),

            Route(.get, "/workspaces", "My workspaces", workspaces.list),
            Route(.post, "/workspaces", "Create a workspace", workspaces.create, .created),
            Route(.get, "/workspaces/{workspace_id}", "Read a workspace", workspaces.read),
            Route(.patch, "/workspaces/{workspace_id}", "Rename a workspace", workspaces.update, errors: [.forbidden]),
            Route(
                .delete, "/workspaces/{workspace_id}", "Delete a workspace and all in it", workspaces.delete,
                .noContent, errors: [.forbidden, .personalWorkspace]),
            Route(.get, "/workspaces/{workspace_id}/members", "A workspace's members", workspaces.members),
            Route(
                .post, "/workspaces/{workspace_id}/members", "Add a member", workspaces.addMember, .created,
                errors: [.forbidden, .alreadyMember, .personalWorkspace]),
            Route(
                .patch, "/workspaces/{workspace_id}/members/{user_id}", "Change a member's role",
                workspaces.changeMember, errors: [.forbidden, .lastOwner]),
            Route(
                .delete, "/workspaces/{workspace_id}/members/{user_id}", "Remove a member, or leave",
                workspaces.removeMember, .noContent, errors: [.forbidden, .lastOwner]),

            Route(.get, "/chatbots", "List chatbots", chatbots.list, errors: [.notFound]),
            Route(
                .post, "/chatbots", "Create a chatbot", chatbots.create, .created,
                errors: [.notFound, .forbidden, .slugTaken]),
            Route(.get, "/chatbots/{chatbot_id}", "Read a chatbot", chatbots.read, errors: [.keyNotForChatbot]),
            Route(
                .patch, "/chatbots/{chatbot_id}", "Change a chatbot", chatbots.update, errors: [.forbidden, .slugTaken]),
            Route(
                .delete, "/chatbots/{chatbot_id}", "Delete a chatbot and its conversations", chatbots.delete,
                .noContent, errors: [.forbidden, .defaultChatbot]),
            Route(.get, "/chatbots/{chatbot_id}/prompts", "A prompt's versions", chatbots.prompts),
            Route(
                .post, "/chatbots/{chatbot_id}/prompts", "Add a version of the prompt", chatbots.createPrompt, .created,
                errors: [.forbidden]),
            Route(
                .post, "/chatbots/{chatbot_id}/prompts/{prompt_id}/activate", "Use this version",
                chatbots.activatePrompt, errors: [.forbidden]),

            Route(
                .post, "/chatbots/{chatbot_id}/api-keys", "Make a key for applications or websites", keys.create,
                .created, errors: [.forbidden, .reauthenticationRequired, .wrongPassword, .overloaded]),
            Route(.get, "/chatbots/{chatbot_id}/api-keys", "A chatbot's keys", keys.list, errors: [.forbidden]),
            Route(
                .patch, "/chatbots/{chatbot_id}/api-keys/{key_id}", "Change a key", keys.update,
                errors: [.forbidden, .conflict]),
            Route(
                .post, "/chatbots/{chatbot_id}/api-keys/{key_id}/rotate", "Replace a key by a new one", keys.rotate,
                errors: [.forbidden, .conflict, .reauthenticationRequired, .wrongPassword, .overloaded]),
            Route(
                .delete, "/chatbots/{chatbot_id}/api-keys/{key_id}", "Revoke a key", keys.revoke, .noContent,
                errors: [.forbidden]),

            Route(
                .get, "/chatbots/{chatbot_id}/users", "The users of a chatbot's applications", endUsers.list,
                errors: [.forbidden]),
            Route(
                .delete, "/chatbots/{chatbot_id}/users/{end_user_id}", "Erase such a user, with all conversations",
                endUsers.delete, .noContent, errors: [.forbidden]),
            Route(
                .get, "/chatbots/{chatbot_id}/conversations", "The conversations of a chatbot's applications",
                endUsers.conversations, errors: [.forbidden]),
            Route(
                .post, "/chatbots/{chatbot_id}/query", "Ask for an application's user", queries.query,
                errors: Self.turnErrors + [.keyNotForChatbot, .budgetExhausted]),
            Route(
                .post, "/chatbot/{chatbot_id}/query", "Ask for an application's user", queries.query,
                errors: Self.turnErrors + [.keyNotForChatbot, .budgetExhausted]),
            Route(
                .get, "/chatbots/{chatbot_id}/signing-secret", "What a website signs its visitors' tokens with",
                signingSecrets.show, errors: [.forbidden]),
            Route(
                .post, "/chatbots/{chatbot_id}/signing-secret/rotate", "Replace the signing secret",
                signingSecrets.rotate, errors: [.forbidden]),

            Route(.post, "/chat", "Send a message and get the reply", chat.chat, errors: Self.turnErrors),
            Route(.post, "/chat/ws-ticket", "Get a ticket for one WebSocket", sockets.ticket),
            Route(
                .get, "/chat/ws", "Open a WebSocket with a ticket", sockets.open, .switchingProtocols,
                errors: [
                    .upgradeRequired, .invalidHandshake, .missingCredentials, .invalidTicket, .originRefused,
                    .shuttingDown,
                ]),
            Route(.get, "/conversations", "List my conversations", conversations.list, errors: [.notFound]),
            Route(.post, "/conversations", "Begin a conversation", conversations.create, .created, errors: [.notFound]),
            Route(.get, "/conversations/{conversation_id}", "Read a conversation", conversations.read),
            Route(.patch, "/conversations/{conversation_id}", "Rename a conversation", conversations.update),
            Route(
                .delete, "/conversations/{conversation_id}", "Delete a conversation", conversations.delete, .noContent),
            Route(
                .get, "/conversations/{conversation_id}/messages", "A conversation's messages",
                conversations.messages),
            Route(
                .post, "/conversations/{conversation_id}/messages", "Send a message and get both", chat.send,
                errors: Self.turnErrors),
            Route(.get, "/conversations/{conversation_id}/stream", "Follow the running reply", chat.follow),
            Route(
                .post, "/conversations/{conversation_id}/stop", "Stop the running reply and keep what came", chat.stop),
            Route(
                .post, "/conversations/{conversation_id}/regenerate", "Get another reply to the last message",
                chat.regenerate, errors: Self.turnErrors + [.nothingToRegenerate]),
            Route(
                .put, "/conversations/{conversation_id}/messages/{message_id}/feedback", "Rate a reply",
                conversations.rate),
            Route(.get, "/conversations/{conversation_id}/export", "A conversation as a file", conversations.export),

            Route(.get, "/widget/config", "What a widget shows before the first message", widget.appearance),
            Route(
                .post, "/widget/chat", "Send a visitor's message and get the reply", widget.chat,
                errors: Self.turnErrors + [.invalidVisitor, .budgetExhausted]),
            Route(
                .get, "/widget/conversations/{conversation_id}/messages", "A visitor's conversation", widget.messages,
                errors: [.invalidVisitor]),
            Route(
                .get, "/widget/conversations/{conversation_id}/stream", "Follow the running reply to a visitor",
                widget.follow, errors: [.invalidVisitor]),
            Route(
                .post, "/widget/conversations/{conversation_id}/stop", "Stop the running reply to a visitor",
                widget.stop, errors: [.invalidVisitor]),

            Route(.get, "/v1/models", "What can be named as a model", completions.models, errors: [.notFound]),
            Route(
                .post, "/v1/chat/completions", "Answer as OpenAI does", completions.chatCompletion,
                errors: Self.completionErrors),
            Route(
                .post, "/v1/messages", "Answer as Anthropic does", completions.message, errors: Self.completionErrors),
        ]
        return table + Self.otherNames(table)
    }

    private static let turnErrors: [APIError.Code] = [
        .notFound, .conversationBusy, .modelNotAllowed, .modelLoading, .providerUnavailable, .shuttingDown,
    ]

    private static let completionErrors: [APIError.Code] = [
        .notFound, .modelNotFound, .messageTooLong, .budgetExhausted, .emptyReply, .providerRefused, .providerTimeout,
        .providerRateLimited, .providerUnavailable, .modelLoading, .shuttingDown,
    ]

    /// A project is a chatbot, some of OpenAI's clients ask under a path of their own, and PUT does what PATCH does.
    private static func otherNames(_ table: [Route]) -> [Route] {
        let projects = table.filter { $0.path.hasPrefix("/chatbots") }.map { route in
            route.also(at: "/projects" + route.path.dropFirst("/chatbots".count))
        }
        let completions = table.filter { $0.path.hasPrefix("/v1/") }.map { $0.also(at: "/openai" + $0.path) }
        return projects + completions + (table + projects).filter { $0.method == .patch }.map { $0.also(method: .put) }
    }
}
