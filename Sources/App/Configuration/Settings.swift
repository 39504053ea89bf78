import Files
import HTTPKit
import LLM
import Logging
import Metering
import Platform
import SMTP

extension Setting {
    /// Every setting in the order of `--help`, those of single providers at the end.
    package static let all: [Setting] = general + providers

    private static let general: [Setting] = [
        .choice("ENVIRONMENT", \.environment, "Production demands that its secrets are set."),
        .text("HOST", \.host, "The address to listen on."),
        .number("PORT", \.port, 0...65_535, "The port to listen on."),
        .url("PUBLIC_URL", \.publicURL, "Where browsers reach this server, such as https://chat.example.com."),
        .special(
            "DATABASE_URL", "sqlite:///absolute/path, sqlite:relative/path or postgres://user:password@host/name.",
            standard: ServerConfiguration.usualDatabaseURL),
        .secret("SECRET_KEY", "At least 32 characters. If unset, one is made and kept beside the database."),
        .secret("ENCRYPTION_KEY", "Fernet keys, comma-separated, newest first. If unset, made and kept likewise."),
        .special(
            "RESOURCES_DIR",
            "The folder that holds Web/, Assets/ and LocalModel/. If unset: beside the binary, above it (a checkout), "
                + "../share/mynah or /usr/share/mynah, and never the working folder."),
        .optional(
            "FILES_URL", \.files,
            "The store of uploaded files: file:relative/path, file:///absolute/path or s3://bucket/prefix. If unset: the "
                + "folder `files` beside the database file, or data/files. Several instances need the same store."
        ) { FilesLocation($0) },
        .number("FILES_MAX_MB", \.maxFileBytes, 1...1_000_000, "The largest file in MiB.", times: 1 << 20),
        .special("S3_ENDPOINT", "The S3 service's address, such as https://s3.example.com. If unset: Amazon's."),
        .special("S3_REGION", "The S3 service's region.", standard: "us-east-1"),
        .secret("S3_ACCESS_KEY", "The access key for the buckets of FILES_URL and of backups."),
        .secret("S3_SECRET_KEY", "The secret key for the buckets of FILES_URL and of backups."),
        .optional(
            "BACKUP_SCHEDULE", \.backup.schedule,
            "When to back up, as cron's five fields in UTC, such as `30 3 * * *`. If unset: only by 'mynah backup'."
        ) { CronSchedule($0) },
        .optional(
            "BACKUP_DEST", \.backup.destination,
            "The place of scheduled backups: a folder, or s3://bucket/prefix. Needed with BACKUP_SCHEDULE."
        ) { BackupPlace($0) },
        .number("BACKUP_KEEP", \.backup.kept, 1...10_000, "How many scheduled backups are kept."),
        .secret(
            "BACKUP_PASSPHRASE",
            "At least 12 characters. It encrypts scheduled backups, and those of 'mynah backup --encrypt'."),
        .special(
            "LLM_PROVIDER",
            Vendor.names.map { "`\($0)`" }.joined(separator: ", ")
                + " or `local`. If unset: the first whose key is set, or `local`."),
        .text("LLM_MODEL", \.model, "The model of that provider. Each provider has its own default."),
        .special(
            "LLM_CONTEXT_TOKENS",
            "Tokens that a remote model reads and writes together, from 512 to 10000000. If set, prompts that cannot fit "
                + "are refused without a call; if not, conversations are fitted into 16384."),
        .list(
            "LLM_TEXT_ONLY_MODELS", \.textOnlyModels,
            "`provider/model,…`, or `provider` for all of its models: pictures are refused there without a call."),
        .special(
            "LLM_FALLBACKS",
            "`provider/model,…` to ask in turn if a chatbot's own model fails before its first word."),
        .special(
            "TITLE_MODEL",
            "`provider/model` that writes the titles of users' conversations, at the operator's expense. If unset: a title is "
                + "the beginning of the first message."),
        .number(
            "TITLES_PER_HOUR", \.titlesPerHour, 1...1_000_000,
            "Maximum number of titles that TITLE_MODEL is asked for, by each instance."),
        .duration(
            "LLM_TIMEOUT", \.timeouts.total, in: .seconds(1), 1...600, "Maximum seconds for one whole reply."),
        .special(
            "LLM_FIRST_TOKEN_TIMEOUT",
            "Seconds until a model's first word or thought, from 1 to 600. If unset: LLM_TIMEOUT if that is set, else 120."
        ),
        .duration(
            "LLM_IDLE_TIMEOUT", \.timeouts.idle, in: .seconds(1), 1...600,
            "Seconds between two signs of life of a vendor. Comments in its stream are such signs."),
        .special(
            "EMBEDDING_PROVIDER",
            (Vendor.all.filter { $0.usualEmbeddingModel != nil }.map { "`\($0.name)`" }).joined(separator: ", ")
                + " or `local`: the provider of EMBEDDING_MODEL.", standard: "local"),
        .special(
            "EMBEDDING_MODEL",
            "The model that makes vectors (/v1/embeddings) for calls that name none. Each provider has its own default."
        ),
        .number(
            "KNOWLEDGE_CACHE_MB", \.knowledgeCacheBytes, 1...1_000_000,
            "Memory in MiB for the vectors of chatbots' knowledge that was searched last.", times: 1 << 20),
        .special("LOCAL_MODEL_PATH", "A GGUF file for the local model, in place of the one that is installed."),
        .special(
            "LOCAL_MODEL_DIR",
            "The folder that 'mynah model install' installs the local model into. If unset: LocalModel/.venv in RESOURCES_DIR."
        ),
        .isOn(
            "ALLOW_PRIVATE_ENDPOINTS", \.allowsPrivateEndpoints,
            "whether chatbots' own endpoints (llm_endpoint_url) may be in this server's own network."),
        .optional(
            "DEFAULT_PRICE", \.defaultPrice,
            "Micro-units for a million tokens of a model without a price of its own: one number, or `input/output`. If "
                + "unset, such a model is refused if other models of its provider have prices, and free otherwise."
        ) { Price($0) },
        .number(
            "STOP_TOKENS_PER_SECOND", \.stopTokensPerSecond, 0...10_000,
            "Tokens a second that a model is taken to write after its caller left or stopped it: vendors bill more than came."
        ),
        .list("CORS_ORIGINS", \.corsOrigins, "Origins whose pages may call the API with a token, comma-separated."),
        .rate(
            "RATE_LIMIT", \.rates.address,
            "Requests of one address without valid credentials: a number and `/second`, `/minute`, `/hour` or `/day`."),
        .rate(
            "SIGN_IN_RATE_LIMIT", \.rates.signIn,
            "Requests of one address for signing in, registering or resetting a password, in the same form."),
        .rate(
            "WIDGET_RATE_LIMIT", \.rates.visitor,
            "Messages that one address may send through a website's widget, in the same form."),
        .number(
            "IN_FLIGHT_MB", \.bytesInFlight.process, 64...1_000_000,
            "Memory in MiB for large bodies, prompts and answers on their way. Beyond it calls are refused with 503.",
            times: 1 << 20),
        .number(
            "ACCOUNT_IN_FLIGHT_MB", \.bytesInFlight.account, 64...1_000_000,
            "Maximum of that for one account, in MiB. Beyond it calls are refused with 429.", times: 1 << 20),
        .number(
            "SLOWEST_READ_RATE", \.bytesInFlight.slowestRead, 0...1_000_000,
            "Bytes a second that the reader of a large answer must take, or its connection is closed. 0: never."),
        .networks(
            "TRUSTED_PROXIES", \.trustedProxies,
            "Addresses and networks, comma-separated, of the proxies before this server: their X-Forwarded-For is believed."
        ),
        .networks(
            "IP_ALLOWLIST", \.addressAllowlist,
            "Addresses and networks, comma-separated. If set, only these and those of the IP rules may use this server."
        ),
        .secret(
            "REDIS_URL",
            "redis://[:password@]host[:port][/database], by which instances share their limits and tell each other of changes. "
                + "If unset: each has its own limits."
        ),
        .choice(
            "REGISTRATION", \.registration,
            "`invite`: only with the token of an invitation to a workspace, once for each."),
        .isOn(
            "SHARING", \.isSharingOn,
            "whether users may make links by which others read a conversation, in workspaces that allow them."),
        .special(
            "PASSWORD_HASH", "`argon2id` or `bcrypt`. Older hashes are upgraded at sign-in.", standard: "argon2id"),
        .special("BCRYPT_ROUNDS", "The cost of bcrypt, from 4 to 20.", standard: "12"),
        .isOn(
            "EMAIL_VERIFICATION", \.requiresEmailVerification,
            "whether an account with an e-mail address can sign in by password only after the address is confirmed."),
        .secret(
            "SMTP_URL",
            "The mail server: smtp://user:password@host:587 (with STARTTLS) or smtps://user:password@host:465. If unset: "
                + "no mail."),
        .optional(
            "MAIL_FROM", \.mailFrom, "The sender of mail, such as Mynah <no-reply@example.com>. Needed with SMTP_URL."
        ) { Mailbox($0) },
        .duration(
            "ACCESS_TOKEN_MINUTES", \.accessTokenLifetime, in: .seconds(60), 1...1440,
            "How long an access token is valid, in minutes."),
        .isOn(
            "MESSAGE_LOG_CONTENT", \.keepsLoggedContent,
            "whether the log of each call of a model has what was said, or only the caller, the time and the amount."),
        .number(
            "MESSAGE_LOG_DAYS", \.messageLogDays, 0...36_500, "Days for which message logs are kept. 0: for ever."),
        .number(
            "RESPONSES_DAYS", \.responseDays, 0...36_500,
            "Days for which responses of /v1/responses are kept. 0: for ever."),
        .duration(
            "LOG_BATCH_INTERVAL", \.logBatchInterval, in: .milliseconds(1), 0...10_000,
            "Milliseconds that answers on /v1 wait so that more of their logs share a commit."),
        .number(
            "DELETED_USER_DAYS", \.deletedUserDays, 1...36_500,
            "Days for which a deleted user can be restored. Then everything of the user is removed."),
        .number(
            "UNUSED_END_USER_DAYS", \.unusedEndUserDays, 0...36_500,
            "Days after which an end user without a conversation is removed if nothing came from there since. 0: never."
        ),
        .text(
            "AUDIT_HEAD_FILE", \.auditHeadFile,
            "A file to which the head of the audit trail is added, at most once a minute. It is best kept out of reach of "
                + "those who can reach the database."),
        .secret(
            "METRICS_TOKEN",
            "The bearer token for /metrics. If unset, programs on this machine may read it in development, and no one in "
                + "production or behind a proxy."),
        .url(
            "OTEL_EXPORTER_OTLP_ENDPOINT", \.tracing.endpoint,
            "The OpenTelemetry collector that traces are sent to, such as http://127.0.0.1:4318. If unset: no traces."),
        .secret(
            "OTEL_EXPORTER_OTLP_HEADERS",
            "Headers for the collector, such as its key: name=value,name=value with percent-encoded values."),
        .text("OTEL_SERVICE_NAME", \.tracing.serviceName, "The name of this service in traces."),
        .parsed(
            "OTEL_TRACES_SAMPLER_ARG", \.tracing.share,
            "The share of traces that is kept, from 0 to 1. A caller that sends `traceparent` decides for itself.",
            standard: "1", TracingSettings.share),
        .number(
            "MEMORY_WARNING_MB", \.memoryWarning, 0...1_000_000_000,
            "Memory of this process in MiB that the log warns of. 0: never."),
        .number(
            "DISK_WARNING_MB", \.diskWarning, 0...1_000_000_000,
            "Free space on the database file's disk in MiB below which the log warns. 0: never."),
        .choice("LOG_LEVEL", \.logLevel, "The least severe entries of the log."),
        .choice("LOG_FORMAT", \.logFormat, "The form of the log, for people or for programs."),
        .text(
            "LOG_FILE", \.logFile,
            "The file that the server appends its log to; SIGHUP reopens it. If unset: standard error."),
        .duration(
            "SHUTDOWN_GRACE", \.shutdownGrace, in: .seconds(1), 0...600,
            "Seconds that running replies get to finish when the server stops."),
        .duration(
            "SHUTDOWN_DELAY", \.shutdownDelay, in: .seconds(1), 0...600,
            "Seconds before that in which the server still accepts everything, while `/health/ready` is 503."),
    ]

