import HTTPTypes
import JSON
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// What is set for a chatbot's widget, and what a visitor may say of a reply.
@Suite struct WidgetSettingsTests {
    @Test("Settings are changed field by field, and websites see them")
    func settings() async throws {
        try await TestApp.run { app in
            let site = try await TestSite.make(app, as: app.user("alice"))
            let path = "/chatbots/\(site.chatbotID)/widget"
            func put(_ body: JSONValue) async throws -> TestApp.Answer {
                try await app.call(.put, path, body, as: site.owner)
            }
            let first = try await app.call(.get, path, as: site.owner)
            #expect(
                first.json == [
                    "look": ["side": "right", "theme": "auto", "accent": .null], "greeting": .null, "title": .null,
                    "starters": [], "powered_by": true, "attachments": false,
                ])
            _ = try await put([
                "look": ["side": "left", "accent": "#0B6e4f"], "greeting": "নমস্কার! 👋", "title": "اسألنا",
                "starters": ["价格？", "কোথায়?"], "powered_by": false,
                "attachments": true,
            ])
            let second = try await put(["look": ["theme": "dark"]])
            #expect(second["look"] == ["side": "left", "theme": "dark", "accent": "#0B6e4f"])
            let shown = try await site.call(.get, "/widget/config")
            #expect(shown["look"] == second["look"] && shown["title"] == "اسألنا" && shown["powered_by"] == false)
            #expect(shown["attachments"] == true && second["attachments"] == true)
            #expect(shown["greeting"] == "নমস্কার! 👋" && shown["starters"] == ["价格？", "কোথায়?"])
            let chatbot = "/chatbots/\(site.chatbotID)"
            #expect(try await app.call(.get, chatbot, as: site.owner)["starters"] == shown["starters"])
            #expect(
                try await app.call(.patch, chatbot, ["name": "নতুন"], as: site.owner)["starters"] == shown["starters"])
            let third = try await put(["look": ["accent": .null], "greeting": .null, "title": .null, "starters": []])
            #expect(third["look"]?["accent"] == .null && third["look"]?["side"] == "left")
            #expect(try await site.call(.get, "/widget/config")["greeting"] == "Hello!")
            #expect(
                try await app.call(.get, path.replacing("chatbots", with: "projects"), as: site.owner).json
                    == third.json)
        }
    }

    @Test("What no widget could show is refused, and nothing is changed")
    func refused() async throws {
        try await TestApp.run { app in
            let site = try await TestSite.make(app, as: app.user("alice"))
            let path = "/chatbots/\(site.chatbotID)/widget"
            let before = try await app.call(.get, path, as: site.owner).json
            for (body, param) in [
                (["look": ["side": "top"]], "look.side"), (["look": ["theme": ""]], "look.theme"),
                (["look": ["accent": "red"]], "look.accent"), (["look": ["accent": "#12345"]], "look.accent"),
                (["look": ["accent": "#12345g"]], "look.accent"), (["look": "left"], "look"),
                (["title": ""], "title"), (["title": .string(String(repeating: "ক", count: 81))], "title"),
                (["greeting": .string(String(repeating: "ক", count: 2001))], "greeting"),
                (["starters": ["a", " "]], "starters[1]"),
                (["starters": .array(Array(repeating: "a", count: 7))], "starters"),
                (["starters": [.string(String(repeating: "🦜", count: 201))]], "starters[0]"),
                (["powered_by": "no"], "powered_by"), (["attachments": 1], "attachments"),
            ] as [(JSONValue, String)] {
                let answer = try await app.call(.put, path, body, as: site.owner)
                #expect(answer.status == 422 && answer["error"]?["param"]?.string == param, "\(body): \(answer.text)")
            }
            #expect(try await app.call(.get, path, as: site.owner).json == before)
        }
    }

    @Test("Editors read and change them, viewers do neither, and two changes at once keep both")
    func roles() async throws {
        try await TestApp.run { app in
            let (owner, viewer) = (try await app.user("alice"), try await app.user("দর্শক"))
            let owned = try await Owned.make(app, owner, member: viewer)
            let path = "/chatbots/\(owned.parameters["chatbot_id"]!)/widget"
            for method in [.get, .put] as [HTTPRequest.Method] {
                let answer = try await app.call(method, path, as: viewer)
                #expect(answer.status == 403 && answer.errorCode == "forbidden")
            }
            _ = try await app.parallel(8) { number in
                number % 2 == 0
                    ? try await app.call(.put, path, ["starters": ["一"]], as: owner)
                    : try await app.call(.put, path, ["title": "Ask"], as: owner)
            }
            let settings = try await app.call(.get, path, as: owner)
            #expect(settings["starters"] == ["一"] && settings["title"] == "Ask")
        }
    }

    @Test("A visitor rates its own replies, and no other message")
    func rating() async throws {
        try await TestApp.run { app in
            let site = try await TestSite.make(app, as: app.user("alice"))
            let first = try await site.say("Hi")
            let (conversation, visitor) = (try first.string("conversation_id"), try first.string("visitor_token"))
            let reply = try #require(first["message"]?["id"])
            let path = "/widget/conversations/\(conversation)/feedback"
            let rated = try await site.call(
                .post, path, ["message_id": reply, "rating": -1, "comment": "ছোট 🙁"], visitor: visitor)
            #expect(rated.status == 200 && rated["rating"] == -1 && rated["comment"] == "ছোট 🙁")
            let again = try await site.call(.post, path, ["message_id": reply, "rating": 1], visitor: visitor)
            #expect(again["rating"] == 1 && again["comment"] == .null)
            let messages = try await site.call(
                .get, "/widget/conversations/\(conversation)/messages", visitor: visitor)
            #expect(messages["data"]?[1]?["rating"] == 1)
            let own = try #require(messages["data"]?[0]?["id"])
            let other = try await site.say("Mine")
            let theirs = try #require(other["message"]?["id"])
            for id in [own, theirs, "", "x", .string(String(repeating: "x", count: 300))] as [JSONValue] {
                let answer = try await site.call(.post, path, ["message_id": id, "rating": 1], visitor: visitor)
                #expect(answer.status == 404, "\(id): \(answer.text)")
            }
            for body in [["message_id": reply, "rating": 0], ["rating": 1], ["message_id": reply]] as [JSONValue] {
                #expect(try await site.call(.post, path, body, visitor: visitor).status == 422)
            }
            let token = try other.string("visitor_token")
            let foreign = try await site.call(.post, path, ["message_id": reply, "rating": -1], visitor: token)
            #expect(foreign.status == 404)
        }
    }

    @Test("The widget's scripts may be loaded by every website, and are asked for by their mark")
    func scripts() async throws {
        try await TestApp.run { app in
            for path in ["/widget.js", "/assets/widget/panel.js", "/assets/dom.js"] {
                let first = try await app.call(.get, path)
                #expect(first.status == 200 && first.headers[.contentType] == "text/javascript; charset=utf-8")
                #expect(first.headers[.crossOriginResourcePolicy] == "cross-origin")
                #expect(first.headers[values: .crossOriginResourcePolicy].count == 1)
                #expect(first.headers[.accessControlAllowOrigin] == "*")
                #expect(!first.text.contains("\n//") && !first.text.contains("\n "))
                let mark = try #require(first.headers[.eTag])
                for known in [mark, "W/\(mark)", "\"x\", \(mark)", "*"] {
                    let again = try await app.call(.get, path, headers: [.ifNoneMatch: known])
                    #expect(again.status == 304 && again.text.isEmpty && again.headers[.eTag] == mark)
                    #expect(again.headers[.crossOriginResourcePolicy] == "cross-origin")
                }
                #expect(try await app.call(.get, path, headers: [.ifNoneMatch: "\"x\""]).status == 200)
            }
            let packed = try await app.call(.get, "/assets/chat.css", headers: [.acceptEncoding: "gzip"])
            #expect(packed.headers[.contentEncoding] == "gzip")
            #expect(packed.headers[.contentType] == "text/css; charset=utf-8")
            let other = try await app.call(.get, "/assets/app.js")
            #expect(other.headers[.accessControlAllowOrigin] == nil && !other.text.contains("\nimport "))
            #expect(other.headers[.crossOriginResourcePolicy] == "same-origin")
            #expect(other.headers[.accessControlAllowOrigin] == nil)
        }
    }
}
