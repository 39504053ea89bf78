import HTTPTypes
import Hummingbird
import Spans

extension SpanRecorder {
    /// The span of a request, in the caller's trace if it names one.
    func begin(_ request: Request, _ context: AppContext) -> Span {
        let span = begin(
            request.method.name, .server, from: request.headers[.traceParent].flatMap { TraceParent($0) })
        span.set(.requestID, context.requestID)
        return span
    }
}

extension Span {
    /// Names the span after the route, whose path has no ids, and ends it when the answer has been sent.
    func answers(_ request: Request, _ context: AppContext, _ response: inout Response) {
        set(.method, request.method.name)
        set(.status, Int(response.status.code))
        if let route = context.endpointPath {
            rename("\(request.method.name) \(route)")
            set(.route, route)
        }
        if response.status.code >= 500 { fail() }
        let body = response.body
        response.body = ResponseBody(contentLength: body.contentLength) { writer in
            defer { self.end() }
            try await body.write(writer)
        }
    }
}

extension HTTPField.Name {
    /// Source: https://www.w3.org/TR/trace-context/
    static let traceParent = Self("traceparent")!
}

extension APIError: TracedError {
    package var errorType: String { code.rawValue }
}
