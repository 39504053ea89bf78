import Foundation
import JSON
import Logging
import TestSupport
import Testing
import Texts
import Upstream

@testable import LLM

/// Against the real model, as `make setup` installs it.
@Suite(.serialized) struct LocalModelTests {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../LocalModel").standardizedFileURL.path(percentEncoded: false)

    let model = LocalModel(in: directory)

    init() throws {
        _ = try neededProgram("\(Self.directory)/.venv/bin/python")
    }

    @Test func answersComesBackFromTheDeadAndStops() async throws {
        #expect(model.state == .loading)
        #expect(model.contextTokensPerSlot == 2048)
        let early = await #expect(throws: ProviderError.self) { try await model.stream(question) { _ in } }
        #expect(early?.kind == .loading)
        #expect(early?.retryAfter != nil)

        let running = Task { await model.run() }
        #expect(await eventually { model.state == .ready })
        try await expectAnAnswer()

        let tooLong = ChatRequest(
            model: model.model,
            messages: [ChatMessage(role: .user, content: String(repeating: "hello ", count: 3000))], maxTokens: 5)
        let refused = await #expect(throws: ProviderError.self) { try await model.stream(tooLong) { _ in } }
        #expect(refused?.kind == .contextTooLong, "\(String(describing: refused))")

        let first = try #require(children().first)
        kill(first, SIGKILL)
        #expect(await eventually { model.state == .ready && children().contains { $0 != first } })
        try await expectAnAnswer()

        let second = try #require(children().first)
        running.cancel()
        await running.value
        #expect(!exists(first))
        #expect(!exists(second))
        #expect(model.state == .failed(reason: "the local model was stopped"))
    }

    @Test func aProcessThatWillNotLeaveIsKilled() async throws {
        try await withScript(
            """
            import signal, sys, time
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            print("ready", file=sys.stderr)
            while True: time.sleep(1)
            """
        ) { directory in
            let stubborn = LocalModel(in: directory)
            let running = Task { await stubborn.run() }
            #expect(await eventually { !children().isEmpty })
            let child = try #require(children().first)
            // Until the script has got as far as ignoring the signal.
            try await Task.sleep(for: .milliseconds(500))
            running.cancel()
            await running.value
            #expect(!exists(child))
        }
    }

    @Test func aProcessThatDoesNotAnswerIsReplaced() async throws {
        let sick = Vendor.answering(status: "500 Internal Server Error", "{}")
        try await withScript(
            """
            import sys
            print("http://127.0.0.1:\(sick.port)", flush=True)
            sys.stdin.read()
            """
        ) { directory in
            let unhealthy = LocalModel(in: directory)
            let running = Task { await unhealthy.run() }
            #expect(await eventually { !children().isEmpty })
            let first = try #require(children().first)
            #expect(await eventually { unhealthy.state == .failed(reason: "it no longer answers") })
            #expect(!exists(first))
            #expect(await eventually { !children().isEmpty })
            running.cancel()
            await running.value
            #expect(children().isEmpty)
        }
    }

    @Test("Tools are refused until the process has said that its chat template has a place for them")
    func unknownTools() async throws {
        try await withScript(
            """
            import http.server, os, sys, threading
            class Server(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    known = self.path == "/health" or os.path.exists(os.path.dirname(__file__) + "/known")
                    body = b'{"chat_template_caps": {"supports_tools": true}}' if known else b"<h1>500"
                    self.send_response(200 if known else 500)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
            sys.stdin.read()
            """
        ) { directory in
            let slow = LocalModel(in: directory)
            let running = Task { await slow.run() }
            #expect(await eventually { slow.state == .ready })
            var asked = question
            asked.options = ["tools": [["type": "function", "function": ["name": "আবহাওয়া"]]]]
            #expect(slow.limits(of: "m").refusal(of: asked) == .tools)
            try Data().write(to: URL(filePath: directory).appending(path: "known"))
            #expect(await eventually { slow.limits(of: "m").refusal(of: asked) == nil })
            running.cancel()
            await running.value
        }
    }

