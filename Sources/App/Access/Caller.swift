/// Who is calling, once checked.
struct Caller: Sendable, Equatable {
    let userID: String
    /// The personal workspace, where the call names no other.
    let personalWorkspaceID: String
    let sessionID: String
    let kind: Session.Kind
}
