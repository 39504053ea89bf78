/// What is counted, each kind apart: a flood of one must not push the others out of the memory.
package enum RateSubject: String, Sendable, CaseIterable {
    /// A user, or the owner of what a chatbot's key belongs to.
    case account
    case key
    /// An address, by its requests without valid credentials.
    case address
    /// An address, by its requests to sign-in routes.
    case signIn = "sign_in"
    /// A name in sign-in requests.
    case name
    /// An address that uses a publishable key.
    case visitor
}
