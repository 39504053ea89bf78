import Accounts
import Chat
import Chatbots
import Files
import Foundation
package import HTTPKit
package import Hummingbird
import Imports
import JSON
import Knowledge
import LLM
package import Logging
import Metering
import ModelAPI
import ModelCalls
import NIOCore
import Platform
import Reading
import ServiceLifecycle
import Spans
package import Storage
import Titles
package import Upstream

/// Everything is built here, once: what each part needs is handed to it.
package struct App: Sendable {
    let configuration: ServerConfiguration
    package let database: Database
    let logger: Logger
    let replies = RunningReplies()
    let departure: Departure
    let providers: Providers
    let providerRoutes: ProviderRoutes
    let invalidations: InvalidationFeed
    let authenticator: Authenticator
    let idempotency: Idempotency
    let languages: UserLanguages
    let trail: AuditTrail
    let bytesInFlight: BytesInFlight
    let jobQueue: JobQueue
    let housekeeping: Housekeeping
    let deletions: Deletions
    let unusedEndUsers: UnusedEndUsers
    let backups: BackupJobs
    let processWatch: ProcessWatch
    let metrics = Metrics()
    /// Nil if nothing is traced.
    let spans: SpanRecorder?
    private let spanExporter: SpanExporter?
    let metricsRoutes: MetricsRoutes

    let gate: AddressGate
    let ipRules: IPRuleRoutes

    let access: AccessRoutes
    let oauth: OAuthRoutes
    let email: EmailRoutes
    let verification: VerifyRoutes
    let keys: APIKeyRoutes
    let grants: GrantRoutes
    let users: UserRoutes
    let people: PersonRoutes
    let accessLog: AccessLogRoutes
    let managedUsers: AdminUserRoutes
    let deletedUsers: DeletedUserRoutes
    let support: StaffRoutes
    let workspaces: WorkspaceRoutes
    let invitations: InvitationRoutes
    let chatbots: ChatbotRoutes
    let uploads: Uploads
    let knowledge: KnowledgeRoutes
    let knowledgeReading: KnowledgeReading
    let knowledgeSearch: KnowledgeSearchRoutes
    let indexing: Indexing
    let titles: TitleWriting
    let clientFiles: ClientFileRoutes
    let attachments: AttachmentRoutes
    let endUsers: EndUserRoutes
    let chat: ChatRoutes
    let queries: QueryRoutes
    let completions: CompletionRoutes
    let embeddings: EmbeddingRoutes
    let responses: ResponseRoutes
    let sockets: SocketRoutes
    let widget: WidgetRoutes
    let visitorFiles: VisitorFileRoutes
    let widgetSettings: WidgetSettingsRoutes
    let curatedAnswers: CuratedAnswerRoutes
    let signingSecrets: SigningSecretRoutes
    let conversations: ConversationRoutes
    let shares: ShareRoutes
    let shownPictures: PictureRoutes
    let imports: ImportRoutes
    let ownUsage: OwnUsageRoutes
    let plans: PlanRoutes
    let prices: PriceRoutes
    let messageLogs: MessageLogRoutes
    let usage: UsageRoutes
    let health: HealthRoutes
    let userFactors: SecondFactorRoutes<SessionCaller>
    let admins: OwnOperatorRoutes<Admins>
    let staff: OwnOperatorRoutes<Staff>
    let operators: OperatorRoutes
    let setup: SetupRoutes
    private(set) var pages: StaticPages
    private let instanceLock: InstanceLock?

    package init(
        _ configuration: ServerConfiguration, database: Database, http: UpstreamClient, logger: Logger
    ) throws {
        self.configuration = configuration
        self.database = database
        self.logger = logger
        let secrets = try KeyFiles.secrets(configuration)
        let tokens = AccessTokens(
            database: database, secrets: secrets,
            issuer: TokenIssuer(configuration.address()),
            lifetime: configuration.accessTokenLifetime)
        invalidations = InvalidationFeed(redis: configuration.redis, secrets: secrets)
        authenticator = Authenticator(
            database: database, tokens: tokens, publicURL: configuration.publicURL,
            limiter: SharedRateLimiter(secrets: secrets, redis: configuration.redis, logger: logger),
            rates: configuration.rates, invalidations: invalidations)

        bytesInFlight = BytesInFlight(configuration.bytesInFlight)
        languages = UserLanguages(database: database, secrets: secrets)
        trail = AuditTrail(
            database: database, secrets: secrets, headFile: configuration.auditHeadFile, logger: logger)
        jobQueue = JobQueue(database: database)
        housekeeping = Housekeeping(database: database)
        deletions = Deletions(database: database, queue: jobQueue, logger: logger)
        unusedEndUsers = UnusedEndUsers(database: database, days: configuration.unusedEndUserDays)
        backups = BackupJobs(
            configuration: configuration, database: database, queue: jobQueue, http: http, logger: logger)
        processWatch = ProcessWatch(configuration, logger: logger)
        spans = configuration.tracing.endpoint.map { _ in SpanRecorder(share: configuration.tracing.share) }
        spanExporter = try spans.flatMap { spans in
            try configuration.tracing.endpoint.map {
                try SpanExporter(
                    spans, configuration.tracing, to: $0, instance: database.name, http: http, logger: logger)
            }
        }
        let emailVerification = EmailVerification(
            database: database, secrets: secrets,
            mailer: try Mailer(
                smtp: configuration.smtp, sender: configuration.mailFrom,
                server: configuration.address().url,
                secrets: secrets, logger: logger),
            isRequired: configuration.requiresEmailVerification)
        gate = AddressGate(database: database, allowlist: configuration.addressAllowlist)
        ipRules = IPRuleRoutes(database: database, gate: gate)
        let signIn = SignIn(
            database: database, secrets: secrets, hasher: PasswordHasher(scheme: configuration.passwordScheme),
            tokens: tokens, authenticator: authenticator, refusalTick: configuration.refusalTick,
            emailVerification: emailVerification)
        let commonPasswords: CommonPasswords
        do {
            commonPasswords = try CommonPasswords(contentsOf: configuration.resources.commonPasswords)
        } catch {
            throw StartError("\(configuration.resources.commonPasswords) cannot be read. Run 'make setup' first.")
        }
        access = AccessRoutes(database: database, signIn: signIn, commonPasswords: commonPasswords)
        oauth = OAuthRoutes(database: database, signIn: signIn)
        email = EmailRoutes(database: database, secrets: secrets, access: access, verification: emailVerification)
        verification = VerifyRoutes(database: database)
        userFactors = SecondFactorRoutes(database: database, signIn: signIn)
        admins = OwnOperatorRoutes(database: database, access: access)
        staff = OwnOperatorRoutes(database: database, access: access)
        operators = OperatorRoutes(database: database, access: access)
        setup = SetupRoutes(setup: Setup(database), access: access)
        let store = try configuration.fileStore(http: http)
        uploads = Uploads(
            database: database, objects: FileObjects(store: store), maxBytes: configuration.maxFileBytes,
            sweep: FileSweep(database: database, store: store, queue: jobQueue, logger: logger))
        knowledgeReading = KnowledgeReading(
            database: database, objects: uploads.objects, queue: jobQueue, reader: DocumentReader(), logger: logger)
        knowledge = KnowledgeRoutes(
            database: database, uploads: uploads, reading: knowledgeReading, pages: PageFetch(http: http))
        clientFiles = ClientFileRoutes(database: database, uploads: uploads)
        keys = APIKeyRoutes(database: database, signIn: signIn)
        grants = GrantRoutes(database: database, signIn: signIn)
        users = UserRoutes(
            database: database, secrets: secrets, access: access, registration: configuration.registration,
            verification: emailVerification, contents: .defaultChatbot)
        people = PersonRoutes(database: database, secrets: secrets)
        accessLog = AccessLogRoutes(database: database, secrets: secrets, objects: uploads.objects)
        managedUsers = AdminUserRoutes(database: database, users: users, authenticator: authenticator)
        deletedUsers = DeletedUserRoutes(
            database: database, secrets: secrets, objects: uploads.objects, authenticator: authenticator,
            keptFor: .seconds(86_400 * configuration.deletedUserDays))
        support = StaffRoutes(database: database, authenticator: authenticator, verification: emailVerification)
        workspaces = WorkspaceRoutes(
            database: database, deletions: deletions, authenticator: authenticator, contents: .defaultChatbot)
        invitations = InvitationRoutes(
            database: database, secrets: secrets, mailer: emailVerification.mailer)
        endUsers = EndUserRoutes(database: database, secrets: secrets, deletions: deletions)

        let providers = try Providers(
            configuration.providerSettings, database: database, secrets: secrets, http: http, logger: logger)
        self.providers = providers
        providerRoutes = ProviderRoutes(database: database, secrets: secrets, providers: providers)
        let chatbotCache = ChatbotCache(invalidations: invalidations)
        chatbots = ChatbotRoutes(
            database: database, providers: providers, chatbotCache: chatbotCache, deletions: deletions,
            authenticator: authenticator)
        let logs = MessageLogWriter(
            database: database, secrets: secrets, keepsContent: configuration.keepsLoggedContent,
            interval: configuration.logBatchInterval)
        let calls = MeteredCalls(
            database: database, providers: providers,
            spending: Spending(
                prices: Prices(
                    database: database, standard: configuration.defaultPrice, chosen: configuration.chosenModels),
                stopTokensPerSecond: configuration.stopTokensPerSecond),
            logs: logs, metrics: metrics, logger: logger)
        let knowledge = KnowledgeSearch(
            calls: calls, cache: SegmentCache(capacity: configuration.knowledgeCacheBytes),
            rewritingPatience: configuration.rewritingPatience)
        knowledgeSearch = KnowledgeSearchRoutes(search: knowledge)
        indexing = Indexing(calls: calls)
        titles = TitleWriting(calls: calls, model: configuration.titleModel, perHour: configuration.titlesPerHour)
        let files = ConversationFiles(database: database, uploads: uploads)
        attachments = AttachmentRoutes(files: files)
        chat = ChatRoutes(
            turn: ChatTurn(
                calls: calls, secrets: secrets, replies: replies, files: files, knowledge: knowledge,
                patience: configuration.waitingPatience))
        queries = QueryRoutes(chat: chat)
        completions = CompletionRoutes(
            completer: Completer(
                calls: calls, secrets: secrets, running: RunningCompletions(), chatbotCache: chatbotCache,
                knowledge: knowledge),
            uploads: uploads)
        embeddings = EmbeddingRoutes(calls: calls, running: completions.completer.running)
        responses = ResponseRoutes(
            completer: completions.completer,
            store: ResponseStore(
                database: database, secrets: secrets, running: RunningResponses(), logger: logger),
            uploads: uploads,
            days: configuration.responseDays)
        widget = WidgetRoutes(chat: chat)
        visitorFiles = VisitorFileRoutes(widget: widget)
        widgetSettings = WidgetSettingsRoutes(database: database)
        curatedAnswers = CuratedAnswerRoutes(database: database)
        signingSecrets = SigningSecretRoutes(database: database, secrets: secrets, signIn: signIn)
        sockets = SocketRoutes(
            chat: chat, sockets: OpenSockets(database: database, logger: logger), gate: gate,
            origins: Set(configuration.corsOrigins))
        messageLogs = MessageLogRoutes(database: database, secrets: secrets)
        usage = UsageRoutes(database: database)
        conversations = ConversationRoutes(database: database, replies: replies, deletions: deletions)
        shares = ShareRoutes(
            database: database, isOn: configuration.isSharingOn, server: emailVerification.mailer.server)
        shownPictures = PictureRoutes(http: http)
        imports = ImportRoutes(
            database: database, uploads: uploads,
            job: ImportJob(database: database, objects: uploads.objects, queue: jobQueue, logger: logger))
        ownUsage = OwnUsageRoutes(database: database)
        plans = PlanRoutes(database: database)
        prices = PriceRoutes(prices: calls.spending.prices, database: database)
        idempotency = Idempotency(database: database, secrets: secrets) {
            [chat, queries, widget] who, conversationID, messageID, path in
            switch who {
            case let who as UserCaller:
                try await chat.replay(who, conversationID: conversationID, messageID: messageID, path: path)
                    .response(.ok)
            case let who as KeyCaller:
                try await queries.replay(who, conversationID: conversationID, messageID: messageID).response(.ok)
            case let who as Visitor:
                try await widget.replay(who, conversationID: conversationID, messageID: messageID).response(.ok)
            default: throw APIError(.idempotencyMismatch)
            }
        }
        departure = Departure(replies)
        health = HealthRoutes(
            database: database, departure: departure, localModel: providers.localModel,
            localEmbedder: providers.localEmbedder, isDefaultLocal: configuration.defaultProvider == "local",
            isProduction: configuration.environment == .production)
        metricsRoutes = MetricsRoutes(
            metrics: metrics, database: database, providers: providers, limiter: authenticator.limiter,
            watch: processWatch, spans: spans, replies: replies, completions: completions.completer.running,
            sockets: sockets.sockets, bytesInFlight: bytesInFlight, token: configuration.metricsToken,
            needsToken: MetricsRoutes.needsToken(configuration))
        instanceLock =
            database.dialect.isShared
            ? nil : InstanceLock(path: try KeyFiles.folder(of: configuration) + "/server.lock")
        pages = try StaticPages(configuration.resources)
        let app = self
        pages.setOpenAPI { app.openAPIDocument }
    }

    package var openAPIDocument: [UInt8] {
        OpenAPI.document(
            routes, version: Version.current, sessionCookie: SessionCookie.plainName, texts: .mynah
        ).document.serialized()
    }

    /// The HTTP server and what runs beside it, until the process is told to stop.
    package func application(
        onRunning: @escaping @Sendable (Int?) async -> Void = { _ in }
    ) -> Application<RouterResponder<AppContext>> {
        let bodyLimits = BodyLimits(routes)
        var application = Application(
            responder: router.buildResponder(),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [SlowPeers(bodyLimits), InputEnd(), WebSocketSwitch()],
                    idleTimeout: .seconds(75))),
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil, backlog: 1024),
            services: [],
            onServerRunning: { channel in
                await onRunning(channel.localAddress?.port)
                await knowledgeReading.logReadiness()
            },
            logger: logger)
        // First in, so the last to stop: it sends what the others trace.
        if let spanExporter { application.addServices(spanExporter) }
        if let localModel = providers.localModel { application.addServices(LocalService { await localModel.run() }) }
        if let embedder = providers.localEmbedder { application.addServices(LocalService { await embedder.run() }) }
        application.addServices(
            LastAuditHead(trail: trail, logger: logger), processWatch,
            JobRunner(jobQueue, jobs, grace: configuration.shutdownGrace, spans: spans, logger: logger),
            ReplyKeeper(database: database, replies: replies, logger: logger),
            ResponseKeeper(store: responses.store, logger: logger), sockets.sockets, providers)
        if database.dialect.isShared {
            application.addServices(
                RemoteStops(database: database, replies: replies, logger: logger),
                Instances(database: database, logger: logger))
        }
        application.beforeServerStarts { try await closeTurnsOfLastRun() }
        return application
    }

    /// Runs before requests are accepted, and only if no other server uses the database; otherwise another instance may
    /// be writing the turns.
    func closeTurnsOfLastRun() async throws {
        guard instanceLock != nil else { return }
        try await housekeeping.closeLastRun(logger)
    }

    /// The first part of an orderly stop: no new turns, and a while for those that run.
    package func finishReplies() async {
        await departure.begin(delay: configuration.shutdownDelay)
        async let completions: Void = completions.completer.running.close(grace: configuration.shutdownGrace)
        await replies.close(grace: configuration.shutdownGrace)
        await completions
        authenticator.limiter.close()
        invalidations.close()
    }
}
