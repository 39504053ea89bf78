import Chatbots
import Fairness
import Knowledge
package import LLM
import Logging
import Metering
package import ModelCalls
package import Platform
import Storage
import Synchronization

/// The job by which a model writes titles of conversations, at the operator's expense: one conversation of each workspace
/// in turn, and no more than so many an hour.
package struct TitleWriting: Sendable {
    /// The model takes no longer than this.
    private static let patience = Duration.seconds(30)
    private static let mostFailures = 3

    private let calls: MeteredCalls
    /// Nil: no title is written.
    private let model: ModelTarget?
    private let budget: HourlyBudget
    /// The workspace that was served last.
    private let last = Served()

    package init(calls: MeteredCalls, model: ModelTarget?, perHour: Int) {
        self.calls = calls
        self.model = model
        budget = HourlyBudget(perHour)
    }

    package var jobs: [Job] {
        guard let model else { return [] }
        return [
            Job(kind: "titles.write", interval: .seconds(5), timeLimit: .seconds(3600)) { _ in try await run(model) }
        ]
    }

    /// Goes on after the workspace of the run before. Ends when no title is left to write, when none may be written now, or after
    /// three failures of the model in a row, until its next run.
    func run(_ model: ModelTarget) async throws {
        var (workspaceID, written, failures) = (last.workspaceID.withLock { $0 }, true, 0)
        while true {
            try Task.checkCancellation()
            let found = try await calls.database.read(.system) { [workspaceID] tx in
                try UntitledConversation.next(tx, after: workspaceID)
            }
            if let found {
                guard budget.take() else { return }
                workspaceID = found.workspaceID
                last.workspaceID.withLock { $0 = found.workspaceID }
                written = true
                failures = try await write(found, by: model) ? 0 : failures + 1
                if failures == Self.mostFailures { return }
            } else if workspaceID.isEmpty || !written {
                return
            } else {
                // Again from the first workspace, until a round finds none.
                (workspaceID, written) = ("", false)
            }
        }
    }

    private func write(_ conversation: UntitledConversation, by model: ModelTarget) async throws -> Bool {
        var (title, hasFailed): (String?, Bool) = (nil, false)
        do {
            title = try await ask(conversation, model)
        } catch {
            try Task.checkCancellation()
            hasFailed = true
            calls.logger.warning("title not written", metadata: ["cause": .string(String(describing: error))])
        }
        calls.metrics.titles.add([title == nil ? "failed" : "written"])
        try await calls.database.write(.workspace(conversation.workspaceID)) { [title] tx in
            if let title { try conversation.store(tx, title: title) } else { try conversation.countFailure(tx) }
        }
        return !hasFailed
    }

    /// Nil if what the model says is no title.
    private func ask(_ conversation: UntitledConversation, _ model: ModelTarget) async throws -> String? {
        let request = WrittenTitle.request(conversation, model: model.model)
        let caller = Gateway.Caller(workspace: conversation.workspaceID, account: conversation.userID)
        let result = try await within(Self.patience) {
            try await calls.providers.gateway.stream(request, via: [model], for: caller) { _ in }
        }
        if let usage = result.usage {
            calls.metrics.tokens.add([model.provider, "prompt"], Double(usage.promptTokens))
            calls.metrics.tokens.add([model.provider, "completion"], Double(usage.completionTokens))
        }
        return result.refusal == nil ? WrittenTitle.title(in: result.content) : nil
    }
}

private final class Served: Sendable {
    let workspaceID = Mutex("")
}

/// A number of things that may be done within an hour.
private final class HourlyBudget: Sendable {
    private let most: Int
    private let state = Mutex((began: ContinuousClock.now, left: 0))

    init(_ most: Int) {
        self.most = most
        state.withLock { $0.left = most }
    }

    func take() -> Bool {
        state.withLock { state in
            if ContinuousClock.now - state.began >= .seconds(3600) { state = (.now, most) }
            guard state.left > 0 else { return false }
            state.left -= 1
            return true
        }
    }
}
