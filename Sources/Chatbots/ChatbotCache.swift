package import Platform
import Synchronization

/// Chatbots and their prompts as they were read a moment ago, for applications that ask often. What changes here is
/// forgotten at once; another instance hears of it through Redis, or sees it when its seconds are over.
package final class ChatbotCache: Sendable {
    private let invalidations: InvalidationFeed

    package init(invalidations: InvalidationFeed) {
        self.invalidations = invalidations
        invalidations.onInvalidation { [weak self] change in
            if change.kind == .chatbot { self?.apply(change.id) }
        }
    }

    private static let trust = Duration.seconds(4)
    private static let capacity = 1000

    package struct Known: Sendable {
        package let chatbot: Chatbot
        package let prompt: String?
        /// Whether it has files that it can answer from.
        package let hasKnowledge: Bool
        fileprivate let readAt: ContinuousClock.Instant
    }

    private struct State {
        var known: [String: Known] = [:]
        /// Rises whenever something is forgotten: what was read before that is not remembered after it.
        var generation = 0
    }

    private let state = Mutex(State())

    package func look(_ chatbotID: String) -> (known: Known?, generation: Int) {
        state.withLock { state in
            let known = state.known[chatbotID].flatMap { $0.readAt.duration(to: .now) < Self.trust ? $0 : nil }
            return (known, state.generation)
        }
    }

    package func remember(
        _ chatbot: Chatbot, prompt: String?, hasKnowledge: Bool = false, since generation: Int
    ) {
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.known.count >= Self.capacity { state.known.removeAll(keepingCapacity: true) }
            state.known[chatbot.id] = Known(
                chatbot: chatbot, prompt: prompt, hasKnowledge: hasKnowledge, readAt: .now)
        }
    }

    package func forget(_ chatbotID: String) { invalidations.tell(Invalidation(.chatbot, chatbotID)) }

    private func apply(_ chatbotID: String) {
        state.withLock { state in
            state.generation += 1
            state.known[chatbotID] = nil
        }
    }
}
