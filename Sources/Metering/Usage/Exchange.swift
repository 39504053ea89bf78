package import HTTPKit
import JSON
package import LLM

/// What is seen of a call of a model while it runs.
package struct Exchange: Sendable {
    package let beganAt = Timestamp.now
    private let start = ContinuousClock.now
    /// The model that was asked last, under the names that it is asked by.
    package private(set) var target: ModelTarget
    package private(set) var firstToken: Duration?
    /// As far as a log keeps it.
    package private(set) var answer = ""
    /// What the model that was asked last has thought, as far as a message keeps it.
    package private(set) var thoughts = ""
    private var thinkingBegan: ContinuousClock.Instant?
    private var thinkingEnded: ContinuousClock.Instant?
    /// Time between the first thought and the answer, or now; nil if there was no thought.
    package var thinkingTime: Duration? { thinkingBegan.map { (thinkingEnded ?? .now) - $0 } }
    /// Maximum kept of thoughts, in bytes.
    private static let longestThoughts = 256 << 10
    /// The last call of a model; nil before the first.
    package private(set) var call: CallProgress?

    package init(asking target: ModelTarget) { self.target = target }

    package var total: Duration { ContinuousClock.now - start }

    package mutating func asks(_ target: ModelTarget) {
        self.target = target
        call = CallProgress(of: target)
        (thoughts, thinkingBegan, thinkingEnded) = ("", nil, nil)
    }

    package mutating func fails() { call?.isRunning = false }

    package mutating func receives(_ event: ChatEvent) {
        call?.receives(event)
        guard event.isAnswer else {
            if case .thoughts(let text) = event {
                if thinkingBegan == nil { thinkingBegan = .now }
                let room = Self.longestThoughts - thoughts.utf8.count
                if room > 0 { thoughts += text.cut(to: room) }
            }
            return
        }
        if thinkingBegan != nil, thinkingEnded == nil { thinkingEnded = .now }
        if firstToken == nil { firstToken = total }
        guard answer.utf8.count < MessageLog.Content.longest else { return }
        switch event {
        case .delta(let text), .refusal(let text): answer += text
        case .toolCalls(let calls): answer += String(decoding: calls.serialized(), as: UTF8.self)
        case .logprobs, .thoughts, .thoughtDetails, .citation: break
        }
    }
}
