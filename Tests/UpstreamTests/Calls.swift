import Fairness
import NIOCore
import NIOHTTP1
import Upstream

/// A limit for connecting that no test means to reach, however loaded the machine is.
let patient = Duration.seconds(30)

/// For calls without TLS.
let http = UpstreamClient(connectTimeout: patient)

extension CallQueue.Caller: ExpressibleByStringLiteral {
    package init(stringLiteral name: String) { self.init(workspace: name, account: name) }
}

extension UpstreamClient {
    func get(
        _ url: String, network: NetworkPolicy = .anywhere
    ) async throws -> (status: UInt, text: String) {
        let request = try UpstreamRequest(url: url, network: network)
        let answer = try await answer(to: request, upTo: 1 << 20, within: .seconds(600))
        return (answer.head.status.code, String(buffer: answer.body))
    }
}
