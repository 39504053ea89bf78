package import Accounts
package import Chatbots
import Configuration
package import Files
import Foundation
package import HTTPKit
package import LLM
package import Logging
package import Metering
package import Platform
import Redis
package import SMTP
import Storage
import SystemPackage

/// What the server was told to be, read once at the start: command line over environment over `.env` over defaults.
package struct ServerConfiguration: Sendable {
    package enum Environment: String, CaseIterable, Sendable { case development, production }

    static let usualDatabaseURL = "sqlite:data/mynah.sqlite"

    package var environment = Environment.development
    package var host = "127.0.0.1"
    package var port = 8000
    package var publicURL: String?
    package var databaseURL = Self.usualDatabaseURL
    package var secretKey: String?
    package var encryptionKeys: [String]?
    package var resources: Resources
    /// Nil: a folder beside the database.
    package var files: FilesLocation?
    package var s3: S3Access?
    /// Maximum size of one file, in bytes.
    package var maxFileBytes = 512 << 20
    package var knowledgeCacheBytes = 128 << 20
    /// How long a model may take to write a question anew before a search. No setting: tests shorten it.
    package var rewritingPatience = Duration.seconds(4)
    package var backup = BackupSettings()
    package var tracing = TracingSettings()
    package var providers: [RemoteProvider] = []
    package var defaultProvider = "local"
    package var model: String?
    package var contextTokens = 16_384
    /// Whether an operator has said how much remote models hold: only then is anything refused because of it.
    package var isContextStated = false
    /// Each as `provider/model`, or as `provider` for all of its models.
    package var textOnlyModels: [String] = []
    package var fallbacks: [ModelTarget] = []
    /// The model that writes conversations' titles; nil: none does.
    package var titleModel: ModelTarget?
    package var titlesPerHour = 500
    /// The model that makes vectors if a call names none.
    package var embedding = ModelTarget(provider: "local", model: LocalEmbedder.usualModel)
    package var allowsPrivateEndpoints = false
    /// Nil if unset.
    package var defaultPrice: Price?
    package var stopTokensPerSecond = 100
    package var timeouts = Timeouts()
    /// Timeouts by provider, if they differ.
    package var providerTimeouts: [String: Timeouts] = [:]
    /// Further fields of requests that a provider gets.
    package var extraFields: [String: Set<String>] = [:]
    package var localModelPath: String?
    /// The Python environment that the local model is installed in. Nil: beside its program.
    package var localModelDirectory: String?
    package var corsOrigins: [String] = []
    package var trustedProxies: [AddressRange] = []
    var rates = Rates()
    var redis: RedisServer?
    package var metricsToken: String?
    var addressAllowlist: [AddressRange] = []
    package var registration = RegistrationPolicy.open
    package var isSharingOn = true
    package var passwordScheme = PasswordHasher.Scheme.argon2id
    package var accessTokenLifetime = Duration.seconds(900)
    var bytesInFlight = BytesInFlight.Bounds()
    package var smtp: SMTPSettings?
    package var mailFrom: Mailbox?
    package var requiresEmailVerification = false
    package var keepsLoggedContent = true
    package var logBatchInterval = Duration.zero
    package var messageLogDays = 90
    package var responseDays = 30
    package var deletedUserDays = 30
    package var unusedEndUserDays = 90
    package var auditHeadFile: String?
    package var memoryWarning = 1024
    package var diskWarning = 512
    package var logLevel = Logger.Level.info
    package var logFormat = LogFormat.text
    package var logFile: String?
    package var shutdownGrace = Duration.seconds(10)
    package var shutdownDelay = Duration.zero
    /// Not a setting: tests need not wait for refusals.
    package var refusalTick = Duration.milliseconds(250)
    /// Not a setting: how long a message waits for the reply before it.
    package var waitingPatience = Duration.seconds(300)
    /// Not a setting: the model's vendor of tests.
    package var extraProviders: [any ChatProvider] = []

    package init(resources: Resources) { self.resources = resources }

    package var needsLocalModel: Bool { providerSettings.isLocalModelWanted }

    /// The local model's Python environment.
    package var localModelEnvironment: String { localModelDirectory ?? resources.localModel + "/.venv" }

    /// The models that the operator chose by settings, as `provider/model`.
    var chosenModels: Set<String> {
        let named = (fallbacks + [embedding]).map { "\($0.provider)/\($0.model)" }
        return Set(named + (model.map { ["\(defaultProvider)/\($0)"] } ?? []))
    }

    /// Everything that is wrong with the settings, at once.
    package struct Problems: Error, CustomStringConvertible {
        package let lines: [String]
        package var description: String { lines.joined(separator: "\n") }
    }

    /// Reads the settings; `arguments` are those of the command line that name settings, such as `--port 9000`.
    package static func read(
        arguments: [String], environment: [String: String] = ProcessInfo.processInfo.environment,
        dotEnvPath: String = ".env"
    ) async throws -> ServerConfiguration {
        let dotEnv: EnvironmentVariablesProvider
        do {
            dotEnv = try await EnvironmentVariablesProvider(
                environmentFilePath: FilePath(dotEnvPath), allowMissing: true)
        } catch {
            throw Problems(lines: ["\(dotEnvPath) cannot be read: \(error)"])
        }
        let reader = SettingReader(
            ConfigReader(providers: [
                CommandLineArgumentsProvider(arguments: ["mynah"] + arguments),
                EnvironmentVariablesProvider(environmentVariables: environment.filter { !$0.value.isEmpty }),
                dotEnv,
            ]))
        let wrong = CommandLineSettings.problems(arguments)
        // Before anything is read from it: one clear line.
        guard wrong.secrets.isEmpty else { throw Problems(lines: wrong.secrets) }
        reader.problems += wrong.others
        let configuration = ServerConfiguration(reader)
        guard reader.problems.isEmpty else { throw Problems(lines: reader.problems) }
        return configuration
    }

    private init(_ reader: SettingReader) {
        self.init(resources: Resources.find(reader.text("RESOURCES_DIR")))
        for setting in Setting.all { setting.read(reader, &self) }
        databaseURL = reader.databaseURL("DATABASE_URL") ?? databaseURL
        readSecrets(reader)
        readBucket(reader)
        readBackup(reader)
        readProviders(reader)
        readTimeouts(reader)
        readFallbacks(reader)
        titleModel = reader.text("TITLE_MODEL").flatMap { target($0, of: "TITLE_MODEL", reader) }
        readEmbedding(reader)
        readMail(reader)
        redis = reader.redis("REDIS_URL")
        for origin in corsOrigins where !Origin.isOne(origin) {
            reader.problems.append("CORS_ORIGINS: '\(origin)' is not an origin such as https://app.example.com.")
        }
        let rounds = reader.number("BCRYPT_ROUNDS", 4...20)
        passwordScheme =
            reader.choice("PASSWORD_HASH") { name -> PasswordHasher.Scheme? in
                name == "argon2id" ? .argon2id : name == "bcrypt" ? .bcrypt(rounds: rounds ?? 12) : nil
            } ?? passwordScheme
        if let text = reader.key("OTEL_EXPORTER_OTLP_HEADERS") {
            if let headers = TracingSettings.headers(text) {
                tracing.headers = headers
            } else {
                reader.problems.append(
                    "OTEL_EXPORTER_OTLP_HEADERS: this is not a list such as name=value,name=value with percent-encoded values."
                )
            }
        }
        metricsToken = reader.key("METRICS_TOKEN")
        if let metricsToken, metricsToken.utf8.count < 16 {
            reader.problems.append("METRICS_TOKEN: at least 16 characters that cannot be guessed are needed.")
        }
    }

    private mutating func readBucket(_ reader: SettingReader) {
        let endpoint = reader.url("S3_ENDPOINT")
        let (accessKey, secretKey) = (reader.key("S3_ACCESS_KEY"), reader.key("S3_SECRET_KEY"))
        guard let accessKey, let secretKey else {
            if case .bucket = files {
                reader.problems.append("S3_ACCESS_KEY, S3_SECRET_KEY: needed if FILES_URL names a bucket.")
            }
            return
        }
        guard let region = reader.text("S3_REGION") else { return }
        s3 = S3Access(endpoint: endpoint, region: region, accessKey: accessKey, secretKey: secretKey)
    }

    private mutating func readBackup(_ reader: SettingReader) {
        backup.passphrase = reader.text("BACKUP_PASSPHRASE")
        if let phrase = backup.passphrase, phrase.unicodeScalars.count < BackupSettings.shortestPassphrase {
            reader.problems.append(
                "BACKUP_PASSPHRASE: at least \(BackupSettings.shortestPassphrase) characters that cannot be guessed are "
                    + "needed.")
        }
        if reader.isSet("BACKUP_SCHEDULE"), !reader.isSet("BACKUP_DEST") {
            reader.problems.append("BACKUP_DEST: needed if BACKUP_SCHEDULE is set.")
        }
        if case .bucket = backup.destination, s3 == nil {
            reader.problems.append("S3_ACCESS_KEY, S3_SECRET_KEY: needed if BACKUP_DEST names a bucket.")
        }
    }

    private mutating func readSecrets(_ reader: SettingReader) {
        secretKey = reader.text("SECRET_KEY")
        if let secretKey, secretKey.utf8.count < 32 || Set(secretKey.utf8).count < 8 {
            reader.problems.append(
                "SECRET_KEY: at least 32 characters that cannot be guessed are needed; try 'openssl rand -base64 48'.")
        }
        let keys = reader.list("ENCRYPTION_KEY")
        if !keys.isEmpty { encryptionKeys = keys }
        if !keys.isEmpty, (try? Fernet(keys: keys)) == nil {
            reader.problems.append(
                "ENCRYPTION_KEY: each key is 32 bytes in URL-safe base64; 'mynah key make' prints one to use.")
        }
        if environment == .production {
            for name in ["SECRET_KEY", "ENCRYPTION_KEY", "PUBLIC_URL"] where reader.text(name) == nil {
                reader.problems.append("\(name): needed in production.")
            }
        } else if Self.isServer(databaseURL) {
            for name in ["SECRET_KEY", "ENCRYPTION_KEY"] where reader.text(name) == nil {
                reader.problems.append("\(name): needed if the database is not a file to keep it beside.")
            }
        }
    }

    /// Whether the URL names a database that is no file; false if it is not valid, which has been said.
    private static func isServer(_ databaseURL: String) -> Bool {
        do throws(StorageError) { return try Database.file(of: databaseURL) == nil } catch { return false }
    }

    private mutating func readMail(_ reader: SettingReader) {
        guard let url = reader.text("SMTP_URL") else {
            if requiresEmailVerification { reader.problems.append("EMAIL_VERIFICATION: this needs SMTP_URL.") }
            return
        }
        if reader.text("MAIL_FROM") == nil {
            reader.problems.append("MAIL_FROM: needed if SMTP_URL is set, such as Mynah <no-reply@example.com>.")
        }
        do {
            smtp = try SMTPSettings(url)
        } catch {
            reader.problems.append("SMTP_URL: \(error.text)")
        }
    }

    private mutating func readFallbacks(_ reader: SettingReader) {
        fallbacks = reader.list("LLM_FALLBACKS").compactMap { target($0, of: "LLM_FALLBACKS", reader) }
        // A model that says nothing must leave the others some of the time.
        timeouts.firstToken = min(timeouts.firstToken, timeouts.total / (fallbacks.count + 1))
    }

    /// A model that a setting names.
    private func target(_ name: String, of setting: String, _ reader: SettingReader) -> ModelTarget? {
        let known = providers.map(\.name) + ["local"]
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2, known.contains(parts[0]) else {
            reader.problems.append(
                "\(setting): '\(name)' is not provider/model with one of \(known.joined(separator: ", ")).")
            return nil
        }
        return ModelTarget(provider: parts[0], model: parts[1])
    }

    private mutating func readEmbedding(_ reader: SettingReader) {
        let known = Vendor.all.filter { $0.usualEmbeddingModel != nil }.map(\.name).filter { name in
            providers.contains { $0.name == name }
        }
        embedding.provider = reader.text("EMBEDDING_PROVIDER") ?? embedding.provider
        guard embedding.provider != "local" else {
            guard let model = reader.text("EMBEDDING_MODEL"), model != LocalEmbedder.usualModel else { return }
            return reader.problems.append(
                "EMBEDDING_MODEL: the local model is \(LocalEmbedder.usualModel); name another one's provider in EMBEDDING_PROVIDER."
            )
        }
        guard known.contains(embedding.provider), let usual = Vendor.named(embedding.provider)?.usualEmbeddingModel
        else {
            return reader.problems.append(
                "EMBEDDING_PROVIDER: '\(embedding.provider)' is not set up or makes no vectors; choose one of \((known + ["local"]).joined(separator: ", "))."
            )
        }
        embedding.model = reader.text("EMBEDDING_MODEL") ?? usual
    }

    private mutating func readProviders(_ reader: SettingReader) {
        for vendor in Vendor.all {
            let prefix = vendor.name.uppercased()
            guard let url = reader.url("\(prefix)_BASE_URL") else { continue }
            // What people run themselves has no key: its address alone turns it on.
            let key = vendor.cloudURL == nil ? nil : reader.key("\(prefix)_API_KEY")
            // OpenAI's type also serves servers of one's own, which may need no key.
            if key != nil || reader.isSet("\(prefix)_BASE_URL") {
                providers.append(RemoteProvider(name: vendor.name, baseURL: vendor.complete(url), apiKey: key))
            }
        }
        defaultProvider = reader.text("LLM_PROVIDER") ?? providers.first?.name ?? "local"
        let known = providers.map(\.name) + ["local"]
        if !known.contains(defaultProvider) {
            reader.problems.append(
                "LLM_PROVIDER: '\(defaultProvider)' is not set up; set its key or address, or choose one of \(known.joined(separator: ", "))."
            )
        }
        if let tokens = reader.number("LLM_CONTEXT_TOKENS", 512...10_000_000) {
            contextTokens = tokens
            isContextStated = true
        }
        // Whole, for the model's own process has another working folder.
        localModelDirectory = reader.text("LOCAL_MODEL_DIR").map {
            URL(filePath: $0).standardizedFileURL.path(percentEncoded: false)
        }
        localModelPath = reader.text("LOCAL_MODEL_PATH").map { URL(filePath: $0).path(percentEncoded: false) }
        if let path = localModelPath, !FileManager.default.isReadableFile(atPath: path) {
            reader.problems.append("LOCAL_MODEL_PATH: '\(path)' cannot be read.")
        }
    }
}

