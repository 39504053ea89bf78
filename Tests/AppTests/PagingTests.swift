import Foundation
import HTTPTypes
import JSON
import Testing

@testable import App
@testable import HTTPKit

@Suite struct PagingTests {
    @Test("Pages have neither gap nor repeat while rows come and go", arguments: [1, 7, 50, 200])
    func pages(limit: Int) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            try await app.setPlan(user, "enterprise")
            var ids: [String] = []
            for number in 0..<130 { ids.append(try await app.chatbot(["name": "Bot \(number)"], as: user)) }
            var doomed = Set(ids.enumerated().filter { $0.offset.isMultiple(of: 5) }.map(\.element))
            let lasting = Set(ids).subtracting(doomed)

            var seen: [String] = []
            var after = ""
            repeat {
                let page = try await app.call(.get, "/chatbots?limit=\(limit)\(after)", as: user)
                let data = try #require(page["data"]?.array)
                #expect(data.count <= limit)
                try #require(seen.count < 1000, "the list does not end")
                seen += data.compactMap { $0["id"]?.string }
                after = page["next"]?.string.map { "&after=\($0)" } ?? ""
                #expect(after.isEmpty || data.count == limit)
                // The last row seen goes too: its cursor must still work.
                for id in [seen.last, doomed.first].compactMap({ $0 }) where doomed.remove(id) != nil {
                    #expect(try await app.call(.delete, "/chatbots/\(id)", as: user).status == 204)
                }
                if seen.count < 150 { _ = try await app.chatbot(["name": "Newcomer"], as: user) }
            } while !after.isEmpty
            #expect(Set(seen).count == seen.count, "a row came twice")
            #expect(lasting.isSubset(of: seen), "a row is missing")
            let order = seen.filter(lasting.contains)
            #expect(order == ids.reversed().filter(lasting.contains))
        }
    }

    @Test(
        "Every list pages through all of its rows",
        arguments: [
            "/chatbots", "/workspaces", "/auth/sessions", "/conversations", "/workspaces/{w}/members",
            "/workspaces/{w}/invitations",
            "/chatbots/{c}/prompts", "/conversations/{v}/messages",
        ])
    func everyList(list: String) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let workspaceID = try await app.call(.post, "/workspaces", ["name": "Team"], as: user).string("id")
            let chatbotID = try await app.chatbot(as: user)
            let conversationID = try await app.conversation(with: chatbotID, as: user)
            for number in 0..<6 {
                _ = try await app.call(.post, "/workspaces", ["name": "Team \(number)"], as: user)
                _ = try await app.chatbot(as: user)
                _ = try await app.call(.post, "/chatbots/\(chatbotID)/prompts", ["content": "x"], as: user)
                _ = try await app.conversation(with: chatbotID, as: user)
                try await app.send("Message \(number)", in: conversationID, as: user)
                let member = try await app.user("member\(number)")
                try await app.add(member, to: workspaceID, as: "viewer", by: user)
                _ = try await app.call(.post, "/workspaces/\(workspaceID)/invitations", ["role": "viewer"], as: user)
                _ = try await app.call(
                    .post, "/auth/token", ["username": "alice", "password": .string(TestApp.password)])
            }
            let path = list.replacing("{w}", with: workspaceID).replacing("{c}", with: chatbotID)
                .replacing("{v}", with: conversationID)
            let whole = try await app.all(path, limit: 200, as: user)
            #expect(whole.count >= 6)
            for limit in [1, 2, 5] {
                #expect(try await app.all(path, limit: limit, as: user) == whole)
            }
        }
    }

    @Test("Messages come oldest first, or newest first where asked")
    func messageOrder() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            for number in 0..<5 { try await app.send("Message \(number)", in: id, as: user) }
            let path = "/conversations/\(id)/messages"
            let oldest = try await app.all(path, limit: 3, as: user)
            var newest: [JSONValue] = []
            var after = ""
            repeat {
                let page = try await app.call(.get, "\(path)?order=desc&limit=3\(after)", as: user)
                newest += try #require(page["data"]?.array)
                try #require(newest.count < 1000, "the list does not end")
                after = page["next"]?.string.map { "&after=\($0)" } ?? ""
            } while !after.isEmpty
            #expect(oldest.count == 10 && oldest.first?["content"] == "Message 0")
            #expect(newest == oldest.reversed())
            #expect(try await app.call(.get, "\(path)?order=sideways", as: user).status == 422)
        }
    }

    @Test("The documented lists take exactly these limits and cursors")
    func refused() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let chatbotID = try await app.chatbot(as: user)
            let (admin, staff) = (try await app.admin(), try await app.staff(level: 3))
            let lists = app.app.routes.filter { $0.inputFields.contains("after") && $0.parameters.isEmpty }
            #expect(lists.count >= 12)
            let whose = lists.map { (route: Route) -> (String, HTTPFields) in
                route.access == .operator
                    ? (route.path, (route.path.hasPrefix("/staff/") ? staff : admin).headers)
                    : (route.path, [.authorization: "Bearer \(user.token)"] as HTTPFields)
            }
            // What a list cannot do without.
            let needed = ["/conversations/search": "q=%E0%A6%B0%E0%A6%BE%E0%A6%9C&"]
            for (path, who) in whose + [("/chatbots/\(chatbotID)/prompts", [.authorization: "Bearer \(user.token)"])] {
                let asked = "\(path)?\(needed[path, default: ""])"
                for limit in ["0", "201", "-1", "x", "1.5", "", "9999999999999999999999", "%00", "1e2"] {
                    let answer = try await app.call(.get, "\(asked)limit=\(limit)", headers: who)
                    // OpenAI's API answers 400 to whatever is wrong with a request.
                    #expect(
                        answer.status == (path.contains("/v1/") ? 400 : 422), "\(path) limit=\(limit): \(answer.text)")
                    #expect(answer["error"]?["param"] == "limit")
                }
                for cursor in ["x", "", "made-up", "MTIz", "%F0%9F%A6%9C", String(repeating: "A", count: 400)] {
                    let answer = try await app.call(.get, "\(asked)after=\(cursor)", headers: who)
                    #expect(answer.status == (path.contains("/v1/") ? 400 : 422), "\(path) \(cursor)")
                    #expect(answer.errorCode == "invalid_cursor", "\(path) \(cursor)")
                    #expect(answer["error"]?["param"] == "after")
                }
                for limit in ["1", path.hasSuffix("/search") ? "50" : "200"] {
                    let answer = try await app.call(.get, "\(asked)limit=\(limit)&unknown=1", headers: who)
                    #expect(answer.status == 200, "\(path): \(answer.text)")
                }
            }
        }
    }

    @Test("The 50 newest come where no limit is given")
    func standard() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            try await app.setPlan(user, "enterprise")
            for number in 0..<60 { _ = try await app.chatbot(["name": "Bot \(number)"], as: user) }
            let page = try await app.call(.get, "/chatbots", as: user)
            #expect(page["data"]?.array?.count == 50)
            #expect(page["data"]?[0]?["name"] == "Bot 59")
            #expect(page["next"]?.string != nil)
        }
    }
}
