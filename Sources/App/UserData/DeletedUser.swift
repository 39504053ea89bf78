import Accounts
import HTTPKit
import JSON

/// A user who was deleted and can be restored until the purge; the names stay taken until then.
struct DeletedUser: JSONOutput {
    let id: String
    let username: String?
    let email: String?
    /// `user:ID`, `operator:ID` or `system`.
    let deletedBy: String
    let reason: String
    let deletedAt: Timestamp
    let purgeAt: Timestamp
    /// Whether what was the user's is kept for a while after the purge.
    let wantsExport: Bool

    struct Filter: Input, Ruled {
        let q: String?
        let limit: Int?
        let after: String?
        static var rules: [String: Rule] { Paging.rules.merging(["q": ManagedUser.searchRule]) { $1 } }
        var paging: Paging { Paging(limit: limit, after: after) }
    }
}
