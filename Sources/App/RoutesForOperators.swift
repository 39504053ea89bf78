import HTTPKit
import HTTPTypes

extension App {
    /// The routes of admins and support staff. Each names its permission by its handler's context.
    var operatorRoutes: [Route] {
        [
            Route(.get, "/admin/users", "All users, newest first", managedUsers.list),
            Route(
                .post, "/admin/users", "Make a user, also where registration is closed", managedUsers.create, .created,
                errors: [.usernameTaken, .emailTaken, .passwordTooCommon, .overloaded]),
            Route(.get, "/admin/users/{id}", "Read a user, with limits and credits", managedUsers.read),
            Route(
                .patch, "/admin/users/{id}", "Change a user's plan and limits, disable or enable it",
                managedUsers.update),
            Route(
                .delete, "/admin/users/{id}", "Delete a user, who can be restored for a while", managedUsers.delete,
                .noContent, errors: [.lastOwner]),
            Route(
                .delete, "/admin/users/{id}/mfa", "Take a user's second factor away", managedUsers.removeSecondFactor,
                .noContent),
            Route(
                .post, "/admin/users/{id}/credits", "Add credits to a user's, or set them", managedUsers.changeCredits),
            Route(.get, "/admin/deleted-users", "Deleted users who can still be restored", deletedUsers.list),
            Route(
                .post, "/admin/deleted-users/{id}/restore", "Restore a deleted user", deletedUsers.restore,
                errors: [.conflict]),
            Route(
                .get, "/admin/deleted-users/{id}/export", "All that was a deleted user's, as a file",
                deletedUsers.export, errors: [.conflict]
            ).audited(),
            Route(.get, "/staff/users", "Find users to help", support.users),
            Route(.get, "/staff/users/{id}", "Read a user, with limits and today's use", support.user),
            Route(
                .post, "/staff/users/{id}/reset-limits", "Give a user today's limits back", support.resetLimits),
            Route(
                .post, "/staff/users/{id}/resend-verification", "Send a user the link that confirms the address",
                support.resendVerification, .accepted, errors: [.conflict]),
            Route(.post, "/staff/users/{id}/disable", "Disable a user", support.disable),
            Route(
                .post, "/staff/conversations/{conversation_id}/access", "Ask to read a conversation for half an hour",
                support.beginAccess),
            Route(
                .get, "/staff/conversations/{conversation_id}/messages", "Read a conversation that was asked for",
                support.messages, errors: [.accessRequired]
            ).audited(),
            Route(
                .get, "/admin/message-logs", "The exchanges with models, newest first, or as a file", messageLogs.list,
                errors: [.forbidden]),
            Route(
                .get, "/admin/message-logs/{log_id}", "Read one exchange with a model", messageLogs.read,
                errors: [.forbidden, .notFound]),
            Route(.get, "/admin/plans", "The plans", plans.list, errors: [.forbidden]),
            Route(.post, "/admin/plans", "Make a plan", plans.create, .created, errors: [.forbidden, .conflict]),
            Route(.get, "/admin/plans/{plan_id}", "Read a plan", plans.read, errors: [.forbidden]),
            Route(
                .patch, "/admin/plans/{plan_id}", "Change a plan", plans.update, errors: [.forbidden, .conflict]),
            Route(
                .delete, "/admin/plans/{plan_id}", "Delete a plan that nobody has", plans.delete, .noContent,
                errors: [.forbidden, .conflict]),
            Route(
                .get, "/admin/providers", "Models' providers, and how they stand", providerRoutes.list,
                errors: [.forbidden]),
            Route(
                .put, "/admin/providers/{provider_name}", "Change a provider's key or address, or use it no more",
                providerRoutes.update, errors: [.forbidden]),
            Route(.get, "/admin/prices", "What models cost", prices.list, errors: [.forbidden]),
            Route(.put, "/admin/prices/{model}", "Set what a model costs", prices.write, errors: [.forbidden]),
            Route(
                .delete, "/admin/prices/{model}", "Let a model cost the default again", prices.delete, .noContent,
                errors: [.forbidden]),
            Route(
                .get, "/admin/audit-log", "Who changed what, newest first, or as a file",
                AuditRoutes(trail: trail).list, errors: [.forbidden]),
            Route(
                .get, "/admin/audit-log/head", "The head of the audit trail, to keep elsewhere",
                AuditRoutes(trail: trail).head, errors: [.forbidden]),
            Route(
                .get, "/admin/jobs", "What waits, runs or is dead", JobRoutes(queue: jobQueue).list,
                errors: [.forbidden]),
            Route(
                .post, "/admin/jobs/{job_id}/retry", "Begin a dead job anew", JobRoutes(queue: jobQueue).retry,
                errors: [.forbidden, .conflict]),
            Route(
                .get, "/admin/ip-rules", "Which addresses may use this server", ipRules.list, errors: [.forbidden]),
            Route(
                .post, "/admin/ip-rules", "Let in or refuse addresses", ipRules.create, .created,
                errors: [.forbidden, .wouldLockOut]),
            Route(
                .delete, "/admin/ip-rules/{ip_rule_id}", "Delete such a rule", ipRules.delete, .noContent,
                errors: [.forbidden, .notFound, .wouldLockOut]),
            Route(.get, "/admin/stats", "What the server is used for, by day", usage.stats, errors: [.forbidden]),

            Route(.get, "/admin/operators", "Those who run the server", operators.list),
            Route(
                .post, "/admin/operators", "Make an operator", operators.create, .created,
                errors: [.usernameTaken, .passwordTooCommon, .overloaded]),
            Route(.get, "/admin/operators/{operator_id}", "Read an operator", operators.read),
            Route(
                .patch, "/admin/operators/{operator_id}", "Change an operator", operators.update,
                errors: [.usernameTaken, .lastAdmin, .passwordTooCommon, .overloaded]),
            Route(
                .delete, "/admin/operators/{operator_id}", "Delete an operator", operators.delete, .noContent,
                errors: [.lastAdmin]),
            Route(
                .delete, "/admin/operators/{operator_id}/mfa", "Take an operator's second factor away",
                operators.removeSecondFactor, .noContent),
        ]
    }
}
