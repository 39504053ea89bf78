import Chatbots
import Fairness
package import HTTPKit
package import HTTPTypes
package import Hummingbird
import NIOCore
package import Platform
package import Upstream

/// Pictures that replies name by address. The console's pages may not call other servers, so its user asks for one here, and
/// the server fetches it under the rules for addresses that users name, without a cookie or a word of who asks.
package struct PictureRoutes: Sendable {
    /// Maximum size, in bytes.
    static let most = 5 << 20
    static let types: Set = ["image/png", "image/jpeg", "image/gif", "image/webp"]

    private let http: UpstreamClient
    private let time: Duration

    package init(http: UpstreamClient, time: Duration = .seconds(10)) {
        self.http = http
        self.time = time
    }

    package struct Address: Input, Ruled {
        package let url: String
        package static var rules: [String: Rule] {
            ["url": .text(8...2000, note: "Of http or https, in ASCII as browsers send it.")]
        }
    }

    package func show(_ who: SessionCaller, _ address: Address) async throws -> Picture {
        let held = try who.call.memory.hold(0, .answer)
        var bytes = ByteBuffer()
        do {
            let accept = Self.types.sorted().joined(separator: ", ")
            let asker = CallQueue.Caller(workspace: who.caller.userID, account: who.caller.userID)
            _ = try await PublicDownload(http: http).pieces(
                from: address.url, accept: accept, upTo: Self.most, within: time, for: asker
            ) { piece in
                try held.resize(to: bytes.readableBytes + piece.readableBytes)
                bytes.writeImmutableBuffer(piece)
            }
        } catch let failure as PublicDownload.Failure {
            if case .tooLarge = failure { throw Self.tooLarge }
            throw Self.unreachable(failure)
        }
        let type = ContentType.of(bytes, name: "")
        guard Self.types.contains(type) else { throw Self.noPicture }
        return Picture(type: type, bytes: bytes, held: held)
    }

    private static func unreachable(_ cause: PublicDownload.Failure) -> APIError {
        APIError(
            .invalidValue,
            "There is no picture to be had at this address. It must be public, answer in time and not redirect.",
            bengali: "এই ঠিকানায় কোনো ছবি পাওয়া যায়নি। ঠিকানাটি সবার জন্য খোলা হতে হবে এবং অন্য ঠিকানায় না পাঠিয়ে সময়মতো উত্তর "
                + "দিতে হবে।",
            param: "url", cause: cause)
    }

    private static let tooLarge = APIError(
        .invalidValue, "The picture at this address is larger than \(most >> 20) MiB.",
        bengali: "এই ঠিকানার ছবিটি ৫ MiB-এর বেশি বড়।", param: "url")

    private static let noPicture = APIError(
        .invalidValue, "What is at this address is no picture in PNG, JPEG, GIF or WebP.",
        bengali: "এই ঠিকানায় যা আছে তা PNG, JPEG, GIF বা WebP ছবি নয়।", param: "url")
}

/// A picture of another server. A browser runs nothing in it.
package struct Picture: Output {
    let type: String
    let bytes: ByteBuffer
    /// Until the picture has been sent.
    let held: HeldBytes

    package static var schema: Schema? { nil }
    /// Generated clients know no pictures.
    package static var mediaTypes: [String] { ["application/octet-stream"] }

    package func response(_ status: HTTPResponse.Status) -> Response {
        let headers: HTTPFields = [
            .contentType: type,
            .contentDisposition: "attachment; filename=\"picture.\(type.dropFirst("image/".count))\"",
            .contentSecurityPolicy: "sandbox; default-src 'none'", .cacheControl: "private, max-age=600",
        ]
        let body = ResponseBody(contentLength: bytes.readableBytes) { [bytes, held] writer in
            try await writer.write(bytes)
            withExtendedLifetime(held) {}
            try await writer.finish(nil)
        }
        return Response(status: status, headers: headers, body: body)
    }
}

extension PictureRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/pictures", .readChat, id: "show_picture", "Show a picture of another server",
                about:
                    "Fetches a picture that a reply names, of at most \(Self.most >> 20) MiB, from a public address, "
                    + "without redirects and without telling who asks. For users who are signed in; keys may not.",
                show)
        ].tagged(.conversations)
    }
}
