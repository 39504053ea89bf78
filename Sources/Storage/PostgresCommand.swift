/// How PostgreSQL's own programs, such as `pg_dump`, reach a database as Mynah does. They see every tenant's rows.
package struct PostgresCommand: Sendable {
    /// For `--dbname`: without the password, which other users of the machine could see.
    package let connection: String
    /// Variables to add to the program's environment.
    package let environment: [String: String]

    /// For programs that connect to no server.
    package static let none = PostgresCommand()

    private init() { (connection, environment) = ("", [:]) }

    /// Returns nil if the URL names no PostgreSQL database.
    /// - Parameter application: what `pg_stat_activity` shows.
    package init?(url: String, application: String = "mynah_backup") throws(StorageError) {
        guard case .postgres(let settings) = try DatabaseURL(url) else { return nil }
        var options = settings.options
        environment = options.removeValue(forKey: "password").map { ["PGPASSWORD": $0] } ?? [:]
        options["application_name"] = application
        options["options"] = [options["options"], "-c mynah.scope=system"].compactMap(\.self).joined(separator: " ")
        connection = options.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.quoted($0.value))" }
            .joined(separator: " ")
    }

    private static func quoted(_ value: String) -> String {
        "'" + value.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }

    /// The URL of another database on the same server.
    package static func url(_ url: String, naming database: String) -> String {
        let parts = url.split(separator: "?", maxSplits: 1)
        let start = parts[0].firstRange(of: "//")?.upperBound ?? parts[0].startIndex
        let end = parts[0][start...].firstIndex(of: "/") ?? parts[0].endIndex
        return "\(parts[0][..<end])/\(database)" + (parts.count > 1 ? "?\(parts[1])" : "")
    }
}
