import HTTPKit
import JSON
import LLM
import Platform
import Storage

/// The items of stored responses that an input names by their ids instead of repeating them.
struct ResponseReferences: Sendable {
    /// In the form in which clients send items, by id.
    private var items: [String: JSONValue] = [:]
    /// The workspace of the responses that have them.
    private var workspaceID: String?
    /// The memory of these responses.
    private var held: HeldBytes?

    /// The id that an item refers to; nil if it is no reference.
    private static func id(in item: JSONValue) -> String? {
        let isReference =
            item["type"] == "item_reference" || item["type"]?.isNull != false && item["role"]?.isNull != false
        return isReference ? item["id"]?.string : nil
    }

    /// The response whose item has this id, as this server makes ids. Nil for those that clients have made.
    private static func responseID(ofItem id: String) -> String? {
        let parts = id.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].utf8.count == 48, parts[1].allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
            return nil
        }
        return "resp_\(parts[1])"
    }

    /// The item itself, if this is a reference. Throws `not_found` if no stored response of this owner has it.
    func resolved(_ item: JSONValue, _ place: String) throws(APIError) -> JSONValue {
        guard let id = Self.id(in: item) else { return item }
        guard let found = items[id] else {
            throw APIError(
                .notFound,
                "This key has no stored item '\(id.prefix(96))' for this 'user'. Items are stored with responses whose "
                    + "'store' is not false. Send the item itself.", param: place)
        }
        guard found["status"] != "incomplete" || found["type"] == "message" else {
            throw .invalid(place, "The item that '\(place)' refers to was cut off before it was whole. Leave it out.")
        }
        return found
    }

    /// Throws `not_found` if the items are another workspace's, which this user belongs to as well.
    func require(workspaceID: String) throws(APIError) {
        guard self.workspaceID ?? workspaceID == workspaceID else {
            throw APIError(.notFound, "The items that 'input' refers to are in another workspace.", param: "input")
        }
    }

    init() {}

    /// - Parameters:
    ///   - store: holds the responses.
    ///   - seal: encrypts thoughts, which keep their signatures so.
    init(
        _ input: JSONValue?, in store: ResponseStore, of owner: ResponseOwner, _ memory: CallMemory,
        seal: ReasoningSeal
    ) async throws {
        let ids = Set((input?.array ?? []).compactMap(Self.id))
        let responseIDs = Set(ids.compactMap(Self.responseID)).sorted()
        guard !responseIDs.isEmpty else { return }
        let responses = try await store.database.read(owner.scope) { tx in
            try ResponseQueries.find(tx, ids: responseIDs, of: owner, now: .now)
        }
        workspaceID = responses.first?.workspaceID
        if let running = responses.first(where: \.isRunning) {
            throw APIError(
                .conflict, "The response '\(running.id)', which 'input' refers to, is still being written.",
                param: "input")
        }
        held = try memory.hold(responses.reduce(0) { $0 + $1.bytes } * 3, .prompt)
        let parts = try await store.database.read(owner.scope) { tx in
            try ResponseQueries.parts(tx, of: responses)
        }
        for response in responses {
            for item in try store.items(of: response, parts[response.id] ?? [], seal) {
                if let id = item["id"]?.string, ids.contains(id) { items[id] = item }
            }
        }
    }
}

extension ResponseStore {
    /// The input and the output of a response that has ended, as items that a client may send.
    fileprivate func items(
        of response: StoredResponse, _ content: [StoredResponse.Part], _ seal: ReasoningSeal
    ) throws -> [JSONValue] {
        let opening = try parts.opening(content)
        let writer = ResponseWriter(
            opening.response, opening.options(true, seal), try parts.events(content), try parts.ending(of: response))
        return opening.input + writer.response.output
    }
}
