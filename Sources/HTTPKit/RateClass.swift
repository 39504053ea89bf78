package import HTTPTypes

/// What a route is to the limits.
package enum RateClass: String, Sendable, CaseIterable {
    /// Pages and health: not limited.
    case free
    /// Routes on which strangers can try passwords, codes and addresses: limited per address, for every caller.
    case signIn = "sign_in"
    /// A turn of a chatbot, or a completion.
    case turn
    case read
    case change

    package init(_ method: HTTPRequest.Method, _ path: String, _ access: Access) {
        if method == .get && Self.freePaths.contains(path) || (path + "/").hasPrefix("/health/") {
            self = .free
        } else if method == .get {
            self = .read
        } else if access == .anyone ? method == .post && !path.hasSuffix("/refresh") : path.hasPrefix("/auth/mfa/") {
            self = .signIn
        } else {
            self = Self.turnEndings.contains { path.hasSuffix($0) } ? .turn : .change
        }
    }

    private static let freePaths: Set<String> = ["/", "/admin", "/docs", "/redoc", "/openapi.json", "/setup"]
    private static let turnEndings = ["/chat", "/query", "/regenerate", "/messages", "/completions"]
}
