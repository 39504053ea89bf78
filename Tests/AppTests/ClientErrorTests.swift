import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Testing

@testable import App
@testable import Chat
@testable import HTTPKit

/// Errors on `/v1` in the statuses, codes and words by which libraries act.
@Suite struct ClientErrorTests {
    private static func refusing(_ error: ProviderError) -> ScriptedProvider { ScriptedProvider(.failure(error)) }

    @Test("A prompt that is too long is told in each API's words, before a stream and within it")
    func tooLong() async throws {
        let error = ProviderError(.contextTooLong, retryable: false, detail: "canary")
        let provider = ScriptedProvider { request, _ in
            .init(request.messages.last?.content == "late" ? [.delta("ক"), .fail(error)] : [.fail(error)])
        }
        try await TestApp.run(provider: provider) { app in
            let key = try await CompletionsTests.application(app)
            let late = CompletionsTests.asking(["messages": [["role": "user", "content": "late"]], "stream": true])
            for streams in [false, true] {
                let asked = CompletionsTests.asking(["stream": .bool(streams)])
                let openAI = try await key.call(.post, CompletionsTests.path, asked)
                #expect(openAI.status == 400 && openAI.errorCode == "context_length_exceeded", "\(openAI.text)")
                #expect(openAI["error"]?["type"] == "invalid_request_error")
                #expect(openAI["error"]?["mynah_code"] == "message_too_long")
                #expect(openAI["error"]?["message"]?.string?.contains("maximum context length") == true)
                let anthropic = try await key.call(.post, "/v1/messages", asked)
                #expect(anthropic.status == 400 && anthropic["error"]?["type"] == "invalid_request_error")
                #expect(anthropic["error"]?["message"]?.string?.hasPrefix("prompt is too long") == true)
                #expect(anthropic["error"]?["code"] == "message_too_long")
            }
            let openAI = try await key.call(.post, CompletionsTests.path, late)
            #expect(openAI.status == 200 && openAI.events.last?.data["error"]?["code"] == "context_length_exceeded")
            let anthropic = try await key.call(.post, "/v1/messages", late)
            let last = try #require(anthropic.events.last?.data["error"])
            #expect(last["type"] == "invalid_request_error")
            #expect(last["message"]?.string?.hasPrefix("prompt is too long") == true)
            #expect(!(openAI.text + anthropic.text).contains("canary"))
        }
    }

    @Test("What the vendor refuses is 400 with its field and code, and what it does not have is 404")
    func vendors() async throws {
        var refused = ProviderError(.refused, retryable: false, detail: "canary")
        (refused.param, refused.vendorCode) = ("messages[0].name", "string_above_max_length")
        try await TestApp.run(provider: Self.refusing(refused)) { app in
            let key = try await CompletionsTests.application(app)
            let answer = try await key.call(.post, CompletionsTests.path, CompletionsTests.hello)
            #expect(answer.status == 400 && answer.errorCode == "string_above_max_length", "\(answer.text)")
            #expect(answer["error"]?["param"] == "messages[0].name")
            #expect(answer["error"]?["mynah_code"] == "provider_refused")
            #expect(!answer.text.contains("canary"))
            let message = try await key.call(.post, "/v1/messages", CompletionsTests.hello)
            #expect(message.status == 400 && message["error"]?["type"] == "invalid_request_error")
            #expect(message["error"]?["message"]?.string?.contains("messages[0].name") == true)
        }
        try await TestApp.run(provider: Self.refusing(ProviderError(.notFound, detail: "canary"))) { app in
            let key = try await CompletionsTests.application(app)
            let answer = try await key.call(.post, CompletionsTests.path, CompletionsTests.hello)
            #expect(answer.status == 404 && answer.errorCode == "model_not_found")
            #expect(answer["error"]?["type"] == "not_found_error" && !answer.text.contains("canary"))
            // A caller of a conversation cannot name another model.
            let user = try await app.user("bob")
            let turn = try await app.call(.post, "/chat", ["message": "হ্যালো"], as: user)
            #expect(turn["message"]?["error_code"] == "provider_unavailable", "\(turn.text)")
        }
    }

    @Test("Mynah's own routes keep their statuses and codes")
    func own() async throws {
        try await TestApp.run(provider: Self.refusing(ProviderError(.contextTooLong, detail: ""))) { app in
            let key = try await CompletionsTests.application(app)
            let answer = try await key.query("হ্যালো")
            #expect(answer.text.contains("message_too_long") && !answer.text.contains("context_length_exceeded"))
            #expect(try await key.query("").status == 422)
            #expect(answer.headers[HTTPField.Name("request-id")!] == nil)
        }
    }

    @Test("An address that is not offered says so in the API's form, and not what was sent")
    func notOffered() async throws {
        try await TestApp.run { app in
            let key = try await CompletionsTests.application(app)
            for path in ["/v1/audio/speech", "/v1/images/generations", "/openai/v1/batches", "/v1/messages/batches"] {
                let answer = try await key.call(.post, path, ["model": "helper"])
                #expect(answer.status == 404 && answer["error"]?["type"] == "not_found_error", "\(answer.text)")
                let message = answer["error"]?["message"]?.string ?? ""
                #expect(
                    message.contains(path.replacing("/openai", with: "")) && message.contains("/v1/chat/completions"))
                #expect((answer["type"] == "error") == path.contains("/messages"))
                #expect(answer.headers[HTTPField.Name("request-id")!] == answer.headers[.requestID])
            }
            let native = try await key.call(
                .get, "/v1/skills", headers: [HTTPField.Name("anthropic-version")!: "2023-06-01"])
            #expect(native.status == 404 && native["type"] == "error")
            for path in ["/v1/%3Cscript%3E", "/v1/অজানা".addingPercentEncoding(withAllowedCharacters: .urlPathAllowed)!] {
                let answer = try await key.call(.get, path)
                #expect(answer.status == 404 && !answer.text.contains("<script") && !answer.text.contains("অজানা"))
            }
            let elsewhere = try await key.call(.get, "/nowhere")
            #expect(elsewhere.status == 404 && !elsewhere.text.contains("does not offer"))
        }
    }

    @Test("Successful answers have the request's id under both names")
    func requestIDs() async throws {
        try await TestApp.run { app in
            let key = try await CompletionsTests.application(app)
            for path in [CompletionsTests.path, "/v1/messages"] {
                for streams in [false, true] {
                    let answer = try await key.call(.post, path, CompletionsTests.asking(["stream": .bool(streams)]))
                    #expect(answer.status == 200)
                    #expect(answer.headers[HTTPField.Name("request-id")!] == answer.headers[.requestID])
                }
            }
        }
    }

    @Test("What a request has wrong is 400 on /v1, whatever its status elsewhere", arguments: APIError.Code.allCases)
    func statuses(code: APIError.Code) {
        for api in [ClientAPI.openAI, .anthropic] {
            let told = APIError(code).told(by: api)
            let expected = code.status.code == 422 || code == .providerRefused ? 400 : code.status.code
            #expect(told.status.code == expected && told.code == code)
            #expect(told.told(by: api).message == told.message, "it is told once")
            let body = ErrorBody(told, requestID: "r")
            #expect((body.error.mynahCode ?? body.error.code) == code.rawValue)
        }
    }
}
