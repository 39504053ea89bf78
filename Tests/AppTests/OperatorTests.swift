import Foundation
import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import HTTPKit

/// Admins and staff: their permissions, and who may change them.
@Suite struct OperatorTests {
    @Test("An operator is created, read, listed, changed and deleted")
    func life() async throws {
        try await TestApp.run { app in
            let root = try await app.admin()
            let made = try await app.call(
                .post, "/admin/operators",
                [
                    "username": "Helper.1", "name": "Helen", "email": "helen@example.com",
                    "password": .string(TestApp.password), "role": "staff", "level": 2,
                ], as: root)
            #expect(made.status == 201, "\(made.text)")
            #expect(made["level"] == 2 && made["permissions"] == .null && made["disabled"] == false)
            #expect(made["second_factor"] == false)
            #expect(!made.text.contains("password"))
            let id = try made.string("id")
            #expect(try await app.call(.get, "/admin/operators/\(id)", as: root).json == made.json)
            let list = try await app.call(.get, "/admin/operators?limit=1", as: root)
            #expect(list["data"]?[0]?["id"]?.string == id)
            let next = try list.string("next")
            let rest = try await app.call(.get, "/admin/operators?limit=1&after=\(next)", as: root)
            #expect(rest["data"]?[0]?["id"]?.string == root.id && rest["next"] == .null)

            let helper = try await app.signIn(id, "helper.1", .staff)
            let changed = try await app.call(
                .patch, "/admin/operators/\(id)", ["name": "Helena", "email": .null, "level": 3], as: root)
            #expect(changed["name"] == "Helena" && changed["email"] == .null && changed["level"] == 3)
            // Who may more now, or less, signs in again.
            #expect(try await app.call(.get, "/staff/me", as: helper).status == 401)
            let again = try await app.signIn(id, "HELPER.1", .staff)
            #expect(try await app.call(.get, "/staff/me", as: again)["level"] == 3)
            #expect(try await app.call(.delete, "/admin/operators/\(id)", as: root).status == 204)
            #expect(try await app.call(.get, "/staff/me", as: again).errorCode == "invalid_token")
            #expect(try await app.call(.get, "/admin/operators/\(id)", as: root).status == 404)
            #expect(try await app.call(.delete, "/admin/operators/\(id)", as: root).status == 404)
            let refresh = try await app.call(
                .post, "/staff/refresh", ["refresh_token": .string(again.refreshToken)])
            #expect(refresh.errorCode == "invalid_token")
        }
    }

    @Test("What is not an operator is refused, and named")
    func refusals() async throws {
        try await TestApp.run { app in
            let root = try await app.admin()
            let good: [String: JSONValue] = [
                "username": "one", "name": "One", "password": .string(TestApp.password), "role": "admin",
            ]
            let cases: [([String: JSONValue], Int, String)] = [
                (["username": "a b"], 422, "username"), (["name": " "], 422, "name"), (["email": "x"], 422, "email"),
                (["password": "short"], 422, "password"), (["password": "password"], 422, "password"),
                (["role": "user"], 422, "role"), (["role": "staff"], 422, "level"), (["level": 1], 422, "level"),
                (["role": "staff", "level": 4], 422, "level"), (["role": "staff", "level": 0], 422, "level"),
                (["permissions": ["everything"]], 422, "permissions[0]"),
                (["role": "staff", "level": 1, "permissions": ["users.read"]], 422, "permissions"),
                (["username": "ROOT"], 409, "username"),
            ]
            for (change, status, param) in cases {
                let answer = try await app.call(
                    .post, "/admin/operators", .object(good.merging(change) { $1 }), as: root)
                #expect(answer.status == status && answer["error"]?["param"]?.string == param, "\(answer.text)")
            }
            #expect(try await app.call(.get, "/admin/operators", as: root)["data"]?.array?.count == 1)
        }
    }

