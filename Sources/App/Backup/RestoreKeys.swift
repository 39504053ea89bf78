import HTTPKit
import Platform

/// The keys to read a restored database with: those that are configured or lie beside the database, or else those that
/// the backup holds.
struct RestoreKeys {
    let encryption: [String]
    /// Nil if the audit trail cannot be checked.
    let secrets: Secrets?
    private let configuration: ServerConfiguration
    private let kept: BackupKeys?
    private let options: Restore.Options

    init(_ configuration: ServerConfiguration, _ kept: BackupKeys?, _ options: Restore.Options) {
        let (encryption, secret) = KeyFiles.existing(configuration)
        self.encryption = encryption.isEmpty ? kept?.encryption ?? [] : encryption
        // The audit trail does not need the other key.
        let keys = self.encryption.isEmpty ? [Fernet.makeKey()] : self.encryption
        secrets = (secret ?? kept?.secret).flatMap { try? Secrets(encryptionKeys: keys, secretKey: $0) }
        self.configuration = configuration
        self.kept = kept
        self.options = options
    }

    /// Whether encrypted values can be looked at.
    func areComplete(_ manifest: BackupManifest) -> Bool {
        Set(manifest.encryptionKeys).isSubset(of: encryption.map(KeyUse.id))
    }

    /// Whether the SECRET_KEY is that of the backup.
    func isSecret(of manifest: BackupManifest) -> Bool { secrets.map { KeyUse.id(of: $0) } == manifest.secretKey }

    /// Throws `StartError` if a key is missing that the rows need; returns warnings if that is accepted.
    func check(_ manifest: BackupManifest) throws -> [String] {
        var problems: [String] = []
        let given = encryption.map(KeyUse.id)
        let missing = Set(manifest.encryptionKeys).subtracting(given).sorted()
        if !missing.isEmpty {
            problems.append(
                "ENCRYPTION_KEY lacks \(missing.count == 1 ? "the key" : "the keys") \(missing.joined(separator: ", ")) "
                    + "that rows need (\(given.isEmpty ? "none is given" : "given: \(given.joined(separator: ", "))"))."
            )
        }
        if !isSecret(of: manifest), secrets != nil || manifest.auditHead != nil {
            problems.append(
                "SECRET_KEY is not the one of the backup, \(manifest.secretKey) "
                    + "(\(secrets.map { "given: \(KeyUse.id(of: $0))" } ?? "none is given")).")
        }
        if problems.isEmpty || options.goesWithoutKeys { return problems }
        // A verification may run on a machine without the keys.
        if options.isVerification, encryption.isEmpty, secrets == nil {
            return problems.map { "Not checked: \($0)" }
        }
        throw StartError(
            problems.joined(separator: " ")
                + " Set the keys that belong to the backup; --without-keys goes on, and what they encrypted stays unreadable."
        )
    }

    /// Puts the backup's keys beside a database that is a file, unless there are others.
    func keep() throws {
        guard let kept, KeyFiles.file(of: configuration.databaseURL) != nil else { return }
        let (encryption, secret) = KeyFiles.existing(configuration)
        guard encryption.isEmpty || secret == nil else { return }
        try KeyFiles.restore(
            encryption: encryption.isEmpty ? kept.encryption : encryption, secret: secret ?? kept.secret, configuration)
    }
}
