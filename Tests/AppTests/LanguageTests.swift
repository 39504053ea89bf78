import HTTPTypes
import JSON
import LLM
import LLMTesting
import Testing

@testable import App
@testable import Chatbots
@testable import HTTPKit

@Suite struct LanguageTests {
    @Test(
        "RFC 9110: the language that Accept-Language rates highest",
        arguments: [
            (nil, "en"), ("", "en"), ("bn", "bn"), ("bn-BD", "bn"), ("BN_in", "bn"), ("en,bn", "en"), ("bn,en", "bn"),
            ("bn-BD,bn;q=0.9,en-US;q=0.8,en;q=0.7", "bn"), ("en;q=0.5, bn;q=0.8", "bn"),
            ("fr;q=1,bn;q=0.4,en;q=0.3", "bn"),
            ("fr", "en"), ("bn;q=0", "en"), ("bn;q=0,en;q=0.1", "en"), ("bn ; q=0.9 , en ; q=0.1", "bn"), ("*", "en"),
            ("bn;q=0.2,*;q=0.9", "en"), ("bn;q=2", "en"), ("bn;q=x", "en"), ("bn;q=-1", "en"), (";;;,,,q=1", "en"),
            ("bengali", "en"), ("bn;level=1;q=0.7,en;q=0.6", "bn"), ("bn;Q=1", "bn"), ("\u{09AC}", "en"),
        ] as [(String?, String)])
    func accepted(header: String?, language: String) {
        #expect(UserLanguage(accepting: header).rawValue == language)
    }

    @Test("A header of any length is read, and in no time")
    func longHeader() {
        #expect(UserLanguage(accepting: "bn," + String(repeating: "x;q=0.1,", count: 100_000)) == .bengali)
    }

    /// Whether the text has Bengali letters.
    static func isBengali(_ text: String) -> Bool {
        text.unicodeScalars.contains { (0x0980...0x09FF).contains($0.value) }
    }

    @Test("Every code has a text of its own in both languages", arguments: APIError.Code.allCases)
    func texts(code: APIError.Code) {
        #expect(!Self.isBengali(code.text) && Self.isBengali(code.bengaliText))
        // Only what is to be typed is in Latin letters.
        #expect(code.bengaliText.hasSuffix("।"))
        #expect(APIError.Code.allCases.filter { $0.bengaliText == code.bengaliText }.count == 1)
        #expect(!Self.isBengali(FailureMessages.text(for: code, in: .english)))
        #expect(Self.isBengali(FailureMessages.text(for: code, in: .bengali)))
    }

    @Test("Each kind of failure has a message of its own in Bengali too")
    func fallbacks() {
        let codes: [APIError.Code] = [
            .providerTimeout, .providerRateLimited, .providerRefused, .messageTooLong, .emptyReply, .modelLoading,
            .providerUnavailable,
        ]
        #expect(Set(codes.map { FailureMessages.text(for: $0, in: .bengali) }).count == codes.count)
    }

    private static let bengali: HTTPFields = [.acceptLanguage: "bn-BD,bn;q=0.9,en;q=0.8"]

    private func message(_ answer: TestApp.Answer) throws -> String {
        try #require(answer["error"]?["message"]?.string, "\(answer.text)")
    }

    @Test("Errors come in the language that was asked for, with the same code")
    func errors() async throws {
        try await TestApp.run { app in
            let user = try await app.user("রহিম")
            for (method, path, body) in [
                (.get, "/conversations/made-up", nil), (.get, "/nowhere", nil), (.post, "/auth/token", nil),
                (.post, "/auth/register", ["username": "x", "password": "সাত"]), (.put, "/health", nil),
                (.post, "/auth/token", ["username": "nobody", "password": "wrong password"]),
            ] as [(HTTPRequest.Method, String, JSONValue?)] {
                let english = try await app.call(method, path, body, as: user)
                let bengali = try await app.call(method, path, body, as: user, headers: Self.bengali)
                #expect(english.status == bengali.status && english.errorCode == bengali.errorCode)
                #expect(english["error"]?["param"] == bengali["error"]?["param"])
                let texts = (try message(english), try message(bengali))
                #expect(!Self.isBengali(texts.0) && Self.isBengali(texts.1), "\(path): \(texts)")
                #expect(bengali.headers[.contentLanguage] == "bn")
            }
            let short = try await app.call(
                .post, "/auth/register", ["username": "x", "password": "long enough"], headers: Self.bengali)
            #expect(try message(short).contains("'username'"))
        }
    }