    @Test("Operators cannot grant permissions they lack, nor change operators who have more")
    func noEscalation() async throws {
        try await TestApp.run { app in
            let root = try await app.admin()
            let some: [Permission] = [.operatorsRead, .operatorsWrite, .usersRead, .supportUsers]
            let lesser = try await app.admin("lesser", permissions: some)
            let staff = try await app.staff("s1", level: 1)
            func create(_ fields: [String: JSONValue]) async throws -> TestApp.Answer {
                let named: [String: JSONValue] = [
                    "username": .string("new\(Int.random(in: 0...Int.max))"), "name": "N",
                    "password": .string(TestApp.password), "role": "admin",
                ]
                return try await app.call(
                    .post, "/admin/operators", .object(named.merging(fields) { $1 }), as: lesser)
            }
            #expect(try await create(["permissions": ["users.read"]]).status == 201)
            #expect(try await create(["permissions": []]).status == 201)
            #expect(try await create(["role": "staff", "level": 1]).status == 201)
            for fields: [String: JSONValue] in [
                [:], ["permissions": .null], ["permissions": ["users.read", "users.write"]],
                ["role": "staff", "level": 2],
            ] {
                let answer = try await create(fields)
                #expect(answer.status == 403 && answer.errorCode == "forbidden", "\(answer.text)")
            }
            for change: JSONValue in [
                ["name": "x"], ["password": .string(TestApp.password + "!")], ["disabled": true],
                ["permissions": ["users.read"]], ["role": "staff", "level": 1],
            ] {
                let answer = try await app.call(.patch, "/admin/operators/\(root.id)", change, as: lesser)
                #expect(answer.status == 403, "\(answer.text)")
            }
            #expect(try await app.call(.delete, "/admin/operators/\(root.id)", as: lesser).status == 403)
            let changes: [(String, JSONValue)] = [
                (lesser.id, ["permissions": .null]), (lesser.id, ["permissions": ["users.write"]]),
                (staff.id, ["level": 3]), (staff.id, ["role": "admin"]),
            ]
            for (id, change) in changes {
                let answer = try await app.call(.patch, "/admin/operators/\(id)", change, as: lesser)
                #expect(answer.status == 403, "\(answer.text)")
            }
            #expect(try await app.call(.get, "/admin/me", as: root)["name"] == "root")
            // Less may be given, even to oneself.
            let less = try await app.call(
                .patch, "/admin/operators/\(lesser.id)", ["permissions": ["operators.read"]], as: lesser)
            #expect(less["permissions"] == ["operators.read"])
        }
    }

