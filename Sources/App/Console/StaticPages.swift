import Foundation
import HTTPKit
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOFoundationEssentialsCompat
import Platform

/// The console's pages; their scripts and styles are served as files under `/assets`. All is read once: the pages at the start, the rest
/// when it is first asked for.
struct StaticPages: Sendable {
    private let console: ByteBuffer
    private let docs: ByteBuffer
    private let redoc: ByteBuffer
    private let setup: ByteBuffer
    private let admin: ByteBuffer
    let widget: WidgetScripts
    let scripts: ConsoleScripts
    private var openAPI: MadeOnce<ByteBuffer>

    init(_ resources: Resources) throws {
        @Sendable func load(_ name: String, from folder: String? = nil) throws -> ByteBuffer {
            let path = "\(folder ?? resources.web)/\(name)"
            guard let data = FileManager.default.contents(atPath: path) else {
                throw StartError(
                    "\(path) is missing: the console's files must lie beside the binary, or RESOURCES_DIR must name their folder."
                )
            }
            return ByteBuffer(data: data)
        }
        console = try load("index.html")
        docs = try load("docs.html")
        redoc = try load("redoc.html")
        setup = try load("setup.html")
        admin = try load("admin.html")
        widget = try WidgetScripts(folder: resources.web) { Data(buffer: try load($0)) }
        scripts = ConsoleScripts(
            web: { Data(buffer: try load($0)) }, assets: { Data(buffer: try load($0, from: resources.assets)) })
        openAPI = MadeOnce { ByteBuffer() }
    }

    /// - Parameter make: Makes the OpenAPI document, when it is first asked for.
    mutating func setOpenAPI(_ make: @escaping @Sendable () -> [UInt8]) {
        openAPI = MadeOnce { ByteBuffer(bytes: make()) }
    }

    /// What the pages load, except what is read and compressed beforehand.
    func addFiles(to router: Router<AppContext>, at path: String, from folder: String, _ logger: Logger) {
        let group = router.group(RouterPath(path))
        group.add(middleware: OnlyFiles())
        group.add(middleware: widget)
        group.add(middleware: scripts)
        group.add(middleware: FileRanges())
        group.add(
            middleware: FileMiddleware(
                folder, urlBasePath: path, cacheControl: .init([(MediaType(type: .any), [.noCache])]), logger: logger))
        group.get("**") { _, _ -> Response in throw HTTPError(.notFound) }
    }

    func console(_ who: AnonymousCaller) -> Page { page(console) }
    func docs(_ who: AnonymousCaller) -> Page { page(docs) }
    func redoc(_ who: AnonymousCaller) -> Page { page(redoc) }
    func setup(_ who: AnonymousCaller) -> Page { page(setup) }
    func admin(_ who: AnonymousCaller) -> Page { page(admin) }
    func loader(_ who: AnonymousCaller) throws -> WidgetScriptAnswer {
        try widget.loader.answer(to: who.call.request.headers)
    }

    func openAPI(_ who: AnonymousCaller) throws -> Document {
        Document(page: Page(bytes: try openAPI.value, headers: [.contentType: "application/json; charset=utf-8"]))
    }

    struct Document: Output {
        let page: Page
        static var schema: Schema? { Schema(.map(Schema(.any))) }
        static var mediaTypes: [String] { ["application/json"] }
        func response(_ status: HTTPResponse.Status) -> Response { page.response(status) }
    }

    private func page(_ bytes: ByteBuffer) -> Page {
        Page(bytes: bytes, headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-cache"])
    }
}

extension StaticPages {
    var table: [Route] {
        [
            Route(
                .get, "/", .page, id: "open_console", "Show the console",
                about: "The page that users sign in to. Its scripts and styles are under `/assets`.",
                console),
            Route(
                .get, "/docs", .page, id: "show_docs", "Show the interactive API documentation",
                about: "The page renders `/openapi.json` and can send requests.",
                docs),
            Route(
                .get, "/redoc", .page, id: "show_reference", "Show the API reference",
                about: "The page renders `/openapi.json` for reading.",
                redoc),
            Route(
                .get, "/openapi.json", .page, id: "get_openapi", "Get this OpenAPI document",
                about: "OpenAPI 3.1, generated from the routes of this server. Other names of a route are left out.",
                openAPI),
            Route(
                .get, "/setup", .page, id: "show_setup", "Show the page that creates the first admin",
                about: "The link that the server prints at its first start leads here.",
                setup),
            Route(
                .get, "/admin", .page, id: "open_admin_console", "Show the operators' console",
                about: "The page that admins and staff sign in to.",
                admin),
            Route(
                .get, "/widget.js", .page, id: "get_widget_script", "Get the script that puts a widget on a page",
                about: "A website names it in a `<script>` with `data-key`. The rest of the widget is loaded when a "
                    + "visitor opens it.",
                loader),
        ].tagged(.server)
    }
}