    @Test func cancellingACallFreesTheModel() async throws {
        let running = Task { await model.run() }
        #expect(await eventually { model.state == .ready })
        let long = ChatRequest(
            model: model.model, messages: [ChatMessage(role: .user, content: "Count to a thousand.")], maxTokens: 1500)
        for _ in 0..<4 {
            let (pieces, heard) = AsyncStream.makeStream(of: Void.self)
            let call = Task { [model] in try await model.stream(long) { _ in heard.yield() } }
            for await _ in pieces { break }
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
        }
        try await expectAnAnswer()
        running.cancel()
        await running.value
    }

    @Test func leavesWithItsParent() async throws {
        let python = Process()
        python.executableURL = URL(filePath: "\(Self.directory)/.venv/bin/python")
        python.arguments = [
            "-I", "\(Self.directory)/serve.py", "--alias", "a", "--context", "512", "--slots", "1", "--threads", "1",
        ]
        python.environment = [:]
        let (input, output) = (Pipe(), Pipe())
        python.standardInput = input
        python.standardOutput = output
        python.standardError = FileHandle.nullDevice
        try python.run()
        try input.fileHandleForWriting.write(contentsOf: Data("key\n".utf8))
        let address = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        #expect(address.hasPrefix("http://127.0.0.1:"))
        #expect(python.isRunning)
        try input.fileHandleForWriting.close()
        #expect(await eventually { !python.isRunning })
    }

    @Test func saysWhatIsMissing() async throws {
        let absent = LocalModel(in: "/nowhere")
        guard case .notInstalled(let reason) = absent.state else {
            Issue.record("\(absent.state)")
            return
        }
        #expect(reason.contains("mynah model install"))
        let error = await #expect(throws: ProviderError.self) { try await absent.stream(question) { _ in } }
        #expect(error?.kind == .misconfigured)
        let running = Task { await absent.run() }
        running.cancel()
        await running.value
    }

    @Test func saysWhyItFails() async throws {
        let broken = LocalModel(in: Self.directory, modelPath: "/nowhere/Some-Model.Q4.gguf")
        #expect(broken.model == "Some-Model.Q4")
        let running = Task { await broken.run() }
        let reason = "There is no model file at /nowhere/Some-Model.Q4.gguf."
        #expect(await eventually { broken.state == .failed(reason: reason) })
        let error = await #expect(throws: ProviderError.self) { try await broken.stream(question) { _ in } }
        #expect(error?.kind == .unavailable)
        running.cancel()
        await running.value
    }

    private func expectAnAnswer() async throws {
        let request = ChatRequest(
            model: model.model,
            messages: [
                ChatMessage(role: .system, content: "You are a helpful assistant."),
                ChatMessage(role: .user, content: "Say hello."),
            ],
            maxTokens: 16, temperature: 0)
        var text = ""
        let result = try await model.stream(request) { if case .delta(let piece) = $0 { text += piece } }
        #expect(!text.isEmpty)
        #expect(result.content == text)
        #expect(result.provider == "local")
        #expect(result.model == "smollm2-135m-instruct")
        #expect(try #require(result.usage).completionTokens > 0)
    }

    /// Runs the body with a folder in which this script stands for `serve.py`.
    private func withScript(_ script: String, _ body: (String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "mynah-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try Data(script.utf8).write(to: directory.appending(path: "serve.py"))
        try FileManager.default.createSymbolicLink(
            at: directory.appending(path: ".venv"), withDestinationURL: URL(filePath: "\(Self.directory)/.venv"))
        try await body(directory.path(percentEncoded: false))
    }

    /// The processes that this one started and that still run our script.
    private func children() -> [pid_t] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap { pid_t($0) }.filter { process in
            guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
                let command = try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)
            else { return false }
            // After the name in parentheses: state, parent.
            let fields = status[(status.lastIndex(of: ")") ?? status.startIndex)...].split(separator: " ")
            return fields.count > 2 && fields[2] == "\(getpid())" && command.contains("serve.py")
        }
    }

    private func exists(_ process: pid_t) -> Bool {
        kill(process, 0) == 0
    }
}

extension LocalModel {
    /// One that is installed beside its program.
    fileprivate convenience init(in directory: String, modelPath: String? = nil) {
        self.init(
            program: "\(directory)/serve.py", environment: "\(directory)/.venv", modelPath: modelPath, http: http,
            logger: Logger(label: "local-model"))
    }
}
