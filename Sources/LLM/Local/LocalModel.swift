package import Fairness
import JSON
package import Logging
import NIOCore
import NIOHTTP1
import Synchronization
package import Upstream

/// The model that needs no key: a separate process, watched and restarted by `run`.
package final class LocalModel: ChatProvider {
    package typealias State = LocalServer.State

    /// Replies at once; more wait their turn.
    package static let slots = 4

    package let name = "local"
    package let model: String
    package let contextTokensPerSlot: Int
    private let tokens: LeastTokens
    private let places: Mutex<LocalSlots>
    private let fields: Set<String>
    private let server: LocalServer

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
        let fields = RequestField.names(of: .local).union(extraFields)
        self.fields = fields
        server = LocalServer(
            LocalModelProcess(
                program: program, environment: environment,
                options: [
                    "--alias", model, "--context", "\(contextTokens)", "--slots", "\(slots)", "--threads", "\(threads)",
                ] + (modelPath.map { ["--model", $0] } ?? []),
                logger: logger),
            title: "The local model", model: model, timeouts: timeouts, extraFields: fields.union(["id_slot"]),
            http: http, logger: logger)
    }

    package var state: State { server.state }

    /// One workspace's prompts hold half a window at once, or a single one of up to a whole window: reading one takes the
    /// process's only thread several seconds.
    package var share: CallQueue.Share { CallQueue.Share(work: contextTokensPerSlot / 2) }

    package func limits(of model: String) -> ModelLimits {
        var limits = ModelLimits(
            takesPictures: false, tools: server.takesTools ? .functions : .none, window: contextTokensPerSlot,
            tokens: tokens)
        limits.fields = fields
        return limits
    }

    /// Estimated length of the prompt, in tokens.
    package func work(of request: ChatRequest) -> Int {
        let tools = request.options["tools"].map { Self.tokens(in: String(decoding: $0.serialized(), as: UTF8.self)) }
        return request.messages.reduce(tools ?? 0) { sum, message in sum + Self.tokens(in: message.content) + 4 }
    }

    private static func tokens(in text: String) -> Int {
        let ascii = text.utf8.count { $0 < 0x80 }
        return ascii / 4 + (text.utf8.count - ascii) / 2
    }

    package func stream(
        _ request: ChatRequest, onEvent: (ChatEvent) async throws -> Void
    ) async throws -> ChatResult {
        let provider = try server.provider()
        let isLong = work(of: request) > contextTokensPerSlot / 4
        let slot = places.withLock { $0.take(request.messages, isLong: isLong) }
        defer { if let slot { places.withLock { $0.release(slot) } } }
        var request = request
        request.options["id_slot"] = slot.map { .int(Int64($0)) }
        return try await provider.stream(request, onEvent: onEvent)
    }

    /// Keeps the process running until the task is cancelled; returns when it has gone.
    package func run() async { await server.run() }

    private static func modelName(_ path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return file.hasSuffix(".gguf") ? String(file.dropLast(5)) : file
    }
}
