/// What an API key may do.
package enum KeyScope: String, Choice {
    /// Read chatbots, users and usage.
    case read
    /// Talk to chatbots.
    case chat
    /// Change what its owner may change.
    case write
}
