import Accounts
import Chatbots
import HTTPKit
import HTTPTypes
import Logging
import Platform
import Storage

/// Deleted users, until they are purged, and what was kept of those who were.
struct DeletedUserRoutes: Sendable {
    let database: Database
    let secrets: Secrets
    let objects: FileObjects
    let authenticator: Authenticator
    /// Time from the deletion to the purge.
    let keptFor: Duration

    func purge(_ logger: Logger) -> DeletedUserPurge {
        DeletedUserPurge(
            database: database, secrets: secrets, objects: objects, logger: logger, keptFor: keptFor)
    }

    func list(_ who: Operator<UsersRead>, _ filter: DeletedUser.Filter) async throws -> List<DeletedUser> {
        let after = try filter.paging.cursor(or: .newest)
        let (limit, dialect, keptFor) = (filter.paging.count, database.dialect, keptFor)
        let found = try await database.read(.system) { tx in
            try DeletedUser.list(tx, dialect, search: filter.q, keptFor: keptFor, after: after, limit: limit)
        }
        return List(found, limit: limit) { Cursor(key: $0.deletedAt.milliseconds, id: $0.id) }
    }

    func restore(_ who: Operator<UsersWrite>) async throws -> ManagedUser.Detailed {
        let id = who["id"]
        let user = try await database.write(.system) { tx in
            try DeletedUser.restore(tx, id: id, now: .now)
            return try ManagedUser.Detailed.find(tx, id: id, now: .now)
        }
        authenticator.forget(userID: id)
        return user
    }

    /// The export of a deleted user, if one was requested: the remaining data during the purge, the kept export after
    /// it.
    func export(_ who: Operator<UsersWrite>) async throws -> UserFile {
        let id = who["id"]
        switch try await database.read(.system, { tx in try KeptExport.find(tx, userID: id) }) {
        case .some(true): return KeptExport(database: database, secrets: secrets, objects: objects, userID: id).file
        case .some(false): return UserExport(database: database, secrets: secrets, objects: objects, userID: id).file
        case .none: throw APIError(.notFound)
        }
    }
}

extension DeletedUserRoutes {
    var table: [Route] {
        [
            Route(
                .get, "/admin/deleted-users", .read, id: "list_deleted_users", "List deleted users",
                about: "Those who can still be restored, with who deleted them and why.",
                list),
            Route(
                .post, "/admin/deleted-users/{id}/restore", .write, id: "restore_user", "Restore a deleted user",
                about: "With everything that belonged to the user.",
                restore,
                errors: [.conflict]),
            Route(
                .get, "/admin/deleted-users/{id}/export", .read.audit(.entry), id: "export_deleted_user",
                "Export a deleted user's data",
                about: "A JSON file, if the deletion asked for one. Leaves an audit entry.",
                export,
                errors: [.conflict]),
        ].tagged(.administration)
    }
}
