/// What an operator may do. This table is the only one there is: a route names its permission by the context that its
/// handler takes, and every operator with the permission may call it.
package enum Permission: String, Choice {
    case usersRead = "users.read"
    case usersWrite = "users.write"
    case creditsWrite = "credits.write"
    case plansRead = "plans.read"
    case plansWrite = "plans.write"
    case pricesRead = "prices.read"
    case pricesWrite = "prices.write"
    case operatorsRead = "operators.read"
    case operatorsWrite = "operators.write"
    case ipRulesRead = "ip_rules.read"
    case ipRulesWrite = "ip_rules.write"
    case logsRead = "logs.read"
    case auditRead = "audit.read"
    case statsRead = "stats.read"
    case providersRead = "providers.read"
    case providersWrite = "providers.write"
    case jobsRead = "jobs.read"
    case jobsWrite = "jobs.write"
    case supportUsers = "support.users"
    case supportLimits = "support.limits"
    case supportMail = "support.mail"
    case supportDisable = "support.disable"
    case supportConversations = "support.conversations"

    /// Minimum level at which staff have the permission; nil if staff never do.
    package var staffLevel: Int? {
        switch self {
        case .supportUsers: 1
        case .supportLimits, .supportMail: 2
        case .supportDisable, .supportConversations: 3
        default: nil
        }
    }

    /// An admin has what is listed, or everything if there is no list; staff have what their level gives.
    package static func granted(role: OperatorRole, level: Int?, listed: [Permission]?) -> Set<Permission> {
        switch role {
        case .admin: Set(listed ?? allCases)
        case .staff: Set(allCases.filter { $0.staffLevel.map { $0 <= level ?? 0 } ?? false })
        }
    }
}

/// Admins run the server, staff help its users.
package enum OperatorRole: String, Choice { case admin, staff }
