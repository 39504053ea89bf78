import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Spans
import Upstream

/// Sends what was traced to a collector, by OTLP over HTTP. While the collector is away, what is waiting stays within the
/// recorder's bound, and requests notice nothing.
/// Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp
struct SpanExporter: Service {
    private static let interval = Duration.milliseconds(500)
    private static let longestPause = Duration.seconds(30)
    /// Limit of one request, and of all that is sent when the server stops.
    private static let timeLimit = Duration.seconds(5)

    private let recorder: SpanRecorder
    private let request: UpstreamRequest
    private let resource: [(String, String)]
    private let http: UpstreamClient
    private let logger: Logger

    private enum Outcome { case taken, refused(String), later(String) }

    /// - Parameter instance: tells this process from others of the same service.
    init(
        _ recorder: SpanRecorder, _ settings: TracingSettings, to endpoint: String, instance: String,
        http: UpstreamClient, logger: Logger
    ) throws {
        self.recorder = recorder
        self.http = http
        self.logger = logger
        resource = [
            ("service.name", settings.serviceName), ("service.version", Version.current),
            ("service.instance.id", instance),
        ]
        var headers = HTTPHeaders(settings.headers.map { ($0.name, $0.value) })
        headers.replaceOrAdd(name: "Content-Type", value: "application/x-protobuf")
        request = try UpstreamRequest(url: endpoint + "/v1/traces", method: .POST, headers: headers)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { await sendAsTheyCome() }
        let deadline = ContinuousClock.now + Self.timeLimit
        while ContinuousClock.now < deadline, let batch = recorder.take() {
            guard case .taken = await send(batch) else { return recorder.drop(batch) }
        }
    }

    private func sendAsTheyCome() async {
        var pause = Self.interval
        var hasFailed = false
        var unsent: SpanRecorder.Batch?
        while !Task.isCancelled {
            while let batch = unsent ?? recorder.take() {
                unsent = nil
                switch await send(batch) {
                case .taken:
                    pause = Self.interval
                    if hasFailed { logger.notice("traces are sent again") }
                    hasFailed = false
                    continue
                case .refused(let why):
                    recorder.drop(batch)
                    if !hasFailed { logger.warning("traces refused", metadata: ["cause": .string(why)]) }
                case .later(let why):
                    unsent = batch
                    if !hasFailed { logger.warning("traces not sent", metadata: ["cause": .string(why)]) }
                }
                hasFailed = true
                pause = min(pause * 2, Self.longestPause)
                break
            }
            try? await Task.sleep(for: pause)
        }
        if let unsent { recorder.drop(unsent) }
    }

    private func send(_ batch: SpanRecorder.Batch) async -> Outcome {
        var request = request
        request.body = ByteBuffer(
            bytes: SpanEncoding.request(batch.bytes, resource: resource, version: Version.current))
        do {
            // A stop of the server does not cut a request off.
            let status = try await Task { [request] in
                try await http.answer(to: request, upTo: 65_536, within: Self.timeLimit).head.status
            }.value
            if (200..<300).contains(status.code) { return .taken }
            return [429, 502, 503, 504].contains(status.code) ? .later("\(status)") : .refused("\(status)")
        } catch {
            return .later(String(describing: error))
        }
    }
}
