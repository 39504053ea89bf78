import Foundation
import LLMTesting
import TestSupport
import Testing
import Upstream

@testable import LLM

/// What a vendor may do.
enum Fault: String, CaseIterable {
    case limited = "429, come back in two seconds"
    case limitedForLong = "429, come back in a minute"
    case limitedSomehow = "429"
    case broken = "500"
    case twiceUnavailable = "503 twice, then well"
    case noKey = "401"
    case nobody = "nobody listens"
    case resetAtOnce = "a reset before the first token"
    case resetMidway = "a reset after the first token"
    case silentAtFirst = "silence before the first token"
    case silentMidway = "silence after the first token"
    case garbage = "garbage"
    case notJSON = "events that are no JSON"
    case empty = "an answer without text or a reason"
    case emptyWithReason = "an answer without text that says why it ends"
    case endless = "a stream that never ends"
    case huge = "100 MB in small pieces"
    case hugeDocument = "100 MB in one document"
    case refused = "a refusal"
    case tooLong = "a prompt that is too long"

    /// The result, and the number of calls, if another vendor could answer.
    var outcome: (calls: Int, kind: ProviderError.Kind?, falsBack: Bool) {
        switch self {
        case .limited, .limitedSomehow: (3, .rateLimited, true)
        case .limitedForLong: (1, .rateLimited, true)
        case .broken: (3, .unavailable, true)
        case .twiceUnavailable: (3, nil, false)
        case .noKey: (1, .misconfigured, true)
        case .nobody: (0, .unavailable, true)
        case .resetAtOnce, .garbage, .notJSON: (3, .unavailable, true)
        case .resetMidway: (1, .unavailable, false)
        case .silentAtFirst: (1, .timeout, true)
        case .silentMidway, .endless: (1, .timeout, false)
        case .empty: (2, .emptyReply, true)
        case .emptyWithReason: (1, nil, false)
        case .huge: (1, .unavailable, false)
        case .hugeDocument: (1, .unavailable, true)
        case .refused: (1, .refused, false)
        case .tooLong: (1, .contextTooLong, false)
        }
    }

    var timeouts: Timeouts {
        switch self {
        case .silentAtFirst: Timeouts(firstToken: .seconds(3))
        case .silentMidway: Timeouts(idle: .milliseconds(300))
        case .endless: Timeouts(total: .seconds(5))
        default: Timeouts()
        }
    }

    func play(_ connection: Vendor.Connection) {
        guard connection.request() != nil else { return }
        switch self {
        case .limited: connection.answer("429 Too Many Requests", headers: "Retry-After: 2\r\n")
        case .limitedForLong: connection.answer("429 Too Many Requests", headers: "Retry-After: 60\r\n")
        case .limitedSomehow: connection.answer("429 Too Many Requests")
        case .broken: connection.answer("500 Internal Server Error")
        case .twiceUnavailable:
            guard connection.number > 2 else { return connection.answer("503 Service Unavailable") }
            connection.begin()
            connection.finish()
        case .noKey: connection.answer("401 Unauthorized")
        case .nobody: break
        case .resetAtOnce: connection.reset()
        case .resetMidway:
            connection.begin()
            usleep(100_000)
            connection.reset()
        case .silentAtFirst: connection.waitUntilClientLeaves()
        case .silentMidway:
            connection.begin()
            connection.waitUntilClientLeaves()
        case .garbage: connection.send("\u{0}\u{1}nonsense\r\n\r\n")
        case .notJSON:
            connection.startStream()
            connection.event("nonsense")
            connection.endStream()
        case .empty:
            connection.startStream()
            connection.event("[DONE]")
            connection.endStream()
        case .emptyWithReason:
            connection.startStream()
            connection.finish()
        case .endless:
            connection.startStream()
            while connection.delta("x") { usleep(5_000) }
        case .huge:
            connection.startStream()
            let text = String(repeating: "x", count: 10_000)
            for _ in 0..<10_000 where !connection.delta(text) { return }
        case .hugeDocument:
            connection.startStream(type: "application/json")
            let text = String(repeating: " ", count: 10_000)
            connection.chunk("{")
            for _ in 0..<10_000 where !connection.chunk(text) { return }
        case .refused: connection.answer("400 Bad Request")
        case .tooLong: connection.answer("400 Bad Request", #"{"error":{"code":"context_length_exceeded"}}"#)
        }
    }
}

@Suite struct GatewayFaultTests {
    @Test(arguments: Fault.allCases, [true, false])
    func hasItsOutcome(_ fault: Fault, withSpare: Bool) async throws {
        let vendor = Vendor { fault.play($0) }
        let baseURL = fault == .nobody ? Self.deadURL() : vendor.baseURL
        let provider = try OpenAIProvider(
            name: "vendor", baseURL: baseURL, apiKey: "k", timeouts: fault.timeouts, http: http)
        let spare = ScriptedProvider(name: "spare", .text("spare"))
        let gateway = Gateway(providers: [provider, spare], timeSource: TestClock(skips: true).timeSource)
        let targets = (withSpare ? ["vendor", "spare"] : ["vendor"]).map { ModelTarget(provider: $0, model: "m") }

        let (calls, kind, falls) = fault.outcome
        var result: ChatResult?
        var error: ProviderError?
        do {
            result = try await gateway.stream(question, via: targets, for: "t") { _ in }
        } catch let thrown as ProviderError {
            error = thrown
        }
        #expect(await eventually { vendor.count.requests >= calls })
        #expect(vendor.count.requests == calls)
        #expect(error?.kind == (withSpare && falls ? nil : kind))
        #expect(result?.provider == (withSpare && falls ? "spare" : kind == nil ? "vendor" : nil))
        #expect(spare.calls.requests.count == (withSpare && falls ? 1 : 0))
        #expect(gateway.snapshot.map(\.running) == [0, 0])
        #expect(vendor.count.sentBytes < 50_000_000)
    }

    /// URL of a port that no process listens on.
    private static func deadURL() -> String {
        let (socket, port) = listen(backlog: 1)
        close(socket)
        return "http://127.0.0.1:\(port)"
    }
}
