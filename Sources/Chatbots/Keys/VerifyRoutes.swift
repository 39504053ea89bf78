package import HTTPKit
package import HTTPTypes
package import Hummingbird
package import Platform
package import Storage

/// A caller with any valid token or key, including operators. Proxies and other applications verify the credentials of
/// their own callers with it. The console's cookie is not accepted: these requests are GETs, to which CSRF checks do
/// not apply.
package enum Bearer: Context {
    case user(UserCaller)
    case key(KeyCaller)
    case `operator`(Call, OperatorCaller)

    package static var access: Access { .bearer }

    package init(_ call: Call) async throws {
        self =
            switch try await call.authenticator.identity(of: call, acceptsCookie: false, acceptsOperators: true) {
            case .user(let caller): .user(try await UserCaller(call, caller))
            case .key(let holder): .key(try await KeyCaller(call, holder))
            case .operator(let caller): .operator(call, caller)
            }
    }

    package var call: Call {
        switch self {
        case .user(let who): who.call
        case .key(let who): who.call
        case .operator(let call, _): call
        }
    }

    package var principal: String? {
        switch self {
        case .user(let who): who.principal
        case .key(let who): who.principal
        case .operator(_, let caller): "operator:\(caller.id)"
        }
    }
}

/// Answers for other applications: whose credential it is that a request carries.
package struct VerifyRoutes: Sendable {
    package let database: Database

    package init(database: Database) {
        self.database = database
    }

    /// What the caller must be allowed. Proxies know no refusals but 401 and 403.
    package struct Demand: Input, Ruled {
        package let scope: KeyScope?
        package let chatbotID: String?
        package static var rules: [String: Rule] {
            [
                "scope": .note("The scope that a key must have; a signed-in user has every scope."),
                "chatbot_id": .note("The chatbot that a key must be for, and a user must be able to use."),
            ]
        }
    }

    package func verify(_ bearer: Bearer, _ demand: Demand) async throws -> Verified {
        switch bearer {
        case .user(let who):
            var verified = Verified(
                role: .user, userID: who.caller.userID, workspaceID: who.caller.personalWorkspaceID)
            if case .key(let key) = who.caller.credential { try verified.check(key, demand) }
            if let id = demand.chatbotID {
                verified.chatbotID = id
                verified.workspaceID = try await workspaceID(ofChatbot: id, for: who)
            }
            return verified
        case .key(let who):
            var verified = Verified(
                role: .application, workspaceID: who.holder.workspaceID, chatbotID: who.holder.chatbotID)
            try verified.check(who.holder.key, demand)
            if let id = demand.chatbotID { try who.require(chatbotID: id) }
            return verified
        case .operator(_, let caller):
            guard demand.chatbotID == nil else { throw Self.notTheirs }
            return Verified(role: caller.role == .admin ? .admin : .staff, userID: caller.id)
        }
    }

    private static let notTheirs = APIError(
        .forbidden, "There is no such chatbot, or it is not yours.", param: "chatbot_id")

    private func workspaceID(ofChatbot id: String, for who: UserCaller) async throws -> String {
        do {
            guard Identifier.isPlausible(id) else { throw APIError(.notFound) }
            return try await database.read(who.scope) { tx in try Chatbot.find(tx, id: id, for: who.caller) }
                .tenant.workspaceID
        } catch let error as APIError where error.code == .notFound {
            throw Self.notTheirs
        }
    }
}

/// Who a credential stands for, told in headers, which a proxy can pass on.
package struct Verified: Output, Sendable {
    package let role: Role
    /// Nil for an application, which acts for no user.
    package var userID: String?
    package var workspaceID: String?
    package var chatbotID: String?
    /// The scopes of a key; nil for a signed-in user.
    private var scopes: [KeyScope]?

    package enum Role: String, Sendable { case user, application, admin, staff }

    package static var schema: Schema? { nil }
    package static var mediaTypes: [String] { [] }

    package init(role: Role, userID: String? = nil, workspaceID: String? = nil, chatbotID: String? = nil) {
        self.role = role
        self.userID = userID
        self.workspaceID = workspaceID
        self.chatbotID = chatbotID
    }

    package mutating func check(_ key: APIKey, _ demand: VerifyRoutes.Demand) throws(APIError) {
        if let scope = demand.scope, !key.scopes.contains(scope) {
            throw APIError(.keyNotAllowed, "This API key lacks the scope '\(scope.rawValue)'.", param: "scope")
        }
        scopes = key.scopes
    }

    package func response(_ status: HTTPResponse.Status) -> Response {
        // Always sets all headers: if one is missing, some proxies pass on the client's own header or a placeholder.
        let headers: HTTPFields = [
            .authRole: role.rawValue, .authUser: userID ?? "", .authWorkspace: workspaceID ?? "",
            .authChatbot: chatbotID ?? "",
            .authScopes: scopes.map { $0.map(\.rawValue).sorted().joined(separator: " ") } ?? "",
        ]
        return Response(status: .noContent, headers: headers)
    }
}

extension HTTPField.Name {
    package static let authUser = HTTPField.Name("X-Auth-User")!
    package static let authRole = HTTPField.Name("X-Auth-Role")!
    package static let authWorkspace = HTTPField.Name("X-Auth-Workspace")!
    package static let authChatbot = HTTPField.Name("X-Auth-Chatbot")!
    package static let authScopes = HTTPField.Name("X-Auth-Scopes")!
}

extension VerifyRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/auth/verify", .read.scopes(.chat, .read, .write), id: "verify_credential",
                "Identify the holder of a token or key",
                about: "For reverse proxies and other applications. 204 with `X-Auth-User`, `X-Auth-Role`, "
                    + "`X-Auth-Workspace`, `X-Auth-Chatbot` and `X-Auth-Scopes`.",
                verify, .noContent,
                errors: [.forbidden, .keyNotForChatbot, .originRefused])
        ].tagged(.signIn)
    }
}
