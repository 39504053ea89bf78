package import Hummingbird

/// Folders are not there for those who ask for files: no redirect gives them away, and no name is cut short by a NUL.
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
