import JSON
import Logging
import NIOCore
import NIOHTTP1
import Synchronization
import Upstream

/// The process of a local model, which `run` starts, watches and restarts, and the way to it.
package final class LocalServer: Sendable {
    package enum State: Sendable, Equatable {
        case notInstalled(reason: String)
        case loading
        case ready
        case failed(reason: String)
    }

    private struct Status {
        var state: State
        var provider: OpenAIProvider?
        var takesTools: Bool?
        var retryAfter: Duration?
    }

    private static let restart = (first: Duration.milliseconds(500), longest: Duration.seconds(60))
    /// A process that ran this long did not fail at starting: the next restart is a first one again.
    private static let stable = Duration.seconds(60)
    private static let recheck = Duration.seconds(5)

    private let process: LocalModelProcess
    /// What logs and errors call it, at the beginning of a sentence.
    private let title: String
    private var name: String { title.prefix(1).lowercased() + title.dropFirst() }
    private let model: String
    private let timeouts: Timeouts
    private let extraFields: Set<String>
    private let http: UpstreamClient
    private let logger: Logger
    private let status: Mutex<Status>

    init(
        _ process: LocalModelProcess, title: String, model: String, timeouts: Timeouts, extraFields: Set<String> = [],
        http: UpstreamClient, logger: Logger
    ) {
        self.process = process
        self.title = title
        self.model = model
        self.timeouts = timeouts
        self.extraFields = extraFields
        self.http = http
        self.logger = logger
        status = Mutex(Status(state: process.missing.map { .notInstalled(reason: $0) } ?? .loading))
    }

    package var state: State { status.withLock { $0.state } }

    /// Whether the model's chat template is known to have a place for tools. The process leaves them out without a word if
    /// it has not.
    var takesTools: Bool { status.withLock { $0.takesTools ?? false } }

    /// A client of the process. Throws `ProviderError` while there is none.
    func provider() throws -> OpenAIProvider {
        let status = status.withLock { $0 }
        switch status.state {
        case .notInstalled(let reason):
            throw ProviderError(.misconfigured, detail: reason)
        case .loading:
            throw ProviderError(.loading, retryAfter: .seconds(2), detail: "\(name) is loading")
        case .failed(let reason):
            throw ProviderError(
                .unavailable, retryAfter: status.retryAfter, origin: .connection, detail: reason)
        case .ready:
            guard let provider = status.provider else { preconditionFailure("ready without a process") }
            return provider
        }
    }

    /// Keeps the process running until the task is cancelled; returns when it has gone.
    func run() async {
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
            logger.warning("\(title) stopped: \(reason)", metadata: ["restart_in": "\(delay)"])
            try? await Task.sleep(for: delay)
            delay = min(delay * 2, Self.restart.longest)
        }
        set(.failed(reason: "\(name) was stopped"))
    }

    /// Why the process ended.
    private func runOnce() async -> String {
        let key = Self.randomKey()
        do {
            return try await process.run(key: key) { address in
                // It closes the connection after each stream without saying so: one kept would break the next call.
                let provider = try OpenAIProvider(
                    name: "local", baseURL: "\(address)/v1", apiKey: key, timeouts: self.timeouts,
                    breaksMarks: true, kind: .local, extraFields: self.extraFields,
                    headers: [("Connection", "close")], http: self.http)
                try await self.watch(address) {
                    let known = self.status.withLock { $0 }
                    if known.state == .ready, known.takesTools != nil { return }
                    let takesTools = await self.takesTools(address, key)
                    self.status.withLock {
                        $0 = Status(state: .ready, provider: provider, takesTools: takesTools)
                    }
                    if known.state != .ready { self.logger.info("\(self.title) is ready: \(self.model)") }
                }
            }
        } catch {
            return "\(error)"
        }
    }

    /// Asks the process after its health for as long as it answers.
    private func watch(_ address: String, onHealthy: @Sendable () async -> Void) async throws {
        var failures = 0
        while true {
            do {
                let health = try UpstreamRequest(url: "\(address)/health")
                let answer = try await http.answer(to: health, upTo: 4096, within: .seconds(5))
                guard answer.head.status == .ok else { throw LocalModelProcess.Failure.unhealthy }
                failures = 0
                await onHealthy()
            } catch {
                try Task.checkCancellation()
                failures += 1
                if failures == 3 { throw LocalModelProcess.Failure.unhealthy }
            }
            // What is not known yet is asked again soon.
            let isKnown = status.withLock { $0.takesTools != nil }
            try await Task.sleep(for: failures == 0 && isKnown ? .seconds(10) : .seconds(1))
        }
    }

    /// What llama.cpp says of the chat template; true if it says nothing of tools, and nil if it could not be read.
    private func takesTools(_ address: String, _ key: String) async -> Bool? {
        guard
            let asked = try? UpstreamRequest(
                url: "\(address)/props", headers: ["Authorization": "Bearer \(key)", "Connection": "close"]),
            let answer = try? await http.answer(to: asked, upTo: 1 << 20, within: .seconds(5)),
            [.ok, .notFound].contains(answer.head.status),
            let properties = try? JSONValue(parsing: answer.body.readableBytesView)
        else { return nil }
        return properties["chat_template_caps"]?["supports_tools"] != false
    }

    private func set(_ state: State, retryAfter: Duration? = nil) {
        status.withLock { $0 = Status(state: state, retryAfter: retryAfter) }
    }

    private static func randomKey() -> String {
        (0..<32).map { _ in
            let byte = String(UInt8.random(in: .min ... .max), radix: 16)
            return byte.count == 1 ? "0\(byte)" : byte
        }.joined()
    }
}
