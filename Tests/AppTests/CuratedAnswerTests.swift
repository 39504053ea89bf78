import HTTPTypes
import JSON
import LLM
import LLMTesting
import Testing

@testable import App
@testable import Chatbots
@testable import HTTPKit
@testable import Platform

/// Answers that a chatbot gives without a model.
@Suite struct CuratedAnswerTests {
    @Test(
        "The same question is found in every way to write it, in every script",
        arguments: [
            ("দাম কত?", "  দাম   কত ।"), ("When do you OPEN?", "when do you open"), ("متى تفتحون؟", "\u{200F}متى تفتحون"),
            ("几点开门？", "几点开门"), ("Straße?", "STRASSE"), ("café", "cafe\u{301}!"), ("ΟΔΟΣ", "οδος"), ("🦜?", "🦜"),
            ("বাড়ি", "বাড\u{9BC}ি"), ("한국어", "\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}\u{110B}\u{1165}"),
        ])
    func sameQuestion(question: String, other: String) {
        #expect(
            CuratedAnswer.key(of: question) != nil && CuratedAnswer.key(of: question) == CuratedAnswer.key(of: other))
    }

    @Test("Other questions are others, and marks alone are none")
    func otherQuestions() {
        let questions = [
            "দাম কত", "দাম কতো", "কত দাম", "price", "prices", "几点", "几点开", "متى", "متي", "a b", "ab", "🦜", "🦉",
        ]
        #expect(Set(questions.map { CuratedAnswer.key(of: $0) }).count == questions.count)
        for text in ["", " ", "?", "؟ !", "।।", "\u{FEFF}\u{200E}", String(repeating: "ক", count: 32_000)] {
            #expect(CuratedAnswer.key(of: text) == nil)
        }
    }

    @Test("A curated answer is given without a model, without cost, and even if the model is not ready")
    func answers() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let bot = try await app.chatbot(as: user)
            let path = "/chatbots/\(bot)/answers"
            let made = try await app.call(
                .post, path, ["question": "দাম কত?", "answer": "৫০ টাকা 🦜 [1] ৫٠ 五十"], as: user)
            #expect(made.status == 201, "\(made.text)")
            try await app.setPlan(user, "free")
            try await app.setPrice(input: 1, output: 1)
            try await app.setCredits(user, 0)
            let told = try await app.call(.post, "/chat", ["chatbot_id": .string(bot), "message": "দাম  কত।"], as: user)
            #expect(told.status == 200 && told["message"]?["content"] == "৫০ টাকা 🦜 [1] ৫٠ 五十", "\(told.text)")
            #expect(told["message"]?["model"] == .null && told["message"]?["citations"] == .null)
            #expect(app.provider.calls.requests.isEmpty)
            let poor = try await app.call(.post, "/chat", ["chatbot_id": .string(bot), "message": "other"], as: user)
            #expect(poor.errorCode == "insufficient_credits", "\(poor.text)")
            let id = try told.string("conversation_id")
            let stream = try await app.call(
                .post, "/chat", ["conversation_id": .string(id), "message": "দাম কত", "stream": true], as: user)
            #expect(stream.events.map(\.name) == ["start", "delta", "done"], "\(stream.text)")
            // Another reply to the same question is the model's.
            try await app.setCredits(user, 1_000_000)
            let again = try await app.call(.post, "/conversations/\(id)/regenerate", [:], as: user)
            #expect(again["message"]?["content"] == "দাম কত" && app.provider.calls.requests.count == 1, "\(again.text)")
            let key = try await TestApplication.make(app, chatbotID: bot, as: user)
            let query = try await key.call(.post, "/chatbot/\(bot)/query", ["message": "দাম কত"])
            #expect(query.text.contains("৫০ টাকা"), "\(query.text)")
            #expect(app.provider.calls.requests.count == 1)
        }
    }

    @Test("Editors change answers; a question has one; other chatbots and workspaces have none of it")
    func changes() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let (bot, other) = (try await app.chatbot(as: alice), try await app.chatbot(as: alice))
            let foreign = try await app.chatbot(as: bob)
            let path = "/chatbots/\(bot)/answers"
            let made = try await app.call(.post, path, ["question": "متى؟", "answer": "الجمعة"], as: alice)
            let id = try made.string("id")
            let twice = try await app.call(.post, path, ["question": "متى", "answer": "x"], as: alice)
            #expect(twice.status == 409 && twice["error"]?["param"] == "question", "\(twice.text)")
            for (body, param) in [
                (["question": "?", "answer": "x"], "question"), (["question": "x", "answer": " "], "answer"),
                (["question": "x"], "answer"),
                (["question": .string(String(repeating: "ক", count: 501)), "answer": "x"], "question"),
            ] as [(JSONValue, String)] {
                let refused = try await app.call(.post, path, body, as: alice)
                #expect(refused.status == 422 && refused["error"]?["param"]?.string == param, "\(refused.text)")
            }
            for (chatbot, user) in [(other, alice), (foreign, bob)] {
                let told = try await app.call(
                    .post, "/chat", ["chatbot_id": .string(chatbot), "message": "متى"], as: user)
                #expect(told["message"]?["content"] == "متى", "\(told.text)")
                #expect(try await app.all("/chatbots/\(chatbot)/answers", as: user).isEmpty)
            }
            for path in ["/chatbots/\(other)/answers/\(id)", "/chatbots/\(foreign)/answers/\(id)"] {
                #expect(try await app.call(.patch, path, ["answer": "x"], as: alice).status == 404)
                #expect(try await app.call(.delete, path, as: alice).status == 404)
            }
            let changed = try await app.call(.patch, "\(path)/\(id)", ["question": "أين"], as: alice)
            #expect(changed["question"] == "أين" && changed["answer"] == "الجمعة", "\(changed.text)")
            for (message, expected) in [("متى", "متى"), ("أين؟", "الجمعة")] {
                let told = try await app.call(
                    .post, "/chat", ["chatbot_id": .string(bot), "message": .string(message)], as: alice)
                #expect(told["message"]?["content"]?.string == expected, "\(told.text)")
            }
            #expect(try await app.call(.delete, "\(path)/\(id)", as: alice).status == 204)
            #expect(try await app.all(path, as: alice).isEmpty)
            #expect(try await app.call(.post, path, ["question": "متى", "answer": "x"], as: alice).status == 201)
            #expect(try await app.call(.delete, "/chatbots/\(bot)", as: alice).status == 204)
            try await app.app.deletions.run()
            #expect(try await app.count("curated_answers") == 0)
        }
    }
}
