import HTTPKit

/// What becomes of a message that comes while a reply is being written in its conversation.
package enum WhileRunning: String, Choice {
    /// It is refused with `conversation_busy`.
    case reject
    /// It waits until that reply has ended.
    case queue
    /// It ends that reply, which keeps what has come.
    case interrupt

    static let rule = Rule.note(
        "What happens while a reply is being written: `reject` is 409 `conversation_busy`, and is usual; `queue` waits for the "
            + "reply's end, and `interrupt` ends it.")
}
