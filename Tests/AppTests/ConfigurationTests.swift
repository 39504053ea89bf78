import Foundation
import LLM
import Logging
import Testing

@testable import Accounts
@testable import App
@testable import Chatbots
@testable import Platform

@Suite struct ConfigurationTests {
    private static let secretKey = "0123456789abcdefghijklmnopqrstuvwxyz"

    private static func read(
        _ arguments: [String] = [], _ environment: [String: String] = [:], dotEnv: String? = nil
    ) async throws -> ServerConfiguration {
        let file = FileManager.default.temporaryDirectory.appending(path: "mynah-\(UUID().uuidString).env")
        defer { try? FileManager.default.removeItem(at: file) }
        try dotEnv?.write(to: file, atomically: true, encoding: .utf8)
        return try await ServerConfiguration.read(
            arguments: arguments, environment: environment, dotEnvPath: file.path())
    }

    private static func problems(
        _ arguments: [String] = [], _ environment: [String: String] = [:], dotEnv: String? = nil
    ) async -> [String] {
        do {
            _ = try await read(arguments, environment, dotEnv: dotEnv)
            return []
        } catch let problems as ServerConfiguration.Problems {
            return problems.lines
        } catch {
            return ["\(error)"]
        }
    }

    @Test("Command line over environment over .env over defaults")
    func layers() async throws {
        #expect(try await Self.read().port == 8000)
        #expect(try await Self.read(dotEnv: "PORT=8001\n").port == 8001)
        #expect(try await Self.read([], ["PORT": "8002"], dotEnv: "PORT=8001").port == 8002)
        #expect(try await Self.read(["--port", "8003"], ["PORT": "8002"], dotEnv: "PORT=8001").port == 8003)
        #expect(try await Self.read(["--port=8004"], ["PORT": "8002"]).port == 8004)
        // Each setting by itself.
        let mixed = try await Self.read(
            ["--log-level", "debug"], ["HOST": "0.0.0.0"], dotEnv: "LOG_FORMAT=json\nHOST=10.0.0.1\n")
        #expect(mixed.logLevel == .debug && mixed.host == "0.0.0.0" && mixed.logFormat == .json)
        #expect(mixed.databaseURL == "sqlite:data/mynah.sqlite")
        // Empty is unset.
        #expect(try await Self.read([], ["PORT": ""], dotEnv: "PORT=8001").port == 8001)
    }

