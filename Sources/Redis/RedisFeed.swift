import Foundation
import Synchronization

/// Short texts that instances tell each other through a channel of Redis. What is told while Redis is away is lost, so it
/// may only hasten what would happen anyway.
package final class RedisFeed: Sendable {
    /// Texts that may wait to be sent; further ones are dropped.
    private static let mostWaiting = 1000
    /// How long a text may take, and how often a quiet connection is looked at to see whether the feed is closed.
    private static let patience = Duration.milliseconds(500)

    private struct State {
        var isClosed = false
        var isListening = false
        var waiting: [String] = []
    }

    private let server: RedisServer
    private let channel: String
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    /// - Parameter onText: called on a thread of the feed, also with what this instance has told.
    package init(_ server: RedisServer, channel: String, onText: @escaping @Sendable (String) -> Void) {
        self.server = server
        self.channel = channel
        let isOpen = { @Sendable [weak self] in self?.isOpen ?? false }
        RedisThread.start("redis-listen", while: isOpen) { [weak self] connected throws(RedisError) in
            try self?.listen(onText, connected)
        }
        RedisThread.start("redis-tell", while: isOpen) { [weak self] connected throws(RedisError) in
            try self?.send(connected)
        }
    }

    /// Whether what others tell arrives here now.
    package var isListening: Bool { state.withLock(\.isListening) }

    /// Sends the text as soon as Redis takes it, or never.
    package func tell(_ text: String) {
        state.withLock { state in
            if state.waiting.count < Self.mostWaiting { state.waiting.append(text) }
        }
        wake.signal()
    }

    package func close() {
        state.withLock { $0.isClosed = true }
        wake.signal()
    }

    private var isOpen: Bool { state.withLock { !$0.isClosed } }

    private func listen(_ onText: (String) -> Void, _ connected: () -> Void) throws(RedisError) {
        let connection = try RedisConnection(server)
        try connection.subscribe(to: channel)
        connected()
        state.withLock { $0.isListening = true }
        defer { state.withLock { $0.isListening = false } }
        while isOpen {
            if let text = try connection.nextText(within: Self.patience) { onText(text) }
        }
    }

    /// Sends until the connection fails. A text whose sending failed is not sent again.
    private func send(_ connected: () -> Void) throws(RedisError) {
        wake.wait()
        let connection = try RedisConnection(server)
        connected()
        while isOpen {
            let texts = state.withLock { state in
                defer { state.waiting = [] }
                return state.waiting
            }
            let commands = texts.map { RedisCommand.plain(["PUBLISH", channel, $0]) }
            _ = try connection.run(commands, within: Self.patience)
            wake.wait()
        }
    }
}
