import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import Accounts
@testable import App
@testable import HTTPKit
@testable import Metering
@testable import Platform

/// Credits: reserved before a model is called, settled after it, never below nothing.
@Suite struct CreditTests {
    private static let most = TestApp.mostTokens
    private static let five = ChatUsage(promptTokens: 3, completionTokens: 5)

    @Test(
        "A hundred calls at once with credit for one: one reaches the model, and the rest returns",
        arguments: ["/chat", "/v1/chat/completions"])
    func parallel(path: String) async throws {
        let gate = Gate()
        let provider = ScriptedProvider { _, _ in .init([.wait(gate.wait), .delta("ok")], usage: Self.five) }
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            try await app.setPrice(output: 1)
            try await app.setCredits(user, Self.most * 2 - 1)
            let answers = try await withThrowingTaskGroup(of: TestApp.Answer.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        try await app.call(
                            .post, path, path == "/chat" ? ["message": "Hi"] : CompletionsTests.asking([:]), as: user)
                    }
                }
                var answers: [TestApp.Answer] = []
                for try await answer in group {
                    answers.append(answer)
                    if answers.count == 99 { gate.open() }
                }
                return answers
            }
            #expect(answers.filter { $0.status == 200 }.count == 1)
            #expect(answers.filter { $0.status == 402 && $0.errorCode == "insufficient_credits" }.count == 99)
            #expect(provider.calls.requests.count == 1)
            #expect(try await app.credits(user) == Credits(balance: Self.most * 2 - 1 - 5, reserved: 0))
            #expect(try await app.count("reservations") == 0)
            #expect(try await app.count("messages") == (path == "/chat" ? 2 : 0))
        }
    }

    @Test("A turn costs what the model counted, to the micro-unit, and no more than there is")
    func exact() async throws {
        let usages = [Self.five, ChatUsage(promptTokens: 0, completionTokens: 100_000)]
        let provider = ScriptedProvider { _, number in .init([.delta("ok")], usage: usages[number]) }
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            try await app.setPrice(output: 7)
            try await app.setCredits(user, 20_000)
            #expect(try await app.call(.post, "/chat", ["message": "Hi"], as: user).status == 200)
            #expect(try await app.credits(user).balance == 20_000 - 35)
            #expect(try await app.call(.post, "/chat", ["message": "Hi"], as: user).status == 200)
            #expect(try await app.credits(user).balance == 0)
        }
    }

    @Test("What failed costs nothing; what answered with nothing, or with white space, costs what was read")
    func failures() async throws {
        let replies: [ScriptedProvider.Reply] = [
            .failure(ProviderError(.refused, detail: "no")), .failure(ProviderError(.emptyReply, detail: "")),
            .text("ok", usage: Self.five), .failure(ProviderError(.emptyReply, detail: "")),
            .failure(ProviderError(.emptyReply, detail: "")),
            .text(" \n", usage: Self.five),
        ]
        let provider = ScriptedProvider { _, number in replies[number] }
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            try await app.setPrice(input: 10, output: 1)
            try await app.setCredits(user, 1_000_000)
            var before = 1_000_000
            func cost(_ status: String) async throws -> Int {
                let answer = try await app.call(.post, "/chat", ["message": "Hi"], as: user)
                #expect(answer["message"]?["status"]?.string == status, "\(answer.text)")
                let now = try await app.credits(user).balance
                defer { before = now }
                return before - now
            }
            #expect(try await cost("failed") == 0)
            let read = try await cost("complete") - 35
            #expect(read > 0 && read.isMultiple(of: 10))
            #expect(try await cost("failed") == 2 * read)
            #expect(try await cost("failed") == 35)
            #expect(provider.calls.requests.count == replies.count)
        }
    }

    @Test("The first use in a month fills the balance up, reserved credits counted in; what is more than that stays")
    func months() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let january = Timestamp(iso8601: "2027-01-31T23:59:59Z")!
            let february = january.adding(.seconds(1))
            let payer = try await app.subscriber(user)
            let plan = try #require(payer.limits.creditsPerMonth)
            @Sendable func bill(_ id: String, _ amount: Int) -> Spending.Bill {
                Spending.Bill(id: id, keyID: nil, payer: .known(payer), amount: Int64(amount))
            }
            func reserve(_ bill: Spending.Bill, _ now: Timestamp) async throws {
                try await app.database.write(.system) { tx in try Spending.reserve(tx, bill, now: now) }
            }
            #expect(try await app.credits(user, now: january).balance == plan)
            try await reserve(bill("a", plan), january)
            #expect(try await app.credits(user, now: january) == Credits(balance: 0, reserved: plan))
            await #expect(throws: APIError.self) { try await reserve(bill("b", 1), january) }
            // All of it may still come back, so there is nothing to fill up.
            #expect(try await app.credits(user, now: february).balance == 0)
            await #expect(throws: APIError.self) { try await reserve(bill("b", 1), february) }
            try await app.database.write(.system) { tx in try Spending.settle(tx, bill("a", plan), cost: 100) }
            #expect(try await app.credits(user, now: february).balance == plan)
            try await reserve(bill("c", 300), february)
            #expect(try await app.credits(user, now: february) == Credits(balance: plan - 300, reserved: 300))
            // An instance whose clock is behind takes from the same month.
            try await reserve(bill("d", 200), january)
            #expect(try await app.credits(user, now: february).balance == plan - 500)
            // What an operator has given on top of it is kept.
            let given = try await app.database.write(.system) { tx in
                try Credits.change(tx, userID: user.id, .add(10_000), now: february)
            }
            #expect(given == plan - 500 + 10_000)
            #expect(try await app.credits(user, now: february.nextMonth).balance == given)
        }
    }

    @Test("Months and days are those of UTC")
    func calendar() {
        #expect(Timestamp(milliseconds: 0).month == 0)
        #expect(Timestamp(iso8601: "2026-12-31T23:59:59.999Z")!.month == 56 * 12 + 11)
        #expect(Timestamp(iso8601: "2027-01-01T00:00:00Z")!.month == 57 * 12)
        for (now, next) in [
            ("2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"), ("2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"),
        ] {
            #expect(Timestamp(iso8601: now)!.nextMonth == Timestamp(iso8601: next)!)
        }
    }

    @Test("In a team the owner pays, and with a budgeted key both are charged the same")
    func team() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("ok", usage: Self.five))) { app in
            let (owner, member) = (try await app.user("alice"), try await app.user("bob"))
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: owner).string("id")
            try await app.add(member, to: team, as: "editor", by: owner)
            let chatbot = try await app.chatbot(as: owner, headers: [.workspaceID: team])
            let key = try await app.call(
                .post, "/chatbots/\(chatbot)/api-keys", ["budget": 3000], as: owner)
            try await app.setPrice(output: 1)
            try await app.setCredits(owner, 5000)
            let before = try await app.credits(member)
            let body: JSONValue = ["chatbot_id": .string(chatbot), "message": "Hi"]
            #expect(try await app.call(.post, "/chat", body, as: member).status == 200)
            #expect(try await app.credits(owner).balance == 4995)
            #expect(try await app.credits(member) == before)
            let query = try await app.call(
                .post, "/chatbots/\(chatbot)/query", ["message": "Hi"], headers: [.apiKey: try key.string("key")])
            #expect(query.status == 200, "\(query.text)")
            #expect(try await app.credits(owner).balance == 4990)
            #expect(try await app.spent(key.string("id")) == 5)
            // Neither is charged if the other cannot pay.
            try await app.setCredits(owner, 10)
            let refused = try await app.call(
                .post, "/chatbots/\(chatbot)/query", ["message": "Hi"], headers: [.apiKey: try key.string("key")])
            #expect(refused.errorCode == "insufficient_credits")
            #expect(try await app.call(.post, "/chat", body, as: member).errorCode == "insufficient_credits")
            #expect(try await app.spent(key.string("id")) == 5)
            #expect(try await app.credits(owner).balance == 10)
        }
    }

    @Test("An unlimited plan pays nothing, but its keys keep to their budgets; so do a user's own keys to credits")
    func unlimited() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("ok", usage: Self.five))) { app in
            let user = try await app.user("alice")
            try await app.setPlan(user, "enterprise")
            try await app.setPrice(output: 1)
            let chatbot = try await app.chatbot(as: user)
            let key = try await app.call(
                .post, "/chatbots/\(chatbot)/api-keys", ["budget": .int(Int64(Self.most) + 4)], as: user)
            func query() async throws -> TestApp.Answer {
                try await app.call(
                    .post, "/chatbots/\(chatbot)/query", ["message": "Hi"], headers: [.apiKey: try key.string("key")])
            }
            #expect(try await app.call(.post, "/chat", ["message": "Hi"], as: user).status == 200)
            #expect(try await query().status == 200)
            #expect(try await query().errorCode == "budget_exhausted")
            #expect(try await app.spent(key.string("id")) == 5)
            #expect(try await app.credits(user) == Credits(balance: 0, reserved: 0))

            let bob = try await app.user("bob")
            let own = try await app.call(.post, "/users/me/api-keys", as: bob).string("key")
            try await app.setCredits(bob, Self.most)
            #expect(try await app.call(.post, "/chat", ["message": "Hi"], headers: [.apiKey: own]).status == 200)
            #expect(try await app.credits(bob).balance == Self.most - 5)
            let refused = try await app.call(.post, "/chat", ["message": "Hi"], headers: [.apiKey: own])
            #expect(refused.errorCode == "insufficient_credits")
        }
    }

    @Test("What a process that died had reserved goes back to all whose it was, after its time")
    func expiry() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let chatbot = try await app.chatbot(as: user)
            var keys: [String] = []
            for _ in 0..<3 {
                let key = try await app.call(.post, "/chatbots/\(chatbot)/api-keys", ["budget": 1000], as: user)
                keys.append(try key.string("id"))
            }
            try await app.setCredits(user, 1000)
            let payer = try await app.subscriber(user)
            let now = Timestamp.now
            for number in 0..<7 {
                let bill = Spending.Bill(
                    id: "bill-\(number)", keyID: number < 6 ? keys[number % 3] : nil, payer: .known(payer),
                    amount: Int64(number + 1))
                try await app.database.write(.system) { tx in try Spending.reserve(tx, bill, now: now) }
            }
            #expect(try await app.credits(user) == Credits(balance: 972, reserved: 28))
            func release(_ now: Timestamp) async throws -> Int {
                try await app.database.write(.system) { tx in try Spending.releaseExpired(tx, now: now, limit: 4) }
            }
            #expect(try await release(now.adding(Spending.patience)) == 0)
            let late = now.adding(Spending.patience + .milliseconds(1))
            #expect(try await [release(late), release(late), release(late)] == [4, 3, 0])
            #expect(try await app.credits(user) == Credits(balance: 1000, reserved: 0))
            for key in keys { #expect(try await app.spent(key) == 0) }
        }
    }

    @Test("A balance is changed within bounds, and never lost between many at once")
    func changes() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            func change(_ change: Credits.Change) async throws -> Int {
                try await app.database.write(.system) { tx in
                    try Credits.change(tx, userID: user.id, change, now: .now)
                }
            }
            #expect(try await change(.set(100)) == 100)
            #expect(try await change(.add(-100)) == 0)
            for refused in [.add(-1), .set(-1), .set(Credits.highest + 1), .add(.max), .add(.min)] as [Credits.Change] {
                await #expect(throws: APIError.self) { try await change(refused) }
            }
            await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await change(.add(3)) } }
            }
            #expect(try await app.credits(user).balance == 60)
            let users = UserAdministration(app.database)
            #expect(try await users.changeCredits(of: "alice", by: 40, sets: false) == 100)
            #expect(try await users.changeCredits(of: "alice", by: 7, sets: true) == 7)
            await #expect(throws: StartError.self) { try await users.changeCredits(of: "bob", by: 1, sets: false) }
            await #expect(throws: StartError.self) { try await users.setPlan(of: "alice", to: "none") }
            // What another plan has more is there at once, and in the next month all of it.
            #expect(try await users.setPlan(of: "alice", to: "pro") == "Pro")
            #expect(try await app.credits(user).balance == 95_000_007)
            #expect(try await app.credits(user, now: Timestamp.now.nextMonth).balance == 100_000_000)
        }
    }
}
