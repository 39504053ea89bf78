package import HTTPTypes
package import Hummingbird

/// What browsers are told on every answer. The console runs under the strictest policy; only the two pages of API
/// documentation, whose libraries style themselves, may do so inline.
package struct SecurityHeaders: Sendable {
    package let isHTTPS: Bool

    package init(isHTTPS: Bool) {
        self.isHTTPS = isHTTPS
    }

    private static let strict =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    private static let documentation =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        + "worker-src 'self' blob:; connect-src 'self'; font-src 'self' data:; form-action 'self'; base-uri 'none'; "
        + "frame-ancestors 'none'"

    private static let always: [HTTPField] = [
        HTTPField(name: .xContentTypeOptions, value: "nosniff"),
        HTTPField(name: .referrerPolicy, value: "no-referrer"),
        HTTPField(name: .crossOriginOpenerPolicy, value: "same-origin"),
        HTTPField(name: .crossOriginResourcePolicy, value: "same-origin"),
    ]

    package func apply(to response: inout Response, path: String) {
        let isDocumentation = path.hasPrefix("/docs") || path.hasPrefix("/redoc")
        // A policy that a route sets itself holds beside this one.
        response.headers.append(
            HTTPField(name: .contentSecurityPolicy, value: isDocumentation ? Self.documentation : Self.strict))
        // Its address may stand on a page that search engines read.
        if path.hasPrefix("/shared/") { response.headers[.robots] = "noindex" }
        // A script that other websites may load says so itself.
        for field in Self.always where response.headers[field.name] == nil { response.headers.append(field) }
        if isHTTPS { response.headers[.strictTransportSecurity] = "max-age=31536000" }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
    }
}

extension HTTPField.Name {
    package static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
    package static let robots = HTTPField.Name("X-Robots-Tag")!
    package static let crossOriginOpenerPolicy = HTTPField.Name("Cross-Origin-Opener-Policy")!
}
