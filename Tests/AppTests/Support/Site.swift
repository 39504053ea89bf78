import Crypto
import Foundation
import HTTPTypes
import JSON
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// A website with a chatbot's widget on it, inside a test.
struct TestSite: Sendable {
    static let origin = "https://shop.example.com"

    let app: TestApp
    let owner: TestUser
    let chatbotID: String
    let keyID: String
    let key: String

    static func make(
        _ app: TestApp, as owner: TestUser, chatbot: JSONValue = ["name": "Shop", "greeting": "Hello!"],
        prompt: String? = nil, key fields: [String: JSONValue] = [:]
    ) async throws -> TestSite {
        let chatbotID = try await app.chatbot(chatbot, prompt: prompt, as: owner)
        let issued = try await app.call(
            .post, "/chatbots/\(chatbotID)/api-keys",
            .object(fields.merging(["kind": "publishable", "origins": [.string(origin)]]) { first, _ in first }),
            as: owner)
        try #require(issued.status == 201, "\(issued.text)")
        return TestSite(
            app: app, owner: owner, chatbotID: chatbotID, keyID: try issued.string("id"), key: try issued.string("key"))
    }

    /// A request as a page of the website makes it.
    @discardableResult
    func call(
        _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil, visitor: String? = nil,
        headers: HTTPFields = [:]
    ) async throws -> TestApp.Answer {
        var all: HTTPFields = [.apiKey: key, .origin: Self.origin]
        if let visitor { all[.visitor] = visitor }
        return try await app.call(method, path, body, headers: all + headers)
    }

    @discardableResult
    func say(
        _ message: String, in conversation: String? = nil, visitor: String? = nil, headers: HTTPFields = [:]
    ) async throws -> TestApp.Answer {
        var body: [String: JSONValue] = ["message": .string(message)]
        if let conversation { body["conversation_id"] = .string(conversation) }
        return try await call(.post, "/widget/chat", .object(body), visitor: visitor, headers: headers)
    }

    func signingSecret() async throws -> String {
        try await app.call(.get, "/chatbots/\(chatbotID)/signing-secret", as: owner).string("signing_secret")
    }

    /// A token as a website's server makes it, or nearly.
    static func token(
        _ claims: [String: JSONValue], secret: String, header: JSONValue = ["alg": "HS256", "typ": "JWT"]
    ) -> String {
        let signed = [header, .object(claims)].map { Base64URL.encode($0.serialized()) }.joined(separator: ".")
        let mark = HMAC<SHA256>.authenticationCode(
            for: Array(signed.utf8), using: SymmetricKey(data: Array(secret.utf8)))
        return "\(signed).\(Base64URL.encode(mark))"
    }

    static func expiry(in seconds: Double) -> JSONValue { .int(Int64(Date().timeIntervalSince1970 + seconds)) }
}
