package import Hummingbird

/// Answers 404 for folders, without a redirect, and for names that contain a NUL.
package struct OnlyFiles: RouterMiddleware {
    package init() {}

    @concurrent package func handle(
        _ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard !request.uri.path.utf8.contains("%00".utf8) else { throw APIError(.notFound) }
        let response = try await next(request, context)
        guard response.status != .movedPermanently else { throw APIError(.notFound) }
        return response
    }
}
