import HTTPTypes
package import Hummingbird

/// Lets pages of the registered origins, and no others, call the API with a token of their own. Cookies are never
/// allowed across origins.
package struct CrossOrigin: RouterMiddleware {
    package typealias Context = AppContext

    package let origins: Set<String>

    package init(origins: Set<String>) {
        self.origins = origins
    }

    /// What a page may read of an answer's headers.
    package static let exposed =
        "X-Request-Id, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, "
        + "Daily-Messages-Limit, Daily-Messages-Remaining, Daily-Messages-Reset, X-Visitor"

    /// With those that OpenAI's and Anthropic's SDKs send from a page.
    private static let headers = [
        "Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "X-API-Key", "X-Visitor", "X-Workspace-Id",
        "Anthropic-Beta", "Anthropic-Dangerous-Direct-Browser-Access", "Anthropic-Version", "OpenAI-Beta",
        "OpenAI-Organization", "OpenAI-Project", "X-Stainless-Arch", "X-Stainless-Helper-Method", "X-Stainless-Lang",
        "X-Stainless-OS", "X-Stainless-Package-Version", "X-Stainless-Retry-Count", "X-Stainless-Runtime",
        "X-Stainless-Runtime-Version", "X-Stainless-Timeout",
    ].joined(separator: ", ")

    @concurrent package func handle(
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
                    .accessControlAllowHeaders: Self.headers,
                    .accessControlMaxAge: "600",
                ])
        } else {
            do {
                response = try await next(request, context)
            } catch {
                response = ErrorMiddleware.render(error, request, context)
            }
            response.headers[.accessControlExposeHeaders] = Self.exposed
        }
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[values: .vary].append("Origin")
        return response
    }
}
