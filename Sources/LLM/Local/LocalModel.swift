package import Fairness
import JSON
package import Logging
import NIOCore
import NIOHTTP1
import Synchronization
package import Upstream

/// The model that needs no key: a separate process, watched and restarted by `run`.
package final class LocalModel: ChatProvider {
    package enum State: Sendable, Equatable {
        case notInstalled(reason: String)
        case loading
        case ready
        case failed(reason: String)
    }

    private struct Status {
        var state: State
        var provider: OpenAIProvider?
        var retryAfter: Duration?
    }

    private static let restart = (first: Duration.milliseconds(500), longest: Duration.seconds(60))
    /// A process that ran this long did not fail at starting: the next restart is a first one again.
    private static let stable = Duration.seconds(60)
    private static let recheck = Duration.seconds(5)
    /// Replies at once; more wait their turn.
    package static let slots = 4

    package let name = "local"
    package let model: String
    package let contextTokensPerSlot: Int
    private let tokens: LeastTokens
    private let places: Mutex<LocalSlots>
    private let process: LocalModelProcess
    private let timeouts: Timeouts
    private let fields: Set<String>
    private let http: UpstreamClient
    private let logger: Logger
    private let status: Mutex<Status>

    /// - Parameters:
    ///   - program: `serve.py`.
    ///   - environment: the Python environment to run it in.
    ///   - modelPath: without it, the packaged model answers.
    package init(
        program: String,
        environment: String,
        modelPath: String? = nil,
        contextTokens: Int = 8192,
        slots: Int = LocalModel.slots,
        threads: Int = 1,
        timeouts: Timeouts = Timeouts(),
        extraFields: Set<String> = [],
        http: UpstreamClient,
        logger: Logger
    ) {
        model = modelPath.map(Self.modelName) ?? "smollm2-135m-instruct"
        contextTokensPerSlot = contextTokens / slots
        // The packaged model's tokenizer is known: its longest token has 81 characters, and none reaches over a word.
        tokens = modelPath == nil ? LeastTokens(bytesPerToken: 81, splitsWords: true) : LeastTokens()
        places = Mutex(LocalSlots(count: slots))
        process = LocalModelProcess(
            program: program, environment: environment,
            options: [
                "--alias", model, "--context", "\(contextTokens)", "--slots", "\(slots)", "--threads", "\(threads)",
            ] + (modelPath.map { ["--model", $0] } ?? []),
            logger: logger
        )
        self.timeouts = timeouts
        fields = RequestField.names(of: .local).union(extraFields)
        self.http = http
        self.logger = logger
        status = Mutex(Status(state: process.missing.map { .notInstalled(reason: $0) } ?? .loading))
    }

    package var state: State { status.withLock { $0.state } }

    /// One workspace's prompts hold half a window at once, or a single one of up to a whole window: reading one takes the
    /// process's only thread several seconds.
    package var share: CallQueue.Share { CallQueue.Share(work: contextTokensPerSlot / 2) }

    package func limits(of model: String) -> ModelLimits {
        var limits = ModelLimits(takesPictures: false, tools: .functions, window: contextTokensPerSlot, tokens: tokens)
        limits.fields = fields
        return limits
    }

    /// Estimated length of the prompt, in tokens.
    package func work(of request: ChatRequest) -> Int {
        request.messages.reduce(0) { sum, message in
            let ascii = message.content.utf8.count { $0 < 0x80 }
            return sum + ascii / 4 + (message.content.utf8.count - ascii) / 2 + 4
        }
    }

    package func stream(
        _ request: ChatRequest, onEvent: (ChatEvent) async throws -> Void
    ) async throws -> ChatResult {
        let status = status.withLock { $0 }
        switch status.state {
        case .notInstalled(let reason):
            throw ProviderError(.misconfigured, detail: reason)
        case .loading:
            throw ProviderError(.loading, retryAfter: .seconds(2), detail: "the local model is loading")
        case .failed(let reason):
            throw ProviderError(
                .unavailable, retryAfter: status.retryAfter, origin: .connection, detail: reason)
        case .ready:
            guard let provider = status.provider else { preconditionFailure("ready without a process") }
            let isLong = work(of: request) > contextTokensPerSlot / 4
            let slot = places.withLock { $0.take(request.messages, isLong: isLong) }
            defer { if let slot { places.withLock { $0.release(slot) } } }
            var request = request
            request.options["id_slot"] = slot.map { .int(Int64($0)) }
            return try await provider.stream(request, onEvent: onEvent)
        }
    }

    /// Keeps the process running until the task is cancelled; returns when it has gone.
    package func run() async {
        var delay = Self.restart.first
        while !Task.isCancelled {
            if let reason = process.missing {
                set(.notInstalled(reason: reason))
                try? await Task.sleep(for: Self.recheck)
                continue
            }
            set(.loading)
            let start = ContinuousClock.now
            let reason = await runOnce()
            if Task.isCancelled { break }

            if ContinuousClock.now - start > Self.stable { delay = Self.restart.first }
            set(.failed(reason: reason), retryAfter: delay)
            logger.warning("The local model stopped: \(reason)", metadata: ["restart_in": "\(delay)"])
            try? await Task.sleep(for: delay)
            delay = min(delay * 2, Self.restart.longest)
        }
        set(.failed(reason: "the local model was stopped"))
    }

    /// Why the process ended.
    private func runOnce() async -> String {
        let key = Self.randomKey()
        do {
            return try await process.run(key: key) { address in
                // It closes the connection after each stream without saying so: one kept would break the next call.
                let provider = try OpenAIProvider(
                    name: self.name, baseURL: "\(address)/v1", apiKey: key, timeouts: self.timeouts,
                    breaksMarks: true, kind: .local, extraFields: self.fields.union(["id_slot"]),
                    headers: [("Connection", "close")], http: self.http)
                try await self.watch(address) {
                    if self.state != .ready { self.logger.info("The local model is ready: \(self.model)") }
                    self.set(.ready, provider: provider)
                }
            }
        } catch {
            return "\(error)"
        }
    }

    /// Asks the process after its health for as long as it answers.
    private func watch(_ address: String, onHealthy: @Sendable () -> Void) async throws {
        var failures = 0
        while true {
            do {
                let health = try UpstreamRequest(url: "\(address)/health")
                let answer = try await http.answer(to: health, upTo: 4096, within: .seconds(5))
                guard answer.head.status == .ok else { throw LocalModelProcess.Failure.unhealthy }
                failures = 0
                onHealthy()
            } catch {
                try Task.checkCancellation()
                failures += 1
                if failures == 3 { throw LocalModelProcess.Failure.unhealthy }
            }
            try await Task.sleep(for: failures == 0 ? .seconds(10) : .seconds(1))
        }
    }

    private func set(_ state: State, provider: OpenAIProvider? = nil, retryAfter: Duration? = nil) {
        status.withLock { $0 = Status(state: state, provider: provider, retryAfter: retryAfter) }
    }

    private static func modelName(_ path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return file.hasSuffix(".gguf") ? String(file.dropLast(5)) : file
    }

    private static func randomKey() -> String {
        (0..<32).map { _ in
            let byte = String(UInt8.random(in: .min ... .max), radix: 16)
            return byte.count == 1 ? "0\(byte)" : byte
        }.joined()
    }
}
