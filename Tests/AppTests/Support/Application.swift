import HTTPTypes
import JSON
import Testing

@testable import App
@testable import Platform

/// An application with a chatbot's key, inside a test.
struct TestApplication: Sendable {
    let app: TestApp
    let chatbotID: String
    let keyID: String
    let key: String

    static func make(
        _ app: TestApp, chatbotID: String, as user: TestUser, scopes: JSONValue = ["read", "chat", "write"]
    ) async throws -> TestApplication {
        let issued = try await app.call(.post, "/chatbots/\(chatbotID)/api-keys", ["scopes": scopes], as: user)
        try #require(issued.status == 201, "\(issued.text)")
        return TestApplication(
            app: app, chatbotID: chatbotID, keyID: try issued.string("id"), key: try issued.string("key"))
    }

    @discardableResult
    func call(
        _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil, headers: HTTPFields = [:]
    ) async throws -> TestApp.Answer {
        try await app.call(method, path, body, headers: headers + [.apiKey: key])
    }

    @discardableResult
    func query(
        _ message: String, _ fields: [String: JSONValue] = [:], headers: HTTPFields = [:]
    ) async throws -> TestApp.Answer {
        try await call(
            .post, "/chatbot/\(chatbotID)/query", .object(fields.merging(["message": .string(message)]) { $1 }),
            headers: headers)
    }
}
