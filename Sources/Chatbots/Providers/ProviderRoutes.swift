package import HTTPKit
import HTTPTypes
import JSON
import LLM
package import Platform
package import Storage

package enum ProvidersRead: Need { package static var permission: Permission { .providersRead } }
package enum ProvidersWrite: Need { package static var permission: Permission { .providersWrite } }

/// Models' providers, for operators.
package struct ProviderRoutes: Sendable {
    package let database: Database
    package let secrets: Secrets
    package let providers: Providers

    package init(database: Database, secrets: Secrets, providers: Providers) {
        self.database = database
        self.secrets = secrets
        self.providers = providers
    }

    package func list(_ who: Operator<ProvidersRead>) async throws -> List<ProviderState> {
        try await providers.reload()
        return List(providers.states(), limit: .max) { Cursor(id: $0.name) }
    }

    package func update(_ who: Operator<ProvidersWrite>, _ input: ProviderState.Update) async throws -> ProviderState {
        let name = who["provider_name"]
        guard Vendor.names.contains(name) else { throw APIError(.notFound) }
        let newKey: String?
        if case .value(let key) = input.apiKey { newKey = try secrets.encrypt(Array(key.utf8)) } else { newKey = nil }
        try await database.write(.system) { tx in
            let old = try ProviderChange.all(tx)[name] ?? ProviderChange()
            let change = try providers.change(name, from: old, input, encryptedKey: newKey)
            try change.store(tx, name: name)
            who.call.audit(
                target: "provider:\(name)",
                detail: [
                    // A query may hold a secret.
                    "base_url": change.baseURL.map { .string(String($0.prefix { $0 != "?" && $0 != "#" })) } ?? .null,
                    "has_own_key": .bool(change.encryptedKey != nil),
                    "key_set": .bool(newKey != nil), "enabled": .bool(change.isEnabled),
                ])
        }
        try await providers.reload()
        return providers.states().first { $0.name == name }!
    }
}

extension ProviderRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/admin/providers", .read, id: "list_providers", "List providers of models",
                about: "With their state, running and waiting calls.",
                list,
                errors: [.forbidden]),
            Route(
                .put, "/admin/providers/{provider_name}", .write, id: "update_provider", "Change or disable a provider",
                about: "Its key (never shown again), address, and whether it is used. `null` returns to the setting.",
                update,
                errors: [.forbidden]),
        ].tagged(.administration)
    }
}
