import Foundation
import HTTPKit
import HTTPTypes
import Hummingbird
import NIOCore
import NIOFoundationEssentialsCompat

/// The console's pages, read once; their scripts and styles are served as files under `/assets`.
struct StaticPages: Sendable {
    private let console: ByteBuffer
    private let docs: ByteBuffer
    private let redoc: ByteBuffer
    private let setup: ByteBuffer
    private let admin: ByteBuffer
    private let openAPI: ByteBuffer

    init(_ resources: Resources, openAPI: [UInt8]) throws {
        func load(_ name: String) throws -> ByteBuffer {
            let path = "\(resources.web)/\(name)"
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
        self.openAPI = ByteBuffer(bytes: openAPI)
    }

    func console(_ who: Anonymous) -> Page { page(console) }
    func docs(_ who: Anonymous) -> Page { page(docs) }
    func redoc(_ who: Anonymous) -> Page { page(redoc) }
    func setup(_ who: Anonymous) -> Page { page(setup) }
    func admin(_ who: Anonymous) -> Page { page(admin) }

    func openAPI(_ who: Anonymous) -> Document {
        Document(page: Page(bytes: openAPI, headers: [.contentType: "application/json; charset=utf-8"]))
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

/// Why the server cannot start, in words for whoever starts it.
package struct StartError: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
