import Chat
package import Chatbots
import HTTPKit
import HTTPTypes
import JSON
import LLM
import ModelCalls
import Platform
import Storage

/// OpenAI's API of responses. A response goes through the one metered call like a chat completion; what is added is that
/// it can be stored, continued, and written without its client.
package struct ResponseRoutes: Sendable {
    package let completer: Completer
    package let store: ResponseStore
    private let uploads: Uploads
    /// Days for which responses are stored; 0 for ever.
    package let days: Int

    package init(completer: Completer, store: ResponseStore, uploads: Uploads, days: Int) {
        self.uploads = uploads
        self.completer = completer
        self.store = store
        self.days = days
    }

    package func create(_ client: APIClient, _ request: ResponseRequest) async throws -> ResponseAnswer {
        do {
            return try await begin(client, request)
        } catch let error as APIError {
            throw error.inNamesOfResponses
        }
    }

    private func begin(_ client: APIClient, _ request: ResponseRequest) async throws -> ResponseAnswer {
        let files = files(of: client)
        let (running, asked) = try await prepare(client, request, files)
        let completion = try await completer.begin(client, asked, files: files.held, record: running)[0]
        let seal = ReasoningSeal(client, store.secrets)
        let opening = running.opening
        guard !request.isBackground else {
            guard asked.streams else { return .waited(.body(opening.response)) }
            let writer = opening.writer(includingReasoning: false, seal: seal)
            return .followed(.init(stream: ResponseStream(writer: writer, next: running.next)))
        }
        do {
            guard asked.streams else {
                let result = try await completion.result()
                let ending = running.settled ?? ResponseEnding(result, completion.usage(of: result))
                let writer = ResponseWriter(
                    opening.response, opening.options(false, seal), running.current.events, ending)
                return .waited(.body(writer.response))
            }
            try await completion.begun()
            let writer = opening.writer(includingReasoning: false, seal: seal)
            return .waited(.stream([completion], ResponseEvents(writer, of: running)))
        } catch {
            completion.cancel(RunningCompletion.ClientLeft())
            if error is RunningCompletion.ClientLeft { return .waited(.clientLeft) }
            throw APIError(ofCompletion: error)
        }
    }

    /// Reads what is continued, and puts the request into the terms of chat completions.
    func prepare(
        _ client: APIClient, _ request: ResponseRequest, _ files: ClientFileReader
    ) async throws -> (RunningResponse, CompletionRequest) {
        let owner = ResponseOwner(client, externalID: request.user)
        let id = "resp_\(RandomText.makeHex(bytes: 24))"
        let previous = try await previous(client, request, owner, files)
        let seal = ReasoningSeal(client, store.secrets)
        let references = try await ResponseReferences(
            request.input, in: store, of: owner, client.call.memory, seal: seal)
        let input = try await ResponseInput(
            request.input, idBase: String(id.dropFirst(5)), known: previous.calls, references: references,
            files: ItemFiles(reader: files, areEarlier: false), unseal: seal.open)
        var asked = try request.asked(input.messages, after: previous.messages)
        asked.textField = "input"
        let running = RunningResponse(
            .init(
                id: id, request: request, input: input, owner: owner, chain: previous.chain, references: references,
                account: client.requester().subscriber.userID,
                lifetime: days == 0 ? nil : .seconds(86_400 * days), options: asked.options, held: previous.held),
            store)
        return (running, asked)
    }

    func files(of client: APIClient) -> ClientFileReader {
        ClientFileReader(client.who, uploads: uploads, http: completer.calls.providers.http)
    }

    /// What a request continues.
    private struct Previous: Sendable {
        var chain: [StoredResponse] = []
        var messages: [ChatMessage] = []
        /// Ids of the calls of tools in it.
        var calls: Set<String> = []
        var held: HeldBytes?
    }

    private func previous(
        _ client: APIClient, _ request: ResponseRequest, _ owner: ResponseOwner, _ files: ClientFileReader
    ) async throws -> Previous {
        guard let id = request.previousResponseID else { return Previous() }
        let now = Timestamp.now
        let chain = try await store.database.read(owner.scope) { tx in
            try ResponseQueries.chain(tx, endingIn: id, of: owner, now: now)
        }
        guard !chain.contains(where: \.isRunning) else {
            throw APIError(
                .conflict, "The response '\(id)' is still being written. Wait for it, or cancel it.",
                param: "previous_response_id")
        }
        var previous = Previous(chain: chain)
        previous.held = try client.call.memory.hold(chain.reduce(0) { $0 + $1.bytes } * 3, .prompt)
        let parts = try await store.database.read(owner.scope) { tx in try ResponseQueries.parts(tx, of: chain) }
        var messages = ItemMessages()
        let seal = ReasoningSeal(client, store.secrets)
        for response in chain {
            let parts = parts[response.id] ?? []
            let opening = try store.parts.opening(parts)
            // Thoughts under a key that was dropped meanwhile are left out.
            let input = try await ResponseInput(
                .array(opening.input), idBase: "", known: previous.calls,
                files: ItemFiles(reader: files, areEarlier: true)
            ) { text, place in
                (try? seal.open(text, place)) ?? Thoughts()
            }
            for message in input.messages { messages.add(message) }
            let writer = ResponseWriter(
                opening.response, .init(), try store.parts.events(parts), try store.parts.ending(of: response))
            for item in writer.items { item.add(to: &messages) }
            previous.calls.formUnion(input.calls)
            previous.calls.formUnion(writer.items.map(\.callID))
        }
        previous.messages = messages.finish()
        return previous
    }
}

extension APIError {
    /// The same with this API's name of a field that the model's vendor does not have.
    fileprivate var inNamesOfResponses: APIError {
        guard code == .unsupportedInput, let param, case let name = ResponseField.name(ofField: param), name != param
        else { return self }
        return APIError(code, message.replacing("'\(param)'", with: "'\(name)'"), param: name, cause: cause)
    }
}
