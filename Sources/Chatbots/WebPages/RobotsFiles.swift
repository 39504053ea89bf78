import Fairness
import NIOCore
import NIOHTTP1
import Synchronization
import Upstream

/// The robots.txt of sites, kept for a while.
final class RobotsFiles: Sendable {
    private static let fetchTime = Duration.seconds(10)
    private static let mostRedirects = 5
    private static let lifetime = Duration.seconds(86_400)
    /// How long a site that cannot answer is left alone.
    private static let failureLifetime = Duration.seconds(60)
    /// Memory for the rules of all sites, in bytes.
    private static let capacity = 8 << 20
    private static let entrySize = 512

    private struct Entry {
        let rules: RobotsRules
        let until: ContinuousClock.Instant
        var used: ContinuousClock.Instant
        var size: Int { rules.size + RobotsFiles.entrySize }
    }

    private struct Entries {
        var bySite: [String: Entry] = [:]
        var size = 0
    }

    private let http: UpstreamClient
    private let entries = Mutex(Entries())
    private let running = SharedWork<String, RobotsRules>()

    init(http: UpstreamClient) { self.http = http }

    /// Whether a page may be read. Throws `PublicDownload.Failure.unreachable` if its site does not answer.
    func allow(_ page: UpstreamRequest) async throws -> Bool {
        try await rules(of: page).allows(page.target)
    }

    private func rules(of page: UpstreamRequest) async throws -> RobotsRules {
        let site = page.site
        if let known = known(site) { return known }
        return try await running.value(of: site) { [self] in
            do {
                let (rules, lifetime) = try await fetch(site, for: page.caller)
                keep(rules, of: site, for: lifetime)
                return rules
            } catch let error as UpstreamError {
                throw PublicDownload.Failure.unreachable(error)
            }
        }
    }

    /// 4xx: there is no robots.txt, and everything may be read. 5xx: nothing may. Each redirect is checked like an address of
    /// its own.
    private func fetch(_ site: String, for caller: CallQueue.Caller?) async throws -> (RobotsRules, Duration) {
        let end = ContinuousClock.now + Self.fetchTime
        var url = "\(site)/robots.txt"
        for _ in 0...Self.mostRedirects {
            var request = try UpstreamRequest(
                url: url, headers: ["Accept": "text/plain", "User-Agent": PageFetch.userAgent], network: .publicInternet
            )
            request.caller = caller
            let (head, text) = try await beginning(of: request, within: max(.zero, end - .now))
            switch head.status.code {
            case 200..<300: return (RobotsRules(text), Self.lifetime)
            case 300..<400:
                guard let place = head.headers.first(name: "Location"), let next = request.address(of: place) else {
                    return (.everything, Self.lifetime)
                }
                url = next
            case 400..<500: return (.everything, Self.lifetime)
            default: return (.nothing, Self.failureLifetime)
            }
        }
        return (.everything, Self.lifetime)
    }

    /// Enough was read.
    private struct Enough: Error {
        let head: HTTPResponseHead
    }

    /// At most `RobotsRules.mostBytes`. A line that is cut off there is left out.
    private func beginning(
        of request: UpstreamRequest, within time: Duration
    ) async throws -> (HTTPResponseHead, [UInt8]) {
        var text: [UInt8] = []
        do {
            let head = try await http.download(request, upTo: .max, within: time) { head, piece in
                text += piece.readableBytesView
                if text.count > RobotsRules.mostBytes || head.status.code >= 300 { throw Enough(head: head) }
            }
            return (head, text)
        } catch let enough as Enough {
            let whole = text.prefix(RobotsRules.mostBytes)
            let end = whole.lastIndex { $0 == 10 || $0 == 13 } ?? 0
            return (enough.head, Array(whole[..<end]))
        }
    }

    private func known(_ site: String) -> RobotsRules? {
        entries.withLock { entries in
            guard let entry = entries.bySite[site], entry.until > .now else { return nil }
            entries.bySite[site]?.used = .now
            return entry.rules
        }
    }

    private func keep(_ rules: RobotsRules, of site: String, for lifetime: Duration) {
        entries.withLock { entries in
            let entry = Entry(rules: rules, until: .now + lifetime, used: .now)
            entries.size += entry.size - (entries.bySite.updateValue(entry, forKey: site)?.size ?? 0)
            while entries.size > Self.capacity, let oldest = entries.bySite.min(by: { $0.value.used < $1.value.used }) {
                entries.size -= oldest.value.size
                entries.bySite[oldest.key] = nil
            }
        }
    }
}
