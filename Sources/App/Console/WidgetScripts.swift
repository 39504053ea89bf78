import Foundation
import HTTPKit
import HTTPTypes
import Hummingbird
import NIOCore
import NIOFoundationEssentialsCompat
import Platform

/// The scripts of the widget, which pages of every website load. They are the same for all and hold nothing of anyone's.
///
/// They are read once and served without indentation and comment lines, which would be a fifth of what a visitor loads.
struct WidgetScripts: RouterMiddleware {
    typealias Context = AppContext

    /// What a website names in its `<script>`.
    let loader: WidgetScript
    /// The panel's modules by path, with those that it shares with the console.
    private let modules: [String: WidgetScript]

    /// - Parameter read: Returns a file's bytes by its path below the console's folder.
    init(folder: String, read: (String) throws -> Data) throws {
        loader = WidgetScript(
            try read("widget/loader.js"), caching: "public, max-age=300, stale-while-revalidate=86400")
        let own = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/widget").filter { $0.hasSuffix(".js") }
        let names = ["dom.js", "event-stream.js", "markdown-blocks.js"] + own.map { "widget/\($0)" }
        modules = Dictionary(
            uniqueKeysWithValues: try names.map { ("/assets/\($0)", WidgetScript(try read($0), caching: "no-cache")) })
    }

    @concurrent func handle(
        _ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard request.method == .get, let module = modules[request.uri.path] else {
            return try await next(request, context)
        }
        return module.answer(to: request.headers[.ifNoneMatch]).response(.ok)
    }
}

/// One script and the mark by which browsers ask whether theirs is still the same.
struct WidgetScript: Sendable {
    private let bytes: ByteBuffer
    private let mark: String
    private let caching: String

    init(_ source: Data, caching: String) {
        let lines = String(decoding: source, as: UTF8.self).split(separator: "\n")
            .map { $0.drop { $0 == " " } }.filter { !$0.hasPrefix("//") }
        let text = lines.joined(separator: "\n") + "\n"
        bytes = ByteBuffer(string: text)
        mark = "\"\(Base64URL.encode(Secrets.hash(text)))\""
        self.caching = caching
    }

    /// - Parameter known: The marks of what the browser has, as it sends them.
    func answer(to known: String?) -> WidgetScriptAnswer {
        let isKnown = known.map { $0 == "*" || $0.contains(mark) } ?? false
        return WidgetScriptAnswer(bytes: isKnown ? nil : bytes, mark: mark, caching: caching)
    }
}

/// A script, or 304 if the browser has it.
struct WidgetScriptAnswer: Output {
    fileprivate let bytes: ByteBuffer?
    fileprivate let mark: String
    fileprivate let caching: String

    static var schema: Schema? { nil }
    static var mediaTypes: [String] { ["text/javascript"] }
    static var otherStatuses: [HTTPResponse.Status] { [.notModified] }

    func response(_ status: HTTPResponse.Status) -> Response {
        var headers: HTTPFields = [
            .accessControlAllowOrigin: "*", .crossOriginResourcePolicy: "cross-origin", .eTag: mark,
            .cacheControl: caching,
        ]
        guard let bytes else { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = "text/javascript; charset=utf-8"
        return Response(status: status, headers: headers, body: .init(byteBuffer: bytes))
    }
}
