import HTTPTypes
import JSON
import Storage
import Testing

@testable import Accounts
@testable import App
@testable import HTTPKit
@testable import Platform

/// An operator who is signed in, inside a test.
struct TestOperator: Sendable {
    let id: String
    let name: String
    let role: OperatorRole
    let token: String
    let refreshToken: String

    var headers: HTTPFields { [.authorization: "Bearer \(token)"] }
}

extension TestApp {
    /// An admin with these permissions, or with all.
    func admin(_ name: String = "root", permissions: [Permission]? = nil) async throws -> TestOperator {
        try await makeOperator(name, .init(role: .admin, level: nil, permissions: permissions))
    }

    func staff(_ name: String = "helper", level: Int) async throws -> TestOperator {
        try await makeOperator(name, .init(role: .staff, level: level, permissions: nil))
    }

    private func makeOperator(_ name: String, _ rights: OperatorAccount.Rights) async throws -> TestOperator {
        let hash = try await app.access.signIn.hash(Self.password)
        let made = try await database.write(.system) { tx in
            try OperatorAccount.create(tx, username: name, name: name, rights, passwordHash: hash, now: .now)
        }
        return try await signIn(made.id, name, rights.role)
    }

    func signIn(_ id: String, _ name: String, _ role: OperatorRole) async throws -> TestOperator {
        let grant = try await call(
            .post, "/\(role.rawValue)/login", ["username": .string(name), "password": .string(Self.password)])
        try #require(grant.status == 200, "\(grant.text)")
        return TestOperator(
            id: id, name: name, role: role, token: try grant.string("access_token"),
            refreshToken: try grant.string("refresh_token"))
    }

    @discardableResult
    func call(
        _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil, as who: TestOperator,
        headers: HTTPFields = [:]
    ) async throws -> Answer {
        try await call(method, path, body, headers: headers + who.headers)
    }
}
