import Foundation

/// How to reach a PostgreSQL server. Its password stays out of everything that is printed.
struct PostgresSettings: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// Connection options, by libpq's keywords.
    private(set) var options: [String: String]
    let poolSize: Int?
    /// Off behind a pooler that gives each transaction to another server connection.
    let preparesStatements: Bool
    /// On for a server that knows no other isolation of transactions.
    let isSerializable: Bool

    /// Times are in seconds, but that of `tcp_user_timeout` in milliseconds.
    private static let defaults = [
        "client_encoding": "UTF8", "fallback_application_name": "mynah", "connect_timeout": "3", "keepalives": "1",
        "keepalives_idle": "15", "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "20000",
    ]

    /// `rest` is what follows the scheme's colon: `//[user[:password]@][host[:port][,…]]/[database][?option=value&…]`,
    /// percent-encoded. `pool_size`, `prepared_statements` and `isolation` are Mynah's, the other options libpq's.
    init(url rest: Substring) throws(StorageError) {
        guard rest.hasPrefix("//"), !rest.contains("#") else {
            throw Self.invalid("has the form postgres://user:password@host:port/database; write # as %23")
        }
        var options = Self.defaults
        let parts = rest.dropFirst(2).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        if path.count > 1, !path[1].isEmpty {
            // Otherwise the end of a password with an unencoded slash would pass for the database's name.
            guard !path[1].contains(where: { $0 == "/" || $0 == "@" }) else {
                throw Self.invalid("has a database name with / or @; percent-encode those, in the password too")
            }
            options["dbname"] = try Self.decoded(path[1])
        }
        try Self.readAuthority(path[0], into: &options)
        var poolSize: Int?
        var preparesStatements = true
        var isSerializable = false
        for pair in parts.dropFirst().joined().split(separator: "&") {
            let option = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard option.count == 2, !option[0].isEmpty else { throw Self.invalid("has an option without a value") }
            let (key, value) = (try Self.decoded(option[0]), try Self.decoded(option[1]))
            switch key {
            case "pool_size":
                guard let size = Int(value), (1...1000).contains(size) else {
                    throw Self.invalid("has a pool_size that is not between 1 and 1000")
                }
                poolSize = size
            case "prepared_statements":
                guard let isOn = ["on": true, "true": true, "1": true, "off": false, "false": false, "0": false][value]
                else { throw Self.invalid("has prepared_statements that are neither on nor off") }
                preparesStatements = isOn
            case "isolation":
                guard let isOn = ["serializable": true, "read committed": false][value] else {
                    throw Self.invalid("has an isolation that is neither serializable nor read committed")
                }
                isSerializable = isOn
            // As other drivers call it.
            case "ssl": options["sslmode"] = value == "true" ? "require" : value
            default: options[key] = value
            }
        }
        self.options = options
        self.poolSize = poolSize
        self.preparesStatements = preparesStatements
        self.isSerializable = isSerializable
    }

    /// Names the connections, for other instances and `pg_stat_activity`, unless the URL does.
    func named(_ name: String) -> PostgresSettings {
        var settings = self
        if settings.options["application_name"] == nil { settings.options["application_name"] = name }
        return settings
    }

    private static func readAuthority(_ text: Substring, into options: inout [String: String]) throws(StorageError) {
        var hosts = text
        if let at = text.lastIndex(of: "@") {
            let user = text[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if !user[0].isEmpty { options["user"] = try decoded(user[0]) }
            if user.count > 1 { options["password"] = try decoded(user[1]) }
            hosts = text[text.index(after: at)...]
        }
        guard !hosts.isEmpty else { return }
        var names: [String] = []
        var ports: [String] = []
        for host in hosts.split(separator: ",", omittingEmptySubsequences: false) {
            // An IPv6 address stands in brackets.
            let end = host.lastIndex(of: "]") ?? host.startIndex
            let colon = host[end...].firstIndex(of: ":")
            let name = host[..<(colon ?? host.endIndex)]
            let port = colon.map { host[host.index(after: $0)...] } ?? ""
            guard port.isEmpty || UInt16(port) != nil else { throw invalid("has a port that is not a number") }
            names.append(try decoded(name.hasPrefix("[") ? name.dropFirst().dropLast() : name))
            ports.append(String(port))
        }
        options["host"] = names.joined(separator: ",")
        if !ports.allSatisfy(\.isEmpty) { options["port"] = ports.joined(separator: ",") }
    }

    private static func decoded(_ text: Substring) throws(StorageError) -> String {
        guard let decoded = text.removingPercentEncoding, !decoded.utf8.contains(0) else {
            throw invalid("is not percent-encoded text")
        }
        return decoded
    }

    private static func invalid(_ what: String) -> StorageError {
        StorageError(.invalidURL, "the PostgreSQL database URL \(what)")
    }

    /// For people and logs.
    var location: String {
        let host = options["host"] ?? options["hostaddr"] ?? "local"
        return "postgresql://\(host)\(options["port"].map { ":\($0)" } ?? "")/\(options["dbname"] ?? "")"
    }

    var description: String { location }

    var customMirror: Mirror { Mirror(self, children: ["location": location]) }

    /// libpq's own messages are not known to quote it; this makes sure.
    func concealing(_ message: String) -> String {
        guard let password = options["password"], password.count > 3 else { return message }
        return message.replacingOccurrences(of: password, with: "…")
    }
}