    private static let providers: [Setting] =
        Vendor.all.flatMap(access(to:)) + (Vendor.names + ["local"]).flatMap(limits(of:))

    /// How a vendor is reached. A program that people run themselves has no key: its address alone turns it on.
    private static func access(to vendor: Vendor) -> [Setting] {
        let prefix = vendor.name.uppercased()
        let example = vendor.cloudURL == nil ? ", such as http://127.0.0.1:11434" : ""
        let url = Setting.special(
            "\(prefix)_BASE_URL", "The address of \(vendor.title)\(example).", standard: vendor.cloudURL)
        return vendor.cloudURL == nil
            ? [url] : [.secret("\(prefix)_API_KEY", "The key for \(vendor.title), or for \(prefix)_BASE_URL."), url]
    }

    /// Settings that hold for one provider, in place of the general one.
    private static func limits(of provider: String) -> [Setting] {
        let suffix = provider.uppercased()
        return [
            .special("LLM_FIRST_TOKEN_TIMEOUT_\(suffix)", "LLM_FIRST_TOKEN_TIMEOUT for `\(provider)`."),
            .special("LLM_IDLE_TIMEOUT_\(suffix)", "LLM_IDLE_TIMEOUT for `\(provider)`."),
            .special(
                "LLM_EXTRA_FIELDS_\(suffix)",
                "Further fields of requests, comma-separated, that `\(provider)` gets as clients send them."),
        ]
    }
}
