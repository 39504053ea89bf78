import Chat
import HTTPKit
import HTTPTypes
import Hummingbird
import Synchronization

/// Whether the server was told to stop. Until it stops, load balancers can find another one.
final class Departure: Sendable {
    private let replies: RunningReplies
    private let isDelayed = Atomic(false)

    init(_ replies: RunningReplies) { self.replies = replies }

    var hasBegun: Bool { isDelayed.load(ordering: .relaxed) || replies.isClosing }

    /// Lets the server serve on for `delay`.
    func begin(delay: Duration) async {
        guard delay > .zero else { return }
        isDelayed.store(true, ordering: .relaxed)
        try? await Task.sleep(for: delay)
    }
}

/// Asks clients to connect anew for their next request, so that none is on its way when the connection closes.
struct LastAnswers: RouterMiddleware {
    let departure: Departure

    @concurrent func handle(
        _ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        if departure.hasBegun, response.status != .switchingProtocols { response.headers[.connection] = "close" }
        return response
    }
}
