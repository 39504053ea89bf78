import HTTPTypes
import JSON
import LLM
import LLMTesting
import Testing

@testable import App
@testable import HTTPKit

/// What a visitor of a website sees of a chatbot's files.
@Suite struct WidgetCitationTests {
    @Test("A visitor sees the passages that its own replies cite, and nothing else of a file")
    func visible() async throws {
        let provider = ScriptedProvider.answering { _ in .text("৫০ টাকা [2].") }
        try await TestApp.runKnowledge(provider: provider) { app in
            let owner = try await app.user("alice")
            let site = try await TestSite.make(app, as: owner)
            let texts = ["secret canary", "সদস্য হতে ৫০ টাকা লাগে। 🦜", "سري"]
            let file = try await app.knowledge(texts, name: "নিয়ম.md", in: site.chatbotID, as: owner)
            let said = try await site.say("কত?")
            let (token, id) = (try said.string("visitor_token"), try said.string("conversation_id"))
            let citation: JSONValue = [
                "n": 2, "file_id": .string(file), "name": "নিয়ম.md", "page": 2, "heading": .null,
                "start": .int(Int64(texts[0].unicodeScalars.count + 1)),
                "end": .int(Int64(texts[0].unicodeScalars.count + 1 + texts[1].unicodeScalars.count)),
                "quote": .string(texts[1]),
            ]
            #expect(said["message"]?["citations"] == [citation], "\(said.text)")
            let messages = "/widget/conversations/\(id)/messages"
            let listed = try await site.call(.get, messages, visitor: token)
            #expect(listed["data"]?[1]?["citations"] == [citation] && !listed.text.contains("canary"), "\(listed.text)")
            // The file's id opens nothing, neither as a file of the conversation nor as one of the chatbot.
            for path in [
                "/widget/conversations/\(id)/files/\(file)", "/widget/conversations/\(id)/files/\(file)/content",
            ] {
                for method in [HTTPRequest.Method.get, .delete] {
                    let answer = try await site.call(method, path, visitor: token)
                    #expect(
                        [403, 404, 405].contains(answer.status) && !answer.text.contains("canary"), "\(answer.text)")
                }
            }
            for path in [
                "/chatbots/\(site.chatbotID)/files/\(file)/content",
                "/chatbots/\(site.chatbotID)/files/\(file)/passages",
                "/v1/files/\(file)/content",
                "/conversations/\(id)/messages/\(try #require(said["message"]?["id"]?.string))/citations/1",
            ] {
                let answer = try await site.call(.get, path, visitor: token)
                #expect([401, 403, 404].contains(answer.status), "\(path) \(answer.text)")
            }
            let attached = try await site.call(
                .post, "/widget/chat",
                ["message": "?", "conversation_id": .string(id), "attachments": [["file_id": .string(file)]]],
                visitor: token)
            #expect([403, 404, 422].contains(attached.status), "\(attached.text)")
            let stranger = try await site.say("?").string("visitor_token")
            #expect(try await site.call(.get, messages, visitor: stranger).status == 404)
            #expect(
                try await app.call(.get, "/chatbots/\(site.chatbotID)/files/\(file)", as: owner)["state"] == "ready")
        }
    }
}
