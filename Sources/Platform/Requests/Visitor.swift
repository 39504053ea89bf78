package import HTTPKit
package import HTTPTypes
import Hummingbird
package import Storage

/// A page of one of a publishable key's websites, in some visitor's browser. Who the visitor is, it may say by a token.
package struct Visitor: Context {
    package static var access: Access { .visitor }

    package let call: Call
    package let holder: KeyHolder
    package var scope: Scope { holder.scope }
    /// Visitors share a key, but not what they leave behind.
    package var principal: String? {
        "visitor:\(holder.key.id):\(Base64URL.encode(Secrets.hash(call.header(.visitor) ?? call.remoteAddress)))"
    }

    /// A newcomer without a token cannot be told from another one behind the same address.
    package var ownsIdempotencyKeys: Bool { call.header(.visitor) != nil }

    package init(_ call: Call) async throws {
        guard case .key(let holder) = try await call.authenticator.identity(of: call, acceptsCookie: false),
            holder.key.kind == .publishable
        else { throw APIError(.keyNotAllowed, "This needs a publishable key of a chatbot.") }
        // Browsers always send the origin of such a request.
        guard let origin = call.header(.origin), holder.key.origins.contains(origin) else {
            throw APIError(.originRefused, "This API key may not be used from this website.")
        }
        try await call.countVisitor(of: holder)
        try await call.admit(holder.key)
        self.call = call
        self.holder = holder
    }
}

extension HTTPField.Name {
    /// Who a visitor is: the token of the first answer, or one that the website's own server has signed.
    package static let visitor = HTTPField.Name("X-Visitor")!
}
