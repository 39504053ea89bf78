import Foundation
import HTTPKit
import HTTPTypes
import Hummingbird

/// What the console's pages load: each page's modules as one script, and the style sheets, compressed for browsers that
/// take gzip. They are read once.
struct ConsoleScripts: RouterMiddleware {
    typealias Context = AppContext

    private let files: [String: WidgetScript]

    /// - Parameters:
    ///   - web: Returns a file's bytes by its path below the console's folder.
    ///   - assets: Likewise below that of third-party files.
    init(web: (String) throws -> Data, assets: (String) throws -> Data) throws {
        var files: [String: WidgetScript] = [:]
        func add(_ path: String, _ text: String, type: String = "text/javascript") throws {
            files["/assets/\(path)"] = try WidgetScript(text, caching: "no-cache", type: type, isShared: false)
        }
        for page in ["app.js", "admin.js"] {
            try withoutActuallyEscaping(web) { web in
                try add(page, JoinedModules.text(of: page) { String(decoding: try web($0), as: UTF8.self) })
            }
        }
        for sheet in ["admin", "app", "chat", "controls"] {
            try add("\(sheet).css", String(decoding: web("\(sheet).css"), as: UTF8.self), type: "text/css")
        }
        for library in ["marked/marked.umd.min.js", "prism/prism.js", "katex/katex.min.js"] {
            try add("vendor/\(library)", String(decoding: assets(library), as: UTF8.self))
        }
        self.files = files
    }

    @concurrent func handle(
        _ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard request.method == .get, let file = files[request.uri.path] else {
            return try await next(request, context)
        }
        return file.answer(to: request.headers).response(.ok)
    }
}
