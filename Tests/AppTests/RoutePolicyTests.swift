import HTTPTypes
import Testing

@testable import App
@testable import HTTPKit

/// The policy that each route states, a second time: a change here is a change of who may do what, and is seen as one.
@Suite struct RoutePolicyTests {
    private struct Line: Hashable, CustomStringConvertible {
        let cells: [String]
        var description: String { cells.joined(separator: " | ") }
        var name: String { cells[0] }

        init(_ text: Substring) {
            cells = text.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }
        }

        init(_ route: Route) {
            let audit =
                switch route.policy.audit {
                case .none: "-"
                case .entry: "entry"
                case .ownAccount: "own"
                case .signIn: "sign-in"
                }
            cells = [
                route.name, route.scopes.map(\.rawValue).sorted().joined(separator: " "),
                route.rateClass.rawValue.replacing("_", with: "-"), audit, "\(route.maxBody >> 20)",
            ]
        }
    }

    @Test("Every route states the policy that this table has")
    func policies() async throws {
        try await TestApp.run { app in
            let stated = app.app.routes.filter { !$0.isOtherName }.map(Line.init)
            let expected = Self.table.split(separator: "\n").map(Line.init)
            let known = Dictionary(uniqueKeysWithValues: expected.map { ($0.name, $0) })
            for line in stated { #expect(known[line.name] == line, "add or change the line in the table") }
            #expect(Set(known.keys) == Set(stated.map(\.name)))
            #expect(stated.count == Set(stated).count)
        }
    }

    @Test("Another name of a route has the route's policy, action and handler")
    func otherNames() async throws {
        try await TestApp.run { app in
            let routes = app.app.routes
            let first = Dictionary(uniqueKeysWithValues: routes.filter { !$0.isOtherName }.map { ($0.action, $0) })
            let others = routes.filter(\.isOtherName)
            #expect(others.count > 30)
            for other in others {
                let route = try #require(first[other.action], "\(other.name) is another name of nothing")
                #expect(other.policy == route.policy && other.access == route.access, "\(other.name)")
                #expect(other.id == route.id && other.permission == route.permission, "\(other.name)")
                #expect(other.name != route.name && other.status == route.status, "\(other.name)")
            }
        }
    }

    @Test("The limit of a body is known by its path before the route is, and is the route's")
    func bodyLimits() async throws {
        try await TestApp.run { app in
            let limits = BodyLimits(app.app.routes)
            for (path, routes) in Dictionary(grouping: app.app.routes, by: \.path) {
                let limit = routes.map(\.maxBody).max()!
                let address = routes[0].path(with: "মডেল")
                for uri in [address, address + "/", address + "?a=/v1/messages", "/" + address] {
                    #expect(limits.limit(of: uri) == limit, "\(path) as \(uri)")
                }
            }
            for uri in ["", "/", "/v1", "/v1/messages/x", "/v2/messages", "/V1/messages", "/nowhere?/v1/messages", "*"]
            {
                #expect(limits.limit(of: uri) == RoutePolicy.usualBody, "\(uri)")
            }
            #expect(limits.limit(of: "/v1/messages") == 20 << 20)
        }
    }

    /// The route, the scopes of which a key needs one, the class of its rate limit, its audit entries, and the maximum size
    /// of its body in MiB.
    private static let table = """
        POST /uploads | chat knowledge write | change | entry | 1
        GET /uploads/{upload_id} | chat knowledge read write | read | - | 1
        PUT /uploads/{upload_id}/{part} | chat knowledge write | change | - | 4
        POST /uploads/{upload_id}/complete | chat knowledge write | change | entry | 1
        DELETE /uploads/{upload_id} | chat knowledge write | change | entry | 1
        POST /chatbots/{chatbot_id}/files | knowledge | change | entry | 512
        GET /chatbots/{chatbot_id}/files | knowledge | read | - | 1
        GET /chatbots/{chatbot_id}/files/{file_id} | knowledge | read | - | 1
        GET /chatbots/{chatbot_id}/files/{file_id}/content | knowledge | read | - | 1
        DELETE /chatbots/{chatbot_id}/files/{file_id} | knowledge | change | entry | 1
        POST /chatbots/{chatbot_id}/files/{file_id}/retry | knowledge | change | entry | 1
        GET /chatbots/{chatbot_id}/files/{file_id}/passages | knowledge | read | - | 1
        GET /chatbots/{chatbot_id}/knowledge | knowledge | read | - | 1
        GET /chatbots/{chatbot_id}/unanswered | read | read | - | 1
        GET /chatbots/{chatbot_id}/answers | read | read | - | 1
        POST /chatbots/{chatbot_id}/answers | write | change | entry | 1
        PATCH /chatbots/{chatbot_id}/answers/{answer_id} | write | change | entry | 1
        DELETE /chatbots/{chatbot_id}/answers/{answer_id} | write | change | entry | 1
        POST /chatbots/{chatbot_id}/knowledge/search | knowledge | turn | - | 1
        POST /v1/files | chat | change | entry | 512
        GET /v1/files | chat read | read | - | 1
        GET /v1/files/{client_file_id} | chat read | read | - | 1
        GET /v1/files/{client_file_id}/content | chat read | read | - | 1
        DELETE /v1/files/{client_file_id} | chat | change | entry | 1
        GET /                                                               | read            | free    | -       | 1
        GET /docs                                                           | read            | free    | -       | 1
        GET /redoc                                                          | read            | free    | -       | 1
        GET /openapi.json                                                   | read            | free    | -       | 1
        GET /setup                                                          | read            | free    | -       | 1
        GET /admin                                                          | read            | free    | -       | 1
        GET /widget.js                                                      | read            | free    | -       | 1
        POST /setup                                                         | write           | sign-in | entry   | 1
        GET /health                                                         | read            | free    | -       | 1
        GET /health/live                                                    | read            | free    | -       | 1
        GET /health/ready                                                   | read            | free    | -       | 1
        GET /metrics                                                        | read            | read    | -       | 1
        GET /db-status                                                      | read            | read    | -       | 1
        POST /auth/register                                                 | write           | sign-in | own     | 1
        POST /auth/login                                                    | write           | sign-in | sign-in | 1
        POST /auth/token                                                    | write           | sign-in | sign-in | 1
        POST /auth/revoke                                                   | write           | change  | own     | 1
        POST /auth/refresh                                                  | write           | change  | sign-in | 1
        POST /auth/logout                                                   | write           | change  | own     | 1
        POST /auth/session                                                  | write           | sign-in | sign-in | 1
        DELETE /auth/session                                                | write           | change  | own     | 1
        GET /auth/sessions                                                  | read            | read    | -       | 1
        DELETE /auth/sessions/{session_id}                                  | write           | change  | entry   | 1
        POST /auth/password                                                 | write           | change  | own     | 1
        GET /auth/grants                                                    | read            | read    | -       | 1
        POST /auth/grants/revoke                                            | write           | change  | own     | 1
        POST /auth/password/forgot                                          | write           | sign-in | own     | 1
        POST /auth/password/reset                                           | write           | sign-in | own     | 1
        POST /auth/email                                                    | write           | change  | own     | 1
        POST /auth/email/verify                                             | write           | sign-in | own     | 1
        POST /auth/email/verification                                       | write           | change  | own     | 1
        GET /auth/verify                                                    | chat read write | read    | -       | 1
        GET /.well-known/jwks.json                                          | read            | read    | -       | 1
        GET /.well-known/oauth-authorization-server                         | read            | read    | -       | 1
        GET /users/me                                                       | read            | read    | -       | 1
        GET /users/me/usage                                                 | read            | read    | -       | 1
        PATCH /users/me                                                     | write           | change  | own     | 1
        DELETE /users/me                                                    | write           | change  | own     | 1
        POST /users/me/api-keys                                             | write           | change  | own     | 1
        GET /users/me/api-keys                                              | read            | read    | -       | 1
        POST /users/me/api-keys/{own_key_id}/rotate                         | write           | change  | entry   | 1
        DELETE /users/me/api-keys/{own_key_id}                              | write           | change  | entry   | 1
        GET /users/me/access-log                                            | read            | read    | -       | 1
        GET /users/me/export                                                | read            | read    | -       | 1
        GET /users                                                          | read            | read    | -       | 1
        POST /users                                                         | write           | sign-in | entry   | 1
        GET /users/{id}                                                     | read            | read    | -       | 1
        PATCH /users/{id}                                                   | write           | change  | entry   | 1
        DELETE /users/{id}                                                  | write           | change  | entry   | 1
        GET /users/{id}/details                                             | read            | read    | -       | 1
        POST /users/{id}/details                                            | write           | change  | entry   | 1
        GET /users/{id}/context                                             | read            | read    | -       | 1
        GET /users/{id}/chatbots                                            | read            | read    | -       | 1
        GET /workspaces                                                     | read            | read    | -       | 1
        POST /workspaces                                                    | write           | change  | entry   | 1
        GET /workspaces/{workspace_id}                                      | read            | read    | -       | 1
        PATCH /workspaces/{workspace_id}                                    | write           | change  | entry   | 1
        DELETE /workspaces/{workspace_id}                                   | write           | change  | entry   | 1
        GET /workspaces/{workspace_id}/members                              | read            | read    | -       | 1
        POST /workspaces/{workspace_id}/members                             | write           | change  | entry   | 1
        POST /workspaces/{workspace_id}/invitations                         | write           | change  | entry   | 1
        GET /workspaces/{workspace_id}/invitations                          | read            | read    | -       | 1
        DELETE /workspaces/{workspace_id}/invitations/{invitation_id}       | write           | change  | entry   | 1
        GET /invitations                                                    | read            | read    | -       | 1
        POST /invitations/read                                              | write           | sign-in | -       | 1
        POST /invitations/accept                                            | write           | change  | entry   | 1
        POST /workspaces/{workspace_id}/accept                              | write           | change  | entry   | 1
        PATCH /workspaces/{workspace_id}/members/{user_id}                  | write           | change  | entry   | 1
        DELETE /workspaces/{workspace_id}/members/{user_id}                 | write           | change  | entry   | 1
        POST /workspaces/{workspace_id}/members/{user_id}/revoke-keys       | write           | change  | entry   | 1
        GET /chatbots                                                       | read            | read    | -       | 1
        POST /chatbots                                                      | write           | change  | entry   | 1
        GET /chatbots/{chatbot_id}                                          | read            | read    | -       | 1
        PATCH /chatbots/{chatbot_id}                                        | write           | change  | entry   | 1
        DELETE /chatbots/{chatbot_id}                                       | write           | change  | entry   | 1
        GET /chatbots/{chatbot_id}/prompts                                  | write           | read    | -       | 1
        POST /chatbots/{chatbot_id}/prompts                                 | write           | change  | entry   | 1
        POST /chatbots/{chatbot_id}/prompts/{prompt_id}/activate            | write           | change  | entry   | 1
        POST /chatbots/{chatbot_id}/api-keys                                | write           | change  | entry   | 1
        GET /chatbots/{chatbot_id}/api-keys                                 | read            | read    | -       | 1
        PATCH /chatbots/{chatbot_id}/api-keys/{key_id}                      | write           | change  | entry   | 1
        POST /chatbots/{chatbot_id}/api-keys/{key_id}/rotate                | write           | change  | entry   | 1
        DELETE /chatbots/{chatbot_id}/api-keys/{key_id}                     | write           | change  | entry   | 1
        GET /chatbots/{chatbot_id}/usage                                    | read            | read    | -       | 1
        GET /chatbots/{chatbot_id}/users                                    | read            | read    | -       | 1
        DELETE /chatbots/{chatbot_id}/users/{end_user_id}                   | write           | change  | entry   | 1
        GET /chatbots/{chatbot_id}/conversations                            | read            | read    | -       | 1
        POST /chatbots/{chatbot_id}/query                                   | chat            | turn    | -       | 1
        GET /chatbots/{chatbot_id}/widget                                   | read            | read    | -       | 1
        PUT /chatbots/{chatbot_id}/widget                                   | write           | change  | entry   | 1
        GET /chatbots/{chatbot_id}/signing-secret                           | read            | read    | -       | 1
        POST /chatbots/{chatbot_id}/signing-secret                          | write           | change  | entry   | 1
        POST /chatbots/{chatbot_id}/signing-secret/rotate                   | write           | change  | entry   | 1
        POST /chat                                                          | chat            | turn    | -       | 1
        POST /chat/ws-ticket                                                | chat            | change  | -       | 1
        GET /chat/ws                                                        | chat read       | read    | -       | 1
        GET /conversations                                                  | chat read       | read    | -       | 1
        POST /conversations                                                 | chat            | change  | entry   | 1
        GET /conversations/search                                           | chat read       | read    | -       | 1
        GET /conversations/folders                                          | chat read       | read    | -       | 1
        POST /conversations/import                                          | chat            | change  | entry   | 512
        POST /conversations/{conversation_id}/share                         | chat            | change  | entry   | 1
        GET /conversations/{conversation_id}/share                          | chat read       | read    | -       | 1
        DELETE /conversations/{conversation_id}/share/{share_id}            | chat            | change  | entry   | 1
        GET /shared/{share_token}                                           | chat read       | read    | -       | 1
        GET /pictures                                                       | chat read       | read    | -       | 1
        GET /imports                                                        | chat read       | read    | -       | 1
        GET /imports/{import_id}                                            | chat read       | read    | -       | 1
        DELETE /imports/{import_id}                                         | chat            | change  | entry   | 1
        GET /conversations/{conversation_id}                                | chat read       | read    | -       | 1
        PATCH /conversations/{conversation_id}                              | chat            | change  | entry   | 1
        DELETE /conversations/{conversation_id}                             | chat            | change  | entry   | 1
        GET /conversations/{conversation_id}/messages                       | chat read       | read    | -       | 1
        POST /conversations/{conversation_id}/messages                      | chat            | turn    | -       | 1
        GET /conversations/{conversation_id}/stream                         | chat read       | read    | -       | 1
        POST /conversations/{conversation_id}/stop                          | chat            | change  | -       | 1
        POST /conversations/{conversation_id}/regenerate                    | chat            | turn    | -       | 1
        PUT /conversations/{conversation_id}/branch | chat | change | entry | 1
        POST /conversations/{conversation_id}/copy | chat | change | entry | 1
        POST /conversations/{conversation_id}/messages/{message_id}/edit | chat | turn | - | 1
        POST /conversations/{conversation_id}/messages/{message_id}/regenerate | chat | turn | - | 1
        PUT /conversations/{conversation_id}/messages/{message_id}/feedback | chat            | change  | entry   | 1
        GET /conversations/{conversation_id}/export                         | chat read       | read    | -       | 1
        GET /conversations/{conversation_id}/messages/{message_id}/citations/{n} | chat read | read | - | 1
        POST /conversations/{conversation_id}/files | chat | change | entry | 16
        GET /conversations/{conversation_id}/files | chat read | read | - | 1
        GET /conversations/{conversation_id}/files/{conversation_file_id} | chat read | read | - | 1
        GET /conversations/{conversation_id}/files/{conversation_file_id}/content | chat read | read | - | 1
        DELETE /conversations/{conversation_id}/files/{conversation_file_id} | chat | change | entry | 1
        POST /widget/conversations | chat | change | entry | 1
        POST /widget/conversations/{conversation_id}/files | chat | change | entry | 8
        GET /widget/conversations/{conversation_id}/files/{conversation_file_id}/content | chat read | read | - | 1
        DELETE /widget/conversations/{conversation_id}/files/{conversation_file_id} | chat | change | entry | 1
        GET /widget/config                                                  | chat read       | read    | -       | 1
        POST /widget/chat                                                   | chat            | turn    | -       | 1
        GET /widget/conversations/{conversation_id}/messages                | chat read       | read    | -       | 1
        GET /widget/conversations/{conversation_id}/stream                  | chat read       | read    | -       | 1
        POST /widget/conversations/{conversation_id}/stop                   | chat            | change  | -       | 1
        POST /widget/conversations/{conversation_id}/feedback               | chat            | change  | -       | 1
        GET /v1/models                                                      | chat read       | read    | -       | 1
        GET /v1/models/{model}                                              | chat read       | read    | -       | 1
        POST /v1/chat/completions                                           | chat            | turn    | -       | 20
        POST /v1/completions                                                | chat            | turn    | -       | 20
        POST /v1/messages                                                   | chat            | turn    | -       | 20
        POST /v1/messages/count_tokens                                      | chat            | turn    | -       | 20
        POST /v1/embeddings                                                 | chat            | turn    | -       | 8
        POST /v1/responses                                                  | chat            | turn    | -       | 20
        POST /v1/responses/input_tokens                                     | chat            | turn    | -       | 20
        GET /v1/responses/{response_id}                                     | chat read       | read    | -       | 1
        DELETE /v1/responses/{response_id}                                  | chat            | change  | entry   | 1
        POST /v1/responses/{response_id}/cancel                             | chat            | change  | entry   | 1
        GET /v1/responses/{response_id}/input_items                         | chat read       | read    | -       | 1
        GET /admin/users                                                    | read            | read    | -       | 1
        POST /admin/users                                                   | write           | change  | entry   | 1
        GET /admin/users/{id}                                               | read            | read    | -       | 1
        PATCH /admin/users/{id}                                             | write           | change  | entry   | 1
        DELETE /admin/users/{id}                                            | write           | change  | entry   | 1
        DELETE /admin/users/{id}/mfa                                        | write           | change  | entry   | 1
        POST /admin/users/{id}/credits                                      | write           | change  | entry   | 1
        GET /admin/deleted-users                                            | read            | read    | -       | 1
        POST /admin/deleted-users/{id}/restore                              | write           | change  | entry   | 1
        GET /admin/deleted-users/{id}/export                                | read            | read    | entry   | 1
        GET /staff/users                                                    | read            | read    | -       | 1
        GET /staff/users/{id}                                               | read            | read    | -       | 1
        POST /staff/users/{id}/reset-limits                                 | write           | change  | entry   | 1
        POST /staff/users/{id}/resend-verification                          | write           | change  | entry   | 1
        POST /staff/users/{id}/disable                                      | write           | change  | entry   | 1
        POST /staff/conversations/{conversation_id}/access                  | write           | change  | entry   | 1
        GET /staff/conversations/{conversation_id}/messages                 | read            | read    | entry   | 1
        GET /admin/message-logs                                             | read            | read    | -       | 1
        GET /admin/message-logs/{log_id}                                    | read            | read    | -       | 1
        GET /admin/plans                                                    | read            | read    | -       | 1
        POST /admin/plans                                                   | write           | change  | entry   | 1
        GET /admin/plans/{plan_id}                                          | read            | read    | -       | 1
        PATCH /admin/plans/{plan_id}                                        | write           | change  | entry   | 1
        DELETE /admin/plans/{plan_id}                                       | write           | change  | entry   | 1
        GET /admin/providers                                                | read            | read    | -       | 1
        PUT /admin/providers/{provider_name}                                | write           | change  | entry   | 1
        GET /admin/prices                                                   | read            | read    | -       | 1
        PUT /admin/prices/{model}                                           | write           | change  | entry   | 1
        DELETE /admin/prices/{model}                                        | write           | change  | entry   | 1
        GET /admin/audit-log                                                | read            | read    | -       | 1
        GET /admin/audit-log/head                                           | read            | read    | -       | 1
        GET /admin/jobs                                                     | read            | read    | -       | 1
        POST /admin/jobs/{job_id}/retry                                     | write           | change  | entry   | 1
        GET /admin/ip-rules                                                 | read            | read    | -       | 1
        POST /admin/ip-rules                                                | write           | change  | entry   | 1
        DELETE /admin/ip-rules/{ip_rule_id}                                 | write           | change  | entry   | 1
        GET /admin/stats                                                    | read            | read    | -       | 1
        GET /admin/operators                                                | read            | read    | -       | 1
        POST /admin/operators                                               | write           | change  | entry   | 1
        GET /admin/operators/{operator_id}                                  | read            | read    | -       | 1
        PATCH /admin/operators/{operator_id}                                | write           | change  | entry   | 1
        DELETE /admin/operators/{operator_id}                               | write           | change  | entry   | 1
        DELETE /admin/operators/{operator_id}/mfa                           | write           | change  | entry   | 1
        GET /auth/mfa/totp                                                  | read            | read    | -       | 1
        POST /auth/mfa/totp                                                 | write           | sign-in | own     | 1
        POST /auth/mfa/totp/confirm                                         | write           | sign-in | own     | 1
        DELETE /auth/mfa/totp                                               | write           | sign-in | own     | 1
        POST /admin/login                                                   | write           | sign-in | sign-in | 1
        POST /admin/refresh                                                 | write           | change  | sign-in | 1
        POST /admin/logout                                                  | write           | change  | own     | 1
        GET /admin/me                                                       | read            | read    | -       | 1
        POST /admin/password                                                | write           | change  | own     | 1
        GET /admin/mfa/totp                                                 | read            | read    | -       | 1
        POST /admin/mfa/totp                                                | write           | change  | own     | 1
        POST /admin/mfa/totp/confirm                                        | write           | change  | own     | 1
        DELETE /admin/mfa/totp                                              | write           | change  | own     | 1
        POST /staff/login                                                   | write           | sign-in | sign-in | 1
        POST /staff/refresh                                                 | write           | change  | sign-in | 1
        POST /staff/logout                                                  | write           | change  | own     | 1
        GET /staff/me                                                       | read            | read    | -       | 1
        POST /staff/password                                                | write           | change  | own     | 1
        GET /staff/mfa/totp                                                 | read            | read    | -       | 1
        POST /staff/mfa/totp                                                | write           | change  | own     | 1
        POST /staff/mfa/totp/confirm                                        | write           | change  | own     | 1
        DELETE /staff/mfa/totp                                              | write           | change  | own     | 1
        """
}
