package import HTTPKit
import HummingbirdCore
import JSON
package import Storage
import Synchronization

extension UserLanguage {
    /// The user's `preferences.language`, or else what the call asks for.
    package init(_ details: UserDetails?, or requested: UserLanguage = .english) {
        self = details?.language ?? requested
    }
}

extension UserDetails {
    /// The language that the person has chosen; nil if it is none that is spoken here.
    package var language: UserLanguage? { preferences?.language }
}

extension JSONObject {
    /// The preferences' `language`.
    package var language: UserLanguage? { members["language"]?.string.flatMap { UserLanguage(tag: $0) } }
}

/// Which language users prefer. Looked up only when an error or a fallback message is written, and kept for seconds, so
/// that a user who is refused many times costs one look-up.
package final class UserLanguages: Sendable {
    private static let trust = Duration.seconds(10)
    private static let capacity = 10_000

    private struct Entry {
        let language: UserLanguage?
        let readAt: ContinuousClock.Instant
    }

    private let database: Database
    private let secrets: Secrets
    private let known = Mutex<[String: Entry]>([:])

    package init(database: Database, secrets: Secrets) {
        self.database = database
        self.secrets = secrets
    }

    /// Nil if the user has chosen none, or if the database cannot tell.
    package func language(ofUser id: String) async -> UserLanguage? {
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
    package func forget(userID: String) { known.withLock { $0[userID] = nil } }
}

extension Call {
    /// The language of this call's errors and fallback messages: what the user has chosen, or else what the call asks for.
    package func language() async -> UserLanguage {
        if UserLanguage.isEnglishOnly(request.uri.path) { return .english }
        if let chosen = chosenLanguage { return chosen }
        if let id = userID, let chosen = await languages.language(ofUser: id) { return chosen }
        return UserLanguage(of: self)
    }

    /// The error in the language of its reader.
    package func spoken(_ error: any Error) async -> APIError {
        var error = APIError(any: error)
        error.isOAuth = route.followsOAuth && isForm
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
