import LLM

/// Every setting: its name in the environment, what it means, and what holds where it is not set. `--help` and the
/// documentation are made from this list; `Configuration` reads it.
package struct Setting: Sendable {
    package let name: String
    package let standard: String?
    package let help: String
    package let isSecret: Bool

    init(_ name: String, _ standard: String?, _ help: String, secret: Bool = false) {
        self.name = name
        self.standard = standard
        self.help = help
        self.isSecret = secret
    }

    /// `DATABASE_URL` → `--database-url`.
    package var flag: String { "--" + name.lowercased().replacing("_", with: "-") }

    /// Every setting, those of single providers at the end.
    package static let all: [Setting] = general + ofProviders

    /// Settings that hold for one provider, in place of the general one.
    private static let ofProviders = (Vendor.names + ["local"]).flatMap { name in
        let suffix = name.uppercased()
        return [
            Setting("LLM_FIRST_TOKEN_TIMEOUT_\(suffix)", nil, "LLM_FIRST_TOKEN_TIMEOUT for `\(name)`."),
            Setting("LLM_IDLE_TIMEOUT_\(suffix)", nil, "LLM_IDLE_TIMEOUT for `\(name)`."),
            Setting(
                "LLM_EXTRA_FIELDS_\(suffix)", nil,
                "Further fields of requests, comma-separated, that `\(name)` gets as clients send them."),
        ]
    }

    private static let general: [Setting] = [
        Setting("ENVIRONMENT", "development", "`development` or `production`; production demands its secrets be set."),
        Setting("HOST", "127.0.0.1", "The address to listen on."),
        Setting("PORT", "8000", "The port to listen on."),
        Setting("PUBLIC_URL", nil, "Where browsers reach this server, such as https://chat.example.com."),
        Setting(
            "DATABASE_URL", "sqlite:data/mynah.sqlite",
            "sqlite:///absolute/path, sqlite:relative/path or postgres://user:password@host/name."),
        Setting(
            "SECRET_KEY", nil, "At least 32 characters; made and kept beside the database where unset.", secret: true),
        Setting(
            "ENCRYPTION_KEY", nil, "Fernet keys, comma-separated, newest first; made and kept likewise.", secret: true),
        Setting(
            "RESOURCES_DIR", nil,
            "The folder that holds Web/, Assets/ and LocalModel/; unset: beside the binary, above it (a checkout), "
                + "../share/mynah or /usr/share/mynah, and never the working folder."),
        Setting(
            "FILES_URL", nil,
            "The store of uploaded files: file:relative/path, file:///absolute/path or s3://bucket/prefix; unset: the folder "
                + "`files` beside the database file, or data/files. Several instances need the same store."),
        Setting("FILES_MAX_MB", "512", "The largest file in MiB, 1 to 1000000."),
        Setting("S3_ENDPOINT", nil, "The S3 service's address, such as https://s3.example.com; unset: Amazon's."),
        Setting("S3_REGION", "us-east-1", "The S3 service's region."),
        Setting("S3_ACCESS_KEY", nil, "The access key for the buckets of FILES_URL and of backups.", secret: true),
        Setting("S3_SECRET_KEY", nil, "The secret key for the buckets of FILES_URL and of backups.", secret: true),
        Setting(
            "BACKUP_SCHEDULE", nil,
            "When to back up, as cron's five fields in UTC, such as `30 3 * * *`; unset: only by 'mynah backup'."),
        Setting(
            "BACKUP_DEST", nil,
            "Where scheduled backups go: a folder, or s3://bucket/prefix; needed with BACKUP_SCHEDULE."),
        Setting("BACKUP_KEEP", "7", "How many scheduled backups are kept, 1 to 10000."),
        Setting(
            "BACKUP_PASSPHRASE", nil,
            "At least 12 characters; scheduled backups are encrypted with it, and those of 'mynah backup --encrypt'.",
            secret: true),
        Setting(
            "LLM_PROVIDER", nil,
            "`openai`, `groq`, `openrouter`, `anthropic`, `ollama` or `local`; unset: the first whose key is set, or `local`."
        ),
        Setting("LLM_MODEL", nil, "The model of that provider; each provider has its own default."),
        Setting(
            "LLM_CONTEXT_TOKENS", nil,
            "Tokens that a remote model reads and writes together. If set, prompts that cannot fit are refused without a call; if not, conversations are fitted into 16384."
        ),
        Setting(
            "LLM_TEXT_ONLY_MODELS", nil,
            "`provider/model,…`, or `provider` for all of its models: pictures are refused there without a call."),
        Setting(
            "LLM_FALLBACKS", nil,
            "`provider/model,…` to ask in turn where a chatbot's own model fails before its first word."),
        Setting("LLM_TIMEOUT", "300", "Seconds that one reply may take in all, 1 to 600."),
        Setting(
            "LLM_FIRST_TOKEN_TIMEOUT", nil,
            "Seconds until a model's first word or thought, 1 to 600. Without it, LLM_TIMEOUT if that is set, else 120."
        ),
        Setting(
            "LLM_IDLE_TIMEOUT", "30",
            "Seconds between two signs of life of a vendor, 1 to 600. Comments in its stream are such signs."),
        Setting("LOCAL_MODEL_PATH", nil, "A GGUF file for the local model, in place of the one that is installed."),
        Setting("OPENAI_API_KEY", nil, "A key of OpenAI's, or of whatever OPENAI_BASE_URL names.", secret: true),
        Setting("OPENAI_BASE_URL", "https://api.openai.com/v1", "Any OpenAI-compatible endpoint."),
        Setting("GROQ_API_KEY", nil, "A key of Groq's.", secret: true),
        Setting("GROQ_BASE_URL", "https://api.groq.com/openai/v1", "Groq's endpoint."),
        Setting("OPENROUTER_API_KEY", nil, "A key of OpenRouter's.", secret: true),
        Setting("OPENROUTER_BASE_URL", "https://openrouter.ai/api/v1", "OpenRouter's endpoint."),
        Setting("ANTHROPIC_API_KEY", nil, "A key of Anthropic's.", secret: true),
        Setting("ANTHROPIC_BASE_URL", "https://api.anthropic.com", "Anthropic's endpoint."),
        Setting("OLLAMA_BASE_URL", nil, "Ollama's address, such as http://127.0.0.1:11434."),
        Setting(
            "ALLOW_PRIVATE_ENDPOINTS", "off",
            "`on` lets chatbots' own endpoints (llm_endpoint_url) be in this server's own network."),
        Setting(
            "DEFAULT_PRICE", nil,
            "Micro-units for a million tokens of a model without a price of its own: one number, or `input/output`. "
                + "Without it such a model is refused where its provider's others have prices, and free elsewhere."),
        Setting(
            "STOP_TOKENS_PER_SECOND", "100",
            "Tokens a second that a model is taken to write whose caller leaves or stops it, 0 to 10000: what came is not all that vendors bill."
        ),
        Setting("CORS_ORIGINS", nil, "Origins whose pages may call the API with a token, comma-separated."),
        Setting(
            "RATE_LIMIT", "120/minute",
            "Requests of one address without valid credentials: a number and `/second`, `/minute`, `/hour` or `/day`."),
        Setting(
            "SIGN_IN_RATE_LIMIT", "10/minute",
            "Requests of one address to where one signs in, registers or resets a password; likewise."),
        Setting(
            "WIDGET_RATE_LIMIT", "20/minute",
            "Messages that one address may send through a website's widget: a number and `/second`, `/minute`, `/hour` or `/day`."
        ),
        Setting(
            "IN_FLIGHT_MB", "256",
            "Memory in MiB for large bodies, prompts and answers that are on their way, 64 at least; beyond it 503."),
        Setting(
            "ACCOUNT_IN_FLIGHT_MB", "128", "The most of it that one account may hold, 64 at least; beyond it 429."),
        Setting(
            "SLOWEST_READ_RATE", "4096",
            "Bytes a second that the reader of a large answer must take, or its connection is closed; 0: never."),
        Setting(
            "TRUSTED_PROXIES", nil,
            "Addresses and networks, comma-separated, whose X-Forwarded-For is believed: the proxies before this server."
        ),
        Setting(
            "IP_ALLOWLIST", nil,
            "Addresses and networks, comma-separated, that alone may use this server, besides those of its IP rules."),
        Setting(
            "REDIS_URL", nil,
            "redis://[:password@]host[:port][/database], by which instances share their limits; unset: each has its own.",
            secret: true),
        Setting(
            "REGISTRATION", "open",
            "`open`, `closed`, or `invite`: only with the token of an invitation to a workspace, once for each."),
        Setting("PASSWORD_HASH", "argon2id", "`argon2id` or `bcrypt`; older hashes are upgraded at sign-in."),
        Setting("BCRYPT_ROUNDS", "12", "bcrypt's cost, 4 to 20."),
        Setting(
            "EMAIL_VERIFICATION", "off",
            "`on` lets nobody sign in by password before the account's e-mail address, if it has one, is confirmed."),
        Setting(
            "SMTP_URL", nil,
            "Where mail is handed over: smtp://user:password@host:587 (with STARTTLS) or smtps://user:password@host:465; unset: no mail.",
            secret: true),
        Setting("MAIL_FROM", nil, "Whom mail is from, such as Mynah <no-reply@example.com>; needed with SMTP_URL."),
        Setting("ACCESS_TOKEN_MINUTES", "15", "How long an access token is good for, 1 to 1440."),
        Setting(
            "MESSAGE_LOG_CONTENT", "on",
            "`off` logs of each exchange with a model who, when and how much, and not what was said."),
        Setting("MESSAGE_LOG_DAYS", "90", "Days for which message logs are kept, 0 for ever."),
        Setting(
            "LOG_BATCH_INTERVAL", "0",
            "Milliseconds that answers on /v1 wait so that more of their logs share a commit, 0 to 10000."),
        Setting(
            "DELETED_USER_DAYS", "30",
            "Days for which a deleted user can be restored, 1 to 36500; then all that was the user's is purged."),
        Setting(
            "UNUSED_END_USER_DAYS", "90",
            "Days after which an end user without a conversation, of whom nothing was heard since, is removed; 0: never."
        ),
        Setting(
            "AUDIT_HEAD_FILE", nil,
            "A file that the head of the audit trail is added to, once a minute at most; best where no one who reaches the database can write."
        ),
        Setting(
            "METRICS_TOKEN", nil,
            "Whoever sends it as a bearer token may read /metrics. Without it, programs on this machine may in development, "
                + "and nobody in production or behind a proxy.",
            secret: true),
        Setting("MEMORY_WARNING_MB", "1024", "The log warns when this process uses so much memory; 0: never."),
        Setting(
            "DISK_WARNING_MB", "512", "The log warns when the database file's disk has less than this free; 0: never."),
        Setting("LOG_LEVEL", "info", "`trace`, `debug`, `info`, `notice`, `warning`, `error` or `critical`."),
        Setting("LOG_FORMAT", "text", "`text` or `json`."),
        Setting("SHUTDOWN_GRACE", "10", "Seconds that running replies get to finish when the server stops."),
    ]
}
