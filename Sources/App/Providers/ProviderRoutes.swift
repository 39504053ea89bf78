import Storage

enum ProvidersRead: Need { static var permission: Permission { .providersRead } }
enum ProvidersWrite: Need { static var permission: Permission { .providersWrite } }

/// Models' providers, for operators.
struct ProviderRoutes: Sendable {
    let database: Database
    let secrets: Secrets
    let providers: Providers

    struct States: JSONOutput {
        let data: [ProviderState]
        /// Always null: there are few.
        let next: String?
    }

    func list(_ who: Operator<ProvidersRead>) async throws -> States {
        try await providers.reload()
        return States(data: providers.states(), next: nil)
    }

    func update(_ who: Operator<ProvidersWrite>, _ input: ProviderState.Update) async throws -> ProviderState {
        let name = who["provider_name"]
        guard ProviderChange.names.contains(name) else { throw APIError(.notFound) }
        let newKey: String?
        if case .value(let key) = input.apiKey { newKey = try secrets.encrypt(Array(key.utf8)) } else { newKey = nil }
        try await database.write(.system) { tx in
            var change = try ProviderChange.all(tx)[name] ?? ProviderChange()
            change.baseURL = input.baseURL.applied(to: change.baseURL)
            switch input.apiKey {
            case .unchanged: break
            case .cleared: change.encryptedKey = nil
            case .value: change.encryptedKey = newKey
            }
            change.isEnabled = input.enabled ?? change.isEnabled
            change.updatedAt = .now
            try change.store(tx, name: name)
        }
        try await providers.reload()
        return providers.states().first { $0.name == name }!
    }
}
