import HTTPKit
package import LLM

package struct CallProgress: Sendable {
    /// False after the vendor has failed.
    package var isRunning = true
    /// Text, thoughts and calls of tools, estimated.
    package private(set) var receivedTokens = 0
    private let family: TokenFamily
    /// Whether anything but thoughts came.
    package private(set) var hasAnswer = false
    private var lastTokenAt = ContinuousClock.now

    package init(of target: ModelTarget) { family = TokenFamily(target) }

    package mutating func receives(_ event: ChatEvent) {
        receivedTokens = receivedTokens.addingSaturated(family.estimate(event))
        if event.isAnswer { hasAnswer = true }
        lastTokenAt = .now
    }

    /// Tokens that the vendor can have made and not sent yet, rounded up.
    package func unseenTokens(perSecond rate: Int, now: ContinuousClock.Instant = .now) -> Int {
        guard isRunning, rate > 0 else { return 0 }
        let tokens = (max(.zero, now - lastTokenAt) / .seconds(1)) * Double(rate)
        return Int(tokens.rounded(.up).clamped(to: 0...Double(ChatUsage.highest)))
    }
}

extension Exchange {
    /// The tokens that a call is charged for although its vendor never counted them; nil if it is charged for nothing.
    ///
    /// A caller that leaves or stops a running call pays for the input, for what came, and for what the vendor can have
    /// made since. A call that failed costs its input and what came, and nothing if none of the answer came.
    /// - Parameter tokensPerSecond: at which a model is taken to write; nil if the caller did not end the call.
    package func unfinishedUsage(prompt: PromptSize, maxTokens: Int, tokensPerSecond: Int?) -> ChatUsage? {
        guard let call, call.hasAnswer || call.isRunning && tokensPerSecond != nil else { return nil }
        let unseen = tokensPerSecond.map { call.unseenTokens(perSecond: $0) } ?? 0
        let most = max(target.maxTokens ?? maxTokens, 1)
        return ChatUsage(
            promptTokens: prompt.estimate(TokenFamily(target)),
            completionTokens: min(max(call.receivedTokens.addingSaturated(unseen), 1), most))
    }

    /// As the vendor counted, or else as what came is estimated.
    package func usage(of result: ChatResult, prompt: PromptSize) -> ChatUsage {
        result.usage
            ?? ChatUsage(
                promptTokens: prompt.estimate(TokenFamily(result.target ?? target)),
                completionTokens: max(call?.receivedTokens ?? 0, 1))
    }
}

extension Double {
    fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
        min(max(self, range.lowerBound), range.upperBound)
    }
}
