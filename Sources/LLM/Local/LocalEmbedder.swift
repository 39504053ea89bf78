package import Fairness
package import Logging
import Synchronization
package import Upstream

/// The model of vectors that needs no key: a separate process, which starts when it is first needed.
package final class LocalEmbedder: EmbeddingProvider {
    package static let usualModel = "multilingual-e5-small"
    private static let dimensions = 384
    /// How long a call waits for the process to start.
    private static let patience = Duration.seconds(20)
    /// Bytes of text in one request: the process's only thread reads them within the time that a call has.
    private static let mostBytes = 256 << 10
    /// Bytes of text that are read before another tenant has its turn, which takes about a second.
    private static let bytesPerCall = 2 << 10

    package let name = "local"
    package let share = CallQueue.Share()
    private let server: LocalServer
    private let isNeeded: AsyncStream<Void>
    private let need: AsyncStream<Void>.Continuation
    private let wasNeeded = Atomic(false)

    /// - Parameters:
    ///   - program: `embed.py`.
    ///   - environment: the Python environment to run it in.
    package init(
        program: String, environment: String, threads: Int = 1, timeouts: Timeouts = Timeouts(), http: UpstreamClient,
        logger: Logger
    ) {
        server = LocalServer(
            LocalModelProcess(
                program: program, environment: environment, options: ["--threads", "\(threads)"], logger: logger),
            title: "The local model of vectors", model: Self.usualModel, timeouts: timeouts, http: http, logger: logger)
        (isNeeded, need) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package var state: LocalServer.State { server.state }

    /// Whether the process is installed and has not been needed yet.
    package var isIdle: Bool { state == .loading && !wasNeeded.load(ordering: .relaxed) }

    package var embeddingLimits: EmbeddingLimits? {
        var limits = EmbeddingField.limits(of: .local) ?? EmbeddingLimits()
        limits.dimensions = Self.dimensions
        limits.bytes = Self.mostBytes
        limits.bytesPerCall = Self.bytesPerCall
        limits.models = [Self.usualModel]
        return limits
    }

    /// Bytes of text.
    package func work(of request: EmbeddingRequest) -> Int { request.inputs.reduce(0) { $0 + $1.bytes } }

    package func embed(_ request: EmbeddingRequest) async throws -> EmbeddingResult {
        wasNeeded.store(true, ordering: .relaxed)
        need.yield()
        let provider = try await provider()
        var request = request
        request.dimensions = Self.dimensions
        return try await provider.embed(request)
    }

    /// Waits for a process that is starting.
    private func provider() async throws -> OpenAIProvider {
        let deadline = ContinuousClock.now + Self.patience
        while state == .loading, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
        return try server.provider()
    }

    /// Keeps the process running from its first use until the task is cancelled; returns when it has gone.
    package func run() async {
        for await _ in isNeeded { break }
        if !Task.isCancelled { await server.run() }
    }
}
