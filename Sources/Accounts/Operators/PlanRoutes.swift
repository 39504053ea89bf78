package import HTTPKit
import HTTPTypes
package import Platform
package import Storage

/// The plans that users can have, for operators.
package struct PlanRoutes: Sendable {
    package let database: Database

    package init(database: Database) {
        self.database = database
    }

    package enum Reading: Need { package static var permission: Permission { .plansRead } }
    package enum Writing: Need { package static var permission: Permission { .plansWrite } }

    package func list(_ who: Operator<Reading>, _ paging: Paging) async throws -> List<Plan> {
        let after = try paging.cursor(or: .newest)
        let plans = try await database.read(.system) { tx in try Plan.list(tx, after: after, limit: paging.count) }
        return List(plans, limit: paging.count) { Cursor(id: $0.id) }
    }

    package func create(_ who: Operator<Writing>, _ input: Plan.Create) async throws -> Plan {
        try await naming { tx in
            let plan = try Plan.create(tx, input, now: .now)
            who.call.audit(target: "plan:\(plan.id)", detail: try AuditEntry.values(of: plan, in: Plan.audited))
            return plan
        }
    }

    package func read(_ who: Operator<Reading>) async throws -> Plan {
        let id = who["plan_id"]
        return try await database.read(.system) { tx in try Plan.find(tx, id: id) }
    }

    /// Callers have been looked up some seconds ago at most, so the change counts within these.
    package func update(_ who: Operator<Writing>, _ input: Plan.Update) async throws -> Plan {
        let id = who["plan_id"]
        return try await naming { tx in
            let (old, plan) = try Plan.update(tx, id: id, input, now: .now)
            who.call.audit(
                target: "plan:\(id)", detail: try AuditEntry.changes(from: old, to: plan, in: Plan.audited))
            return plan
        }
    }

    package func delete(_ who: Operator<Writing>) async throws -> NoContent {
        let id = who["plan_id"]
        try await database.write(.system) { tx in try Plan.delete(tx, id: id) }
        return NoContent()
    }

    private func naming(_ body: @escaping @Sendable (Transaction) throws -> Plan) async throws -> Plan {
        do {
            return try await database.write(.system, body)
        } catch let error as StorageError {
            guard case .unique(let columns) = error.kind, columns.contains("name_key") else { throw error }
            throw APIError(.conflict, "Another plan has this name. Choose another.", param: "name")
        }
    }
}

extension PlanRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/admin/plans", .read, id: "list_plans", "List plans",
                about: "With their limits; null is no limit.",
                list,
                errors: [.forbidden]),
            Route(
                .post, "/admin/plans", .write, id: "create_plan", "Create a plan",
                about: "Users get it by `PATCH /admin/users/{id}`, new ones if it is the default.",
                create, .created,
                errors: [.forbidden, .conflict]),
            Route(
                .get, "/admin/plans/{plan_id}", .read, id: "get_plan", "Get a plan",
                about: "With its limits; null is no limit.",
                read,
                errors: [.forbidden]),
            Route(
                .patch, "/admin/plans/{plan_id}", .write, id: "update_plan", "Update a plan",
                about: "Applies to all users who have it. `null` removes a limit.",
                update,
                errors: [.forbidden, .conflict]),
            Route(
                .delete, "/admin/plans/{plan_id}", .write, id: "delete_plan", "Delete a plan",
                about: "409 while a user has it or if it is the default.",
                delete, .noContent,
                errors: [.forbidden, .conflict]),
        ].tagged(.administration)
    }
}
