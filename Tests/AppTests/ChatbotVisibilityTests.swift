import HTTPTypes
import JSON
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// Members who may use but not change a chatbot see neither its prompts nor its endpoint.
@Suite struct ChatbotVisibilityTests {
    private static let endpoint = "https://hooks.example.com/canary-path?token=canary"

    @Test("Viewers see neither prompts nor the endpoint, and editors both")
    func roles() async throws {
        try await TestApp.run { app in
            let member = try await app.user("দর্শক")
            let owned = try await Owned.make(app, app.user("alice"), member: member)
            let path = "/chatbots/\(owned.parameters["chatbot_id"]!)"
            let workspace: HTTPFields = [.workspaceID: owned.parameters["workspace_id"]!]
            let changed = try await app.call(
                .patch, path, ["llm_endpoint_url": .string(Self.endpoint)], as: owned.user)
            #expect(changed["llm_endpoint_url"]?.string == Self.endpoint)
            for address in ["\(path)/prompts", path.replacing("/chatbots", with: "/projects") + "/prompts"] {
                let refused = try await app.call(.get, address, as: member)
                #expect(refused.status == 403 && refused.errorCode == "forbidden")
            }
            for address in [path, "/chatbots", "/projects", "/users/me/chatbots"] {
                let shown = try await app.call(.get, address, as: member, headers: workspace)
                #expect(shown.status == 200 && shown.text.contains("Private"), "\(address): \(shown.text)")
                #expect(!shown.text.contains("canary") && !shown.text.contains("A secret prompt"))
                let own = try await app.call(.get, address, as: owned.user, headers: workspace)
                #expect(own.text.contains("canary-path"), "\(address)")
            }
            #expect(try await app.call(.get, "\(path)/prompts", as: owned.user).text.contains("A secret prompt"))
        }
    }

    @Test("A key that may only read sees neither either, a user's own or a chatbot's")
    func keys() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let id = try await app.chatbot(
                ["name": "Bot", "llm_endpoint_url": .string(Self.endpoint)], prompt: "canary prompt", as: user)
            for (scopes, sees) in [(["read"], false), (["read", "chat"], false), (["read", "write"], true)] {
                let values = JSONValue.array(scopes.map { .string($0) })
                let own = try await app.call(.post, "/users/me/api-keys", ["scopes": values], as: user).string("key")
                let prompts = try await app.call(.get, "/chatbots/\(id)/prompts", headers: [.apiKey: own])
                #expect(prompts.status == (sees ? 200 : 403) && prompts.text.contains("canary") == sees, "\(scopes)")
                let key = try await TestApplication.make(app, chatbotID: id, as: user, scopes: values).key
                for credential in [own, key] {
                    for path in ["/chatbots/\(id)", "/chatbots", "/users/\(user.id)/chatbots"] {
                        let shown = try await app.call(.get, path, headers: [.apiKey: credential])
                        #expect(shown.status == 200 && shown.text.contains("canary") == sees, "\(path) \(scopes)")
                    }
                }
            }
        }
    }
}
