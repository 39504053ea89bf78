import Foundation
import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import Chat
@testable import HTTPKit

/// What each level of support staff may do, and what users see of it.
@Suite struct StaffTests {
    @Test("Each staff level opens its own routes only, and a user's token opens none")
    func levels() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let conversation = try await app.conversation(as: user)
            let admin = try await app.admin()
            let limited = try await app.admin("limited", permissions: [.usersRead, .usersWrite])
            let staff = try await [
                app.staff("one", level: 1), app.staff("two", level: 2), app.staff("three", level: 3),
            ]
            let reason: JSONValue = ["reason": "The user asked for help."]
            for (method, path, body, level, status) in [
                (.get, "/staff/users", nil, 1, 200), (.get, "/staff/users/\(user.id)", nil, 1, 200),
                (.post, "/staff/users/\(user.id)/reset-limits", nil, 2, 200),
                // There is no address to confirm.
                (.post, "/staff/users/\(user.id)/resend-verification", nil, 2, 409),
                (.post, "/staff/conversations/\(conversation)/access", reason, 3, 200),
                (.get, "/staff/conversations/\(conversation)/messages", nil, 3, 200),
                (.post, "/staff/users/\(user.id)/disable", reason, 3, 200),
            ] as [(HTTPRequest.Method, String, JSONValue?, Int, Int)] {
                #expect(try await app.call(method, path, body, as: user).status == 401, "\(path)")
                #expect(try await app.call(method, path, body).status == 401, "\(path)")
                #expect(try await app.call(method, path, body, as: limited).errorCode == "forbidden", "\(path)")
                for who in staff.prefix(level - 1) {
                    #expect(
                        try await app.call(method, path, body, as: who).errorCode == "forbidden", "\(path) \(who.name)")
                }
                for who in staff.dropFirst(level - 1) + [admin] {
                    let answer = try await app.call(method, path, body, as: who)
                    #expect(answer.status == status, "\(path) \(who.name): \(answer.text)")
                }
            }
            for path in ["/admin/users", "/admin/deleted-users", "/admin/users/\(user.id)"] {
                #expect(try await app.call(.get, path, as: staff[2]).errorCode == "forbidden")
            }
        }
    }

    @Test("Staff see no details and no messages; unknown ids are 404")
    func shown() async throws {
        try await TestApp.run { app in
            let helper = try await app.staff(level: 3)
            let user = try await app.user("alice")
            _ = try await app.call(
                .post, "/users/\(user.id)/details", ["company": "Secret Corp", "first_name": "Alicia"], as: user)
            try await app.send("a secret question", in: try await app.conversation(as: user), as: user)
            let found = try await app.call(.get, "/staff/users?q=ALI", as: helper)
            #expect(found["data"]?[0]?["id"]?.string == user.id)
            let read = try await app.call(.get, "/staff/users/\(user.id)", as: helper)
            #expect(read["today"] == ["messages": 1, "conversations": 1] && read["limits"]?["keys"] == 10)
            for answer in [found, read] {
                for secret in ["Secret Corp", "Alicia", "secret question", "credits\":"] {
                    #expect(!answer.text.contains(secret), "\(secret)")
                }
            }
            let reset = try await app.call(.post, "/staff/users/\(user.id)/reset-limits", as: helper)
            #expect(reset["today"] == ["messages": 0, "conversations": 0])
            for id in TenancyTests.madeUpIDs {
                for (method, path, body) in [
                    (.get, "", nil), (.post, "/reset-limits", nil), (.post, "/resend-verification", nil),
                    (.post, "/disable", ["reason": "no reason"]),
                ] as [(HTTPRequest.Method, String, JSONValue?)] {
                    let answer = try await app.call(method, "/staff/users/\(id)\(path)", body, as: helper)
                    #expect(answer.status == 404, "\(id)\(path)")
                }
            }
            let disabled = try await app.call(
                .post, "/staff/users/\(user.id)/disable", ["reason": "sends spam"], as: helper)
            #expect(disabled["disabled_at"]?.string != nil)
            #expect(try await app.call(.get, "/users/me", as: user).status == 401)
            let entries = try await app.rows(
                "SELECT detail FROM audit_entries WHERE action = 'POST /staff/users/{id}/disable' AND outcome = ?",
                ["success"])
            #expect(entries.count == 1 && entries[0].contains("sends spam"))
        }
    }

    @Test("The confirmation link is sent again if an address waits for confirmation")
    func verification() async throws {
        try await TestApp.run { app in
            let helper = try await app.staff(level: 2)
            let made = try await app.call(
                .post, "/auth/register",
                ["username": "alice", "email": "alice@example.com", "password": .string(TestApp.password)])
            let path = "/staff/users/\(try made.string("id"))/resend-verification"
            #expect(try await app.call(.post, path, as: helper).status == 202)
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE users SET email_verified_at = 1", [])
            }
            #expect(try await app.call(.post, path, as: helper).errorCode == "conflict")
        }
    }

    @Test("Reading a conversation needs a reason and ends; its owner sees who, when and why")
    func access() async throws {
        try await TestApp.run { app in
            let (helper, second) = (try await app.staff(level: 3), try await app.staff("second", level: 3))
            let (user, other) = (try await app.user("alice"), try await app.user("bob"))
            let conversation = try await app.conversation(as: user)
            let otherConversation = try await app.conversation(as: user)
            for text in ["one", "two", "three"] { try await app.send(text, in: conversation, as: user) }
            let path = "/staff/conversations/\(conversation)"
            let reason = "The reply was cut off, says the user."

            // Without an access, what exists cannot be told from what does not.
            let closed = try await app.call(.get, "\(path)/messages", as: helper)
            #expect(closed.status == 403 && closed.errorCode == "access_required")
            for id in TenancyTests.madeUpIDs {
                let unknown = try await app.call(.get, "/staff/conversations/\(id)/messages", as: helper)
                #expect(unknown.errorCode == "access_required", "\(id)")
                #expect(unknown["error"]?["message"] == closed["error"]?["message"])
                let asked = try await app.call(
                    .post, "/staff/conversations/\(id)/access", ["reason": .string(reason)], as: helper)
                #expect(asked.status == 404, "\(id)")
            }
            for wrong in ["", "too short", String(repeating: " ", count: 20), String(repeating: "x", count: 501)] {
                let refused = try await app.call(.post, "\(path)/access", ["reason": .string(wrong)], as: helper)
                #expect(refused.status == 422, "\(wrong)")
            }
            #expect(try await app.call(.post, "\(path)/access", [:], as: helper).errorCode == "missing_field")
            #expect(try await app.call(.get, "/users/me/access-log", as: user)["data"] == [])

            let opened = try await app.call(.post, "\(path)/access", ["reason": .string(reason)], as: helper)
            #expect(opened.status == 200 && opened["access_id"]?.string != nil, "\(opened.text)")
            let messages = try await app.call(.get, "\(path)/messages", as: helper)
            #expect(messages["data"]?.array?.count == 6 && messages["data"]?[0]?["content"] == "one")
            let page = try await app.call(.get, "\(path)/messages?limit=2&order=desc", as: helper)
            #expect(page["data"]?.array?.count == 2 && page["next"]?.string != nil)
            let next = try page.string("next")
            let more = try await app.call(.get, "\(path)/messages?limit=2&order=desc&after=\(next)", as: helper)
            #expect(more["data"]?[1]?["content"] == "two")
            // It is this operator's, and for this conversation.
            #expect(try await app.call(.get, "\(path)/messages", as: second).errorCode == "access_required")
            let another = "/staff/conversations/\(otherConversation)/messages"
            #expect(try await app.call(.get, another, as: helper).errorCode == "access_required")

            let log = try await app.call(.get, "/users/me/access-log", as: user)
            let entry = log["data"]?[0]
            #expect(log["data"]?.array?.count == 1 && entry?["operator_name"]?.string == helper.name)
            #expect(entry?["reason"]?.string == reason && entry?["conversation_id"]?.string == conversation)
            #expect(entry?["expires_at"] == opened["expires_at"] && entry?["created_at"]?.string != nil)
            #expect(try await app.call(.get, "/users/me/access-log", as: other)["data"] == [])
            let reads = try await app.rows(
                """
                SELECT detail FROM audit_entries WHERE action = 'GET /staff/conversations/{conversation_id}/messages'
                AND outcome = 'success' AND target = ? AND actor = ?
                """,
                ["conversation:\(conversation)", "operator:\(helper.id)"])
            #expect(reads.count == 3)

            // Half an hour later it is over.
            let late = Timestamp.now.adding(.seconds(30 * 60 + 1))
            await #expect(throws: APIError.self) {
                try await app.database.read(.system) { tx in
                    _ = try StaffAccess.opened(tx, by: helper.id, conversationID: conversation, now: late)
                }
            }
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE staff_accesses SET expires_at = 1", [])
            }
            #expect(try await app.call(.get, "\(path)/messages", as: helper).errorCode == "access_required")
            // What was read is told even when the conversation is gone.
            #expect(try await app.call(.delete, "/conversations/\(conversation)", as: user).status == 204)
            #expect(try await app.call(.get, "/users/me/access-log", as: user)["data"]?.array?.count == 1)
        }
    }

    @Test("The workspace's owner sees who read an application's conversation")
    func application() async throws {
        try await TestApp.run { app in
            let helper = try await app.staff(level: 3)
            let user = try await app.user("alice")
            let application = try await TestApplication.make(app, chatbotID: try await app.chatbot(as: user), as: user)
            let asked = try await application.query("hello", ["user": ["id": "customer"]])
            let conversation = try asked.string("conversation_id")
            let opened = try await app.call(
                .post, "/staff/conversations/\(conversation)/access", ["reason": "The shop reports an error."],
                as: helper)
            #expect(opened.status == 200, "\(opened.text)")
            let messages = try await app.call(.get, "/staff/conversations/\(conversation)/messages", as: helper)
            #expect(messages["data"]?[0]?["content"] == "hello")
            let log = try await app.call(.get, "/users/me/access-log", as: user)
            #expect(log["data"]?[0]?["conversation_id"]?.string == conversation)
            // Staff cannot read deleted data.
            let admin = try await app.admin()
            #expect(try await app.call(.delete, "/admin/users/\(user.id)", ["reason": "x"], as: admin).status == 204)
            let gone = try await app.call(.get, "/staff/conversations/\(conversation)/messages", as: helper)
            #expect(gone.errorCode == "access_required")
        }
    }
}
