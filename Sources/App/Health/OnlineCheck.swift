import Chatbots
import LLM
import Logging
import Upstream

extension Doctor {
    /// For each call. The local model is given as long to be loaded.
    private static let patience = Duration.seconds(20)

    /// Makes one small call to each provider that the settings name, all at once, and says what failed.
    package func callProviders() async -> [Finding] {
        var configuration = self.configuration
        configuration.timeouts = Timeouts(
            connect: .seconds(5), firstToken: Self.patience, idle: Self.patience, total: Self.patience)
        let http = UpstreamClient(
            connectTimeout: configuration.timeouts.connect, allowsPrivate: configuration.allowsPrivateEndpoints)
        defer { http.shutdown() }
        return await withTaskGroup(of: Finding.self) { [configuration] group in
            for provider in configuration.providers {
                group.addTask { await Self.call(provider, configuration, http) }
            }
            if configuration.providerSettings.isLocalModelWanted {
                group.addTask { await Self.callLocalModel(configuration, http) }
            }
            if configuration.providerSettings.isLocalEmbedderWanted, isLocalModelInstalled {
                group.addTask { await Self.callEmbedder(configuration, http) }
            }
            var findings: [Finding] = []
            for await finding in group { findings.append(finding) }
            return findings.sorted { $0.subject < $1.subject }
        }
    }

    private static func call(
        _ provider: RemoteProvider, _ configuration: ServerConfiguration, _ http: UpstreamClient
    ) async -> Finding {
        let own = provider.name == configuration.defaultProvider ? configuration.model : nil
        let model = own ?? Vendor.named(provider.name)?.usualModel ?? ""
        do {
            return await call(
                provider.name, model, try Providers.make(provider, configuration.providerSettings, http),
                hiding: provider.apiKey)
        } catch {
            return finding("provider \(provider.name)", model, error, hiding: provider.apiKey)
        }
    }

    private static func callLocalModel(_ configuration: ServerConfiguration, _ http: UpstreamClient) async -> Finding {
        let model = LocalModel(
            program: configuration.resources.localModelProgram, environment: configuration.localModelEnvironment,
            modelPath: configuration.localModelPath,
            timeouts: configuration.timeouts, http: http,
            logger: Logger(label: "doctor") { _ in SwiftLogNoOpLogHandler() })
        let process = Task { await model.run() }
        let deadline = ContinuousClock.now + patience
        while model.state == .loading, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(50)) }
        let finding = await call(model.name, model.model, model, hiding: nil)
        process.cancel()
        await process.value
        return finding
    }

    private static func callEmbedder(_ configuration: ServerConfiguration, _ http: UpstreamClient) async -> Finding {
        let embedder = LocalEmbedder(
            program: configuration.resources.embedderProgram, environment: configuration.localModelEnvironment,
            timeouts: configuration.timeouts, http: http,
            logger: Logger(label: "doctor") { _ in SwiftLogNoOpLogHandler() })
        let process = Task { await embedder.run() }
        let start = ContinuousClock.now
        let request = EmbeddingRequest(model: LocalEmbedder.usualModel, inputs: [.text("পাখি")])
        let result: Finding
        do {
            _ = try await embedder.embed(request)
            result = answered("embeddings", request.model, since: start)
        } catch {
            result = finding("embeddings", request.model, error, hiding: nil)
        }
        process.cancel()
        await process.value
        return result
    }

    private static func call(
        _ name: String, _ model: String, _ provider: any ChatProvider, hiding key: String?
    ) async -> Finding {
        let request = ChatRequest(
            model: model, messages: [ChatMessage(role: .user, content: "Answer with OK.")], maxTokens: 16)
        let start = ContinuousClock.now
        do {
            _ = try await provider.stream(request) { _ in }
        } catch let error as ProviderError where error.kind == .emptyReply {
            // A model that thinks first has used up the few tokens: the way to it is right.
        } catch {
            return finding("provider \(name)", model, error, hiding: key)
        }
        return answered("provider \(name)", model, since: start)
    }

    private static func answered(_ subject: String, _ model: String, since start: ContinuousClock.Instant) -> Finding {
        let seconds = ((ContinuousClock.now - start) / .milliseconds(100)).rounded() / 10
        return Finding(subject: subject, isWell: true, text: "\(model) answered in \(seconds) s")
    }

    /// - Parameter key: is not shown, even if the vendor repeats it.
    private static func finding(
        _ subject: String, _ model: String, _ error: any Error, hiding key: String?
    ) -> Finding {
        var text = "\(model): "
        if let error = error as? ProviderError {
            text += "\(advice(error.kind)) (\(error.detail))"
        } else {
            text += "\(error)"
        }
        if let key, !key.isEmpty { text = text.replacing(key, with: "…") }
        return Finding(subject: subject, isWell: false, text: text)
    }

    private static func advice(_ kind: ProviderError.Kind) -> String {
        switch kind {
        case .timeout: "it did not answer in time; check its address and the network"
        case .rateLimited: "it limits the number of requests, or the account has no credit left"
        case .unavailable: "it cannot be reached, or is not well"
        case .refused: "it refuses the call; check the model's name"
        case .emptyReply: "it answered with nothing"
        case .invalidReply: "it answered with something else"
        case .contextTooLong: "it takes no prompt as short as this one"
        case .loading: "it is still loading"
        case .notFound: "it has no model of this name"
        case .misconfigured: "its key, its address or the name of the model is not right"
        }
    }
}
