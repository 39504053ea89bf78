package import HTTPKit
import HTTPTypes
package import Hummingbird

/// Lets pages of other websites call the widget's routes. Which pages may, the key says, and a preflight carries none: so
/// it is answered to all, which grants nothing. Cookies count for nothing on these routes, and a request from a page that
/// is not of the key's websites is refused.
package struct WidgetOrigins: RouterMiddleware {
    package init() {}

    package typealias Context = AppContext

    @concurrent package func handle(
        _ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard request.uri.path.hasPrefix("/widget/"), let origin = request.headers[.origin] else {
            return try await next(request, context)
        }
        var response: Response
        if request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            response = Response(
                status: .noContent,
                headers: [
                    .accessControlAllowMethods: "GET, POST, DELETE",
                    .accessControlAllowHeaders:
                        "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-API-Key, X-Visitor",
                    .accessControlMaxAge: "600",
                ])
        } else {
            do {
                response = try await next(request, context)
            } catch {
                // What went wrong is for the key's own pages to read.
                if (error as? APIError)?.code == .originRefused { throw error }
                response = ErrorMiddleware.render(error, request, context)
            }
            response.headers[.accessControlExposeHeaders] = CrossOrigin.exposed
        }
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.vary] = "Origin"
        return response
    }
}
