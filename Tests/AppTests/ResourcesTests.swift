import Foundation
import Testing

@testable import App
@testable import Platform

@Suite struct ResourcesTests {
    /// A folder of its own, which is gone afterwards.
    private static func inFolder(_ test: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mynah-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.resolvingSymlinksInPath().path(percentEncoded: false)
        try test(path.hasSuffix("/") ? String(path.dropLast()) : path)
    }

    private static func makeFolder(_ path: String, mode: Int = 0o755) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    @Test("They are looked for beside the binary, in its checkout and in the system, and never in the working folder")
    func candidates() throws {
        try Self.inFolder { root in
            let build = "\(root)/তোতা/.build/x86_64/debug"
            try Self.makeFolder(build)
            let found = Resources.candidates(binary: "\(build)/mynah")
            #expect(found.first == build && found.contains("\(root)/তোতা") && found.last == "/usr/share/mynah")
            #expect(found.contains("\(root)/তোতা/.build/x86_64/share/mynah"))
            #expect(!found.contains(FileManager.default.currentDirectoryPath))
            #expect(Resources.candidates(binary: "/usr/bin/mynah").contains("/usr/share/mynah"))
            #expect(Resources.candidates(binary: "/opt/mynah/bin/mynah").contains("/opt/mynah/share/mynah"))
            #expect(Resources.candidates(binary: nil) == ["/usr/share/mynah"])
        }
    }

    @Test("A folder above the binary that everybody can write is none, unless it is the checkout")
    func sharedFolders() throws {
        try Self.inFolder { root in
            try Self.makeFolder("\(root)/shared/bin")
            try Self.makeFolder("\(root)/shared", mode: 0o1777)
            #expect(!Resources.candidates(binary: "\(root)/shared/bin/mynah").contains("\(root)/shared"))
            try Self.makeFolder("\(root)/shared", mode: 0o755)
            #expect(Resources.candidates(binary: "\(root)/shared/bin/mynah").contains("\(root)/shared"))
            try Self.makeFolder("\(root)/checkout/.build/debug")
            try Self.makeFolder("\(root)/checkout", mode: 0o777)
            #expect(Resources.candidates(binary: "\(root)/checkout/.build/debug/mynah").contains("\(root)/checkout"))
        }
    }

    @Test("What is missing is named; the project's own are complete")
    func check() throws {
        #expect(throws: Never.self) { try TestApp.resources.check() }
        try Self.inFolder { root in
            let empty = try #require(throws: StartError.self) { try Resources.find(root).check() }
            #expect(empty.description.contains("RESOURCES_DIR") && empty.description.contains(root))
            try Self.makeFolder("\(root)/Web")
            try Data().write(to: URL(filePath: "\(root)/Web/index.html"))
            let partial = try #require(throws: StartError.self) { try Resources.find(root).check() }
            #expect(partial.description.contains("Web/app.js") && partial.description.contains("common-passwords.txt"))
            #expect(!partial.description.contains("Web/index.html,"))
        }
    }

    @Test("A setting names the folder, and makes it whole")
    func named() {
        #expect(Resources.find("/srv/mynah/").path == "/srv/mynah")
        #expect(Resources.find("here").path == FileManager.default.currentDirectoryPath + "/here")
    }
}
