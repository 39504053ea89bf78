import Foundation
import Platform

/// The folders that ship with the binary: the console, third-party assets and the local model's runtime.
package struct Resources: Sendable {
    package let path: String
    /// Folders that were searched; empty if a setting names the folder.
    private let searched: [String]

    package init(path: String) {
        self.path = path
        searched = []
    }

    private init(path: String, searched: [String]) {
        self.path = path
        self.searched = searched
    }

    var web: String { path + "/Web" }
    var assets: String { path + "/Assets" }
    var localModel: String { path + "/LocalModel" }
    var localModelProgram: String { localModel + "/serve.py" }
    var embedderProgram: String { localModel + "/embed.py" }
    package var localModelInstaller: String { localModel + "/install" }
    var commonPasswords: String { assets + "/common-passwords.txt" }

    /// The named folder, or the first of `candidates` that has the console. The working folder is no candidate: a user who can
    /// write there must not choose what the server runs and serves.
    package static func find(_ named: String?) -> Resources {
        if let named {
            return Resources(path: URL(filePath: named).standardizedFileURL.path(percentEncoded: false).trimmedSlash)
        }
        let candidates = candidates(
            binary: Bundle.main.executableURL?.resolvingSymlinksInPath().path(percentEncoded: false))
        let found = candidates.first { FileManager.default.fileExists(atPath: $0 + "/Web/index.html") }
        return Resources(path: found ?? candidates[0], searched: candidates)
    }

    /// Beside the binary, `share/mynah` beside its folder (an installation), the checkout whose `.build` it lies in, the
    /// folders above it that only their owner can write, and `/usr/share/mynah`.
    static func candidates(binary: String?) -> [String] {
        var candidates: [String] = []
        if let binary {
            let folder = URL(filePath: binary).deletingLastPathComponent()
            candidates = [folder.plainPath, folder.deletingLastPathComponent().plainPath + "/share/mynah"]
            var above = folder
            for _ in 0..<5 where above.plainPath != "/" {
                let isBuild = above.lastPathComponent == ".build"
                above = above.deletingLastPathComponent()
                if isBuild || !isWritableByOthers(above.plainPath) { candidates.append(above.plainPath) }
            }
        }
        return candidates + ["/usr/share/mynah"]
    }

    private static func isWritableByOthers(_ folder: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: folder)
        guard let permissions = attributes?[.posixPermissions] as? Int else { return true }
        return permissions & 0o002 != 0
    }

    /// What a server cannot do without.
    private static let needed =
        ["index", "docs", "redoc", "setup", "admin"].map { "Web/\($0).html" }
        + [
            "Web/app.js", "Web/api.js", "Web/app.css", "Web/widget/loader.js", "Assets/common-passwords.txt",
            "Assets/marked/marked.umd.min.js", "Assets/prism/prism.js", "Assets/katex/katex.min.js",
            "Assets/swagger-ui/swagger-ui-bundle.js", "Assets/swagger-ui/swagger-ui.css",
            "Assets/redoc/redoc.standalone.js",
        ]

    /// Throws `StartError` if something is missing; asked before the database is touched.
    package func check() throws {
        let missing = Self.needed.filter { !FileManager.default.isReadableFile(atPath: "\(path)/\($0)") }
        guard !missing.isEmpty else { return }
        guard missing.count < Self.needed.count else {
            throw StartError(
                searched.isEmpty
                    ? "RESOURCES_DIR: '\(path)' holds neither Web/ nor Assets/."
                    : "Mynah's own files, Web/ and Assets/, are in none of \(searched.joined(separator: ", ")). Set "
                        + "RESOURCES_DIR to the folder that holds them.")
        }
        throw StartError(
            "\(path) is not complete: \(missing.joined(separator: ", ")) \(missing.count == 1 ? "is" : "are") missing. Run "
                + "'make setup' there, or set RESOURCES_DIR.")
    }
}

extension URL {
    fileprivate var plainPath: String { path(percentEncoded: false).trimmedSlash }
}

extension String {
    fileprivate var trimmedSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}
