import DatabaseMigrations
import Foundation
import HTTPKit
import LLM
import Logging
import Metering
import Platform
import SMTP
import Storage

/// Looks at everything a server needs and says what is wrong and what to do about it, without changing anything.
package struct Doctor: Sendable {
    package struct Finding: Sendable {
        package let subject: String
        package let isWell: Bool
        package let text: String
        /// Works, but should be seen to.
        package var isWarning = false
    }

    private static let longestUnproven = Duration.seconds(7 * 86_400)

    let configuration: ServerConfiguration

    package init(_ configuration: ServerConfiguration) { self.configuration = configuration }

    package static func freshKeys() -> [(name: String, key: String)] {
        [("SECRET_KEY", RandomText.make(bytes: 48)), ("ENCRYPTION_KEY", Fernet.makeKey())]
    }

    package func examine() async -> [Finding] {
        [
            Finding(
                subject: "settings", isWell: true,
                text: "\(configuration.environment.rawValue), http://\(configuration.host):\(configuration.port)"),
            secrets(), await database(), await files(), await reading(), await backups(),
            await mail(), console(), passwords(), model(), embeddings(), await prices(),
        ].compactMap(\.self)
    }

    private func secrets() -> Finding {
        if configuration.secretKey != nil, configuration.encryptionKeys != nil {
            return Finding(subject: "secrets", isWell: true, text: "set by the environment")
        }
        return Finding(
            subject: "secrets", isWell: configuration.environment != .production,
            text: "kept only in files beside the database, and in no backup without --with-keys: copy them to another "
                + "place, or set SECRET_KEY and ENCRYPTION_KEY",
            isWarning: true)
    }

    private func backups() async -> Finding {
        guard configuration.backup.schedule != nil else {
            return Finding(
                subject: "backups", isWell: true, text: "not scheduled: set BACKUP_SCHEDULE, or run 'mynah backup'",
                isWarning: configuration.environment == .production)
        }
        let state = try? await withDatabase { database in
            try await database.read(.system) { tx in try BackupState.read(tx) }
        }
        let now = Timestamp.now
        guard let state, let since = state.provenAt ?? state.scheduledSince else {
            return Finding(subject: "backups", isWell: true, text: "scheduled; none was made yet")
        }
        let made = state.madeAt.map { "last made at \($0.iso8601)" } ?? "none was made yet"
        let proven = state.provenAt.map { "last proven by restoring at \($0.iso8601)" } ?? "none was proven yet"
        let isLate = since < now.adding(.zero - Self.longestUnproven)
        return Finding(
            subject: "backups", isWell: true,
            text: "scheduled; \(made), \(proven)"
                + (isLate ? ": no proof for 7 days; see the log and GET /admin/jobs?state=dead" : ""),
            isWarning: isLate)
    }

    /// Opens the database if there is one.
    private func withDatabase<Value>(_ work: (Database) async throws -> Value) async throws -> Value? {
        if let path = KeyFiles.file(of: configuration.databaseURL), !FileManager.default.fileExists(atPath: path) {
            return nil
        }
        return try await open().closing(after: work)
    }

    private func open() throws -> Database {
        try Database(
            url: configuration.databaseURL, logger: Logger(label: "doctor") { _ in SwiftLogNoOpLogHandler() })
    }

    private func database() async -> Finding {
        if let path = KeyFiles.file(of: configuration.databaseURL), !FileManager.default.fileExists(atPath: path) {
            return newDatabase(path)
        }
        do {
            let database = try open()
            let finding: Finding
            do {
                try await database.check()
                let waiting = try await Migrator(database, Migrations.all).status()
                    .filter { $0.appliedAt == nil }
                let state =
                    waiting.isEmpty
                    ? "up to date" : "writable; \(waiting.count) migrations wait, which 'serve' or 'migrate' applies"
                let warnings = try await database.warnings()
                finding = Finding(
                    subject: "database", isWell: warnings.isEmpty,
                    text: (["\(database.location) is \(state)"] + warnings).joined(separator: "; "))
            } catch let error as StorageError {
                finding = Finding(subject: "database", isWell: false, text: error.message)
            }
            await database.close()
            return finding
        } catch {
            return Finding(subject: "database", isWell: false, text: (error as? StorageError)?.message ?? "\(error)")
        }
    }

    /// Lists models in use without a price, which cost no credits or are refused. Returns nil if there are none.
    private func prices() async -> Finding? {
        let (provider, model) = (configuration.defaultProvider, configuration.model)
        guard configuration.defaultPrice == nil,
            KeyFiles.file(of: configuration.databaseURL).map(FileManager.default.fileExists) ?? true,
            let database = try? open()
        else { return nil }
        let named = try? await database.read(.system) { tx in
            try tx.rows("SELECT DISTINCT provider, model FROM chatbots WHERE deleted_at IS NULL") {
                (provider: try $0.stringIfPresent("provider"), model: try $0.stringIfPresent("model"))
            }
        }
        let prices = Prices(database: database, standard: nil, chosen: configuration.chosenModels)
        var (free, refused): (Set<String>, Set<String>) = ([], [])
        for one in [(provider: nil, model: nil)] + (named ?? []) {
            let provider = one.provider ?? provider
            guard let model = one.model ?? (one.provider == nil ? model : nil) ?? Vendor.named(provider)?.usualModel,
                case let target = ModelTarget(provider: provider, model: model),
                !Prices.isFree(target.provider)
            else { continue }
            do {
                guard try await prices.price(of: target) == .free else { continue }
                free.insert("\(target.provider)/\(target.model)")
            } catch let error as APIError where error.code == .modelNotPriced {
                refused.insert("\(target.provider)/\(target.model)")
            } catch { continue }
        }
        await database.close()
        let texts = [(free, "cost no credits"), (refused, "are refused, for they have no price")].compactMap {
            $0.isEmpty ? nil : "\($0.sorted().joined(separator: ", ")) \($1)"
        }
        guard !texts.isEmpty else { return nil }
        return Finding(
            subject: "prices", isWell: refused.isEmpty,
            text: texts.joined(separator: "; ") + ": set prices, or DEFAULT_PRICE")
    }

    /// Nothing is made just to look at it.
    private func newDatabase(_ path: String) -> Finding {
        let isWritable = Self.isFolderWritable(above: path)
        return Finding(
            subject: "database", isWell: isWritable,
            text: isWritable
                ? "\(path) will be made by 'serve'" : "\(path) cannot be made: the folder above it is not writable")
    }

    /// Whether what is nearest above the path is a folder that can be written.
    static func isFolderWritable(above path: String) -> Bool {
        var folder = path
        var isFolder: ObjCBool = false
        repeat {
            folder = (folder as NSString).deletingLastPathComponent
            if folder.isEmpty { folder = "." }
        } while !FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder)
        return isFolder.boolValue && FileManager.default.isWritableFile(atPath: folder)
    }

    private func mail() async -> Finding {
        guard let settings = configuration.smtp, let sender = configuration.mailFrom else {
            return Finding(subject: "mail", isWell: true, text: "off: SMTP_URL is not set")
        }
        do {
            try await SMTPClient(settings, name: sender.domain).check()
            return Finding(subject: "mail", isWell: true, text: "\(settings.host):\(settings.port) takes it")
        } catch {
            return Finding(subject: "mail", isWell: false, text: "\(settings.host):\(settings.port): \(error)")
        }
    }

    private func console() -> Finding {
        let missing = [configuration.resources.web + "/index.html", configuration.resources.assets + "/swagger-ui"]
            .filter { !FileManager.default.fileExists(atPath: $0) }
        return Finding(
            subject: "console", isWell: missing.isEmpty,
            text: missing.isEmpty
                ? configuration.resources.path : "\(missing.joined(separator: " and ")) missing; run 'make setup'")
    }

    private func passwords() -> Finding {
        let isThere = FileManager.default.isReadableFile(atPath: configuration.resources.commonPasswords)
        return Finding(
            subject: "common passwords", isWell: isThere,
            text: isThere ? "refused at registration" : "the list is missing; run 'make setup'")
    }

    private func model() -> Finding {
        guard configuration.defaultProvider == "local" else {
            return Finding(
                subject: "model", isWell: true,
                text: "\(configuration.defaultProvider), \(configuration.model ?? "its default model")")
        }
        return Finding(
            subject: "model", isWell: isLocalModelInstalled,
            text: isLocalModelInstalled
                ? "local" : "the local model is not installed; run 'mynah model install', or set a provider's key")
    }

    var isLocalModelInstalled: Bool {
        FileManager.default.isExecutableFile(atPath: configuration.localModelEnvironment + "/bin/python")
    }

    /// The server works without, but for calls of `/v1/embeddings`.
    private func embeddings() -> Finding {
        let target = configuration.embedding
        guard target.provider == "local" else {
            return Finding(subject: "embeddings", isWell: true, text: "\(target.provider), \(target.model)")
        }
        return Finding(
            subject: "embeddings", isWell: true,
            text: isLocalModelInstalled
                ? "local, starts with the first call"
                : "the local model is not installed; run 'mynah model install', or set EMBEDDING_PROVIDER",
            isWarning: !isLocalModelInstalled)
    }
}
