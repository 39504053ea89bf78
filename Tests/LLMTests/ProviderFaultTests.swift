import Foundation
import Synchronization
import TestSupport
import Testing
import Upstream

@testable import LLM

@Suite struct UpstreamFaultTests {
    @Test func nobodyListens() async throws {
        let (socket, port) = listen(backlog: 1)
        close(socket)
        let provider = try OpenAIProvider(name: "x", baseURL: "http://127.0.0.1:\(port)", apiKey: nil, http: http)
        let error = await #expect(throws: ProviderError.self) { try await provider.stream(question) { _ in } }
        #expect(error?.kind == .unavailable)
    }

    @Test func connectingTakesTooLong() async throws {
        // The kernel drops what comes beyond the queue of a listener that accepts nothing.
        let (listener, port) = listen(backlog: 0)
        let fillers = (0..<4).map { _ in connectWithoutWaiting(to: port) }
        defer { (fillers + [listener]).forEach { close($0) } }
        let impatient = UpstreamClient(connectTimeout: .milliseconds(200))
        let provider = try OpenAIProvider(name: "x", baseURL: "http://127.0.0.1:\(port)", apiKey: nil, http: impatient)
        let error = await #expect(throws: ProviderError.self) { try await provider.stream(question) { _ in } }
        #expect(error?.kind == .timeout)
        #expect(error?.detail == "connect")
    }

    @Test func silenceFromTheStart() async throws {
        let vendor = Vendor { connection in
            _ = connection.request()
            connection.waitUntilClientLeaves()
        }
        let answer = try await vendor.ask(timeouts: Timeouts(firstToken: .milliseconds(300)))
        #expect(answer.error == ProviderError(.timeout, detail: "first token"))
        #expect(await eventually { vendor.count.left == 1 })
    }

