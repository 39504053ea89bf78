import HTTPKit
package import Redis
import Storage
import Synchronization

/// Something that has changed, so that what is remembered of it must be looked up again.
package struct Invalidation: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case session, key, user, `operator`, chatbot
        /// The keys of a chatbot, or of all chatbots of a workspace, that is gone.
        case chatbotKeys, workspaceKeys
    }

    package let kind: Kind
    package let id: String

    package init(_ kind: Kind, _ id: String) {
        self.kind = kind
        self.id = id
    }

    /// As another instance tells it. Returns nil if that is another version, or none of Mynah's.
    init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, let kind = Kind(rawValue: String(words[0])) else { return nil }
        self.init(kind, String(words[1]))
    }

    var text: String { "\(kind.rawValue) \(id)" }
}

/// Tells caches what to forget: those of this instance at once, and through Redis those of the others. Without Redis the
/// others look it up again when the seconds for which they trust their caches are over.
package final class InvalidationFeed: Sendable {
    private typealias Listener = @Sendable (Invalidation) -> Void

    private let listeners: Listeners
    private let redis: RedisFeed?

    private final class Listeners: Sendable {
        let all = Mutex<[Listener]>([])

        func tell(_ change: Invalidation) { for listener in all.withLock({ $0 }) { listener(change) } }
    }

    /// - Parameter secrets: keeps apart the installations that share a Redis.
    package init(redis: RedisServer? = nil, secrets: Secrets) {
        let listeners = Listeners()
        self.listeners = listeners
        let name = Base64URL.encode(Array(secrets.fingerprint(Array("changes".utf8))[..<16]))
        self.redis = redis.map { server in
            RedisFeed(server, channel: "mynah:changes:\(name)") { text in
                if let change = Invalidation(text) { listeners.tell(change) }
            }
        }
    }

    /// Whether other instances are heard; nil without Redis.
    package var isListening: Bool? { redis?.isListening }

    package func onInvalidation(_ listener: @escaping @Sendable (Invalidation) -> Void) {
        listeners.all.withLock { $0.append(listener) }
    }

    package func tell(_ change: Invalidation) {
        listeners.tell(change)
        redis?.tell(change.text)
    }

    package func close() { redis?.close() }
}
