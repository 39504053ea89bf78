import Fairness
import HTTPKit
import Platform
package import Upstream

/// Reads web pages for chatbots, as far as their sites' robots.txt allows it.
package struct PageFetch: Sendable {
    static let userAgent = "Mynah"
    /// For all of a page.
    private static let fetchTime = Duration.seconds(50)

    let http: UpstreamClient
    let robots: RobotsFiles

    package init(http: UpstreamClient) {
        self.http = http
        robots = RobotsFiles(http: http)
    }

    /// Stores what is at an address as a complete upload, and returns its id. Throws `invalid_value` if it cannot be had, and
    /// `robots_disallowed`.
    func upload(
        _ url: String, _ call: Call, _ owner: FileOwner, in tenant: Tenant, to uploads: Uploads
    ) async throws -> String {
        let caller = CallQueue.Caller(workspace: tenant.workspaceID, account: owner.principal)
        var file = FileWriter(
            uploads: uploads, memory: call.memory, owner: owner, name: FileName.of(address: url)
        ) { _ in tenant }
        do {
            try await checkRobots(url, for: caller)
            _ = try await PublicDownload(http: http).pieces(
                from: url, accept: "*/*", userAgent: Self.userAgent, upTo: uploads.maxBytes, within: Self.fetchTime,
                for: caller
            ) { try await file.append($0) }
            return try await file.finish().id
        } catch {
            await file.discard()
            guard let failure = error as? PublicDownload.Failure else { throw error }
            if case .tooLarge = failure { try uploads.check(bytes: .max) }
            throw Self.error(failure)
        }
    }

    private func checkRobots(_ url: String, for caller: CallQueue.Caller) async throws {
        do {
            var page = try UpstreamRequest(url: url, network: .publicInternet)
            page.caller = caller
            guard try await robots.allow(page) else {
                throw APIError(.robotsDisallowed, param: "url")
            }
        } catch let error as UpstreamError {
            throw PublicDownload.Failure.unreachable(error)
        }
    }

    private static func error(_ failure: PublicDownload.Failure) -> APIError {
        APIError(
            .invalidValue,
            "There is no file to be had at this address. It must be public, answer within \(fetchTime) "
                + "and without redirects.",
            bengali: "এই ঠিকানায় কোনো ফাইল পাওয়া যায়নি। ঠিকানাটি সবার জন্য খোলা হতে হবে এবং অন্য ঠিকানায় না পাঠিয়ে "
                + "সময়মতো উত্তর দিতে হবে।",
            param: "url", cause: failure)
    }
}
