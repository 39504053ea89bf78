/// What an API key may do.
package enum KeyScope: String, Choice {
    /// Read chatbots, users and usage.
    case read
    /// Talk to chatbots.
    case chat
    /// Change what its owner may change.
    case write
    /// Read, add and remove the files that a chatbot knows.
    case knowledge
}
