import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// Who has lost the second factor and the recovery codes is helped by an operator.
@Suite struct SecondFactorRemovalTests {
    private typealias Someone = SecondFactorTests.Someone

    private static func id(_ app: TestApp, _ kind: SecondFactorTests.Someone.Kind) async throws -> String {
        try await app.database.read(.system) { tx in
            let table = kind == .user ? "users" : "operators"
            return try #require(
                try tx.row("SELECT id FROM \(table) WHERE username = 'someone'") { try $0.string("id") })
        }
    }

    @Test(
        "An operator removes a lost second factor with a reason, and the sessions end",
        arguments: SecondFactorTests.Someone.Kind.allCases)
    func removal(kind: SecondFactorTests.Someone.Kind) async throws {
        try await TestApp.run(configure: { $0.sendsMail() }) { app in
            let root = try await app.admin()
            let who = try await Someone.make(app, kind)
            _ = try await who.setUp(app)
            let id = try await Self.id(app, kind)
            let path = kind == .user ? "/admin/users/\(id)/mfa" : "/admin/operators/\(id)/mfa"
            if kind == .user {
                try await app.database.write(.system) { tx in
                    try tx.run("UPDATE users SET email = 'a@example.com', email_key = 'a@example.com'")
                }
            }
            let action = path.replacing(id, with: kind == .user ? "{id}" : "{operator_id}")
            #expect(try await who.signIn(app, code: nil).errorCode == "mfa_required")
            for body: JSONValue in [[:], ["reason": ""]] {
                #expect(try await app.call(.delete, path, body, as: root).status == 422)
            }
            #expect(try await who.call(app, .get, who.me).status == 200)

            let removed = try await app.call(.delete, path, ["reason": "seen in person"], as: root)
            #expect(removed.status == 204, "\(removed.text)")
            let entries = try await app.entries(of: removed)
            #expect(entries.count == 1 && entries[0].action == "DELETE \(action)")
            #expect(entries[0].actor == "operator:\(root.id)" && entries[0].outcome == AuditEntry.success)
            #expect(entries[0].target?.hasSuffix(id) == true)
            #expect(entries[0].detail?["reason"] == "seen in person")
            #expect(try await who.call(app, .get, who.me).errorCode == "invalid_token")
            #expect(try await who.signIn(app, code: nil).status == 200)
            let codes = try await app.database.read(.system) { tx in
                try tx.row("SELECT count(*) AS n FROM recovery_codes") { try $0.int("n") }
            }
            #expect(codes == 0)
            let mails = try await app.mails()
            #expect(mails.map(\.kind) == (kind == .user ? [.secondFactorRemoved] : []))
            for path in [path, path.replacing(id, with: "nobody")] {
                let again = try await app.call(.delete, path, ["reason": "x"], as: root)
                #expect(again.status == 404, "\(again.text)")
            }
        }
    }

    @Test("Removing a factor needs no fewer permissions than its holder has; one's own needs the password")
    func limits() async throws {
        try await TestApp.run { app in
            let root = try await app.admin()
            let lesser = try await app.admin("lesser", permissions: [.operatorsWrite])
            let who = try await Someone.make(app, .admin)
            let code = try await who.setUp(app).recoveryCodes[0]
            let id = try await Self.id(app, .admin)
            let refused = try await app.call(
                .delete, "/admin/operators/\(id)/mfa", ["reason": "x"], as: lesser)
            #expect(refused.status == 403 && refused.errorCode == "forbidden", "\(refused.text)")
            let own = try await app.call(
                .delete, "/admin/operators/\(id)/mfa", ["reason": "x"], headers: [.authorization: "Bearer \(who.token)"]
            )
            #expect(own.status == 403, "\(own.text)")
            #expect(own["error"]?["message"]?.string?.contains("DELETE /admin/mfa/totp") == true)
            #expect(try await who.call(app, .get, who.me).status == 200)
            #expect(try await who.signIn(app, code: nil).errorCode == "mfa_required")
            #expect(try await who.signIn(app, code: code).status == 200)
            #expect(try await app.call(.get, "/admin/me", as: root).status == 200)
        }
    }
}
