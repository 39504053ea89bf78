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
