import Foundation
import HTTPTypes
import JSON
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// Every role on every route, compared with the route table.
@Suite struct RoleMatrixTests {
    enum Role: Hashable, Sendable {
        case stranger, user, ownKey
        case secretKey(KeyScope)
        case publishableKey
        case staff(Int)
        case admin(Permissions)

        enum Permissions: Hashable, Sendable {
            case all, none
            case only(Permission)

            var permissions: [Permission]? {
                switch self {
                case .all: nil
                case .none: []
                case .only(let permission): [permission]
                }
            }
        }

        var granted: Set<Permission>? {
            switch self {
            case .staff(let level): Permission.granted(role: .staff, level: level, listed: nil)
            case .admin(let which): Permission.granted(role: .admin, level: nil, listed: which.permissions)
            default: nil
            }
        }

        static let everywhere: [Role] =
            [.stranger, .user, .ownKey] + KeyScope.allCases.map { .secretKey($0) }
            + [.publishableKey, .staff(1), .staff(2), .staff(3), .admin(.all), .admin(.none)]
    }

    enum Cell: Equatable {
        case refused(Int)
        /// Past the door: what comes then is about the request.
        case enters
        /// There is no door.
        case open
    }

    static func expected(_ route: Route, _ role: Role) -> Cell {
        if route.access == .anyone { return .open }
        let isScoped = !route.scopes.isDisjoint(with: KeyScope.allCases)
        switch role {
        case .stranger: return .refused(401)
        case .staff, .admin:
            let granted = role.granted ?? []
            switch route.access {
            case .operator, .userKeyOrOperator:
                return route.permission.map(granted.contains) == true ? .enters : .refused(403)
            case .admin: if case .admin = role { return .enters } else { return .refused(403) }
            case .staff: if case .staff = role { return .enters } else { return .refused(403) }
            case .bearer: return .enters
            case .anyone, .user, .session, .key, .visitor, .userOrKey, .client: return .refused(401)
            }
        case .user:
            switch route.access {
            case .user, .session, .userOrKey, .client, .bearer, .userKeyOrOperator: return .enters
            case .key, .visitor: return .refused(403)
            case .operator, .admin, .staff, .anyone: return .refused(401)
            }
        case .ownKey:
            switch route.access {
            case .user, .userOrKey, .client, .bearer, .userKeyOrOperator: return isScoped ? .enters : .refused(403)
            case .session, .key, .visitor: return .refused(403)
            case .operator, .admin, .staff, .anyone: return .refused(401)
            }
        case .secretKey(let scope):
            switch route.access {
            case .key, .userOrKey, .client, .bearer, .userKeyOrOperator:
                return route.scopes.contains(scope) ? .enters : .refused(403)
            case .user, .session, .visitor: return .refused(403)
            case .operator, .admin, .staff, .anyone: return .refused(401)
            }
        case .publishableKey:
            switch route.access {
            case .visitor: return .enters
            case .user, .session, .key, .userOrKey, .client, .bearer, .userKeyOrOperator: return .refused(403)
            case .operator, .admin, .staff, .anyone: return .refused(401)
            }
        }
    }

    /// One caller of each role. A caller that a call has signed out signs in again.
    private actor Callers {
        private let app: TestApp
        private let user: TestUser
        private var known: [Role: HTTPFields] = [:]

        init(_ app: TestApp) async throws {
            self.app = app
            user = try await app.user("alice")
            let chatbotID = try await app.chatbot(as: user)
            for scope in KeyScope.allCases {
                let key = try await TestApplication.make(
                    app, chatbotID: chatbotID, as: user, scopes: [.string(scope.rawValue)])
                known[.secretKey(scope)] = [.apiKey: key.key]
            }
            let site = try await TestSite.make(app, as: user)
            try await app.call(.put, "/chatbots/\(site.chatbotID)/widget", ["attachments": true], as: user)
            known[.publishableKey] = [.apiKey: site.key, .origin: TestSite.origin]
            let own = try await app.call(.post, "/users/me/api-keys", as: user)
            known[.ownKey] = [.apiKey: try own.string("key")]
            known[.stranger] = [:]
        }

        func headers(of role: Role) async throws -> HTTPFields {
            if let headers = known[role] { return headers }
            let headers: HTTPFields
            switch role {
            case .user:
                let grant = try await app.call(
                    .post, "/auth/token", ["username": "alice", "password": .string(TestApp.password)])
                headers = [.authorization: "Bearer \(try grant.string("access_token"))"]
            case .staff(let level): headers = try await app.staff(Self.name(), level: level).headers
            case .admin(let which):
                headers = try await app.admin(Self.name(), permissions: which.permissions).headers
            case .stranger, .ownKey, .secretKey, .publishableKey: preconditionFailure("made at the beginning")
            }
            known[role] = headers
            return headers
        }

        private static func name() -> String { "op-\(Identifier.make())" }

        func isSignedOut(_ role: Role) async throws {
            if role == .user || role.granted != nil { known[role] = nil }
        }
    }