    @Test("Comments are a sign of life: a vendor that sends them has until the end")
    func comments() async throws {
        let vendor = Vendor { connection in
            _ = connection.request()
            connection.startStream()
            connection.event(OpenAIProviderTests.chunk(#"{"role":"assistant","content":""}"#))
            while connection.chunk(": processing\n\n") { usleep(20_000) }
        }
        let timeouts = Timeouts(firstToken: .seconds(3), idle: .seconds(3), total: .seconds(7))
        #expect(try await vendor.ask(timeouts: timeouts).error?.detail == "total")
    }

    @Test("An answer whose reason has come is whole without an end mark", arguments: ["silence", "reset", "end"])
    func withoutEndMark(_ how: String) async throws {
        let vendor = Vendor.begun { connection in
            connection.event(OpenAIProviderTests.chunk("{}", finish: #""stop""#))
            connection.event(#"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5}}"#)
            usleep(100_000)
            if how == "silence" { connection.waitUntilClientLeaves() }
            if how == "reset" { connection.reset() } else { connection.endStream() }
        }
        let answer = try await vendor.ask()
        #expect(answer.result?.content == "Hel" && answer.error == nil)
        #expect(answer.result?.usage == ChatUsage(promptTokens: 7, completionTokens: 5))
    }

    @Test func silenceAfterTheFirstToken() async throws {
        let vendor = Vendor.begun { $0.waitUntilClientLeaves() }
        let answer = try await vendor.ask(timeouts: Timeouts(idle: .milliseconds(300)))
        #expect(answer.text == "Hel")
        #expect(answer.error == ProviderError(.timeout, detail: "idle"))
        #expect(await eventually { vendor.count.left == 1 })
    }

    @Test func thoughtsKeepTheCallAlive() async throws {
        let vendor = Vendor { connection in
            _ = connection.request()
            connection.startStream()
            for _ in 0..<60 {
                connection.event(OpenAIProviderTests.chunk(#"{"reasoning_content":"hm"}"#))
                usleep(100_000)
            }
            connection.delta("Hello")
            connection.finish()
        }
        let timeouts = Timeouts(firstToken: .seconds(4), idle: .seconds(4))
        let answer = try await vendor.ask(timeouts: timeouts)
        #expect(answer.error == nil)
        #expect(answer.result?.content == "Hello")
    }

    @Test func neverEnds() async throws {
        let vendor = Vendor { connection in
            _ = connection.request()
            connection.startStream()
            while connection.delta("x") { usleep(5_000) }
        }
        let answer = try await vendor.ask(timeouts: Timeouts(total: .seconds(5)))
        #expect(!answer.text.isEmpty)
        #expect(answer.error == ProviderError(.timeout, detail: "total"))
    }

    @Test(arguments: [true, false]) func breaksOff(withReset: Bool) async throws {
        let vendor = Vendor.begun { connection in
            usleep(100_000)
            if withReset { connection.reset() }
        }
        let answer = try await vendor.ask()
        #expect(answer.text == "Hel")
        #expect(answer.error?.kind == .unavailable)
    }

    @Test func endsWithoutSayingSo() async throws {
        let vendor = Vendor.begun { $0.endStream() }
        let answer = try await vendor.ask()
        #expect(answer.text == "Hel")
        #expect(answer.error == ProviderError(.unavailable, detail: "the stream broke off"))
    }

    @Test func hundredMegabytesOfAnswer() async throws {
        let text = String(repeating: "x", count: 10_000)
        let vendor = Vendor { connection in
            _ = connection.request()
            connection.startStream()
            for _ in 0..<10_000 where !connection.delta(text) { return }
            connection.finish()
        }
        let answer = try await vendor.ask()
        #expect(answer.error?.kind == .unavailable)
        #expect(answer.error?.retryable == false)
        #expect(answer.text.utf8.count <= 1024 * 1024)
        #expect(vendor.count.sentBytes < 50_000_000)
    }

    @Test(arguments: ["data: ", "{"]) func hundredMegabytesInOnePiece(_ start: String) async throws {
        let text = String(repeating: " ", count: 10_000)
        let vendor = Vendor { connection in
            _ = connection.request()
            connection.startStream()
            connection.chunk(start)
            for _ in 0..<10_000 where !connection.chunk(text) { return }
        }
        #expect(try await vendor.ask().error?.detail == "the answer is larger than allowed")
        #expect(vendor.count.sentBytes < 50_000_000)
    }

    @Test func hundredMegabytesOfError() async throws {
        let vendor = Vendor { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 429 Too Many Requests\r\nTransfer-Encoding: chunked\r\n\r\n")
            let text = String(repeating: "x", count: 10_000)
            for _ in 0..<10_000 where !connection.chunk(text) { return }
        }
        #expect(try await vendor.ask().error?.kind == .rateLimited)
        #expect(vendor.count.sentBytes < 50_000_000)
    }

    @Test func aSlowReaderSlowsTheVendorAndTimesNothingOut() async throws {
        let text = String(repeating: "x", count: 10_000)
        let vendor = Vendor { connection in
            _ = connection.request()
            connection.startStream()
            for _ in 0..<2_400 where !connection.delta(text) { return }
            connection.finish()
        }
        var limits = ReplyLimits()
        limits.replyBytes = 100_000_000
        var isFirst = true
        var sentMeanwhile = 0
        let result = try await vendor.provider(timeouts: Timeouts(idle: .seconds(6)), limits: limits).stream(question) {
            _ in
            guard isFirst else { return }
            isFirst = false
            try await Task.sleep(for: .seconds(7))
            sentMeanwhile = vendor.count.sentBytes
        }
        #expect(sentMeanwhile < 20_000_000, "of 24 MB, with what the kernel buffers")
        #expect(result.content.utf8.count == 24_000_000)
    }

    @Test(arguments: [true, false]) func cancellingClosesTheConnection(afterAToken: Bool) async throws {
        let vendor = Vendor { connection in
            _ = connection.request()
            if afterAToken {
                connection.startStream()
                connection.delta("Hel")
            }
            connection.waitUntilClientLeaves()
        }
        let provider = try vendor.provider()
        let heard = Mutex(false)
        let call = Task { try await provider.stream(question) { _ in heard.withLock { $0 = true } } }
        #expect(await eventually { vendor.count.requests == 1 && heard.withLock { $0 } == afterAToken })
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        #expect(await eventually { vendor.count.left == 1 })
    }

    @Test func cancellingManyLeavesNone() async throws {
        let vendor = Vendor.begun { $0.waitUntilClientLeaves() }
        let provider = try vendor.provider()
        let calls = (0..<40).map { _ in Task { try await provider.stream(question) { _ in } } }
        #expect(await eventually { vendor.count.requests == 40 })
        calls.forEach { $0.cancel() }
        for call in calls { await #expect(throws: CancellationError.self) { try await call.value } }
        #expect(await eventually { vendor.count.left == 40 })
    }

    @Test func aReaderThatThrowsEndsTheCall() async throws {
        struct Enough: Error {}
        let vendor = Vendor.begun { $0.waitUntilClientLeaves() }
        await #expect(throws: Enough.self) { try await vendor.provider().stream(question) { _ in throw Enough() } }
        #expect(await eventually { vendor.count.left == 1 })
    }

    @Test func aVendorThatKeepsTheConnectionBusyAfterTheEndLosesIt() async throws {
        let vendor = Vendor { connection in
            _ = connection.request()
            connection.startStream()
            connection.delta("Hello")
            connection.event("[DONE]")
            while connection.chunk(": more\n\n") {}
            connection.waitUntilClientLeaves()
        }
        #expect(try await vendor.ask().result?.content == "Hello")
        #expect(await eventually { vendor.count.left == 1 })
    }

    private func connectWithoutWaiting(to port: UInt16) -> Int32 {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        loopback(port: port) { address, length in _ = connect(client, address, length) }
        return client
    }
}
