import Foundation
import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// The life of a key: first use, expiry, rotation, revocation, and the deletion of its holder.
@Suite struct APIKeyLifeTests {
    private static let works = "key_not_allowed"

    /// A chatbot of alice's, with the path of its keys.
    private static func path(_ app: TestApp, _ user: TestUser) async throws -> String {
        "/chatbots/\(try await app.chatbot(as: user))/api-keys"
    }

    @Test("Each credential that is none has its code, and none says more")
    func refusals() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let path = try await Self.path(app, user)
            let key = try await app.secretKey(path, as: user)
            #expect(try await app.fate(of: key.text) == Self.works)
            let altered = key.text.dropLast() + (key.text.hasSuffix("0") ? "1" : "0")
            for text in [
                String(altered), String(key.text.dropLast()), key.text + "0", key.text.uppercased(), "x", "",
                String(key.text.prefix(40)), String(repeating: "a", count: 3000), "é", key.text + "\u{20}x", "sample",
            ] {
                for headers in [[.apiKey: text], [.authorization: "Bearer \(text)"]] as [HTTPFields] {
                    let answer = try await app.call(.get, "/users/me", headers: headers)
                    #expect(answer.status == 401, "\(headers): \(answer.text)")
                    #expect(
                        ["invalid_api_key", "invalid_token", "missing_credentials"].contains(answer.errorCode),
                        "\(headers): \(answer.text)")
                    #expect(answer.headers[.wwwAuthenticate] == "Bearer")
                    #expect(!answer.text.contains(user.id) && !answer.text.contains(key.id))
                }
            }
            #expect(try await app.fate(of: String(altered)) == "invalid_api_key")
            let bearer = try await app.call(
                .get, "/users/me", headers: [.authorization: "bearer \(String(altered))"])
            #expect(bearer.errorCode == "invalid_api_key")
            let none = try await app.call(.get, "/users/me")
            #expect(none.status == 401 && none.errorCode == "missing_credentials")
        }
    }

    @Test("A key works until the moment it expires and not from it on")
    func expiry() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let path = try await Self.path(app, user)
            let expiry = Timestamp.now.adding(.milliseconds(1500))
            let key = try await app.secretKey(path, ["expires_at": .string(expiry.iso8601)], as: user)
            for (moment, state) in [(-1, .active), (0, .expired), (1, .expired)] as [(Int, APIKey.State)] {
                let now = expiry.adding(.milliseconds(moment))
                let live = try await app.database.read(.system) { tx in try APIKey.live(tx, text: key.text, now: now) }
                #expect(live?.key.state == state, "\(moment) ms")
            }
            try await app.eventually("the key expires") {
                let before = Timestamp.now
                let fate = try await app.fate(of: key.text)
                if before >= expiry { #expect(fate == "key_expired") }
                if Timestamp.now < expiry { #expect(fate == Self.works) }
                return fate == "key_expired"
            }
            #expect(try await app.call(.get, "/users/me", headers: [.apiKey: key.text]).status == 401)
            #expect(try await app.all(path, as: user)[0]["state"] == "expired")
            let rotated = try await app.call(.post, "\(path)/\(key.id)/rotate", as: user)
            #expect(rotated.status == 409 && rotated.errorCode == "conflict")
            // Its time may be prolonged.
            #expect(
                try await app.call(.patch, "\(path)/\(key.id)", ["expires_at": .null], as: user).status == 200)
            #expect(try await app.fate(of: key.text) == Self.works)
        }
    }

    @Test("A key that another replaces works until its time is over, and is revoked then")
    func rotation() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            for path in [try await Self.path(app, user), "/users/me/api-keys"] {
                let works = path.hasPrefix("/users") ? nil : Self.works
                let first = try await app.secretKey(path, as: user)
                let until = Timestamp.now.adding(.seconds(2))
                let second = try await app.rotate(path, first.id, overlap: 2, as: user)
                let latest = Timestamp.now.adding(.seconds(2))
                #expect(second != first.text && second.split(separator: "_")[2] == first.text.split(separator: "_")[2])
                try await app.eventually("the first key's time is over") {
                    let before = Timestamp.now
                    let fate = try await app.fate(of: first.text)
                    if before > latest { #expect(fate == "key_revoked") }
                    if Timestamp.now < until { #expect(fate == works) }
                    return fate == "key_revoked"
                }
                #expect(try await app.fate(of: second) == works)
                let listed = try await app.all(path, as: user)
                #expect(listed.count == 1 && listed[0]["state"] == "active", "a rotated key is the same key")
            }
        }
    }

    @Test("A day's overlap where none is named; twice in a row, both old keys keep theirs; none with 0")
    func rotatedTwice() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let path = try await Self.path(app, user)
            let first = try await app.secretKey(path, as: user)
            let second = try await app.rotate(path, first.id, as: user)
            let third = try await app.rotate(path, first.id, as: user)
            for key in [first.text, second, third] { #expect(try await app.fate(of: key) == Self.works) }
            let left = try await app.database.read(.system) { tx in
                try APIKey.live(tx, text: first.text, now: .now)?.replacedUntil
            }
            let day = Timestamp.now.adding(.seconds(86_400))
            #expect(try #require(left) <= day && #require(left) > day.adding(.seconds(-600)))
            let fourth = try await app.rotate(path, first.id, overlap: 0, as: user)
            for key in [first.text, second, third] { #expect(try await app.fate(of: key) == "key_revoked") }
            #expect(try await app.fate(of: fourth) == Self.works)
            for overlap in [-1, 604_801] as [Int64] {
                let answer = try await app.call(
                    .post, "\(path)/\(first.id)/rotate", ["overlap_seconds": .int(overlap)], as: user)
                #expect(answer.status == 422 && answer["error"]?["param"] == "overlap_seconds")
            }
        }
    }

    @Test("Revocation ends the key and those that it replaced, at once")
    func revocation() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            for path in [try await Self.path(app, user), "/users/me/api-keys"] {
                let first = try await app.secretKey(path, as: user)
                let second = try await app.rotate(path, first.id, as: user)
                let other = try await app.secretKey(path, as: user)
                let works = try await app.fate(of: other.text)
                #expect(works == (path.hasPrefix("/users") ? nil : Self.works))
                for key in [first.text, second] { #expect(try await app.fate(of: key) == works) }
                #expect(try await app.call(.delete, "\(path)/\(first.id)", as: user).status == 204)
                for key in [first.text, second] { #expect(try await app.fate(of: key) == "key_revoked") }
                #expect(try await app.fate(of: other.text) == works)
            }
        }
    }

    @Test("Another instance believes a key for no more than 5 seconds after it was revoked there")
    func revokedElsewhere() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let key = try await app.ownKey(as: user)
            try await app.another { other in
                #expect(try await other.fate(of: key.text) == nil)
                #expect(try await app.call(.delete, "/users/me/api-keys/\(key.id)", as: user).status == 204)
                let revoked = ContinuousClock.now
                #expect(try await app.fate(of: key.text) == "key_revoked")
                try await other.eventually("the other instance learns of it") {
                    let begun = ContinuousClock.now
                    let fate = try await other.fate(of: key.text)
                    if begun - revoked >= .seconds(5) { #expect(fate == "key_revoked") }
                    return fate == "key_revoked"
                }
            }
        }
    }

    @Test("A key ends with its chatbot, its workspace or the account of its owner")
    func ownersEnd() async throws {
        try await TestApp.run { app in
            for (number, end) in ["chatbot", "workspace", "disabled", "deleted", "erased"].enumerated() {
                let user = try await app.user("alice\(number)")
                let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: user).string("id")
                let chatbotID = try await app.chatbot(as: user, headers: [.workspaceID: team])
                let key = try await app.secretKey("/chatbots/\(chatbotID)/api-keys", as: user)
                let own = try await app.ownKey(as: user)
                #expect(try await app.fate(of: key.text) == Self.works)
                #expect(try await app.fate(of: own.text) == nil)
                let column = end == "disabled" ? "disabled_at" : "deleted_at"
                switch end {
                case "chatbot": try await app.call(.delete, "/chatbots/\(chatbotID)", as: user)
                case "workspace": try await app.call(.delete, "/workspaces/\(team)", as: user)
                case "erased":
                    let erased = try await app.call(
                        .delete, "/users/me", ["password": .string(TestApp.password)], as: user)
                    #expect(erased.status == 204, "\(erased.text)")
                default:
                    try await app.database.write(.system) { tx in
                        try tx.run("UPDATE users SET \(column) = ? WHERE id = ?", [Timestamp.now, user.id])
                    }
                    app.app.authenticator.forget(userID: user.id)
                }
                if ["chatbot", "workspace"].contains(end) {
                    // The row went with them, and so does what is remembered of it within its seconds.
                    try await app.eventually("\(end)") { try await app.fate(of: key.text) == "invalid_api_key" }
                    #expect(try await app.fate(of: own.text) == nil)
                } else {
                    #expect(try await app.fate(of: key.text) == "invalid_api_key", "\(end)")
                    #expect(try await app.fate(of: own.text) == "invalid_api_key", "\(end)")
                }
            }
        }
    }

    @Test("A chatbot's key outlives the membership and the account of whoever made it")
    func creatorsEnd() async throws {
        try await TestApp.run { app in
            let (owner, editor) = (try await app.user("owner"), try await app.user("editor"))
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: owner).string("id")
            try await app.add(editor, to: team, as: "editor", by: owner)
            let chatbotID = try await app.chatbot(as: owner, headers: [.workspaceID: team])
            let path = "/chatbots/\(chatbotID)/api-keys"
            let key = try await app.secretKey(path, as: editor)
            let left = try await app.call(.delete, "/workspaces/\(team)/members/\(editor.id)", as: owner)
            #expect(left.status == 204)
            #expect(try await app.call(.get, path, as: editor).status == 404)
            app.app.authenticator.forget(keyID: key.id)
            #expect(try await app.fate(of: key.text) == Self.works)
            let erased = try await app.call(.delete, "/users/me", ["password": .string(TestApp.password)], as: editor)
            #expect(erased.status == 204, "\(erased.text)")
            #expect(try await app.fate(of: key.text) == Self.works)
        }
    }

    @Test("The last use is known to the minute")
    func lastUse() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let path = try await Self.path(app, user)
            let key = try await app.secretKey(path, as: user)
            func lastUse() async throws -> String? { try await app.all(path, as: user)[0]["last_used_at"]?.string }
            #expect(try await lastUse() == nil)
            let before = Timestamp.now
            _ = try await app.fate(of: key.text)
            let first = try #require(try await lastUse())
            #expect(first >= before.iso8601 && first <= Timestamp.now.iso8601)
            app.app.authenticator.forget(keyID: key.id)
            _ = try await app.fate(of: key.text)
            #expect(try await lastUse() == first, "not written anew within a minute")
            let old = Timestamp.now.adding(.seconds(-61))
            try await app.database.write(.system) { tx in try APIKey.touch(tx, id: key.id, now: old) }
            app.app.authenticator.forget(keyID: key.id)
            _ = try await app.fate(of: key.text)
            #expect(try #require(try await lastUse()) > old.iso8601)
        }
    }
}
