package import HTTPKit
package import JSON
import LLM
package import Platform
package import Storage

/// A stored response with its input, as its user's export shows it.
package struct ExportedResponse: JSONOutput {
    package let response: ResponseObject
    package let input: [JSONValue]

    /// The responses that a user has made in a workspace, with and without a key, in the order of their ids. A cursor of the
    /// last one that is known leads on.
    package static func list(
        _ tx: Transaction, in tenant: Tenant, after: Cursor, limit: Int, _ secrets: Secrets
    ) throws -> (items: [ExportedResponse], last: Cursor?) {
        let found = try ResponseQueries.list(tx, in: tenant, after: after.id, limit: limit)
        let parts = try ResponseQueries.parts(tx, of: found)
        let reader = ResponseParts(secrets: secrets)
        var items: [ExportedResponse] = []
        for response in found {
            // One that is only being stored has no beginning yet.
            guard let opening = try? reader.opening(parts[response.id] ?? []) else { continue }
            let writer = ResponseWriter(
                opening.response, opening.shownOptions, try reader.events(parts[response.id] ?? []),
                try reader.ending(of: response))
            items.append(ExportedResponse(response: writer.response, input: opening.input))
        }
        return (items, found.last.map { Cursor(id: $0.id) })
    }
}