    @Test("The last active admin with all permissions cannot be removed")
    func lastAdmin() async throws {
        try await TestApp.run { app in
            let root = try await app.admin()
            _ = try await app.admin("lesser", permissions: Permission.allCases)
            for change: JSONValue in [
                ["disabled": true], ["permissions": []], ["role": "staff", "level": 3],
            ] {
                let answer = try await app.call(.patch, "/admin/operators/\(root.id)", change, as: root)
                #expect(answer.status == 409 && answer.errorCode == "last_admin", "\(answer.text)")
            }
            let deleted = try await app.call(.delete, "/admin/operators/\(root.id)", as: root)
            #expect(deleted.errorCode == "last_admin")
            let second = try await app.admin("second")
            #expect(
                try await app.call(.patch, "/admin/operators/\(second.id)", ["disabled": true], as: root).status == 200)
            #expect(try await app.call(.delete, "/admin/operators/\(root.id)", as: root).errorCode == "last_admin")
        }
    }

    @Test("Admins who disable each other concurrently leave one active", arguments: 0..<10)
    func mutualDisabling(round: Int) async throws {
        try await TestApp.run { app in
            let (one, other) = (try await app.admin("one"), try await app.admin("other"))
            async let first = app.call(.patch, "/admin/operators/\(other.id)", ["disabled": true], as: one)
            async let second = app.call(.delete, "/admin/operators/\(one.id)", as: other)
            let statuses = try await [first.status, second.status]
            #expect(statuses.count { $0 < 300 } == 1, "\(statuses)")
            #expect(statuses.allSatisfy { [200, 204, 401, 409].contains($0) }, "\(statuses)")
            let left = try await app.database.read(.system) { tx in
                try tx.row("SELECT count(*) AS n FROM operators WHERE disabled_at IS NULL") { try $0.int("n") }
            }
            #expect(left == 1)
        }
    }

    @Test(
        "Disabling an operator or setting the password ends sessions at once here, and soon on other instances")
    func disabling() async throws {
        try await TestApp.run { app in
            let root = try await app.admin()
            let staff = try await app.staff(level: 1)
            #expect(try await app.call(.get, "/staff/me", as: staff).status == 200)
            try await app.another { other in
                #expect(try await other.call(.get, "/staff/me", as: staff).status == 200)
                let path = "/admin/operators/\(staff.id)"
                #expect(try await app.call(.patch, path, ["disabled": true], as: root)["disabled"] == true)
                #expect(try await app.call(.get, "/staff/me", as: staff).errorCode == "invalid_token")
                try await app.eventually("the other instance still believes the token") {
                    try await other.call(.get, "/staff/me", as: staff).status == 401
                }
                let signIn = try await app.call(
                    .post, "/staff/login", ["username": "helper", "password": .string(TestApp.password)])
                #expect(signIn.errorCode == "invalid_credentials")
                _ = try await app.call(.patch, path, ["disabled": false], as: root)
                // What was ended stays so.
                #expect(try await app.call(.get, "/staff/me", as: staff).status == 401)
                let again = try await app.signIn(staff.id, staff.name, .staff)
                _ = try await app.call(.patch, path, ["password": "another strong one"], as: root)
                #expect(try await app.call(.get, "/staff/me", as: again).status == 401)
                let old = try await app.call(
                    .post, "/staff/login", ["username": "helper", "password": .string(TestApp.password)])
                #expect(old.errorCode == "invalid_credentials")
            }
        }
    }

    @Test("One's own password takes the old one, and ends the other sessions")
    func ownPassword() async throws {
        try await TestApp.run { app in
            let root = try await app.admin()
            let elsewhere = try await app.signIn(root.id, root.name, .admin)
            let new: JSONValue = "another strong one"
            let byPatch = try await app.call(.patch, "/admin/operators/\(root.id)", ["password": new], as: root)
            #expect(byPatch.status == 422)
            let wrong = try await app.call(
                .post, "/admin/password", ["current_password": "wrong", "new_password": new], as: root)
            #expect(wrong.errorCode == "wrong_password")
            let common = try await app.call(
                .post, "/admin/password",
                ["current_password": .string(TestApp.password), "new_password": "password"], as: root)
            #expect(common.errorCode == "password_too_common")
            let right = try await app.call(
                .post, "/admin/password", ["current_password": .string(TestApp.password), "new_password": new],
                as: root)
            #expect(right.status == 204, "\(right.text)")
            #expect(try await app.call(.get, "/admin/me", as: root).status == 200)
            #expect(try await app.call(.get, "/admin/me", as: elsewhere).status == 401)
            let signIn = try await app.call(.post, "/admin/login", ["username": "root", "password": new])
            #expect(signIn.status == 200)
        }
    }

    @Test("Operators with users.read see all users, page by page; others get none")
    func users() async throws {
        try await TestApp.run { app in
            var ids: [String] = []
            for name in ["alice", "bob", "carol"] { ids.append(try await app.user(name).id) }
            let reader = try await app.admin("reader", permissions: [.usersRead])
            var seen: [String] = []
            var after = ""
            repeat {
                let page = try await app.call(.get, "/users?limit=2\(after)", as: reader)
                seen += page["data"]?.array?.compactMap { $0["id"]?.string } ?? []
                after = page["next"]?.string.map { "&after=\($0)" } ?? ""
            } while !after.isEmpty
            #expect(seen == ids.reversed())
            let alice = try await app.call(.get, "/users/\(ids[0])", as: reader)
            #expect(alice["username"] == "alice" && !alice.text.contains("password"))
            #expect(try await app.call(.get, "/users/me", as: reader).status == 401)
            #expect(try await app.call(.get, "/users/nobody", as: reader).status == 404)
            for path in ["/users", "/users/\(ids[0])"] {
                let staff = try await app.staff("staff\(path.count)", level: 3)
                #expect(try await app.call(.get, path, as: staff).errorCode == "forbidden")
                let none = try await app.admin("none\(path.count)", permissions: [])
                #expect(try await app.call(.get, path, as: none).errorCode == "forbidden")
            }
        }
    }
}
