import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App

@Suite struct ReplyKeeperTests {
    @Test("What has come of a running reply is kept in the database, even where the model wrote U+0000")
    func keepsWhatHasCome() async throws {
        let gate = Gate()
        let steps = [.delta("be\0fore"), .wait(gate.wait), .delta("\0, after")] as [ScriptedProvider.Step]
        try await TestApp.run(provider: ScriptedProvider(.init(steps))) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            async let turn = app.send("hi", in: id, as: user)
            try await app.eventually("it is kept") {
                let kept = try await app.database.read(.system) { tx in
                    try tx.row("SELECT content FROM messages WHERE sender = 'ai' AND status = 'running'") {
                        try $0.string("content")
                    }
                }
                return kept == "before"
            }
            gate.open()
            #expect(try await turn.json[1]?["content"] == "before, after")
        }
    }
}
