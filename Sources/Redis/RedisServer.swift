import Foundation

/// A parsed `REDIS_URL`: `redis://[[user]:password@]host[:port][/database]`.
package struct RedisServer: Sendable, Equatable {
    let host: String
    let port: Int
    let user: String?
    let password: String?
    package let database: Int

    package enum Problem: Error, Equatable { case needsTLS, malformed }

    package init(_ text: String) throws(Problem) {
        guard let url = URLComponents(string: text), let scheme = url.scheme else { throw .malformed }
        guard scheme != "rediss" else { throw .needsTLS }
        let path = url.path.dropFirst(url.path.hasPrefix("/") ? 1 : 0)
        guard scheme == "redis", let host = url.host, !host.isEmpty, url.query == nil, url.fragment == nil,
            let database = path.isEmpty ? 0 : Int(path), (0...65_535).contains(database),
            (1...65_535).contains(url.port ?? 6379)
        else { throw .malformed }
        // Hosts of IPv6 come in brackets, which are the address' and not the host's.
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = url.port ?? 6379
        user = url.user.flatMap { $0.isEmpty ? nil : $0 }
        password = url.password.flatMap { $0.isEmpty ? nil : $0 }
        self.database = database
    }

    /// Without the password.
    package var location: String { "\(host):\(port)" }

    /// What a new connection says first.
    package var greeting: [[String]] {
        let sign = password.map { [["AUTH"] + [user, $0].compactMap(\.self)] } ?? []
        return sign + (database == 0 ? [] : [["SELECT", String(database)]])
    }
}

/// What Redis is asked again and again: it is sent once, and then named. Redis runs it as one step.
package struct RedisScript: Sendable {
    let text: String
    /// Keys and arguments of a first run, which shows that Redis can do it.
    let probe: (keys: [String], arguments: [String])

    package init(_ text: String, probe: (keys: [String], arguments: [String])) {
        self.text = text
        self.probe = probe
    }
}

package enum RedisCommand: Sendable {
    case plain([String])
    /// The script, with its keys and arguments.
    case script([String], [String])
}

package enum RedisReply: Sendable, Equatable {
    case text(String)
    case texts([String])
    case integers([Int64])
    case null
}

/// Redis is away, slow, or refuses. Never shown to a client.
package struct RedisError: Error, CustomStringConvertible {
    package let description: String
    /// The connection had worked until then.
    var wasWorking = false
    init(_ description: String) { self.description = description }
}