extension ServerConfiguration {
    private mutating func readTimeouts(_ reader: SettingReader) {
        let total = reader.isSet("LLM_TIMEOUT") ? timeouts.total : nil
        let first = reader.number("LLM_FIRST_TOKEN_TIMEOUT", 1...600).map { Duration.seconds($0) }
        // An operator who lets calls take long lets models think long.
        timeouts.firstToken = min(first ?? total ?? timeouts.firstToken, timeouts.total)
        timeouts.idle = min(timeouts.idle, timeouts.total)
        for name in Vendor.names + ["local"] { readLimits(of: name, reader) }
    }

    private mutating func readLimits(of provider: String, _ reader: SettingReader) {
        let suffix = provider.uppercased()
        var own = timeouts
        if let first = reader.number("LLM_FIRST_TOKEN_TIMEOUT_\(suffix)", 1...600) { own.firstToken = .seconds(first) }
        if let idle = reader.number("LLM_IDLE_TIMEOUT_\(suffix)", 1...600) { own.idle = .seconds(idle) }
        if own != timeouts { providerTimeouts[provider] = own.within(timeouts.total) }
        let name = "LLM_EXTRA_FIELDS_\(suffix)"
        let fields = Set(reader.list(name))
        for field in fields.sorted() where !RequestField.isFree(field) {
            reader.problems.append(
                "\(name): '\(field)' is read by Mynah itself, or could change how much a call may write, where it runs or what it reads."
            )
        }
        if !fields.isEmpty { extraFields[provider] = fields }
    }

    /// Where browsers reach this server. `port` is the one that it got, if the setting leaves the choice to the system.
    package func address(port: Int? = nil) -> ServerAddress {
        ServerAddress(publicURL: publicURL, host: host, port: port ?? self.port)
    }

    /// What the providers and models are made from.
    var providerSettings: Providers.Settings {
        Providers.Settings(
            providers: providers, defaultProvider: defaultProvider, model: model,
            fallbacks: fallbacks, embedding: embedding, contextTokens: contextTokens,
            timeouts: timeouts, localModelProgram: resources.localModelProgram,
            embedderProgram: resources.embedderProgram, localModelEnvironment: localModelEnvironment,
            localModelPath: localModelPath,
            limits: { [self] in limits(of: $0, $1) }, extraProviders: extraProviders,
            providerTimeouts: providerTimeouts, extraFields: extraFields)
    }

    /// What an operator has said of a remote model.
    func limits(of provider: String, _ model: String) -> ModelLimits {
        ModelLimits(
            takesPictures: !textOnlyModels.contains(provider) && !textOnlyModels.contains("\(provider)/\(model)"),
            window: isContextStated ? contextTokens : nil)
    }
}
