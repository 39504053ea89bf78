import HTTPTypes
public import Hummingbird
import NIOCore

/// Accepts requests with a valid token or key of Mynah, and sets ``MynahAuthRequestContext/mynahIdentity``. Refuses all
/// others with a ``MynahAuthError``. If the context is a `RemoteAddressRequestContext`, the client's address is sent to
/// Mynah.
///
/// ```swift
/// let mynah = MynahAuth(url: "https://mynah.example.com")
/// router.group("orders").add(middleware: MynahAuthMiddleware(mynah, scopes: ["read"]))
/// ```
public struct MynahAuthMiddleware<Context: MynahAuthRequestContext>: RouterMiddleware {
    private let mynah: MynahAuth
    private let roles: Set<MynahIdentity.Role>
    private let scopes: Set<String>

    /// - Parameters:
    ///   - mynah: Share one among all middlewares, so that they share its cache.
    ///   - roles: The roles that are accepted. Operators are accepted only if `admin` or `staff` is included.
    ///   - scopes: The scopes that a key must have, all of them: `read`, `chat`, `write`. Tokens have all scopes.
    public init(
        _ mynah: MynahAuth, roles: Set<MynahIdentity.Role> = [.user, .application], scopes: Set<String> = []
    ) {
        self.mynah = mynah
        self.roles = roles
        self.scopes = scopes
    }

    /// Checks the request's credential before `next` sees it.
    @concurrent public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let identity = try await mynah.identity(
            authorization: request.headers[.authorization], apiKey: request.headers[.apiKey],
            clientAddress: (context as? any RemoteAddressRequestContext)?.remoteAddress?.ipAddress)
        guard roles.contains(identity.role) else { throw MynahAuthError.roleRefused }
        if let held = identity.scopes, let missing = scopes.subtracting(held).min() {
            throw MynahAuthError.lacks(missing)
        }
        var context = context
        context.mynahIdentity = identity
        return try await next(request, context)
    }
}

extension HTTPField.Name {
    static let apiKey = HTTPField.Name("X-API-Key")!
}
