/// Which rate limits apply to a route.
package enum RateClass: String, Sendable, CaseIterable {
    /// Pages and health: not limited.
    case free
    /// Routes on which strangers can try passwords, codes and addresses: limited per address, for every caller.
    case signIn = "sign_in"
    /// A turn of a chatbot, or a completion.
    case turn
    case read
    case change
}
