package import Fairness

/// A way to models, whatever they are asked for.
package protocol ModelProvider: Sendable {
    var name: String { get }
    /// How much of the provider one workspace, or one account, may hold at once.
    var share: CallQueue.Share { get }

    /// Whether each workspace's calls go to servers of its own, so that a failure concerns that workspace alone.
    var belongsToWorkspaces: Bool { get }
}

extension ModelProvider {
    package var share: CallQueue.Share { CallQueue.Share() }
    package var belongsToWorkspaces: Bool { false }
}
