import Foundation
import HTTPTypes
import Testing

@testable import MynahAuth

/// How MynahAuth checks keys: few calls to Mynah, and cached answers while Mynah is away.
@Suite struct KeyTests {
    private static let application: HTTPFields = [
        .init("X-Auth-Role")!: "application", .init("X-Auth-Workspace")!: "w1", .init("X-Auth-Chatbot")!: "c1",
        .init("X-Auth-Scopes")!: "chat read", .init("X-Auth-User")!: "",
    ]
    private static let identity = MynahIdentity(
        role: .application, workspaceID: "w1", chatbotID: "c1", scopes: ["chat", "read"])

    private static func answer(_ mynah: MynahAuth, _ key: String) async -> Answers.Answer {
        do throws(MynahAuthError) {
            return .success(try await mynah.identity(authorization: nil, apiKey: key))
        } catch {
            return .failure(error)
        }
    }

    private static func status(_ mynah: MynahAuth, _ key: String) async -> Int {
        switch await answer(mynah, key) {
        case .success: 204
        case .failure(let error): error.status.code
        }
    }

    @Test("An answer is cached for a while, and a refusal is passed on unchanged")
    func believed() async throws {
        try await FakeMynah.run { fake, mynah in
            fake.set { $0.known["key"] = Self.application }
            for _ in 0..<3 { #expect(await Self.answer(mynah, "key") == .success(Self.identity)) }
            let asBearer = try await mynah.identity(authorization: "Bearer key")
            #expect(asBearer == Self.identity)
            #expect(fake.asked == ["key"])
            for _ in 0..<3 {
                let refused = MynahAuthError(
                    status: .unauthorized, retryAfter: nil, body: #"{"error":{"code":"from_mynah"}}"#)
                #expect(await Self.answer(mynah, "made-up") == .failure(refused))
            }
            #expect(fake.asked == ["key", "made-up"])
            for junk in ["", " ", "é", "a b", String(repeating: "k", count: 3000)] {
                #expect(await Self.answer(mynah, junk) == .failure(.invalidKey))
            }
            #expect(fake.asked.count == 2)
        }
    }

    @Test("A hundred requests with one key make one call, and a cancelled request does not cancel the others")
    func joined() async throws {
        try await FakeMynah.run { fake, mynah in
            fake.set { $0.known["key"] = Self.application }
            fake.gate.shut()
            let impatient = Task { await Self.status(mynah, "key") }
            while fake.gate.waiting == 0 { await Task.yield() }
            let statuses = await withTaskGroup { group in
                for _ in 0..<100 { group.addTask { await Self.status(mynah, "key") } }
                impatient.cancel()
                group.addTask {
                    fake.gate.open()
                    return 204
                }
                return await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(statuses == [204])
            #expect(fake.asked == ["key"])
        }
    }

    @Test("An answer that breaks off after its head is not used, and the next request calls again")
    func stalled() async throws {
        try await FakeMynah.run({ $0.timeout = .milliseconds(500) }) { fake, mynah in
            fake.bodyGate.shut()
            // The rest does arrive in the end, so a client without a timeout would get an answer.
            let rest = Task {
                try? await Task.sleep(for: .seconds(20))
                fake.bodyGate.open()
            }
            #expect(await Self.answer(mynah, "key") == .failure(.away))
            rest.cancel()
            await rest.value
        }
    }

    @Test("While Mynah is away, cached answers are used until they are too old, and calls back off")
    func away() async throws {
        try await FakeMynah.run({ $0.acceptedFor = .zero }) { fake, mynah in
            fake.set { $0.known["key"] = Self.application }
            #expect(await Self.status(mynah, "key") == 204)
            fake.set { $0.isAway = true }
            for _ in 0..<5 { #expect(await Self.answer(mynah, "key") == .success(Self.identity)) }
            let unknown = await Self.answer(mynah, "another")
            #expect(unknown == .failure(.away) && MynahAuthError.away.retryAfter != nil)
            #expect(fake.asked.count <= 4, "once before, and once in each second after it")
        }
        try await FakeMynah.run({
            $0.acceptedFor = .zero
            $0.staleFor = .zero
        }) { fake, mynah in
            fake.set { $0.known["key"] = Self.application }
            #expect(await Self.status(mynah, "key") == 204)
            fake.set { $0.isAway = true }
            #expect(await Self.status(mynah, "key") == 503)
        }
    }

    @Test("A Mynah that exceeds the time limit counts as away")
    func slow() async throws {
        try await FakeMynah.run({ $0.timeout = .milliseconds(50) }) { fake, mynah in
            fake.gate.shut()
            #expect(await Self.status(mynah, "key") == 503)
            fake.gate.open()
        }
    }

    @Test("A revoked key leaves the cache; a rate-limited key stays valid")
    func refusedLater() async throws {
        try await FakeMynah.run({
            $0.acceptedFor = .zero
            $0.refusedFor = .zero
        }) { fake, mynah in
            fake.set { $0.known = ["a": Self.application, "b": Self.application] }
            for key in ["a", "b"] { #expect(await Self.status(mynah, key) == 204) }
            fake.set { $0.known = [:] }
            #expect(await Self.status(mynah, "a") == 401)
            fake.set { $0.refusal = (.tooManyRequests, [.retryAfter: "7"]) }
            guard case .failure(let limited) = await Self.answer(mynah, "b") else { throw MynahAuthError.away }
            #expect(limited.status == .tooManyRequests && limited.retryAfter == 7)
            fake.set { $0.isAway = true }
            #expect(await Self.status(mynah, "a") == 503)
            #expect(await Self.status(mynah, "b") == 204)
        }
    }

    @Test("Made-up keys evict no valid ones, and the cache is bounded")
    func bounded() async throws {
        try await FakeMynah.run({ $0.capacity = 3 }) { fake, mynah in
            fake.set { $0.known = ["a": Self.application, "b": Self.application] }
            for key in ["a", "b"] + (0..<20).map({ "made-up-\($0)" }) { _ = await Self.status(mynah, key) }
            fake.set { $0.isAway = true }
            #expect(await Self.status(mynah, "a") == 204)
            #expect(fake.asked.count == 22)
        }
    }

    @Test("An answer that is not Mynah's counts as Mynah being away")
    func nonsense() async throws {
        try await FakeMynah.run { fake, mynah in
            fake.set { $0.known = ["a": [:], "b": [.init("X-Auth-Role")!: "emperor"]] }
            #expect(await Self.status(mynah, "a") == 503)
        }
        try await FakeMynah.run { fake, mynah in
            fake.set { $0.refusal = (.found, [.location: "/elsewhere"]) }
            #expect(await Self.status(mynah, "a") == 503)
        }
    }
}
