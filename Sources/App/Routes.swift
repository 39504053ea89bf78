import HTTPKit
import HTTPTypes

/// The whole HTTP surface. Each feature owns its rows; who may call a route is the type of context that its handler takes.
extension App {
    var routes: [Route] {
        let pages: [[Route]] = [pages.table, setup.table, health.table, metricsRoutes.table]
        let accounts: [[Route]] = [
            users.table, access.table, oauth.table, grants.table, email.table, verification.table, ownUsage.table,
            keys.table, accessLog.table, people.table, workspaces.table, invitations.table,
        ]
        let chat: [[Route]] = [
            chatbots.table, usage.table, endUsers.table, queries.table, signingSecrets.table, chat.table, sockets.table,
            conversations.table, widget.table, completions.table,
        ]
        let operators: [[Route]] = [
            managedUsers.table, deletedUsers.table, support.table, messageLogs.table, plans.table,
            providerRoutes.table, prices.table, AuditRoutes(trail: trail).table, JobRoutes(queue: jobQueue).table,
            ipRules.table, operators.table, userFactors.table(at: "/auth/mfa/totp", .signUp), admins.table, staff.table,
        ]
        let table = (pages + accounts + chat + operators).flatMap(\.self)
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
