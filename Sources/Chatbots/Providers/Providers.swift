package import HTTPKit
package import LLM
package import Logging
package import Platform
import ServiceLifecycle
package import Storage
import Synchronization
package import Upstream

/// The configured providers and the gateway to them, with the changes that operators make while servers run.
package final class Providers: Sendable {
    /// Another instance learns of a change within this time.
    private static let interval = Duration.seconds(4)

    private struct State {
        var gateway: Gateway
        var models: Models
        /// What is in use, so that a way that has not changed keeps its calls and its breaker.
        var inUse: [String: RemoteProvider]
        var changes: [String: ProviderChange] = [:]
    }

    private let settings: Settings
    private let database: Database
    private let secrets: Secrets
    package let http: UpstreamClient
    private let logger: Logger
    package let localModel: LocalModel?
    package let localEmbedder: LocalEmbedder?
    private let state: Mutex<State>

    package init(
        _ settings: Settings, database: Database, secrets: Secrets, http: UpstreamClient, logger: Logger
    ) throws {
        self.settings = settings
        self.database = database
        self.secrets = secrets
        self.http = http
        self.logger = logger
        let localModel =
            settings.isLocalModelWanted
            ? LocalModel(
                program: settings.localModelProgram, environment: settings.localModelEnvironment,
                modelPath: settings.localModelPath,
                timeouts: settings.timeouts(of: "local"), extraFields: settings.extraFields["local"] ?? [], http: http,
                logger: logger) : nil
        self.localModel = localModel
        let localEmbedder =
            settings.isLocalEmbedderWanted
            ? LocalEmbedder(
                program: settings.embedderProgram, environment: settings.localModelEnvironment,
                timeouts: settings.timeouts(of: "local"), http: http, logger: logger) : nil
        self.localEmbedder = localEmbedder
        var fixed = settings.extraProviders
        if !fixed.contains(where: { $0.name == WebhookProvider.usualName }) {
            fixed.append(
                WebhookProvider(
                    timeouts: settings.timeouts, http: http,
                    now: { Int(Timestamp.now.milliseconds / 1000) }))
        }
        if let localModel { fixed.append(localModel) }
        let inUse = Dictionary(settings.providers.map { ($0.name, $0) }) { $1 }
        let providers = try inUse.values.map { try Self.make($0, settings, http) }
        state = Mutex(
            State(
                gateway: Gateway(
                    providers: fixed + providers, embedders: localEmbedder.map { [$0] } ?? [],
                    total: settings.timeouts.total,
                    maximumConcurrency: { $0 == localModel?.name ? LocalModel.slots : 4096 }),
                models: Self.models(settings, Array(inUse.keys), localModel), inUse: inUse))
    }

    package var gateway: Gateway { state.withLock(\.gateway) }
    package var models: Models { state.withLock(\.models) }

    /// What a chatbot may name.
    package var names: [String] { gateway.providerNames.filter { $0 != WebhookProvider.usualName } }

    package static func make(
        _ provider: RemoteProvider, _ settings: Settings, _ http: UpstreamClient
    ) throws -> any ChatProvider {
        let isOfSettings = settings.providers.contains {
            $0.name == provider.name && $0.baseURL == provider.baseURL
        }
        let name = provider.name
        var setup = ProviderSetup(name: name, baseURL: provider.baseURL, apiKey: provider.apiKey, http: http)
        setup.timeouts = settings.timeouts(of: name)
        setup.network = isOfSettings ? .anywhere : .ownNetworks
        setup.extraFields = settings.extraFields[name] ?? []
        setup.modelLimits = { settings.limits(name, $0) }
        return try (Vendor.named(name)?.format ?? .openAI).provider(setup)
    }

    /// Whether a server of the operator's own may be asked: one that fetches addresses within its own network.
    package func areOwnServers(_ targets: [ModelTarget]) -> Bool {
        let inUse = state.withLock(\.inUse)
        return targets.contains { target in
            target.provider == localModel?.name || inUse[target.provider].map { !$0.isVendorsOwn } == true
        }
    }

    private static func models(
        _ settings: Settings, _ names: [String], _ localModel: LocalModel?
    ) -> Models {
        var defaultModels = Dictionary(uniqueKeysWithValues: Vendor.all.map { ($0.name, $0.usualModel) })
        var contextTokens = Dictionary(uniqueKeysWithValues: names.map { ($0, settings.contextTokens) })
        if let localModel {
            contextTokens[localModel.name] = localModel.contextTokensPerSlot
            defaultModels[localModel.name] = localModel.model
        }
        if let model = settings.model { defaultModels[settings.defaultProvider] = model }
        return Models(
            defaultProvider: settings.defaultProvider, defaultModels: defaultModels, contextTokens: contextTokens,
            localModel: localModel, fallbacks: settings.fallbacks, embedding: settings.embedding)
    }

    // MARK: What operators change

    /// A provider with `change` applied; nil if nothing is left to call.
    private func effective(_ name: String, _ change: ProviderChange?) throws -> RemoteProvider? {
        let fixed = settings.providers.first { $0.name == name }
        guard let change else { return fixed }
        let key = try change.encryptedKey.map { String(decoding: try secrets.decrypt($0), as: UTF8.self) }
        guard change.isEnabled, let base = baseURL(name, change),
            fixed != nil || key != nil || change.baseURL != nil
        else { return nil }
        return .init(
            name: name, baseURL: Vendor.named(name)?.complete(base) ?? base, apiKey: key ?? settingsKey(name, at: base))
    }

    private func baseURL(_ name: String, _ change: ProviderChange?) -> String? {
        change?.baseURL ?? settings.providers.first { $0.name == name }?.baseURL
            ?? Vendor.named(name)?.cloudURL
    }

    /// The settings' key, if the address is the settings' too.
    private func settingsKey(_ name: String, at base: String?) -> String? {
        guard let fixed = settings.providers.first(where: { $0.name == name }),
            base.flatMap(ProviderAddress.init) == ProviderAddress(fixed.baseURL)
        else { return nil }
        return fixed.apiKey
    }

    /// One change applied to another. A change of the address must come with a key, so that a stored key, which is never
    /// shown, cannot be sent to another server.
    package func change(
        _ name: String, from old: ProviderChange, _ input: ProviderState.Update, encryptedKey: String?
    ) throws(APIError) -> ProviderChange {
        var new = old
        new.baseURL = input.baseURL.applied(to: old.baseURL)
        new.isEnabled = input.enabled ?? old.isEnabled
        new.updatedAt = .now
        let (from, to) = (baseURL(name, old), baseURL(name, new))
        switch input.apiKey {
        case .value: new.encryptedKey = encryptedKey
        case .cleared: new.encryptedKey = nil
        case .unchanged where from.flatMap(ProviderAddress.init) == to.flatMap(ProviderAddress.init): break
        case .unchanged:
            if case .cleared = input.baseURL {
                new.encryptedKey = nil
            } else if old.encryptedKey != nil || settingsKey(name, at: from) != nil {
                throw APIError(
                    .missingField, "This needs the key for this address: send its 'api_key' as well, or null for none.",
                    param: "api_key")
            }
        }
        return new
    }

    /// Reads what operators have changed and does it. A change that cannot be done leaves the provider as it was.
    package func reload() async throws {
        let changes = try await database.read(.system) { tx in try ProviderChange.all(tx) }
        guard changes != state.withLock(\.changes) else { return }
        var inUse: [String: RemoteProvider] = [:]
        for name in Vendor.names.sorted() {
            do {
                inUse[name] = try effective(name, changes[name])
            } catch {
                logger.error(
                    "provider's key not decrypted",
                    metadata: ["provider": .string(name), "cause": .string(String(describing: error))])
                inUse[name] = state.withLock { $0.inUse[name] }
            }
        }
        let models = Self.models(settings, Array(inUse.keys), localModel)
        try state.withLock { state in
            let changed = try inUse.values.filter { $0 != state.inUse[$0.name] }.map {
                try Self.make($0, settings, http)
            }
            let dropped = Set(state.inUse.keys).subtracting(inUse.keys)
            state.gateway = state.gateway.with(changed, without: dropped)
            (state.models, state.inUse, state.changes) = (models, inUse, changes)
        }
    }

    /// How each provider stands, in the order of their names.
    package func states() -> [ProviderState] {
        let (state, loads) = state.withLock { ($0, $0.gateway.snapshot) }
        return (Vendor.names + [localModel?.name].compactMap(\.self)).sorted().map { name in
            let load = loads.first { $0.provider == name }
            let provider = state.inUse[name]
            let change = state.changes[name]
            let base = baseURL(name, change)
            return ProviderState(
                name: name,
                state: load == nil
                    ? (change?.isEnabled == false ? .disabled : .unset) : load!.breaker == .closed ? .ready : .failing,
                baseURL: provider?.baseURL ?? base,
                hasKey: change?.encryptedKey != nil || settingsKey(name, at: base) != nil,
                enabled: change?.isEnabled ?? true,
                isChanged: change != nil, isDefault: name == settings.defaultProvider,
                running: load?.running ?? 0, waiting: load?.waiting ?? 0, updatedAt: change?.updatedAt)
        }
    }
}

extension Providers: Service {
    package func run() async {
        await cancelWhenGracefulShutdown {
            repeat {
                do {
                    try await self.reload()
                } catch {
                    self.logger.warning("providers not read", metadata: ["cause": .string(String(describing: error))])
                }
            } while (try? await Task.sleep(for: Self.interval)) != nil
        }
    }
}
