package import HTTPKit
import HTTPTypes
package import Platform
package import Storage

package enum IPRulesRead: Need { package static var permission: Permission { .ipRulesRead } }
package enum IPRulesWrite: Need { package static var permission: Permission { .ipRulesWrite } }

/// Who may use this server at all, by address.
package struct IPRuleRoutes: Sendable {
    package let database: Database
    package let gate: AddressGate

    package init(database: Database, gate: AddressGate) {
        self.database = database
        self.gate = gate
    }

    package func list(_ who: Operator<IPRulesRead>, _ paging: Paging) async throws -> List<IPRule> {
        let after = try paging.cursor(or: .newest)
        let rules = try await database.read(.system) { tx in
            try IPRule.list(tx, after: after, limit: paging.count)
        }
        return List(rules, limit: paging.count) { Cursor(id: $0.id) }
    }

    package func create(_ who: Operator<IPRulesWrite>, _ input: IPRule.Create) async throws -> IPRule {
        try await changing(who) { tx in
            let rule = try IPRule.create(tx, input, by: who.caller.id, now: .now)
            who.call.audit(
                target: "ip_rule:\(rule.id)", detail: try AuditEntry.values(of: rule, in: ["cidr", "action"]))
            return rule
        }
    }

    package func delete(_ who: Operator<IPRulesWrite>) async throws -> NoContent {
        let id = who["ip_rule_id"]
        try await changing(who) { tx in
            let rule = try IPRule.delete(tx, id: id)
            who.call.audit(
                target: "ip_rule:\(id)", detail: try AuditEntry.values(of: rule, in: ["cidr", "action"]))
        }
        return NoContent()
    }

    /// A change after which the one who makes it could make no other is not made.
    private func changing<T: Sendable>(
        _ who: Operator<IPRulesWrite>, _ change: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T {
        let (address, allowlist) = (who.call.remoteAddress, gate.allowlist)
        let result = try await database.write(.system) { tx in
            let result = try change(tx)
            guard IPRuleSet(try IPRule.all(tx), allowlist: allowlist).admits(address) else {
                throw APIError(.wouldLockOut)
            }
            return result
        }
        gate.forget()
        return result
    }
}

extension IPRuleRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/admin/ip-rules", .read, id: "list_ip_rules", "List address rules",
                about: "Which addresses may use this server.",
                list,
                errors: [.forbidden]),
            Route(
                .post, "/admin/ip-rules", .write, id: "create_ip_rule", "Allow or deny addresses",
                about: "`cidr` is an address or a range. 409 if the rule would lock the caller out.",
                create, .created,
                errors: [.forbidden, .wouldLockOut]),
            Route(
                .delete, "/admin/ip-rules/{ip_rule_id}", .write, id: "delete_ip_rule", "Delete an address rule",
                about: "409 if the caller would be locked out.",
                delete, .noContent,
                errors: [.forbidden, .notFound, .wouldLockOut]),
        ].tagged(.administration)
    }
}
