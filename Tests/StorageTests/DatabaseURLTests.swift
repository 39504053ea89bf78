import Foundation
import Testing

@testable import Storage

struct DatabaseURLTests {
    private static let here = FileManager.default.currentDirectoryPath

    @Test(arguments: [
        ("sqlite:///var/lib/a.sqlite", "/var/lib/a.sqlite"),
        ("sqlite:////var/lib/a.sqlite", "/var/lib/a.sqlite"),
        ("sqlite:/var/lib/a.sqlite", "/var/lib/a.sqlite"),
        ("sqlite:data/a.sqlite", here + "/data/a.sqlite"),
        ("sqlite:a", here + "/a"),
        ("sqlite+aiosqlite:///a.sqlite", "/a.sqlite"),
        ("SQLite:///a.sqlite", "/a.sqlite"),
        ("sqlite:///my%20folder/50%25%3F.sqlite", "/my folder/50%?.sqlite"),
        ("sqlite:///a/../b.sqlite", "/b.sqlite"),
        ("sqlite:///ünï.sqlite", "/ünï.sqlite"),
        ("sqlite:file:x", here + "/file:x"),
    ])
    func path(url: String, path: String) throws {
        #expect(try DatabaseURL(url) == .sqlite(path: path))
    }

    @Test(
        arguments: [
            (
                "postgres://u:p@db.example:5433/app",
                ["user": "u", "password": "p", "host": "db.example", "port": "5433"]
            ),
            ("postgresql+asyncpg://u:p%40%2F%3A@h/app", ["user": "u", "password": "p@/:", "host": "h"]),
            ("postgres://u:a@b:c@h/app", ["user": "u", "password": "a@b:c", "host": "h"]),
            ("postgres://[::1]:5432/app", ["host": "::1", "port": "5432"]),
            ("postgres://a:1,b/app", ["host": "a,b", "port": "1,"]),
            (
                "postgres://u@/app?host=/run/my%20pg&sslmode=verify-full",
                ["host": "/run/my pg", "sslmode": "verify-full"]
            ),
            ("PostgreSQL://h/app?ssl=true", ["host": "h", "sslmode": "require"]),
            ("postgres://h/app?connect_timeout=9", ["connect_timeout": "9"]),
        ] as [(String, [String: String])])
    func postgres(url: String, options: [String: String]) throws {
        guard case .postgres(let settings) = try DatabaseURL(url) else {
            Issue.record("another engine")
            return
        }
        #expect(settings.options["dbname"] == "app")
        for (key, value) in options { #expect(settings.options[key] == value, "\(key)") }
        #expect(settings.preparesStatements)
        #expect(settings.poolSize == nil)
    }

    @Test func postgresOptionsOfOurOwn() throws {
        guard case .postgres(let settings) = try DatabaseURL("postgres://h/app?pool_size=20&prepared_statements=off")
        else {
            Issue.record("another engine")
            return
        }
        #expect(settings.poolSize == 20)
        #expect(!settings.preparesStatements)
        #expect(settings.options["pool_size"] == nil)
    }

    @Test func thePasswordIsNotPrinted() throws {
        let url = try DatabaseURL("postgres://user:secret@host/app?password=secret")
        for text in [
            "\(url)", String(reflecting: url), String(describing: Mirror(reflecting: url).children.map(\.value)),
        ] {
            #expect(!text.contains("secret"))
        }
    }

    @Test(arguments: [
        "postgres:", "postgres:h/app", "postgres://u:secret@h:port/app", "postgres://u:sec/ret@h/app",
        "postgres://u:secret%zz@h/app", "postgres://h/app?pool_size=0", "postgres://h/app?pool_size=many",
        "postgres://h/app?prepared_statements=maybe", "postgres://h/app?isolation=none", "postgres://h/app?sslmode",
        "postgres://u:secret#@h/app",
    ])
    func refusedPostgres(url: String) {
        let error = #expect(throws: StorageError.self) { try DatabaseURL(url) }
        #expect(error?.kind == .invalidURL)
        #expect(error?.message.contains("sec") == false)
    }

    @Test(arguments: [
        "", "data/a.sqlite", "sqlite:", "sqlite://", "sqlite:///", "sqlite:folder/", "sqlite::memory:",
        "sqlite://host/a.sqlite", "sqlite:///a.sqlite?mode=ro", "sqlite:///a%zz", "sqlite:///a%00b", "mysql://a/b",
        "postgres+:secret@host/db", "sqlite3:///a", ":a",
    ])
    func refused(url: String) {
        let error = #expect(throws: StorageError.self) { try DatabaseURL(url) }
        #expect(error?.kind == .invalidURL)
        #expect(error?.message.contains("secret") == false)
    }
}
