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

    package static let all: [Setting] = [
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
        Setting("RESOURCES_DIR", nil, "The folder that holds Web/, Assets/ and LocalModel/; found where unset."),
        Setting(
            "LLM_PROVIDER", nil,
            "`openai`, `groq`, `openrouter`, `anthropic`, `ollama` or `local`; unset: the first whose key is set, or `local`."
        ),
        Setting("LLM_MODEL", nil, "The model of that provider; each provider has its own default."),
        Setting("LLM_CONTEXT_TOKENS", nil, "Tokens that a remote model reads and writes together; 16384 where unset."),
        Setting(
            "LLM_FALLBACKS", nil,
            "`provider/model,…` to ask in turn where a chatbot's own model fails before its first word."),
        Setting("LLM_TIMEOUT", "300", "Seconds that one reply may take in all, 1 to 600."),
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
            "DEFAULT_PRICE", "0",
            "Micro-units for a million tokens of a model without a price of its own: one number, or `input/output`."),
        Setting("CORS_ORIGINS", nil, "Origins whose pages may call the API with a token, comma-separated."),
        Setting(
            "WIDGET_RATE_LIMIT", "20/minute",
            "Messages that one address may send through a website's widget: a number and `/second`, `/minute`, `/hour` or `/day`."
        ),
        Setting(
            "TRUSTED_PROXIES", nil,
            "Addresses and networks, comma-separated, whose X-Forwarded-For is believed: the proxies before this server."
        ),
        Setting("REGISTRATION", "open", "`open` or `closed`."),
        Setting("PASSWORD_HASH", "argon2id", "`argon2id` or `bcrypt`; older hashes are upgraded at sign-in."),
        Setting("BCRYPT_ROUNDS", "12", "bcrypt's cost, 4 to 20."),
        Setting("ACCESS_TOKEN_MINUTES", "15", "How long an access token is good for, 1 to 1440."),
        Setting("LOG_LEVEL", "info", "`trace`, `debug`, `info`, `notice`, `warning`, `error` or `critical`."),
        Setting("LOG_FORMAT", "text", "`text` or `json`."),
        Setting("SHUTDOWN_GRACE", "10", "Seconds that running replies get to finish when the server stops."),
    ]
}
