import Foundation

/// A parsed `DATABASE_URL`. Errors never quote the URL, which may hold a password.
enum DatabaseURL: Equatable {
    /// An absolute path.
    case sqlite(path: String)
    case postgres(PostgresSettings)

    /// `sqlite:///absolute/path`, `sqlite:relative/path`, `postgres://…` or `postgresql://…`, percent-encoded; a driver
    /// suffix of the scheme is ignored.
    init(_ url: String) throws(StorageError) {
        guard let colon = url.firstIndex(of: ":") else {
            throw StorageError(.invalidURL, "the database URL has no scheme; it begins with \(Self.schemes)")
        }
        let scheme = url[..<colon].prefix { $0 != "+" }.lowercased()
        let rest = url[url.index(after: colon)...]
        switch scheme {
        case "sqlite": self = .sqlite(path: try Self.path(rest))
        case "postgres", "postgresql": self = .postgres(try PostgresSettings(url: rest))
        default:
            let named = Self.isPlausible(scheme) ? "'\(scheme)'" : "what it begins with"
            throw StorageError(
                .invalidURL, "\(named) is no kind of database that is known here; the URL begins with \(Self.schemes)")
        }
    }

    /// Whether it is the name of a scheme, and not a password that stands in the wrong place.
    private static func isPlausible(_ scheme: String) -> Bool {
        (1...16).contains(scheme.utf8.count) && scheme.utf8.allSatisfy { (97...122).contains($0) || $0 == 45 }
    }

    private static let schemes = "sqlite:, postgres: or postgresql:"

    private static func path(_ rest: Substring) throws(StorageError) -> String {
        var rest = rest
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            guard rest.hasPrefix("/") else {
                throw StorageError(
                    .invalidURL, "an SQLite database has no host: sqlite:///absolute/path or sqlite:relative/path")
            }
        }
        guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw StorageError(.invalidURL, "an SQLite database URL takes no options; write ? as %3F and # as %23")
        }
        guard rest != ":memory:" else {
            throw StorageError(.invalidURL, "an SQLite database needs a file: its connections share it")
        }
        guard let path = rest.removingPercentEncoding, !path.utf8.contains(0) else {
            throw StorageError(.invalidURL, "the path of the SQLite database is not percent-encoded text")
        }
        guard !path.isEmpty, !path.hasSuffix("/") else {
            throw StorageError(.invalidURL, "the SQLite database URL names no file")
        }
        return URL(fileURLWithPath: path).standardizedFileURL.path
    }
}

extension Database {
    /// The file of an SQLite database; nil for any other.
    package static func file(of url: String) throws(StorageError) -> String? {
        guard case .sqlite(let path) = try DatabaseURL(url) else { return nil }
        return path
    }
}
