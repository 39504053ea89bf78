import Foundation
import HTTPKit
import JSON
import JWTKit
package import Platform

/// Tokens that identify visitors. This server issues tokens to anonymous visitors. For visitors it knows, the website's
/// own server signs a JWT (HS256) with the chatbot's secret.
package struct VisitorTokens: Sendable {
    /// Maximum lifetime of a JWT. Websites sign a new one for each visit, so that a leaked token soon expires.
    package static let longestLife = Duration.seconds(86_400)
    /// Maximum length of a token, in bytes.
    private static let longest = 4096

    package let secrets: Secrets

    /// A token for a new visitor.
    package func make(chatbotID: String) -> String { token(of: "visitor-\(Identifier.make())", chatbotID: chatbotID) }

    /// The token of an anonymous visitor.
    package func token(of id: String, chatbotID: String) -> String { "\(id).\(Base64URL.encode(mark(id, chatbotID)))" }

    /// The visitor that a token names.
    package func visitor(
        _ token: String, chatbotID: String, signingSecret: @Sendable () async throws -> String?
    ) async throws -> EndUser.Named {
        guard token.utf8.count <= Self.longest else { throw APIError(.invalidVisitor) }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        switch parts.count {
        case 2:
            guard let mark = Base64URL.decode(parts[1]), Self.areEqual(mark, self.mark(parts[0], chatbotID)) else {
                throw APIError(.invalidVisitor)
            }
            return try Self.named([:], id: parts[0])
        case 3:
            guard let secret = try await signingSecret() else { throw APIError(.invalidVisitor) }
            return try await Self.verify(token, parts, secret)
        default:
            throw APIError(.invalidVisitor)
        }
    }

    private func mark(_ id: String, _ chatbotID: String) -> [UInt8] {
        secrets.fingerprint(Array("visitor \(chatbotID) \(id)".utf8))
    }

    /// Compares in constant time.
    private static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private struct Header: Decodable {
        let alg: String
        let typ: String?
        let crit: [String]?
    }

    private struct Claims: JWTPayload {
        let sub: SubjectClaim
        let exp: ExpirationClaim
        let nbf: NotBeforeClaim?

        func verify(using algorithm: some JWTAlgorithm) throws {
            try exp.verifyNotExpired()
            try nbf?.verifyNotBefore()
        }
    }

    private static func verify(_ token: String, _ parts: [String], _ secret: String) async throws -> EndUser.Named {
        // No other algorithm is ever tried.
        guard let header = Base64URL.decode(parts[0]),
            let header = try? JSONDecoder().decode(Header.self, from: Data(header)),
            header.alg == "HS256", header.typ == nil || header.typ?.uppercased() == "JWT", header.crit == nil
        else { throw APIError(.invalidVisitor) }
        let keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: Data(secret.utf8)), digestAlgorithm: .sha256)
        guard let claims = try? await keys.verify(token, as: Claims.self),
            let bytes = Base64URL.decode(parts[1]),
            let payload = try? bytes.withUnsafeBytes({ bytes in try JSONValue(parsing: bytes) }),
            let members = payload.object
        else { throw APIError(.invalidVisitor) }
        guard claims.exp.value.timeIntervalSinceNow <= Double(longestLife.components.seconds) else {
            throw APIError(.invalidVisitor, "A visitor token is good for 24 hours at most: 'exp' is later than that.")
        }
        return try named(members, id: claims.sub.value)
    }

    private static let schema = Schema.of(EndUser.Named.self)

    private static func named(_ members: [String: JSONValue], id: String) throws -> EndUser.Named {
        var members = members
        members["id"] = .string(id)
        do {
            try schema.check(.object(members))
            let named = try JSONTreeDecoder().decode(EndUser.Named.self, from: .object(members))
            try named.details.check(under: "")
            return named
        } catch {
            throw APIError(.invalidVisitor, (error as? APIError)?.message)
        }
    }
}
