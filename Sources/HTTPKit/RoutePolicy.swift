/// What holds for every call of a route, beside who may make it. Each row of a route table states one.
package struct RoutePolicy: Sendable, Equatable {
    /// A key needs one of these.
    package private(set) var scopes: Set<KeyScope>
    package private(set) var rateClass: RateClass
    package private(set) var audit: AuditRule
    /// Maximum size of the body, in bytes.
    package private(set) var maxBody = usualBody

    package static let usualBody = 1 << 20

    /// Which calls leave an entry in the audit trail.
    package enum AuditRule: Sendable {
        case none
        /// Every call that succeeds, and those that are refused for lack of a right.
        case entry
        /// The same; the entry is about the caller's own account unless the handler names something else.
        case ownAccount
        /// The same as `entry`, and refused attempts to sign in by any caller.
        case signIn
    }
}

extension RoutePolicy {
    /// A page or a health check: not limited.
    package static let page = RoutePolicy(scopes: [.read], rateClass: .free, audit: .none)
    package static let read = RoutePolicy(scopes: [.read], rateClass: .read, audit: .none)
    package static let write = RoutePolicy(scopes: [.write], rateClass: .change, audit: .entry)
    /// A change of the caller's own account.
    package static let writeOwn = write.audit(.ownAccount)
    /// Proves who the caller is.
    package static let signIn = write.rate(.signIn).audit(.signIn)
    /// Open to strangers who could try addresses, codes or links.
    package static let signUp = writeOwn.rate(.signIn)
    /// Reads what was said.
    package static let readChat = read.scopes(.chat, .read)
    /// Changes a conversation.
    package static let chat = write.scopes(.chat)
    /// Calls a model. Message logs record it, so the audit trail does not.
    package static let turn = chat.rate(.turn).audit(.none)
    /// The same with images inside the body.
    package static let completion = turn.body(upTo: 20 << 20)

    package func scopes(_ scopes: KeyScope...) -> RoutePolicy { with { $0.scopes = Set(scopes) } }
    package func rate(_ rateClass: RateClass) -> RoutePolicy { with { $0.rateClass = rateClass } }
    package func audit(_ rule: AuditRule) -> RoutePolicy { with { $0.audit = rule } }
    /// - Parameter bytes: The maximum size of the body.
    package func body(upTo bytes: Int) -> RoutePolicy { with { $0.maxBody = bytes } }

    private func with(_ change: (inout RoutePolicy) -> Void) -> RoutePolicy {
        var policy = self
        change(&policy)
        return policy
    }
}

/// The maximum size of a body by path, for those who see a request before its route is known.
package struct BodyLimits: Sendable {
    private struct Path: Sendable {
        /// A parameter is nil.
        let segments: [String?]
        let limit: Int

        /// Whether a path with these segments is one of this kind.
        func matches(_ others: [String?]) -> Bool {
            segments.count == others.count && zip(segments, others).allSatisfy { $0 == nil || $0 == $1 }
        }

        var literals: Int { segments.count { $0 != nil } }
    }

    /// Paths whose limit is not the usual one, and paths that these match, too. The path with most literal segments comes
    /// first, as it does for the router.
    private let others: [Path]

    package init(_ routes: [Route]) {
        let paths = Dictionary(grouping: routes, by: \.path).map { path, routes in
            Path(
                segments: path.split(separator: "/").map { $0.hasPrefix("{") ? nil : String($0) },
                limit: routes.map(\.maxBody).max() ?? RoutePolicy.usualBody)
        }
        let unusual = paths.filter { $0.limit != RoutePolicy.usualBody }
        others = paths.filter { path in unusual.contains { $0.matches(path.segments) } }
            .sorted { $0.literals > $1.literals }
    }

    /// - Parameter uri: The path with or without a query.
    package func limit(of uri: String) -> Int {
        let segments = uri.prefix { $0 != "?" && $0 != "#" }.split(separator: "/").map { String($0) as String? }
        return others.first { $0.matches(segments) }?.limit ?? RoutePolicy.usualBody
    }
}