    /// What a door says, and a handler does not to a call without contents.
    private static let doors: Set<String> = ["forbidden", "key_not_allowed", "missing_credentials", "invalid_token"]

    @Test("Each role gets from each route what the route table says")
    func matrix() async throws {
        try await TestApp.run { app in
            let callers = try await Callers(app)
            var cells = 0
            for route in app.app.routes {
                var roles = Role.everywhere
                if let permission = route.permission { roles.append(.admin(.only(permission))) }
                for role in roles {
                    cells += 1
                    let headers = try await callers.headers(of: role)
                    let answer = try await app.call(
                        route.method, route.path(with: "x"), route.method == .get ? nil : [:], headers: headers)
                    if answer.status == 204 || route.path.hasSuffix("/logout") { try await callers.isSignedOut(role) }
                    let said = "\(route.name) as \(role): \(answer.status) \(answer.text.prefix(300))"
                    #expect(answer.status < 500, "\(said)")
                    let code = answer.errorCode ?? answer["error"]?["type"]?.string ?? ""
                    switch Self.expected(route, role) {
                    case .refused(let status): #expect(answer.status == status, "\(said)")
                    case .enters:
                        #expect(answer.status != 401, "\(said)")
                        #expect(answer.status != 403 || !Self.doors.contains(code), "\(said)")
                    case .open:
                        #expect(
                            ![401, 403].contains(answer.status) || route.errors.contains { $0.rawValue == code },
                            "\(said)")
                    }
                }
            }
            #expect(cells == app.app.routes.reduce(0) { $0 + Role.everywhere.count + ($1.permission == nil ? 0 : 1) })
        }
    }

    @Test("Every permission opens a route, and every operators' route names an existing permission")
    func permissions() async throws {
        try await TestApp.run { app in
            let used = Set(app.app.routes.compactMap(\.permission))
            for permission in Permission.allCases where !used.contains(permission) {
                Issue.record("nothing needs \(permission.rawValue)")
            }
            for route in app.app.routes {
                let asks = [.operator, .userKeyOrOperator].contains(route.access)
                #expect((route.permission != nil) == asks, "\(route.name)")
                let folder = route.path.split(separator: "/").first.map(String.init)
                let isOperators = ["admin", "staff"].contains(folder)
                #expect(
                    isOperators == [.operator, .admin, .staff].contains(route.access) || route.access == .anyone,
                    "\(route.name)")
                if folder == "staff", route.access == .operator {
                    #expect(route.permission?.staffLevel != nil, "\(route.name)")
                }
            }
        }
    }

    @Test("The guide's permission table equals the code's")
    func documented() async throws {
        try await TestApp.run { app in
            let guide = try String(
                contentsOfFile: TestApp.resources.path + "/docs/operating/operators.md", encoding: .utf8)
            for permission in Permission.allCases {
                let calls = app.app.routes.filter { $0.permission == permission && $0.action == $0.name }.map(\.name)
                let level = permission.staffLevel.map { "\($0)" } ?? "–"
                let row =
                    "| `\(permission.rawValue)` | \(level) | \(calls.map { "`\($0)`" }.joined(separator: ", ")) |"
                #expect(guide.contains(row), "docs/operating/operators.md lacks this row:\n\(row)")
            }
        }
    }
}
