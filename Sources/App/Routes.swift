import HTTPKit
import HTTPTypes

/// The whole HTTP surface. Who may call a route is the type of context that its handler takes.
extension App {
    var routes: [Route] {
        var table: [Route] = [
            Route(.get, "/", "The console", pages.console),
            Route(.get, "/docs", "This documentation, to try out", pages.docs),
            Route(.get, "/redoc", "This documentation, to read", pages.redoc),
            Route(.get, "/openapi.json", "This documentation, for programs", pages.openAPI),
            Route(.get, "/setup", "The page to make the first admin", pages.setup),
            Route(.get, "/admin", "The operators' console", pages.admin),
            Route(
                .post, "/setup", "Make the first admin", setup.create, .created,
                errors: [.invalidLink, .passwordTooCommon, .overloaded]),
            Route(.get, "/health", "How the server is doing", health.health, errors: [.databaseUnavailable]),
            Route(.get, "/health/live", "Whether the process answers", health.live),
            Route(
                .get, "/health/ready", "Whether requests may be sent here", health.ready,
                errors: [.databaseUnavailable, .shuttingDown]),
            Route(
                .get, "/metrics", "What is counted, for Prometheus", metricsRoutes.scrape,
                errors: [.missingCredentials, .invalidToken]),
            Route(.get, "/db-status", "The database's state and record counts", health.databaseStatus),

            Route(
                .post, "/auth/register", "Register", users.register, .created,
                errors: [
                    .registrationClosed, .invalidLink, .usernameTaken, .emailTaken, .passwordTooCommon, .overloaded,
                ]),
            Route(
                .post, "/auth/login", "Sign in, or refresh", access.token,
                errors: [
                    .invalidCredentials, .mfaRequired, .invalidCode, .invalidToken, .tokenReused, .rateLimited,
                    .overloaded,
                ]),
            Route(
                .post, "/auth/token", "Sign in, or refresh", access.token,
                errors: [
                    .invalidCredentials, .mfaRequired, .invalidCode, .invalidToken, .tokenReused, .rateLimited,
                    .overloaded,
                ]
            ).oauth(),
            Route(.post, "/auth/revoke", "Revoke a refresh or access token", oauth.revoke).oauth(),
            Route(
                .post, "/auth/refresh", "Exchange a refresh token", access.refresh,
                errors: [.invalidToken, .tokenReused]),
            Route(.post, "/auth/logout", "End this session", access.logout, .noContent),
            Route(
                .post, "/auth/session", "Sign in to the console", access.beginConsoleSession,
                errors: [
                    .invalidCredentials, .mfaRequired, .invalidCode, .originRefused, .rateLimited, .overloaded,
                ]),
            Route(.delete, "/auth/session", "Sign out of the console", access.endConsoleSession, .noContent),
            Route(.get, "/auth/sessions", "Where I am signed in", access.sessions),
            Route(.delete, "/auth/sessions/{session_id}", "End one of my sessions", access.endSession, .noContent),
            Route(
                .post, "/auth/password", "Change the password", access.changePassword, .noContent,
                errors: [.wrongPassword, .passwordTooCommon, .overloaded]),
            Route(.get, "/auth/grants", "List what my account has handed out", grants.list),
            Route(
                .post, "/auth/grants/revoke", "End what my account has handed out", grants.end,
                errors: [.wrongPassword, .overloaded]),
            Route(
                .post, "/auth/password/forgot", "Ask for a link to choose a new password", email.forgot, .accepted),
            Route(
                .post, "/auth/password/reset", "Choose a new password", email.reset, .noContent,
                errors: [.invalidLink, .passwordTooCommon, .overloaded]),
            Route(
                .post, "/auth/email", "Change my e-mail address", email.change, .accepted,
                errors: [.wrongPassword, .emailTaken, .rateLimited, .overloaded]),
            Route(
                .post, "/auth/email/verify", "Confirm an e-mail address", email.verify, .noContent,
                errors: [.invalidLink, .emailTaken]),
            Route(
                .post, "/auth/email/verification", "Get another link to confirm my e-mail address", email.resend,
                .accepted),
            Route(
                .get, "/auth/verify", "Whose token or key it is, for proxies and other applications",
                verification.verify, .noContent, errors: [.forbidden, .keyNotForChatbot, .originRefused]),
            Route(.get, "/.well-known/jwks.json", "The keys that verify access tokens", access.publicKeys),
            Route(
                .get, "/.well-known/oauth-authorization-server", "Describe the OAuth 2.0 endpoints", oauth.metadata),

            Route(.get, "/users/me", "My account", users.me),
            Route(.get, "/users/me/usage", "My limits, and what is left of them", ownUsage.own),
            Route(.patch, "/users/me", "Change my account", users.update, errors: [.usernameTaken]),
            Route(
                .delete, "/users/me", "Delete my account", users.delete, .noContent,
                errors: [.wrongPassword, .lastOwner, .overloaded]),

            Route(
                .post, "/users/me/api-keys", "Make a key of my own", keys.createOwn, .created,
                errors: [.planLimitReached, .reauthenticationRequired, .wrongPassword, .overloaded]),
            Route(.get, "/users/me/api-keys", "My own keys", keys.listOwn),
            Route(
                .post, "/users/me/api-keys/{own_key_id}/rotate", "Replace a key of my own by a new one", keys.rotateOwn,
                errors: [.conflict, .reauthenticationRequired, .wrongPassword, .overloaded]),
            Route(.delete, "/users/me/api-keys/{own_key_id}", "Revoke a key of my own", keys.revokeOwn, .noContent),

            Route(.get, "/users/me/access-log", "Which operators could read my conversations", accessLog.accessLog),
            Route(.get, "/users/me/export", "All that is mine, as a file", accessLog.export),

            Route(
                .get, "/users", "Myself; to a chatbot's key its application's users, to an operator all", people.list),
            Route(
                .post, "/users", "Register", users.register, .created,
                errors: [
                    .registrationClosed, .invalidLink, .usernameTaken, .emailTaken, .passwordTooCommon, .overloaded,
                ]),
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
            Route(
                .post, "/workspaces", "Create a workspace", workspaces.create, .created, errors: [.planLimitReached]),
            Route(.get, "/workspaces/{workspace_id}", "Read a workspace", workspaces.read),
            Route(.patch, "/workspaces/{workspace_id}", "Rename a workspace", workspaces.update, errors: [.forbidden]),
            Route(
                .delete, "/workspaces/{workspace_id}", "Delete a workspace and all in it", workspaces.delete,
                .noContent, errors: [.forbidden, .personalWorkspace]),
            Route(.get, "/workspaces/{workspace_id}/members", "A workspace's members", workspaces.members),
            Route(
                .post, "/workspaces/{workspace_id}/members", "Invite a user, who becomes a member by accepting",
                invitations.inviteMember, .accepted, errors: [.forbidden, .personalWorkspace, .dailyLimitReached]),
            Route(
                .post, "/workspaces/{workspace_id}/invitations", "Invite by an e-mail address or a link",
                invitations.invite, .accepted, errors: [.forbidden, .personalWorkspace, .dailyLimitReached]),
            Route(
                .get, "/workspaces/{workspace_id}/invitations", "List a workspace's open invitations",
                invitations.list, errors: [.forbidden]),
            Route(
                .delete, "/workspaces/{workspace_id}/invitations/{invitation_id}", "Withdraw an invitation",
                invitations.revoke, .noContent, errors: [.forbidden]),
            Route(.get, "/invitations", "List my invitations", invitations.mine),
            Route(
                .post, "/invitations/read", "Read the invitation that a link is for", invitations.read,
                errors: [.invalidLink]),
            Route(
                .post, "/invitations/accept", "Accept an invitation", invitations.accept,
                errors: [.notFound, .invalidLink, .alreadyMember]),
            Route(
                .post, "/workspaces/{workspace_id}/accept", "Accept the role that I was given", workspaces.accept,
                errors: [.conflict]),
            Route(
                .patch, "/workspaces/{workspace_id}/members/{user_id}", "Change a member's role",
                workspaces.changeMember, errors: [.forbidden, .lastOwner]),
            Route(
                .delete, "/workspaces/{workspace_id}/members/{user_id}", "Remove a member, or leave",
                workspaces.removeMember, .noContent, errors: [.forbidden, .lastOwner]),
            Route(
                .post, "/workspaces/{workspace_id}/members/{user_id}/revoke-keys",
                "End the keys that a user has made or rotated in a workspace", workspaces.revokeKeys,
                errors: [.forbidden]),

            Route(.get, "/chatbots", "List chatbots", chatbots.list, errors: [.notFound]),
            Route(
                .post, "/chatbots", "Create a chatbot", chatbots.create, .created,
                errors: [.notFound, .forbidden, .slugTaken, .planLimitReached]),
            Route(.get, "/chatbots/{chatbot_id}", "Read a chatbot", chatbots.read, errors: [.keyNotForChatbot]),
            Route(
                .patch, "/chatbots/{chatbot_id}", "Change a chatbot", chatbots.update, errors: [.forbidden, .slugTaken]),
            Route(
                .delete, "/chatbots/{chatbot_id}", "Delete a chatbot and its conversations", chatbots.delete,
                .noContent, errors: [.forbidden, .defaultChatbot]),
            Route(
                .get, "/chatbots/{chatbot_id}/prompts", "A prompt's versions", chatbots.prompts, errors: [.forbidden]),
            Route(
                .post, "/chatbots/{chatbot_id}/prompts", "Add a version of the prompt", chatbots.createPrompt, .created,
                errors: [.forbidden, .planLimitReached]),
            Route(
                .post, "/chatbots/{chatbot_id}/prompts/{prompt_id}/activate", "Use this version",
                chatbots.activatePrompt, errors: [.forbidden]),

            Route(
                .post, "/chatbots/{chatbot_id}/api-keys", "Make a key for applications or websites", keys.create,
                .created,
                errors: [.forbidden, .planLimitReached, .reauthenticationRequired, .wrongPassword, .overloaded]),
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
                .get, "/chatbots/{chatbot_id}/usage", "What a chatbot was used for", usage.ofChatbot,
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
                signingSecrets.show, errors: [.forbidden, .reauthenticationRequired]),
            Route(
                .post, "/chatbots/{chatbot_id}/signing-secret", "Show the signing secret after a password",
                signingSecrets.showAfterPassword,
                errors: [.forbidden, .reauthenticationRequired, .wrongPassword, .overloaded]),
            Route(
                .post, "/chatbots/{chatbot_id}/signing-secret/rotate", "Replace the signing secret",
                signingSecrets.rotate, errors: [.forbidden, .reauthenticationRequired, .wrongPassword, .overloaded]),

            Route(.post, "/chat", "Send a message and get the reply", chat.chat, errors: Self.turnErrors),
            Route(.post, "/chat/ws-ticket", "Get a ticket for one WebSocket", sockets.ticket),
            Route(
                .get, "/chat/ws", "Open a WebSocket with a ticket", sockets.open, .switchingProtocols,
                errors: [
                    .upgradeRequired, .invalidHandshake, .missingCredentials, .invalidTicket, .originRefused,
                    .shuttingDown,
                ]),
            Route(.get, "/conversations", "List my conversations", conversations.list, errors: [.notFound]),
            Route(
                .post, "/conversations", "Begin a conversation", conversations.create, .created,
                errors: [.notFound, .dailyLimitReached, .planLimitReached]),
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
        table += operatorRoutes
        table += userFactors.table(at: "/auth/mfa/totp", of: "of mine") + admins.table + staff.table
        return table + Self.otherNames(table)
    }

    private static let turnErrors: [APIError.Code] = [
        .notFound, .conversationBusy, .modelNotAllowed, .modelNotInPlan, .modelNotPriced, .insufficientCredits,
        .messageTooLong, .dailyLimitReached, .planLimitReached, .modelLoading, .providerUnavailable, .shuttingDown,
    ]

    private static let completionErrors: [APIError.Code] = [
        .notFound, .modelNotFound, .modelAmbiguous, .modelNotInPlan, .modelNotPriced, .messageTooLong,
        .unsupportedInput, .budgetExhausted, .insufficientCredits,
        .dailyLimitReached, .emptyReply, .providerRefused, .providerTimeout,
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
