package import HTTPKit

/// The groups of the OpenAPI document.
extension RouteTag {
    package static let signIn = RouteTag("Sign-in", "Registration, tokens, sessions, passwords and e-mail addresses.")
    package static let secondFactor = RouteTag("Second factor", "One-time codes of an authenticator.")
    package static let users = RouteTag("Users", "Accounts, details of users, and their data.")
    package static let keys = RouteTag("API keys", "Keys for applications, websites and users themselves.")
    package static let workspaces = RouteTag("Workspaces", "What a team shares: members, roles and invitations.")
    package static let chatbots = RouteTag("Chatbots", "Chatbots, their prompts, usage and end users.")
    package static let files = RouteTag("Files", "Uploads, and the files that a chatbot knows.")
    package static let conversations = RouteTag("Conversations", "What was said, and how it was rated.")
    package static let chat = RouteTag("Chat", "Messages to chatbots and their replies.")
    package static let completions = RouteTag("Completions", "OpenAI's and Anthropic's API, for their clients.")
    package static let widget = RouteTag("Widget", "What pages of a website call for their visitors.")
    package static let administration = RouteTag("Administration", "For admins: users, plans, providers and records.")
    package static let support = RouteTag("Support", "For support staff.")
    package static let server = RouteTag("Server", "Health, metrics, and the console's pages.")
}
