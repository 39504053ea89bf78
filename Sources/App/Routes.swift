import Accounts
import Chat
import Chatbots
import HTTPKit
import HTTPTypes
import Imports
import Knowledge
import Metering
import ModelAPI

/// The whole HTTP surface. Each feature owns its rows; who may call a route is the type of context that its handler takes.
extension App {
    var routes: [Route] {
        // The OpenAPI document shows the groups in this order.
        let accounts: [[Route]] = [
            access.table, oauth.table, email.table, grants.table, verification.table,
            userFactors.table(at: "/auth/mfa/totp", .signUp), users.table, ownUsage.table, accessLog.table,
            people.table,
            keys.table, workspaces.table, invitations.table,
        ]
        let chat: [[Route]] = [
            chatbots.table, uploads.table, knowledge.table, knowledgeSearch.table, endUsers.table, queries.table,
            chat.table, sockets.table,
            conversations.table, shares.table, shownPictures.table, imports.table, attachments.table,
            completions.table, responses.table, embeddings.table, clientFiles.table, widget.table, visitorFiles.table,
            widgetSettings.table, curatedAnswers.table, signingSecrets.table,
        ]
        let operators: [[Route]] = [
            setup.table, usage.table, managedUsers.table, deletedUsers.table, support.table, messageLogs.table,
            plans.table,
            providerRoutes.table, prices.table, AuditRoutes(trail: trail).table, JobRoutes(queue: jobQueue).table,
            ipRules.table, operators.table, admins.table, staff.table,
        ]
        let pages: [[Route]] = [health.table, metricsRoutes.table, pages.table]
        let table = (accounts + chat + operators + pages).flatMap(\.self)
        return table + Self.otherNames(table)
    }

    /// A project is a chatbot, some of OpenAI's clients ask under a path of their own, and PUT does what PATCH does.
    private static func otherNames(_ table: [Route]) -> [Route] {
        let projects = table.filter { $0.path.hasPrefix("/chatbots") }.map { route in
            route.also(at: "/projects" + route.path.dropFirst("/chatbots".count))
        }
        let completions = table.filter { $0.path.hasPrefix("/v1/") }.map { $0.also(at: "/openai" + $0.path) }
        return projects + completions + (table + projects).filter { $0.method == .patch }.map { $0.also(method: .put) }
    }
}
