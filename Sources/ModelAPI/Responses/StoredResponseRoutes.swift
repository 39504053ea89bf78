import Chat
import Foundation
package import HTTPKit
import HTTPTypes
import JSON
import LLM
import Platform
import Storage

extension ResponseRoutes {
    /// How long a call waits for a response that it has told to stop.
    private static let patience = Duration.seconds(5)

    package func read(_ client: APIClient, _ query: ResponseQuery) async throws -> ResponseAnswer {
        let owner = ResponseOwner(client, externalID: query.user)
        let found = try await find(client, owner)
        let includesReasoning = client.asksToInclude(ResponseRequest.encryptedReasoning)
        guard query.stream == true else {
            return .waited(.body(try await shown(client, owner, found, includesReasoning: includesReasoning)))
        }
        guard found.isBackground else {
            throw APIError.invalid(
                "stream", "Only a response that was created with 'background' can be streamed again.")
        }
        let seal = ReasoningSeal(client, store.secrets)
        let after = query.startingAfter ?? -1
        if let running = store.running[found.id] {
            let writer = running.opening.writer(includingReasoning: includesReasoning, after: after, seal: seal)
            return .followed(.init(stream: ResponseStream(writer: writer, next: running.next)))
        }
        let parts = try await store.database.read(owner.scope) { tx in try ResponseQueries.parts(tx, of: found) }
        let writer = try store.parts.opening(parts).writer(
            includingReasoning: includesReasoning, after: after, seal: seal)
        let events = StoredResponseEvents(store, owner.scope, found)
        return .followed(.init(stream: ResponseStream(writer: writer, next: events.next)))
    }

    package func delete(_ client: APIClient, _ input: ResponseUser) async throws -> ResponseDeleted {
        let owner = ResponseOwner(client, externalID: input.user ?? client.userOfQuery)
        let found = try await find(client, owner)
        client.call.audit(target: "response:\(found.id)")
        try await store.database.write(owner.scope) { tx in
            try ResponseQueries.markDeleted(tx, id: found.id, in: found.workspaceID)
        }
        // Another instance notices within a second.
        store.running[found.id]?.stop()
        await store.remove(found, owner.scope)
        return ResponseDeleted(id: found.id)
    }

    /// Ends a response in the background. One that has ended is returned as it is.
    package func cancel(_ client: APIClient, _ input: ResponseUser) async throws -> ResponseObject {
        let owner = ResponseOwner(client, externalID: input.user ?? client.userOfQuery)
        var found = try await find(client, owner)
        guard found.isBackground else {
            throw APIError.invalid(
                "response_id", "Only a response that was created with 'background' can be cancelled.")
        }
        client.call.audit(target: "response:\(found.id)")
        if found.isRunning {
            try await store.database.write(owner.scope) { [found] tx in try ResponseQueries.requestStop(tx, found) }
            store.running[found.id]?.stop()
            let deadline = ContinuousClock.now + Self.patience
            while found.isRunning, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(50))
                found = try await find(client, owner)
            }
        }
        return try await shown(client, owner, found)
    }

    package func inputItems(_ client: APIClient, _ query: ResponseItemList.Query) async throws -> ResponseItemList {
        let owner = ResponseOwner(client, externalID: query.user)
        let found = try await find(client, owner)
        let parts = try await store.database.read(owner.scope) { tx in try ResponseQueries.parts(tx, of: found) }
        var items = try store.parts.opening(parts).input
        if query.order != .asc { items.reverse() }
        if let after = query.after {
            guard let place = items.firstIndex(where: { $0["id"]?.string == after }) else {
                throw APIError(.invalidCursor, param: "after")
            }
            items = Array(items[(place + 1)...])
        }
        let limit = query.limit ?? 20
        return ResponseItemList(Array(items.prefix(limit)), hasMore: items.count > limit)
    }

    /// An estimate: vendors' vocabularies are not known here.
    package func inputTokens(_ client: APIClient, _ request: ResponseRequest) async throws -> ResponseInputTokens {
        let (_, asked) = try await prepare(client, request, files(of: client))
        return ResponseInputTokens(try await completer.inputTokens(client, asked))
    }

    private func find(_ client: APIClient, _ owner: ResponseOwner) async throws -> StoredResponse {
        let id = client["response_id"]
        return try await store.database.read(owner.scope) { tx in try ResponseQueries.find(tx, id: id, of: owner) }
    }

    /// The response as far as it has come.
    private func shown(
        _ client: APIClient, _ owner: ResponseOwner, _ found: StoredResponse, includesReasoning: Bool = false
    ) async throws -> ResponseObject {
        let seal = ReasoningSeal(client, store.secrets)
        if let running = store.running[found.id] {
            let opening = running.opening
            let (events, ending) = running.current
            return ResponseWriter(opening.response, opening.options(includesReasoning, seal), events, ending).response
        }
        // Read together, or an ending could come without the last of its parts.
        let (now, parts) = try await store.database.read(owner.scope) { tx in
            (try ResponseQueries.again(tx, found), try ResponseQueries.parts(tx, of: found))
        }
        guard let now else { throw APIError(.notFound) }
        let opening = try store.parts.opening(parts)
        return ResponseWriter(
            opening.response, opening.options(includesReasoning, seal), try store.parts.events(parts),
            try store.parts.ending(of: now)
        ).response
    }
}

