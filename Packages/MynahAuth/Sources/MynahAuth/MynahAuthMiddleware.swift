import HTTPTypes
public import Hummingbird
import NIOCore

/// Lets requests through whose token or key Mynah knows, and says in ``MynahAuthRequestContext/mynahIdentity`` who is
/// calling. Any other is refused with a ``MynahAuthError``. Where the context is a `RemoteAddressRequestContext`, Mynah
/// learns the client's address.
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
    ///   - mynah: Shared by all middlewares, so that they share what is known.
    ///   - roles: Who may pass. Operators may only where `admin` or `staff` is named here.
    ///   - scopes: What a key must be allowed, all of them: `read`, `chat`, `write`. Tokens are allowed everything.
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
