import Foundation
import HTTPKit
import JSON
package import LLM
import NIOCore
package import Upstream

/// Pictures that messages name by address, for models on servers of the operator's own. Such a server would fetch them from
/// inside the operator's network, follow redirects there, and so tell its users what only it can reach. So they are fetched
/// here, under the rules for addresses that users name, and sent along; vendors' clouds fetch for themselves, outside.
package struct Pictures: Sendable {
    /// Maximum size of one picture, and of all pictures of a request, in bytes.
    private static let most = 20 << 20
    private static let mostPictures = 16
    private static let time = Duration.seconds(20)

    package let http: UpstreamClient

    package init(http: UpstreamClient) { self.http = http }

    /// The messages with their pictures in them. Throws `invalid_value` if one is at an address that is not public, or
    /// cannot be had.
    package func included(in messages: [ChatMessage]) async throws -> [ChatMessage] {
        var messages = messages
        var budget = Budget()
        for index in messages.indices {
            // Blocks hold the same pictures by their addresses.
            if messages[index].blocks != nil, messages[index].hasPictures { messages[index].blocks = nil }
            guard case .array(var parts)? = messages[index].parts else { continue }
            for place in parts.indices {
                parts[place] = try await included(in: parts[place], &budget)
            }
            messages[index].parts = .array(parts)
        }
        return messages
    }

    private struct Budget {
        var pictures = 0
        var bytes = 0
        let deadline = ContinuousClock.now + Pictures.time
    }

    /// A part of any kind: whatever it has under `url` is what a server would fetch.
    private func included(in value: JSONValue, _ budget: inout Budget) async throws -> JSONValue {
        guard case .object(var members) = value else { return value }
        for (name, member) in members {
            switch member {
            case .string(let url) where name == "url" || name.hasSuffix("_url"):
                members[name] = .string(try await included(url, &budget))
            case .object: members[name] = try await included(in: member, &budget)
            default: break
            }
        }
        return .object(members)
    }

    private func included(_ url: String, _ budget: inout Budget) async throws -> String {
        if url.prefix(5).lowercased() == "data:" { return url }
        guard url.prefix(8).lowercased() == "https://" else {
            throw Self.refusal("Pictures are 'data:' URLs, or at public https addresses.")
        }
        budget.pictures += 1
        let left = budget.deadline - .now
        guard budget.pictures <= Self.mostPictures, left > .zero else {
            throw Self.refusal(
                "These are too many pictures to fetch, or they come too slowly. Send them as 'data:' URLs.")
        }
        var body = ByteBuffer()
        do {
            let type = try await PublicDownload(http: http).pieces(
                from: url, accept: "image/*", upTo: Self.most - budget.bytes, within: left
            ) { body.writeImmutableBuffer($0) }
            guard ["image/png", "image/jpeg", "image/gif", "image/webp"].contains(type) else { throw Self.noPicture }
            budget.bytes += body.readableBytes
            return "data:\(type);base64,\(Data(body.readableBytesView).base64EncodedString())"
        } catch PublicDownload.Failure.status {
            throw Self.noPicture
        } catch let error as PublicDownload.Failure {
            throw APIError(
                .invalidValue, "A picture cannot be fetched from its address. Send it as a 'data:' URL.",
                bengali: nil, param: "messages", cause: error)
        }
    }

    private static let noPicture = refusal("What is at a picture's address is no picture. Redirects are not followed.")

    private static func refusal(_ message: String) -> APIError { .invalid("messages", message) }
}

extension ChatMessage {
    fileprivate var hasPictures: Bool { parts?.array?.contains { $0["image_url"] != nil } ?? false }
}
