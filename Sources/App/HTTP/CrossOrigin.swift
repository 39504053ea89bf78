import HTTPTypes
import Hummingbird

/// Lets pages of the registered origins, and no others, call the API with a token of their own. Cookies are never
/// allowed across origins.
struct CrossOrigin: RouterMiddleware {
    typealias Context = AppContext

    let origins: Set<String>

    @concurrent func handle(
        _ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard let origin = request.headers[.origin], origins.contains(origin) else {
            return try await next(request, context)
        }
        var response: Response
        if request.method == .options {
            response = Response(
                status: .noContent,
                headers: [
                    .accessControlAllowMethods: "GET, POST, PUT, PATCH, DELETE",
                    .accessControlAllowHeaders:
                        "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-API-Key, X-Workspace-Id",
                    .accessControlMaxAge: "600",
                ])
        } else {
            do {
                response = try await next(request, context)
            } catch {
                response = ErrorMiddleware.render(error, request, context)
            }
            response.headers[.accessControlExposeHeaders] =
                "X-Request-Id, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"
        }
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.vary] = "Origin"
        return response
    }
}
