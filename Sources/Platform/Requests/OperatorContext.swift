package import HTTPKit
import HTTPTypes

/// What a route asks of the operator who calls it: one permission.
package protocol Need: Sendable {
    static var permission: Permission { get }
}

/// An operator with the permission that `N` names. Users, API keys and cookies are refused.
package struct Operator<N: Need>: Context {
    package static var access: Access { .operator }
    package static var permission: Permission? { N.permission }

    package let call: Call
    package let caller: OperatorCaller
    package var principal: String? { "operator:\(caller.id)" }

    package init(_ call: Call) async throws { try self.init(call, try await call.operatorCaller()) }

    package init(_ call: Call, _ caller: OperatorCaller) throws {
        guard caller.may(N.permission) else {
            throw APIError(.forbidden, "This needs the permission '\(N.permission.rawValue)'.")
        }
        self.call = call
        self.caller = caller
    }
}

/// An operator of one role, in matters of its own: its account, its password, its sign-in.
package struct OwnOperator<R: OperatorRealm>: Context {
    package static var access: Access { R.role == .admin ? .admin : .staff }

    package let call: Call
    package let caller: OperatorCaller
    package var principal: String? { "operator:\(caller.id)" }

    package init(_ call: Call) async throws {
        let caller = try await call.operatorCaller()
        guard caller.role == R.role else { throw APIError(.forbidden) }
        self.call = call
        self.caller = caller
    }
}

/// Which of the operators' two sign-ins a route belongs to.
package protocol OperatorRealm: Sendable { static var role: OperatorRole { get } }
package enum Admins: OperatorRealm { package static var role: OperatorRole { .admin } }
package enum Staff: OperatorRealm { package static var role: OperatorRole { .staff } }

package enum UsersRead: Need { package static var permission: Permission { .usersRead } }

/// A user, an application, or an operator who may read users.
package enum UserKeyOrOperator: Context {
    case userOrKey(UserOrKey)
    case `operator`(Operator<UsersRead>)

    package static var access: Access { .userKeyOrOperator }
    package static var permission: Permission? { UsersRead.permission }

    package init(_ call: Call) async throws {
        self =
            switch try await call.authenticator.identity(of: call, acceptsOperators: true) {
            case .user(let caller): .userOrKey(.user(try await UserCaller(call, caller)))
            case .key(let holder): .userOrKey(.key(try await KeyCaller(call, holder)))
            case .operator(let caller): .operator(try Operator(call, caller))
            }
    }

    private var context: any Context {
        switch self {
        case .userOrKey(let who): who
        case .operator(let who): who
        }
    }
    package var call: Call { context.call }
    package var principal: String? { context.principal }
}

/// Anyone, and whether it is an operator. Credentials of others, and those that are not valid, count for nothing: what is
/// asked here is answered to strangers too.
package struct StrangerOrOperator: Context {
    package static var access: Access { .anyone }

    package let call: Call
    package let isOperator: Bool
    package var principal: String? { nil }

    package init(_ call: Call) async throws {
        self.call = call
        if call.header(.authorization) != nil, try await Self.isOperator(call) {
            isOperator = true
        } else {
            isOperator = false
            try await call.countAnonymous()
        }
    }

    private static func isOperator(_ call: Call) async throws -> Bool {
        guard
            let identity = try? await call.authenticator.identity(
                of: call, acceptsCookie: false, acceptsOperators: true)
        else { return false }
        if case .operator = identity { return true }
        return false
    }
}

extension Call {
    fileprivate func operatorCaller() async throws -> OperatorCaller {
        guard
            case .operator(let caller) = try await authenticator.identity(
                of: self, acceptsCookie: false, acceptsOperators: true)
        else {
            throw APIError(.invalidToken, "This needs an operator's token. Sign in at /admin/login or /staff/login.")
        }
        return caller
    }
}
