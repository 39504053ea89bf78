import Foundation
import HTTPKit
import HTTPTypes
import Hummingbird

/// What the console's pages load: each page's modules as one script, and the style sheets, compressed for browsers that
/// take gzip.
struct ConsoleScripts: RouterMiddleware {
    typealias Context = AppContext

    private let files: [String: WidgetScript]

    /// - Parameters:
    ///   - web: Returns a file's bytes by its path below the console's folder.
    ///   - assets: Likewise below that of third-party files.
    init(web: @escaping @Sendable (String) throws -> Data, assets: @escaping @Sendable (String) throws -> Data) {
        var files: [String: WidgetScript] = [:]
        func add(_ path: String, type: String = "text/javascript", _ text: @escaping @Sendable () throws -> String) {
            files["/assets/\(path)"] = WidgetScript(caching: "no-cache", type: type, isShared: false, text)
        }
        for page in ["app.js", "admin.js"] {
            add(page) { try JoinedModules.text(of: page) { String(decoding: try web($0), as: UTF8.self) } }
        }
        for sheet in ["admin.css", "app.css", "chat.css", "controls.css"] {
            add(sheet, type: "text/css") { String(decoding: try web(sheet), as: UTF8.self) }
        }
        for library in ["marked/marked.umd.min.js", "prism/prism.js", "katex/katex.min.js"] {
            add("vendor/\(library)") { String(decoding: try assets(library), as: UTF8.self) }
        }
        self.files = files
    }

    @concurrent func handle(
        _ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard request.method == .get, let file = files[request.uri.path] else {
            return try await next(request, context)
        }
        return try file.answer(to: request.headers).response(.ok)
    }
}