extension APIClient {
    /// The query's `user`, which calls without a body name there as reads do.
    fileprivate var userOfQuery: String? { FormFields.parse(call.rawQuery.utf8)?["user"]?.string }

    /// Whether the query's `include` or one of its `include[]` names this. A query's repeated field has one value elsewhere.
    fileprivate func asksToInclude(_ name: String) -> Bool {
        call.rawQuery.split(separator: "&").contains { pair in
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard let field = parts.first?.removingPercentEncoding, field == "include" || field == "include[]" else {
                return false
            }
            return parts.last?.removingPercentEncoding?.split(separator: ",").contains { $0 == name } ?? false
        }
    }
}

extension ResponseRoutes {
    package var table: [Route] {
        let errors =
            [APIError.Code].ofCompletions + [.previousResponseNotFound, .tooMuchAtOnce, .planLimitReached, .conflict]
        let one = "/v1/responses/{response_id}"
        return [
            Route(
                .post, "/v1/responses", .completion, id: "create_response", "Create a response",
                about: "OpenAI's API. `model` is as for chat completions. The response is stored unless `store` is "
                    + "false; with `background` it is written without the client.",
                create, errors: errors),
            Route(
                .post, "/v1/responses/input_tokens", .completion, id: "count_response_tokens",
                "Count tokens of a response's input",
                about: "OpenAI's API. An estimate of what the model would read, without a call.", inputTokens,
                errors: [
                    .notFound, .modelNotFound, .modelAmbiguous, .modelNotInPlan, .modelNotPriced,
                    .previousResponseNotFound,
                ]),
            Route(
                .get, one, .readChat, id: "get_response", "Get a response",
                about:
                    "OpenAI's API, for the key that created it. `stream` follows a response in the background, after "
                    + "the event `starting_after`.",
                read),
            Route(
                .delete, one, .chat, id: "delete_response", "Delete a response",
                about:
                    "OpenAI's API. One that is being written is stopped. What continues it can no longer be continued.",
                delete),
            Route(
                .post, "\(one)/cancel", .chat, id: "cancel_response", "Cancel a response in the background",
                about: "OpenAI's API. What came is kept, and paid for. A response that has ended stays as it is.",
                cancel),
            Route(
                .get, "\(one)/input_items", .readChat, id: "list_response_input_items",
                "List the input items of a response",
                about: "OpenAI's API. The response's own input, newest first.", inputItems, errors: [.invalidCursor]),
        ].tagged(.completions)
    }
}
