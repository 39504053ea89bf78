import HTTPKit
import HTTPTypes
import JSON
import LLM
import Storage

enum ProvidersRead: Need { static var permission: Permission { .providersRead } }
enum ProvidersWrite: Need { static var permission: Permission { .providersWrite } }

/// Models' providers, for operators.
struct ProviderRoutes: Sendable {
    let database: Database
    let secrets: Secrets
    let providers: Providers

    func list(_ who: Operator<ProvidersRead>) async throws -> List<ProviderState> {
        try await providers.reload()
        return List(providers.states(), limit: .max) { Cursor(id: $0.name) }
    }

    func update(_ who: Operator<ProvidersWrite>, _ input: ProviderState.Update) async throws -> ProviderState {
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
    var table: [Route] {
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
