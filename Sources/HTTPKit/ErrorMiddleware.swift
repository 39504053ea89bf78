package import HTTPTypes
package import Hummingbird
import JSON
import Logging
import NIOCore
package import Spans

/// The outermost layer: gives each request its id, renders every error in one place, and writes the access log.
package struct ErrorMiddleware: RouterMiddleware {
    package typealias Context = AppContext

    package let headers: SecurityHeaders
    package let trustedProxies: [AddressRange]
    package let observer: any RequestObserver
    /// Nil if nothing is traced.
    package let spans: SpanRecorder?

    package init(
        headers: SecurityHeaders, trustedProxies: [AddressRange], observer: any RequestObserver,
        spans: SpanRecorder? = nil
    ) {
        self.spans = spans
        self.headers = headers
        self.trustedProxies = trustedProxies
        self.observer = observer
    }

    @concurrent package func handle(
        _ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.requestID = Identifier.make()
        if !trustedProxies.isEmpty {
            context.remoteAddress = IPAddress.client(
                peer: context.remoteAddress, forwarded: request.headers[.forwardedFor], trusted: trustedProxies)
        }
        context.logger[metadataKey: "hb.request.id"] = nil
        context.logger[metadataKey: "request_id"] = .string(context.requestID)
        let start = ContinuousClock.now
        let span = spans?.begin(request, context)
        var response: Response
        do {
            response = try await Span.working(in: span) { try await next(request, context) }
        } catch {
            let error = APIError(any: error)
            observer.failed(error.code)
            span?.set(.errorType, error.code.rawValue)
            response = Self.render(error, request, context)
        }
        // A route's answer has lost its body by now, an error has not: a client or proxy that keeps the connection would take
        // it for the beginning of the next answer.
        if request.method == .head { response = response.createHeadResponse() }
        response.headers[.requestID] = context.requestID
        // Anthropic's SDKs know it by this name.
        if UserLanguage.isEnglishOnly(request.uri.path) { response.headers[.anthropicRequestID] = context.requestID }
        headers.apply(to: &response, path: request.uri.path)
        let duration = ContinuousClock.now - start
        span?.answers(request, context, &response)
        observer.answered(
            method: request.method.name, route: context.endpointPath ?? "none",
            status: response.status, duration)
        context.logger.info(
            "request",
            metadata: [
                "method": .string(request.method.rawValue),
                "route": .string(context.endpointPath ?? "none"),
                "status": .stringConvertible(response.status.code),
                "milliseconds": .stringConvertible((duration / .microseconds(100)).rounded() / 10),
            ])
        return response
    }

    package static func render(_ error: any Error, _ request: Request, _ context: AppContext) -> Response {
        var error = APIError(any: error)
        if error.language == nil, !UserLanguage.isEnglishOnly(request.uri.path) {
            // What is refused before it reaches a route.
            error.language = UserLanguage(accepting: request.headers[.acceptLanguage])
        }
        if error.status.code >= 500 {
            context.logger.error(
                "request failed",
                metadata: [
                    "code": .string(error.code.rawValue),
                    "cause": .string(error.cause.map { String(describing: $0) } ?? "none"),
                ])
        }
        error = error.told(to: request, isRoute: context.endpointPath.map(UserLanguage.isEnglishOnly) == true)
        if error.isOAuth { return OAuthErrorBody.response(error, requestID: context.requestID) }
        let body =
            (try? error.api == .anthropic
                ? JSONWriter.encode(AnthropicErrorBody(error, requestID: context.requestID))
                : JSONWriter.encode(ErrorBody(error, requestID: context.requestID))) ?? []
        var headers = error.headers
        if error.status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
        if error.code == .upgradeRequired {
            headers[.upgrade] = "websocket"
            headers[.secWebSocketVersion] = "13"
        }
        if let allow = error.allow { headers[.allow] = allow }
        return Response(status: error.status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }
}

extension HTTPRequest.Method {
    /// "other" for one that a client made up.
    var name: String {
        [.get, .head, .post, .put, .patch, .delete, .options].contains(self) ? rawValue : "other"
    }
}

extension APIError {
    package var status: HTTPResponse.Status { api == nil ? code.status : code.clientStatus }

    /// The headers that an answer in any form has.
    var headers: HTTPFields {
        var headers: HTTPFields = [.contentType: "application/json; charset=utf-8"]
        headers[.contentLanguage] = (language ?? .english).rawValue
        if let retryAfter { headers[.retryAfter] = String(retryAfter) }
        allowance?.set(in: &headers)
        return headers
    }

    /// Converts any error that other layers throw into an answer. No other code does this.
    package init(any error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let error as any APIErrorConvertible: self = error.apiError
        // What Hummingbird calls a bad request is a path that would lead out of the folder of files.
        case let error as any HTTPResponseError where error.status == .notFound || error.status == .badRequest:
            self.init(.notFound)
        case let error as any HTTPResponseError where error.status == .contentTooLarge: self.init(.tooLarge)
        default: self.init(.internalError, cause: error)
        }
    }
}

/// An error of another module, and what a client is told of it.
package protocol APIErrorConvertible: Error {
    var apiError: APIError { get }
}

/// Counts requests, for a monitoring system. Called on each request, so it must be quick.
package protocol RequestObserver: Sendable {
    func failed(_ code: APIError.Code)
    /// - Parameter method: "other" for a method that a client made up.
    /// - Parameter route: the pattern of the path, or "none".
    func answered(method: String, route: String, status: HTTPResponse.Status, _ duration: Duration)
}