    @Test("What the user has chosen goes before what the browser asks for, from the next call on")
    func preference() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            func text(_ headers: HTTPFields = [:]) async throws -> String {
                try message(try await app.call(.get, "/chatbots/made-up", as: user, headers: headers))
            }
            #expect(try await !Self.isBengali(text()))
            for (language, isBengali) in [("bn", true), ("en", false), ("bn-IN", true), ("fr", false)] {
                let told = try await app.call(
                    .post, "/users/me/details", ["preferences": ["language": .string(language)]], as: user)
                try #require(told.status == 200)
                #expect(try await Self.isBengali(text()) == isBengali, "\(language)")
            }
            // Another language is as if there were none.
            #expect(try await Self.isBengali(text(Self.bengali)))
        }
    }

    @Test("/v1 speaks English, whatever is asked for")
    func completions() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            for path in ["/v1/chat/completions", "/openai/v1/chat/completions", "/v1/messages", "/v1/nowhere"] {
                let answer = try await app.call(.post, path, [:], as: user, headers: Self.bengali)
                #expect(answer.status >= 400 && !Self.isBengali(answer.text), "\(path): \(answer.text)")
            }
        }
    }

    private static let failing = ScriptedProvider(.failure(ProviderError(.timeout, retryable: false, detail: "")))

    @Test("A reply that failed is told in the reader's language, and stays so; a stream's error too")
    func failedReplies() async throws {
        try await TestApp.run(provider: Self.failing) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            let text = FailureMessages.text(for: .providerTimeout, in: .bengali)
            let said = try await app.call(
                .post, "/conversations/\(id)/messages", ["content": "হ্যালো"], as: user, headers: Self.bengali)
            #expect(said.json[1]?["content"]?.string == text)
            let stored = try await app.call(.get, "/conversations/\(id)/messages", as: user)
            #expect(stored["data"]?[1]?["content"]?.string == text)
            let stream = try await app.call(
                .post, "/chat", ["message": "Hi", "stream": true], as: user, headers: Self.bengali)
            let last = try #require(stream.events.last)
            #expect(last.name == "error" && last.data["error"]?["message"]?.string == text)
            #expect(last.data["error"]?["code"] == "provider_timeout")
            // A chatbot's own text is whatever its owner wrote.
            let own = try await app.chatbot(["name": "Own", "fallback_message": "Ask my human."], as: user)
            let chat = try await app.call(
                .post, "/chat", ["chatbot_id": .string(own), "message": "Hi"], as: user, headers: Self.bengali)
            #expect(chat["message"]?["content"] == "Ask my human.")
        }
    }

    @Test("A reply that broke off ends its stream in the reader's language")
    func brokenReply() async throws {
        let provider = ScriptedProvider { _, _ in
            .init([.delta("অর্ধেক "), .fail(ProviderError(.timeout, detail: ""))])
        }
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            _ = try await app.call(.post, "/users/me/details", ["preferences": ["language": "bn"]], as: user)
            let stream = try await app.call(.post, "/chat", ["message": "Hi", "stream": true], as: user)
            let text = try #require(stream.events.last?.data["error"]?["message"]?.string)
            #expect(text == FailureMessages.text(for: .providerTimeout, in: .bengali))
        }
    }

    @Test("An application's user is told in the language that the application knows of, visitors in their browser's")
    func endUsers() async throws {
        try await TestApp.run(provider: Self.failing) { app in
            let user = try await app.user("alice")
            let text = FailureMessages.text(for: .providerTimeout, in: .bengali)
            let key = try await TestApplication.make(app, chatbotID: app.chatbot(as: user), as: user)
            let told: JSONValue = ["id": "করিম", "preferences": ["language": "bn"]]
            #expect(try await key.query("Hi", ["user": told])["response"]?.string == text)
            // Known from now on.
            #expect(try await key.query("Hi", ["user": ["id": "করিম"]])["response"]?.string == text)
            let other = try await key.query("Hi", ["user": ["id": "dora"]])
            #expect(other["response"]?.string == FailureMessages.text(for: .providerTimeout, in: .english))
            let site = try await TestSite.make(app, as: user)
            #expect(try await site.say("Hi", headers: Self.bengali)["message"]?["content"]?.string == text)
            let refused = try await site.say("Hi", in: "made-up", headers: Self.bengali)
            #expect(try Self.isBengali(message(refused)))
        }
    }
}
