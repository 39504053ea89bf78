import HTTPKit

/// The groups of the OpenAPI document.
extension RouteTag {
    static let signIn = RouteTag("Sign-in", "Registration, tokens, sessions, passwords and e-mail addresses.")
    static let secondFactor = RouteTag("Second factor", "One-time codes of an authenticator.")
    static let users = RouteTag("Users", "Accounts, details of users, and their data.")
    static let keys = RouteTag("API keys", "Keys for applications, websites and users themselves.")
    static let workspaces = RouteTag("Workspaces", "What a team shares: members, roles and invitations.")
    static let chatbots = RouteTag("Chatbots", "Chatbots, their prompts, usage and end users.")
    static let conversations = RouteTag("Conversations", "What was said, and how it was rated.")
    static let chat = RouteTag("Chat", "Messages to chatbots and their replies.")
    static let completions = RouteTag("Completions", "OpenAI's and Anthropic's API, for their clients.")
    static let widget = RouteTag("Widget", "What pages of a website call for their visitors.")
    static let administration = RouteTag("Administration", "For admins: users, plans, providers and records.")
    static let support = RouteTag("Support", "For support staff.")
    static let server = RouteTag("Server", "Health, metrics, and the console's pages.")
}