    @Test("All problems are reported at once, by the setting's name")
    func allProblems() async throws {
        let environment = [
            "ENVIRONMENT": "staging", "PORT": "70000", "PUBLIC_URL": "chat.example.com", "SECRET_KEY": "short",
            "ENCRYPTION_KEY": "bad", "LLM_PROVIDER": "nobody", "LLM_TIMEOUT": "soon",
            "CORS_ORIGINS": "https://a.example/x",
            "REGISTRATION": "maybe", "PASSWORD_HASH": "md5", "BCRYPT_ROUNDS": "99", "ACCESS_TOKEN_MINUTES": "0",
            "LOG_LEVEL": "loud", "LOG_FORMAT": "xml", "LOCAL_MODEL_PATH": "/nowhere.gguf", "OPENAI_BASE_URL": "x",
            "SHUTDOWN_GRACE": "-1", "LLM_CONTEXT_TOKENS": "1", "OLLAMA_BASE_URL": "localhost:11434",
        ]
        let lines = await Self.problems(["--prot", "9000"], environment)
        for name in environment.keys { #expect(lines.contains { $0.hasPrefix("\(name):") }, "\(name): \(lines)") }
        #expect(lines.contains { $0.hasPrefix("--prot:") })
        #expect(lines.count == environment.count + 1, "\(lines)")
        for secret in ["short", "bad"] {
            #expect(!lines.contains { $0.contains("'\(secret)'") }, "a secret is shown")
        }
    }

    @Test(
        "Bad values",
        arguments: [
            ("PORT", "x"), ("PORT", "-1"), ("PORT", "80.5"), ("PORT", "8 0"), ("PUBLIC_URL", "ftp://x.example"),
            ("PUBLIC_URL", "https://"), ("CORS_ORIGINS", "*"), ("CORS_ORIGINS", "https://ok.example,nope"),
            ("CORS_ORIGINS", "https://ok.example?x=1"), ("SECRET_KEY", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
            ("LLM_TIMEOUT", "0"), ("ENVIRONMENT", "Production"), ("ENCRYPTION_KEY", "c2hvcnQ="),
        ])
    func badValue(name: String, value: String) async throws {
        let lines = await Self.problems([], [name: value])
        #expect(lines.count == 1 && lines[0].hasPrefix("\(name):"), "\(lines)")
    }

    @Test("Production demands its secrets and its address")
    func production() async throws {
        let lines = await Self.problems([], ["ENVIRONMENT": "production"])
        for name in ["SECRET_KEY", "ENCRYPTION_KEY", "PUBLIC_URL"] {
            #expect(lines.contains { $0.hasPrefix("\(name):") }, "\(lines)")
        }
        #expect(lines.count == 3)
        let complete = try await Self.read(
            [],
            [
                "ENVIRONMENT": "production", "SECRET_KEY": Self.secretKey, "ENCRYPTION_KEY": Fernet.makeKey(),
                "PUBLIC_URL": "https://chat.example.com/",
            ])
        #expect(complete.environment == .production && complete.publicURL == "https://chat.example.com")
        #expect(await Self.problems().isEmpty)
    }

    @Test("Several encryption keys, newest first")
    func encryptionKeys() async throws {
        let keys = [Fernet.makeKey(), Fernet.makeKey()]
        let configuration = try await Self.read([], ["ENCRYPTION_KEY": keys.joined(separator: ", ")])
        #expect(configuration.encryptionKeys == keys)
        let one = await Self.problems([], ["ENCRYPTION_KEY": "\(keys[0]),x"])
        #expect(one.count == 1)
    }

    @Test("The provider is the named one, or the first with a key, or the local model")
    func provider() async throws {
        for (environment, expected) in [
            ([:], "local"), (["OPENAI_API_KEY": "k"], "openai"), (["GROQ_API_KEY": "k"], "groq"),
            (["OPENROUTER_API_KEY": "k", "GROQ_API_KEY": "k"], "groq"),
            (["OPENAI_API_KEY": "k", "LLM_PROVIDER": "local"], "local"),
            (["OPENAI_API_KEY": "k", "GROQ_API_KEY": "k", "LLM_PROVIDER": "groq"], "groq"),
            (["OLLAMA_BASE_URL": "http://127.0.0.1:11434"], "ollama"),
            (["OPENAI_BASE_URL": "http://127.0.0.1:9/v1"], "openai"),
        ] as [([String: String], String)] {
            let configuration = try await Self.read([], environment)
            #expect(configuration.defaultProvider == expected, "\(environment)")
            #expect(configuration.providers.count == environment.keys.filter { $0 != "LLM_PROVIDER" }.count)
        }
        #expect(await Self.problems([], ["LLM_PROVIDER": "groq"]).count == 1)
        let ollama = try await Self.read([], ["OLLAMA_BASE_URL": "http://127.0.0.1:11434/"])
        #expect(ollama.providers.first?.baseURL == "http://127.0.0.1:11434/v1")
    }

    @Test("Flags that are no settings are refused", arguments: ["--nope", "--Port", "--port-", "--database_url"])
    func unknownFlag(flag: String) async throws {
        let lines = await Self.problems([flag, "1"])
        #expect(lines.contains { $0.hasPrefix("\(flag):") }, "\(lines)")
    }

    @Test(
        "What files of secrets and editors put around a value is cut off",
        arguments: [
            "sk-a\n", "sk-a\r\n", " sk-a ", "\u{FEFF}sk-a", "sk-a\u{A0}", "\"sk-a\"", "'sk-a'\n", "\n\n\tsk-a\n",
        ])
    func trimmed(key: String) async throws {
        let configuration = try await Self.read(
            [], ["OPENAI_API_KEY": key, "OPENAI_BASE_URL": "http://127.0.0.1:9/v1\r\n", "PORT": " 8005\n"])
        #expect(configuration.providers.first?.apiKey == "sk-a")
        #expect(configuration.providers.first?.baseURL == "http://127.0.0.1:9/v1" && configuration.port == 8005)
        let secret = try await Self.read([], ["SECRET_KEY": "\(Self.secretKey)\r\n"])
        #expect(secret.secretKey == Self.secretKey)
    }

    @Test(
        "A key that cannot travel in a header is named, and not shown",
        arguments: ["sk-a\nsk-b", "sk a", "স্ক", "sk-\u{200B}a", "sk-a\u{0}", "\"sk a\""])
    func badKey(key: String) async throws {
        for name in ["OPENAI_API_KEY", "GROQ_API_KEY", "OPENROUTER_API_KEY", "ANTHROPIC_API_KEY"] {
            let lines = await Self.problems([], [name: key])
            #expect(lines.count == 1 && lines[0].hasPrefix("\(name):") && !lines[0].contains("sk"), "\(lines)")
        }
    }

    @Test("A secret on the command line is refused in one line, however it is spelled, and not repeated")
    func secretArguments() async throws {
        for setting in Setting.all where setting.isSecret {
            for arguments in [
                ["\(setting.flag)=canary-0123456789"], [setting.flag, "canary-0123456789"], ["\(setting.flag)="],
                ["--\(setting.name)=canary-0123456789"], ["--port", "9000", setting.flag, "canary-0123456789"],
                ["--nope", "x", setting.flag, "canary-0123456789"], ["-\(setting.name.lowercased())=canary-0123456789"],
            ] {
                let lines = await Self.problems(arguments, ["PORT": "bad"])
                #expect(lines.count == 1 && lines[0].hasPrefix("\(setting.flag): secrets"), "\(lines)")
                #expect(!lines.joined().contains("canary"))
            }
        }
        for argument in ["SECRET_KEY=canary", "canary"] {
            let lines = await Self.problems([argument])
            #expect(lines.count == 1 && (argument == "canary" || !lines[0].contains("canary")), "\(lines)")
        }
    }

    @Test("A kind of database that is not known is named, and no URL is shown")
    func databaseScheme() async throws {
        for (url, name) in [
            ("mysql://u:canary@h/d", "'mysql'"), ("mongodb+srv://u:canary@h", "'mongodb'"), ("canary", "scheme"),
            ("MSSQL://canary", "'mssql'"), ("p4ssw0rd!canary:x", "what it begins with"),
        ] {
            let lines = await Self.problems([], ["DATABASE_URL": url])
            #expect(lines.count == 1 && lines[0].hasPrefix("DATABASE_URL:"), "\(lines)")
            #expect(lines[0].contains(name) && !lines[0].contains("canary"), "\(lines)")
        }
        #expect(try await Self.read([], ["DATABASE_URL": "sqlite:x.sqlite\n"]).databaseURL == "sqlite:x.sqlite")
    }

    @Test("Every setting has a flag, a name and a help text of its own")
    func settings() {
        #expect(Set(Setting.all.map(\.name)).count == Setting.all.count)
        for setting in Setting.all {
            #expect(!setting.help.isEmpty && setting.flag.hasPrefix("--"))
            let isSecret =
                setting.name.hasSuffix("_KEY")
                || ["BACKUP_PASSPHRASE", "METRICS_TOKEN", "OTEL_EXPORTER_OTLP_HEADERS", "REDIS_URL", "SMTP_URL"]
                    .contains(setting.name)
            #expect(setting.isSecret == isSecret, "\(setting.name)")
        }
    }

    @Test("Durations and lists are read as they are meant")
    func values() async throws {
        let configuration = try await Self.read(
            [],
            [
                "LLM_TIMEOUT": "5", "ACCESS_TOKEN_MINUTES": "60", "REGISTRATION": "closed", "PASSWORD_HASH": "bcrypt",
                "BCRYPT_ROUNDS": "10", "CORS_ORIGINS": " https://a.example , http://b.example:8080 ,",
                "SHUTDOWN_GRACE": "0", "LLM_MODEL": "m",
            ])
        #expect(configuration.timeouts.total == .seconds(5) && configuration.timeouts.firstToken <= .seconds(5))
        #expect(configuration.accessTokenLifetime == .seconds(3600))
        #expect(configuration.registration == .closed && configuration.model == "m")
        #expect(configuration.corsOrigins == ["https://a.example", "http://b.example:8080"])
        #expect(configuration.shutdownGrace == .zero)
        if case .bcrypt(let rounds) = configuration.passwordScheme { #expect(rounds == 10) } else { Issue.record("") }
    }

    @Test("Backups: what must be set together, and what is refused")
    func backups() async throws {
        let phrase = "পাখি গান গায় 🐦"
        let read = try await Self.read(
            [],
            [
                "BACKUP_SCHEDULE": "30 3 * * *", "BACKUP_DEST": "s3://bucket/prefix", "S3_ACCESS_KEY": "a",
                "S3_SECRET_KEY": "b", "BACKUP_PASSPHRASE": phrase,
            ])
        #expect(read.backup.schedule == CronSchedule("30 3 * * *") && read.backup.kept == 7)
        #expect(
            read.backup.destination == .bucket(name: "bucket", prefix: "prefix") && read.backup.passphrase == phrase)
        for (environment, name) in [
            (["BACKUP_SCHEDULE": "0 0 30 2 *", "BACKUP_DEST": "/b"], "BACKUP_SCHEDULE:"),
            (["BACKUP_SCHEDULE": "daily", "BACKUP_DEST": "/b"], "BACKUP_SCHEDULE:"),
            (["BACKUP_SCHEDULE": "0 0 * * *"], "BACKUP_DEST:"), (["BACKUP_DEST": "ftp://x"], "BACKUP_DEST:"),
            (["BACKUP_DEST": "s3://bucket"], "S3_ACCESS_KEY"), (["BACKUP_KEEP": "0"], "BACKUP_KEEP:"),
            (["BACKUP_PASSPHRASE": "দশ অক্ষর"], "BACKUP_PASSPHRASE:"),
        ] {
            let lines = await Self.problems([], environment)
            #expect(lines.count == 1 && lines[0].hasPrefix(name), "\(environment): \(lines)")
            #expect(!lines.joined().contains("অক্ষর"))
        }
    }
}
