import Chat
import HTTPKit
import HTTPTypes
import Hummingbird
import Platform

extension App {
    /// The routes of the table, and answers for what is beside them.
    var router: Router<AppContext> {
        let router = Router(context: AppContext.self, options: .autoGenerateHeadEndpoints)
        router.addMiddleware {
            LastAnswers(departure: departure)
            ErrorMiddleware(
                headers: SecurityHeaders(isHTTPS: authenticator.isHTTPS), trustedProxies: configuration.trustedProxies,
                observer: metrics, spans: spans)
            AddressRefusals(gate: gate)
            WidgetOrigins()
            if !configuration.corsOrigins.isEmpty { CrossOrigin(origins: Set(configuration.corsOrigins)) }
        }
        let routes = routes
        let services = RequestServices.Shared(
            authenticator: authenticator, idempotency: idempotency, trail: trail, languages: languages)
        for route in routes {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                let call = Call(
                    request: request, context: context, route: route, bytesInFlight: bytesInFlight,
                    services: RequestServices(services, route, context))
                do {
                    return try await withTaskExecutorPreference(call.executor) { try await route.handle(call) }
                } catch {
                    throw await call.spoken(error)
                }
            }
        }
        for (path, methods) in Dictionary(grouping: routes, by: \.path).mapValues({ Set($0.map(\.method)) }) {
            let allowed = methods.union(methods.contains(.get) ? [.head] : [])
            let allow = allowed.map(\.rawValue).sorted().joined(separator: ", ")
            for method in [.get, .head, .post, .put, .patch, .delete, .options, .trace, .query] as [HTTPRequest.Method]
            where !allowed.contains(method) {
                router.on(RouterPath(path), method: method) { _, _ -> Response in
                    var error = APIError(.methodNotAllowed)
                    error.allow = allow
                    throw error
                }
            }
        }
        // Not offered, though the address looks like one of a response.
        for prefix in ["", "/openai"] {
            router.on("\(prefix)/v1/responses/compact", method: .post) { _, _ -> Response in
                throw HTTPError(.notFound)
            }
        }
        pages.addFiles(to: router, at: "/assets/vendor", from: configuration.resources.assets, logger)
        pages.addFiles(to: router, at: "/assets", from: configuration.resources.web, logger)
        return router
    }
}

extension HTTPRequest.Method {
    fileprivate static let query = Self("QUERY")!
}
