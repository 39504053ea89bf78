public import Hummingbird

/// Who is calling, as Mynah says.
public struct MynahIdentity: Sendable, Equatable {
    /// What kind of caller Mynah knows.
    public enum Role: String, Sendable, CaseIterable {
        /// A user, by an access token or by a key of the user's own.
        case user
        /// An application, by a chatbot's secret key.
        case application
        /// An operator of Mynah with the administrators' permissions.
        case admin
        /// One of Mynah's support staff.
        case staff
    }

    /// What kind of caller it is.
    public let role: Role
    /// The user's id, or the operator's; nil for an application, which speaks for no user.
    public let userID: String?
    /// The personal workspace of a user, or the workspace of a chatbot's key; nil if only a token was verified.
    public let workspaceID: String?
    /// The chatbot that an application's key is for.
    public let chatbotID: String?
    /// The scopes of a key: any of `read`, `chat` and `write`. Nil for a token, which has all rights of its user.
    public let scopes: Set<String>?

    /// Makes an identity, such as one for a test of one's own handlers.
    public init(
        role: Role, userID: String? = nil, workspaceID: String? = nil, chatbotID: String? = nil,
        scopes: Set<String>? = nil
    ) {
        self.role = role
        self.userID = userID
        self.workspaceID = workspaceID
        self.chatbotID = chatbotID
        self.scopes = scopes
    }
}

/// A request's context that has a place for who is calling.
public protocol MynahAuthRequestContext: RequestContext {
    /// Who is calling; set by ``MynahAuthMiddleware``, nil before it.
    var mynahIdentity: MynahIdentity? { get set }
}

extension MynahAuthRequestContext {
    /// The identity of the caller, for handlers behind ``MynahAuthMiddleware``.
    ///
    /// - Throws: ``MynahAuthError`` (401) if the route is not behind it.
    public func requireMynahIdentity() throws -> MynahIdentity {
        guard let mynahIdentity else { throw MynahAuthError.missingCredentials }
        return mynahIdentity
    }
}
