import HTTPTypes
import HummingbirdCore
import JSON
import Storage
import Synchronization

/// The languages of what people read: error texts, fallback messages and mail. `/v1` is always in English, as the APIs
/// are whose shapes it has.
enum UserLanguage: String, Codable, Sendable, CaseIterable {
    case english = "en"
    case bengali = "bn"

    /// The language that a tag such as `bn`, `bn-BD` or `BN_in` names; nil for any other.
    init?(tag: some StringProtocol) {
        self.init(rawValue: tag.prefix { $0 != "-" && $0 != "_" }.lowercased())
    }

    /// The user's `preferences.language`, or else what the call asks for.
    init(_ details: UserDetails?, or requested: UserLanguage = .english) {
        self = details?.language ?? requested
    }

    /// The one that `Accept-Language` (RFC 9110, 12.5.4) rates highest, the first if several are equal. English if it
    /// names neither or is not valid.
    init(accepting header: String?) {
        var best: (language: UserLanguage, weight: Double)?
        // A header is short; what is beyond this is not from a browser.
        for entry in (header ?? "").prefix(1000).split(separator: ",") {
            let parts = entry.split(separator: ";", omittingEmptySubsequences: false)
                .map(\.withoutOptionalSpace)
            let tag = parts[0]
            guard let language = tag == "*" ? .english : UserLanguage(tag: tag) else { continue }
            let quality = parts.dropFirst().first { $0.lowercased().hasPrefix("q=") }
            guard let weight = quality.map({ Self.weight($0.dropFirst(2)) }) ?? 1, weight > 0 else { continue }
            if weight > best?.weight ?? 0 { best = (language, weight) }
        }
        self = best?.language ?? .english
    }

    /// From 0 to 1; nil if it is neither.
    private static func weight(_ text: some StringProtocol) -> Double? {
        guard text.utf8.count <= 5, let weight = Double(text), (0...1).contains(weight) else { return nil }
        return weight
    }

    init(of call: Call) { self.init(accepting: call.header(.acceptLanguage)) }

    /// Whether what is at this path speaks English whoever asks.
    static func isEnglishOnly(_ path: String) -> Bool {
        path.hasPrefix("/v1/") || path.hasPrefix("/openai/")
    }
}

extension UserDetails {
    /// The language that the person has chosen; nil if it is none that is spoken here.
    var language: UserLanguage? { preferences?.language }
}

extension JSONObject {
    /// Of preferences: their `language`.
    var language: UserLanguage? { members["language"]?.string.flatMap { UserLanguage(tag: $0) } }
}

/// Which language users prefer. Looked up only when an error or a fallback message is written, and kept for seconds, so
/// that a user who is refused many times costs one look-up.
final class UserLanguages: Sendable {
    private static let trust = Duration.seconds(10)
    private static let capacity = 10_000

    private struct Entry {
        let language: UserLanguage?
        let readAt: ContinuousClock.Instant
    }

    private let database: Database
    private let secrets: Secrets
    private let known = Mutex<[String: Entry]>([:])

    init(database: Database, secrets: Secrets) {
        self.database = database
        self.secrets = secrets
    }

    /// Nil if the user has chosen none, or if the database cannot tell.
    func language(ofUser id: String) async -> UserLanguage? {
        if let entry = known.withLock({ $0[id] }), entry.readAt.duration(to: .now) < Self.trust {
            return entry.language
        }
        let found = try? await database.read(.system) { tx in
            try tx.row("SELECT details FROM users WHERE id = ?", [id]) { try $0.stringIfPresent("details") }
        }
        guard let found else { return nil }
        let language = (try? UserDetails(encrypted: found.flatMap(\.self), secrets))?.language
        known.withLock { known in
            if known.count >= Self.capacity { known.removeAll(keepingCapacity: true) }
            known[id] = Entry(language: language, readAt: .now)
        }
        return language
    }

    /// Has the next error look it up again.
    func forget(userID: String) { known.withLock { $0[userID] = nil } }
}

extension Call {
    /// The language of this call's errors and fallback messages: what the user has chosen, or else what the call asks for.
    func language() async -> UserLanguage {
        if UserLanguage.isEnglishOnly(request.uri.path) { return .english }
        if let chosen = chosenLanguage { return chosen }
        if let id = userID, let chosen = await languages.language(ofUser: id) { return chosen }
        return UserLanguage(of: self)
    }

    /// The error in the language of whoever reads it.
    func spoken(_ error: any Error) async -> APIError {
        var error = APIError(any: error)
        guard error.language == nil else { return error }
        switch error.code {
        // The database is what could tell.
        case .databaseBusy, .databaseFull, .databaseUnavailable:
            error.language =
                UserLanguage.isEnglishOnly(request.uri.path) ? .english : chosenLanguage ?? UserLanguage(of: self)
        default: error.language = await language()
        }
        return error
    }
}
