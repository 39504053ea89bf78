package import Fairness
package import NIOCore
import NIOHTTP1
package import Upstream

/// Fetches what users name by address, under the rules for such addresses: public ones only, each checked before it is
/// called, and no redirects, which would lead past the check.
package struct PublicDownload: Sendable {
    private let http: UpstreamClient

    /// Why nothing was fetched. Callers tell neither the address nor the reason: a stranger would learn what this server can
    /// reach.
    package enum Failure: Error, Sendable {
        case unreachable(UpstreamError)
        /// An answer other than 200; redirects are among them.
        case status(UInt)
        case tooLarge
    }

    package init(http: UpstreamClient) { self.http = http }

    /// Reads the body piece by piece. Throws `Failure`, or what `onPiece` throws.
    /// - Parameter caller: whose share of look-ups of names it counts in.
    /// - Returns: the media type that the server states, in lower case.
    package func pieces(
        from url: String, accept: String, userAgent: String? = nil, upTo most: Int, within time: Duration,
        for caller: CallQueue.Caller? = nil,
        _ onPiece: (ByteBuffer) async throws -> Void
    ) async throws -> String {
        var bytes = 0
        do {
            var request = try UpstreamRequest(url: url, headers: ["Accept": accept], network: .publicInternet)
            request.caller = caller
            if let userAgent { request = request.adding(header: "User-Agent", userAgent) }
            let head = try await http.download(request, upTo: .max, within: time) { head, piece in
                guard head.status == .ok else { throw Failure.status(head.status.code) }
                bytes += piece.readableBytes
                guard bytes <= most else { throw Failure.tooLarge }
                try await onPiece(piece)
            }
            guard head.status == .ok else { throw Failure.status(head.status.code) }
            return head.headers.first(name: "Content-Type")?.prefix { $0 != ";" }.lowercased() ?? ""
        } catch let error as UpstreamError {
            throw Failure.unreachable(error)
        }
    }
}
