import Archive
import Foundation
import HTTPKit
import HTTPTypes
import Hummingbird
import NIOCore
import NIOFoundationEssentialsCompat
import Platform

/// The scripts of the widget, which pages of every website load. They are the same for all and hold nothing of anyone's.
///
/// They are served without indentation and comment lines, compressed for browsers that take gzip.
struct WidgetScripts: RouterMiddleware {
    typealias Context = AppContext

    /// What a website names in its `<script>`.
    let loader: WidgetScript
    /// The panel's modules by path, with those that it shares with the console. `panel.js` is all of them in one; the others
    /// are there for copies of an older loader that sites serve themselves.
    private let modules: [String: WidgetScript]

    /// - Parameter read: Returns a file's bytes by its path below the console's folder.
    init(folder: String, read: @escaping @Sendable (String) throws -> Data) throws {
        loader = WidgetScript(caching: "public, max-age=300, stale-while-revalidate=86400") {
            Self.lean(try read("widget/loader.js"))
        }
        let own = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/widget").filter { $0.hasSuffix(".js") }
        let names =
            ["citation-marks.js", "dom.js", "event-stream.js", "markdown-blocks.js"] + own.map { "widget/\($0)" }
        let entry = "widget/panel.js"
        modules = Dictionary(
            uniqueKeysWithValues: names.map { name in
                let script = WidgetScript(caching: "no-cache") {
                    if name != entry { return Self.lean(try read(name)) }
                    return try JoinedModules.text(of: entry) { path in
                        guard names.contains(path) else { throw StartError("The widget's \(path) is not served.") }
                        let text = String(decoding: try read(path), as: UTF8.self)
                        return path == "widget/style.js" ? Self.tight(text) : text
                    }
                }
                return ("/assets/\(name)", script)
            })
    }

    private static func lean(_ source: Data) -> String {
        JoinedModules.lean(String(decoding: source, as: UTF8.self)).joined(separator: "\n") + "\n"
    }

    /// A style sheet without the spaces that its rules do not need.
    private static func tight(_ sheet: String) -> String {
        ["}\n", " {", "{ ", " }", ", ", "; ", ": "].reduce(sheet) { sheet, sign in
            sheet.replacing(sign, with: sign.filter { !$0.isWhitespace })
        }
    }

    @concurrent func handle(
        _ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard request.method == .get, let module = modules[request.uri.path] else {
            return try await next(request, context)
        }
        return try module.answer(to: request.headers).response(.ok)
    }
}

/// One script or style sheet and the mark by which browsers ask whether theirs is still the same.
struct WidgetScript: Sendable {
    private struct Bytes: Sendable {
        let plain: ByteBuffer
        let compressed: ByteBuffer
        let mark: String
    }

    private let bytes: MadeOnce<Bytes>
    private let caching: String
    private let type: String
    /// Whether pages of other websites may load it.
    private let isShared: Bool

    /// - Parameter text: Makes it, when it is first asked for.
    init(
        caching: String, type: String = "text/javascript", isShared: Bool = true,
        _ text: @escaping @Sendable () throws -> String
    ) {
        self.type = type
        self.isShared = isShared
        self.caching = caching
        bytes = MadeOnce {
            let text = try text()
            return Bytes(
                plain: ByteBuffer(string: text),
                compressed: ByteBuffer(bytes: try Gzip.compress(Array(text.utf8))),
                mark: Base64URL.encode(Secrets.hash(text)))
        }
    }

    func answer(to headers: HTTPFields) throws -> WidgetScriptAnswer {
        let bytes = try bytes.value
        let isCompressed = headers[.acceptEncoding].map(Self.takesGzip) ?? false
        // Both forms are told apart, or a cache could give one for the other.
        let mark = "\"\(bytes.mark)\(isCompressed ? "-gzip" : "")\""
        let isKnown = headers[.ifNoneMatch].map { $0 == "*" || $0.contains(mark) } ?? false
        return WidgetScriptAnswer(
            bytes: isKnown ? nil : isCompressed ? bytes.compressed : bytes.plain, isCompressed: isCompressed,
            mark: mark,
            caching: caching, type: type, isShared: isShared)
    }

    /// Whether `Accept-Encoding` names gzip, and not with a weight of 0.
    private static func takesGzip(_ accepted: String) -> Bool {
        accepted.lowercased().split(separator: ",").contains { item in
            let parts = item.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
            guard parts.first == "gzip" else { return false }
            return !parts.dropFirst().contains { $0.hasPrefix("q=") && Double($0.dropFirst(2)) == 0 }
        }
    }
}

/// A script, or 304 if the browser has it.
struct WidgetScriptAnswer: Output {
    fileprivate let bytes: ByteBuffer?
    fileprivate let isCompressed: Bool
    fileprivate let mark: String
    fileprivate let caching: String
    fileprivate let type: String
    fileprivate let isShared: Bool

    static var schema: Schema? { nil }
    static var mediaTypes: [String] { ["text/javascript"] }
    static var otherStatuses: [HTTPResponse.Status] { [.notModified] }

    func response(_ status: HTTPResponse.Status) -> Response {
        var headers: HTTPFields = [.eTag: mark, .cacheControl: caching, .vary: "Accept-Encoding"]
        if isShared {
            headers[.accessControlAllowOrigin] = "*"
            headers[.crossOriginResourcePolicy] = "cross-origin"
        }
        guard let bytes else { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = "\(type); charset=utf-8"
        if isCompressed { headers[.contentEncoding] = "gzip" }
        return Response(status: status, headers: headers, body: .init(byteBuffer: bytes))
    }
}
