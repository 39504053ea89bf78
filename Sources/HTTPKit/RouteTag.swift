/// A group of routes in the OpenAPI document. Generated clients make a module of each.
package struct RouteTag: Sendable, Equatable {
    package let name: String
    package let about: String

    package init(_ name: String, _ about: String) {
        self.name = name
        self.about = about
    }
}

extension [Route] {
    /// The same routes in a group of the document.
    package func tagged(_ tag: RouteTag) -> [Route] { map { $0.tagged(tag) } }
}
