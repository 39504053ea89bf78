import Foundation
import HTTPKit
import HTTPTypes
import Hummingbird
import JSON
import LLM
import LLMTesting
import ModelAPI
import NIOCore
import Synchronization
import Testing

@testable import Chat
@testable import Metering

/// A stream's line shows life while its model thinks or has not begun.
@Suite struct LiveStreamTests {
    static let result = ChatResult(content: "ঠিক", model: "m", provider: "p", finishReason: .stop, usage: nil)

    static func completion() -> RunningCompletion {
        RunningCompletion(
            id: "r", .init(provider: "p", model: "m"), prompt: PromptSize([ChatMessage(role: .user, content: "হ্যালো")]),
            streams: true)
    }

    static func events(_ api: ClientAPI, showsThoughts: Bool = true) -> any CompletionEvents {
        api == .openAI
            ? ChatCompletionEvents(id: "c", model: "m", now: .now, showsUsage: false, requestID: "r")
            : AnthropicMessageEvents(
                id: "m", model: "m", inputTokens: 3, requestID: "r", showsThoughts: showsThoughts)
    }

    /// What a client reads, by piece.
    private final class Line: ResponseBodyWriter, Sendable {
        private let pieces = Mutex<[String]>([])
        var text: String { pieces.withLock { $0.joined() } }
        func write(_ buffer: ByteBuffer) async throws { pieces.withLock { $0.append(String(buffer: buffer)) } }
        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }

    /// Reads the completion's stream while `script` runs, and returns what was read.
    private func read(
        _ api: ClientAPI, showsThoughts: Bool = true,
        _ script: (RunningCompletion, _ text: @Sendable () -> String) async throws -> Void
    ) async throws -> String {
        let completion = Self.completion()
        let line = Line()
        let answer = CompletionAnswer<ChatCompletion>.stream(
            [completion], Self.events(api, showsThoughts: showsThoughts))
        let body = try answer.response(.ok).body
        let reading = Task { try await body.write(line) }
        try await script(completion) { line.text }
        try await reading.value
        return line.text
    }

    private func eventually(_ what: String, _ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !condition() {
            try #require(ContinuousClock.now < deadline, "\(what)")
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// A beat for a reader that waits.
    private func beat(_ completion: RunningCompletion, until condition: () -> Bool) async throws {
        try await eventually("a sign of life") {
            completion.beat(after: .zero)
            return condition()
        }
    }

    @Test("Before the model has begun a comment opens the stream, and its first event comes with the model")
    func opening() async throws {
        for api in [ClientAPI.openAI, .anthropic] {
            let text = try await read(api) { completion, text in
                try await beat(completion) { text().hasPrefix(":") }
                #expect(!text().contains("data:"), "nothing is said of an answer that has not begun")
                completion.add(.delta("ঠিক"))
                try await eventually("text") { text().contains("ঠিক") }
                completion.end(.success(Self.result))
            }
            #expect(text.hasPrefix(": ") && text.hasSuffix("\n\n"))
            #expect(text.components(separatedBy: "ঠিক").count == 2)
        }
    }

    @Test("Between events the stream shows life in its API's way")
    func signs() async throws {
        for (api, sign) in [(ClientAPI.openAI, ": still here\n\n"), (.anthropic, "event: ping\n")] {
            let text = try await read(api) { completion, text in
                completion.add(.thoughts("想"))
                try await eventually("thoughts") { text().contains("想") }
                try await beat(completion) { text().contains(sign) }
                completion.end(.success(Self.result))
            }
            let first = try #require(text.range(of: "想"))
            #expect(text[first.upperBound...].contains(sign))
        }
    }

    @Test("A failure after the stream was opened is an event in it; before that it is thrown")
    func failures() async throws {
        let error = ProviderError(.contextTooLong, detail: "canary")
        for (api, words) in [(ClientAPI.openAI, "context_length_exceeded"), (.anthropic, "prompt is too long")] {
            let text = try await read(api) { completion, text in
                try await beat(completion) { text().hasPrefix(":") }
                completion.end(.failure(error))
            }
            #expect(text.contains(words) && !text.contains("canary") && !text.contains("[DONE]"))
            #expect(!text.contains("message_stop"))
        }
        let early = Self.completion()
        early.end(.failure(error))
        await #expect(throws: ProviderError.self) { try await early.begun() }
    }

    @Test("A caller waits for the model, and no longer than until the stream opens without it")
    func begun() async throws {
        let completion = Self.completion()
        let waiting = Task { try await completion.begun() }
        try await eventually("it is open") {
            completion.beat(after: .zero)
            return completion.isOpen
        }
        try await waiting.value
        // It has been woken by a sign of life, and the reader of the stream gets that one.
        if case .quiet = await completion.next() {} else { Issue.record("no sign of life") }
        completion.end(.failure(ProviderError(.unavailable, detail: "")))
        if case .failed = await completion.next() {} else { Issue.record("no failure") }
    }

    @Test("Nothing is written to a reader who has had something a moment ago")
    func notTooOften() async throws {
        let completion = Self.completion()
        let began = ContinuousClock.now
        completion.add(.delta("a"))
        _ = await completion.next()
        let next = Task { await completion.next() }
        for _ in 0..<20 {
            completion.beat(now: began + RunningCompletion.quiet - RunningCompletion.beat)
            try await Task.sleep(for: .milliseconds(1))
        }
        completion.add(.delta("b"))
        if case .events(let events) = await next.value {
            #expect(events == [.delta("b")])
        } else {
            Issue.record("a beat")
        }
    }

    @Test("Thoughts that are not shown leave no gap: the line shows life all the same")
    func hidden() async throws {
        let text = try await read(.anthropic, showsThoughts: false) { completion, text in
            completion.add(.thoughts("想"))
            try await eventually("the start") { text().contains("message_start") }
            try await beat(completion) { text().contains("event: ping") }
            completion.add(.delta("ঠিক"))
            completion.end(.success(Self.result))
        }
        #expect(!text.contains("想") && text.contains("ঠিক"))
    }
}
