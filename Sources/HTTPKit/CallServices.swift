package import Hummingbird
package import JSON
import NIOCore

/// What an application does around each call: it finds out who is calling, records changes, repeats answers. It makes one
/// for each call and finds it again as `Call.services`.
package protocol CallServices: AnyObject, Sendable {
    /// Handles the whole call, and sees every error. Nothing is known of the caller yet.
    func handle(_ call: Call, _ work: () async throws -> Response) async throws -> Response

    /// The caller is known, and the input is not read yet.
    func identified(_ call: Call, as who: any Context)

    /// The input fits its schema. `body` is nil for a query, and is released after this.
    func received(_ call: Call, _ input: JSONValue, _ schema: Schema, body: ByteBuffer?) throws

    /// Runs the route's handler.
    func perform(
        _ call: Call, for who: any Context, _ work: @Sendable () async throws -> Response
    ) async throws -> Response
}
